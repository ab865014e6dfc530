package chronovisor.replay;

import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition;
import chronovisor.environment.SeededEnvironment.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The embedded guests whose output is known from a Linux host: what they are started with and what they print. */
public final class EmbeddedGuests {

    private static final Path FOLDER = Path.of("scenarios/guests");

    private static final List<Guest> ALL = List.of(guest("hello"), guest("hello-pie"), guest("bare"), guest("files"),
            guest("timers"), guest("vsyscall"), guest("sockets"), guest("internet"), guest("kinds"), guest("ipc"),
            guest("attributes"),
            guest("proc-files"), guest("pty"), guest("opening"), guest("tracing"),
            guest("rows-io"), guest("rows-paths"), guest("rows-memory"), guest("rows-signals"), guest("rows-time"),
            guest("rows-events"), guest("rows-process"), guest("rows-sockets"), guest("rows-ipc"),
            guest("posix-threads"), guest("spinners"), guest("lines"),
            new Guest("priorities", "priorities", List.of("privileged"), ""),
            new Guest("rows-privileged", "rows-privileged", List.of("privileged"), ""),
            new Guest("attributes-privileged", "attributes", List.of("privileged"), ""),
            new Guest("echo", "echo", List.of(), "first\nsecond line\nquit\nnever seen\n"),
            new Guest("echo-end", "echo", List.of(), "only\n"),
            new Guest("checksum-short", "checksum", List.of("1000"), ""), fault("read"), fault("write"),
            fault("execute"), fault("divide"), fault("overflow"), fault("undefined"), fault("protection"),
            fault("privileged"));

    private EmbeddedGuests() {}

    /**
     * A guest that is run.
     *
     * @param name
     *            of what it prints and how it ends, below {@code expected}
     * @param program
     *            its file, below {@code bin}
     * @param input
     *            its standard input, which ends there
     */
    public record Guest(String name, String program, List<String> arguments, String input) {

        /** The machine that it runs on. */
        public MachineSetup setup() {
            return KittenParts.guest(program, arguments.toArray(String[]::new));
        }

        /** What comes to it: its input, always at the same time. */
        public Environment environment() {
            List<Step> script = new ArrayList<>();
            if (!input.isEmpty()) {
                script.add(new Step(new Condition.Now(),
                        new Input.StreamBytes("com2", input.getBytes(StandardCharsets.ISO_8859_1))));
            }
            script.add(new Step(new Condition.Now(), new Input.StreamEnd("com2")));
            return new SeededEnvironment(1_700_000_000_000_000_000L, 1, script);
        }

        /** Its executable on the host. */
        public Path binary() {
            return FOLDER.resolve("bin").resolve(program);
        }

        /** What it prints on a host, as Latin-1. */
        public String expectedOutput() {
            return read(".txt");
        }

        /** How it ends on a host: 128 and the signal's number if one killed it. */
        public int expectedStatus() {
            return Integer.parseInt(read(".status").strip());
        }

        private String read(String suffix) {
            try {
                return Files.readString(FOLDER.resolve("expected").resolve(name + suffix),
                        StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Guest guest(String name) {
        return new Guest(name, name, List.of(), "");
    }

    private static Guest fault(String kind) {
        return new Guest("faults-" + kind, "faults", List.of(kind), "");
    }

    /** All of them. */
    public static List<Guest> all() {
        return ALL;
    }
}
