package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Session;
import chronovisor.vmm.GuestConfiguration;
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
 * Racket's own test files print and end in the guest as they do on the host. Debian's source package leaves them out, so
 * {@code -Dracket.tests=FOLDER} says where they are: {@code tests/racket} of Racket's package racket-test-core, release 8.7. A file
 * that does not end on the host is skipped; one that fails there must fail in the same way. {@code -Dracket.which=racketcgc} runs the
 * other Racket, {@code -Dracket.engine} an engine.
 */
final class RacketOwnTestsTest {

    private static final long HOST_SECONDS_MAX = Long.getLong("racket.tests.host_seconds", 120);

    @TempDir
    Path folder;

    /** Those of the issue, or of {@code -Dracket.files=a.rktl,b.rktl}. */
    static Stream<String> files() {
        return Stream.of(System.getProperty("racket.files",
                "string.rktl,number.rktl,thread.rktl,sync.rktl,port.rktl,portlib.rktl,future.rktl,place.rktl,parallel.rktl")
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
        String host = onTheHost(home, which, tests, name);
        assertThat(withoutTemporaryNames(inTheGuest(home, which, tests, name))).isEqualTo(withoutTemporaryNames(host));
    }

    /** Racket names temporary files by the time. */
    private static String withoutTemporaryNames(String printed) {
        return printed.replaceAll("(/var)?/tmp/tmp[0-9]+", "/tmp/tmpN");
    }

    /** Some files ask for others of the collection {@code tests}. */
    private static String collection(Path tests) {
        return tests.resolve("../..").normalize().toString();
    }

    private String onTheHost(Path home, String which, Path tests, String name)
            throws IOException, InterruptedException {
        File out = folder.resolve("host").toFile();
        ProcessBuilder builder = new ProcessBuilder(home.resolve("bin").resolve(which).toString(), "-X",
                home.resolve("zo").toString(), "-S", collection(tests), "-G", "etc", "-A", "etc", "-f",
                tests.resolve(name).toString());
        builder.directory(folder.toFile()).redirectInput(new File("/dev/null")).redirectErrorStream(true)
                .redirectOutput(out);
        builder.environment().clear();
        builder.environment().putAll(Map.of("HOME", "/", "LC_ALL", "C", "TMPDIR", "/tmp"));
        Process process = builder.start();
        boolean ended = process.waitFor(HOST_SECONDS_MAX, TimeUnit.SECONDS);
        process.destroyForcibly();
        assumeTrue(ended, name + " does not end on the host");
        return Files.readString(out.toPath(), StandardCharsets.ISO_8859_1) + "status " + process.exitValue();
    }

    private static String inTheGuest(Path home, String which, Path tests, String name) throws Exception {
        List<String> arguments = new ArrayList<>(Rackets.START);
        arguments.addAll(List.of("-S", collection(tests), "-f", tests.resolve(name).toString()));
        MachineSetup setup = Rackets.setup(home, which, GuestConfiguration.standard(1024),
                HostTree.folder(tests, tests.toString()), arguments);
        setup = setup.withEngine(System.getProperty("racket.engine", Assembly.ENGINE));
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        OutputListener keep = (stream, bytes, tick) -> {
            if (!stream.equals("com1")) {
                printed.writeBytes(bytes);
            }
        };
        try (Session session = Session.live(setup, new Assembly(), Rackets.quiet(), keep)) {
            RunResult result = session.run();
            return printed.toString(StandardCharsets.ISO_8859_1) + "status " + result.status();
        }
    }
}
