package chronovisor.app.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.app.scenario.Cache;
import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.kitten.KittenOptions;
import chronovisor.replay.MachineSetup;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Real Racket for the tests of profile {@code racket}, where it is provisioned. */
final class Rackets {

    static final String PRECISE = "racket3m";
    static final String CONSERVATIVE = "racketcgc";

    /** How the scenarios start it, so that nothing of the host's folders is asked for. */
    static final List<String> START = List.of("-X", "tmp/racket", "-G", "etc", "-A", "etc");

    private Rackets() {}

    /** Skips the test unless the profile is on and Racket is there; its folder. */
    static Path home() {
        assumeTrue(Boolean.getBoolean("racket"), "mvn -Pracket test runs it: it takes minutes");
        Path home = Cache.of(Path.of(".")).folder().resolve("racket");
        assumeTrue(Files.isExecutable(home.resolve("bin").resolve(PRECISE)),
                "not provisioned: run replay-tools/provision racket");
        return home;
    }

    /** A machine that starts one of the static Rackets with its collections in the guest's /tmp/racket. */
    static MachineSetup setup(Path home, String which, GuestConfiguration machine, List<GuestFile> more,
            List<String> arguments) throws IOException {
        List<GuestFile> files = new ArrayList<>(HostTree.folder(home.resolve("zo"), "/tmp/racket"));
        files.addAll(more);
        files.add(GuestFile.initTask("/" + which, Files.readAllBytes(home.resolve("bin").resolve(which))));
        List<String> argv = new ArrayList<>(List.of(which));
        argv.addAll(arguments);
        KittenOptions kernel = KittenOptions
                .parse(Map.of("init_stdin", "/dev/ttyS1", "init_stdout", "/dev/ttyS1", "init_stderr", "/dev/ttyS2"))
                .withProgram(argv, List.of("HOME=/", "LC_ALL=C"));
        return new MachineSetup(machine, "", "", kernel, files, "interpreter");
    }

    /** One of the paper's programs as a file of the guest. */
    static GuestFile program(String name) throws IOException {
        return GuestFile.file("/tmp/" + name, 0644, Files.readAllBytes(Path.of("scenarios/racket", name)));
    }

    /** Nothing is typed, and standard input ends. */
    static Environment quiet() {
        return new SeededEnvironment(1_767_225_600_000_000_000L, 1, List.of(new SeededEnvironment.Step(
                new SeededEnvironment.Condition.Now(), new Input.StreamEnd("com2"))));
    }
}
