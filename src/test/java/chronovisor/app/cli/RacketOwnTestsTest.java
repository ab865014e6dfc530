package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Session;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.RunResult;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Racket's own test files print and end in the guest as they do on the host: with the same seeds, and with the host's {@code cat} and
 * converters of character sets, which Racket asks the C library for. Debian's source package leaves the files out, so
 * {@code -Dracket.tests=FOLDER} says where they are: {@code tests/racket} of Racket's package racket-test-core, release 8.7. A file that
 * fails on the host must fail in the same way; one that stops there without an end must stop at the same place.
 * {@code -Dracket.which=racketcgc} runs the other Racket, {@code -Dracket.engine} an engine.
 */
final class RacketOwnTestsTest {

    /**
     * As long without output, and a file is taken to have stopped: seconds of the host, instructions of the guest. The length of a number of
     * two gigabits (number.rktl) takes more than eight of them.
     */
    private static final int SILENT_SECONDS = Integer.getInteger("racket.tests.silent_seconds", 60);
    private static final long SILENT_TICKS = 32_000_000_000L;

    /** Some tests of number.rktl run only where a gigabyte is not all. */
    private static final int MEMORY_MB = 4_096;

    private static final String STOPPED = "stops without an end";

    /** Of {@code random}, and of the choice among events that are ready at once. */
    private static final List<String> SEEDS = List.of("-e", "(random-seed 1)", "-e",
            "(parameterize ([current-pseudo-random-generator (current-evt-pseudo-random-generator)]) (random-seed 1))");

    /** The C library's converters, where Debian has them. */
    private static final Path CONVERTERS = Path.of("/usr/lib/x86_64-linux-gnu/gconv");

    private static final Path CAT = Path.of("/bin/cat");

    /** Where what is loaded by a static program looks for it. */
    private static final Path LOADER = Path.of("/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");

    @TempDir
    Path folder;

    /**
     * Those of the issue, or of {@code -Dracket.files=a.rktl,b.rktl}. {@code parallel.rktl} is not among them: it prints what three
     * threads do at once, no two runs on the host alike.
     */
    static Stream<String> files() {
        return Stream.of(System.getProperty("racket.files",
                "string.rktl,number.rktl,thread.rktl,sync.rktl,port.rktl,portlib.rktl,future.rktl,place.rktl")
                .split(","));
    }

    @ParameterizedTest
    @MethodSource("files")
    @Timeout(value = 5, unit = TimeUnit.HOURS)
    void aTestFileSaysWhatItSaysOnTheHost(String name) throws Exception {
        Path home = Rackets.home().toAbsolutePath();
        String given = System.getProperty("racket.tests");
        assumeTrue(given != null, "-Dracket.tests=FOLDER says where Racket's own tests are");
        Path tests = Path.of(String.valueOf(given)).toRealPath();
        String which = System.getProperty("racket.which", Rackets.PRECISE);
        Said host = onTheHost(home, which, tests, name);
        Said guest = inTheGuest(home, which, tests, name);
        assertThat(guest.end()).as("how %s ends", name).isEqualTo(host.end());
        if (host.end().equals(STOPPED)) {
            // What the host's Racket had not written yet is lost with it.
            assertThat(guest.printed()).startsWith(host.printed());
        } else {
            assertThat(guest.printed()).isEqualTo(host.printed());
        }
    }

    /** What a run printed, and how it ended. */
    private record Said(String printed, String end) {

        /** Without what no two runs on the host have in common. */
        static Said of(String printed, String end) {
            return new Said(printed
                    // Racket names temporary files by the time.
                    .replaceAll("(/var)?/tmp/(tmp|test|line-feed[12])[0-9]+", "/tmp/$2N")
                    // Milliseconds since the start.
                    .replaceAll("(?m)^\\(#<procedure:<=> [0-9]+\\.[0-9]{4,} [0-9]+\\.[0-9]{4,}\\)",
                            "(#<procedure:<=> MS MS)")
                    // Lines that several threads read: which thread had which is no result.
                    .replaceAll("(?m)^\\(#<procedure:list\\?> .*\\) ==> ", "(#<procedure:list?> ...) ==> "), end);
        }
    }

    /** Some files ask for others of the collection {@code tests}. */
    private static String collection(Path tests) {
        return tests.resolve("../..").normalize().toString();
    }

    private static List<String> arguments(Path tests, String name) {
        List<String> arguments = new ArrayList<>(List.of("-S", collection(tests)));
        arguments.addAll(SEEDS);
        arguments.addAll(List.of("-f", tests.resolve(name).toString()));
        return arguments;
    }

    private Said onTheHost(Path home, String which, Path tests, String name) throws IOException, InterruptedException {
        Path out = folder.resolve("host");
        List<String> command = new ArrayList<>(List.of(home.resolve("bin").resolve(which).toString(), "-X",
                home.resolve("zo").toString(), "-G", "etc", "-A", "etc"));
        command.addAll(arguments(tests, name));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile())
                .redirectInput(new File("/dev/null")).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment().clear();
        builder.environment().putAll(Map.of("HOME", "/", "LC_ALL", "C", "TMPDIR", "/tmp"));
        Process process = builder.start();
        boolean ended;
        long before;
        do {
            before = Files.size(out);
            ended = process.waitFor(SILENT_SECONDS, TimeUnit.SECONDS);
        } while (!ended && Files.size(out) > before);
        process.destroyForcibly().waitFor();
        return Said.of(Files.readString(out, StandardCharsets.ISO_8859_1),
                ended ? "status " + process.exitValue() : STOPPED);
    }

    private static Said inTheGuest(Path home, String which, Path tests, String name) throws Exception {
        List<String> arguments = new ArrayList<>(Rackets.START);
        arguments.addAll(arguments(tests, name));
        List<GuestFile> files = new ArrayList<>(HostTree.folder(tests, tests.toString()));
        files.addAll(ofTheHost(files));
        MachineSetup setup = Rackets.setup(home, which, GuestConfiguration.standard(MEMORY_MB), files, arguments);
        setup = setup.withEngine(System.getProperty("racket.engine", Assembly.ENGINE));
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        OutputListener keep = (stream, bytes, tick) -> {
            if (!stream.equals("com1")) {
                printed.writeBytes(bytes);
            }
        };
        try (Session session = Session.live(setup, new Assembly(), Rackets.quiet(), keep)) {
            RunResult result;
            int before;
            do {
                before = printed.size();
                result = session.run(session.position().tick() + SILENT_TICKS);
            } while (result.kind() == RunResult.Kind.TICK_REACHED && printed.size() > before);
            return Said.of(printed.toString(StandardCharsets.ISO_8859_1), switch (result.kind()) {
                case SHUTDOWN -> "status " + result.status();
                case TICK_REACHED, IDLE_FOREVER -> STOPPED;
                case BREAKPOINT, WATCHPOINT, PAUSED, UNSUPPORTED, ERROR -> result.kind() + ": " + result.reason();
            });
        }
    }

    /** What tests find on a host with Debian: {@code cat}, the C library's converters, and the libraries of both. */
    private static List<GuestFile> ofTheHost(List<GuestFile> others) throws IOException {
        List<GuestFile> files = new ArrayList<>();
        if (Files.isDirectory(CONVERTERS)) {
            files.addAll(HostTree.folder(CONVERTERS, CONVERTERS.toString()));
        }
        List<GuestFile> present = new ArrayList<>(others);
        present.addAll(files);
        files.add(HostTree.file(CAT + ":" + CAT, present));
        files.addAll(HostLibraries.of(CAT, Files.readAllBytes(CAT), present, List.of()));
        if (Files.isRegularFile(LOADER)) {
            files.add(HostTree.file(LOADER + ":" + LOADER, present));
        }
        return files;
    }
}
