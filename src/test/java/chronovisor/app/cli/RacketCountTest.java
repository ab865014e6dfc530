package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.journal.JournalFlux;
import chronovisor.journal.KittenEvent;
import chronovisor.replay.Fidelity;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many instructions and SIGSEGVs a start of the precise Racket takes, {@code racket -n} with the configuration that comes with it:
 * here, on this host's processor, and in QEMU's user mode, with the same arguments, environment and files.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
final class RacketCountTest {

    private static final List<String> ARGUMENTS = List.of("-X", "tmp/racket", "-G", "etc", "-A", "etc", "-n");
    private static final double TOLERANCE_PERCENT = 2;

    /** Instructions of such a start on a processor, as they were counted for the port: none of ours. */
    private static final double KNOWN = 182e6;

    /** Starts on the host: where its kernel puts memory differs, and with it what is in a page with what. */
    private static final int HOST_STARTS = 12;

    @TempDir
    Path folder;

    private MachineSetup setup;
    private Path home;
    private long ticks;

    @BeforeEach
    void start() throws Exception {
        home = Rackets.home();
        GuestFile configuration = GuestFile.file("/etc/config.rktd", 0644, Files.readAllBytes(configuration()));
        setup = Rackets.setup(home, Rackets.PRECISE, GuestConfiguration.standard(1024), List.of(configuration),
                ARGUMENTS);
        try (Recording recording = Recording.start(folder.resolve("start"), setup, new Assembly(), Fidelity.STEPS,
                Rackets.quiet(), OutputListener.NONE)) {
            assertThat(recording.run().status()).isZero();
            ticks = recording.session().vm().tick();
        }
    }

    private Path configuration() {
        return home.resolve("source/etc/config.rktd");
    }

    @Test
    void aStartRetiresWhatIsKnownOfIt() {
        System.out.printf("racket: a 3m start: %,d ticks%n", ticks);
        assertThat((double) ticks).isCloseTo(KNOWN, withPercentage(TOLERANCE_PERCENT));
    }

    @Test
    void aStartRetiresWhatItDoesInQemu() throws Exception {
        Path plugin = compiled("instructions", "-shared", "-fPIC");
        assumeTrue(succeeds(List.of("qemu-x86_64", "--version")), "this needs qemu-x86_64 (Debian: qemu-user)");
        String said = onTheHost(
                List.of("qemu-x86_64", "-cpu", "Haswell,-rtm,-hle", "-plugin", plugin.toString()));
        Matcher counted = Pattern.compile("instructions (\\d+)").matcher(said);
        assertThat(counted.find()).as(said).isTrue();
        long extra = RepIterations.beyondTheFirst(folder.resolve("start"), setup, new Assembly());
        System.out.printf("racket: a 3m start: %,d ticks + %,d REP iterations = %,d; in QEMU %,d%n", ticks, extra,
                ticks + extra, Long.parseLong(counted.group(1)));
        assertThat((double) ticks + extra).isCloseTo(Double.parseDouble(counted.group(1)),
                withPercentage(TOLERANCE_PERCENT));
    }

    @Test
    void aStartTakesAsManyWriteBarrierFaultsAsOnTheHost() throws Exception {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "only an x86-64 host counts");
        Path counter = compiled("faults");
        Set<Long> hosts = new TreeSet<>();
        for (int i = 0; i < HOST_STARTS; i++) {
            String said = onTheHost(List.of(counter.toString()));
            Matcher counted = Pattern.compile("sigsegv (\\d+) threads \\d+ status 0").matcher(said);
            assertThat(counted.find()).as(said).isTrue();
            hosts.add(Long.parseLong(counted.group(1)));
        }
        long faults = Objects.requireNonNull(JournalFlux.events(folder.resolve("start"))
                .flatMapIterable(batch -> batch)
                .filter(event -> event instanceof KittenEvent.SignalDelivered delivered && delivered.signal() == 11)
                .count().block());
        System.out.printf("racket: a 3m start: %d SIGSEGVs; on this host, %d times: %s%n", faults, HOST_STARTS, hosts);
        assertThat(hosts).contains(faults);
    }

    private Path compiled(String name, String... options) throws InterruptedException {
        Path result = folder.resolve(name);
        List<String> command = new ArrayList<>(List.of("gcc", "-O2", "-o", result.toString()));
        command.addAll(List.of(options));
        command.add("src/test/native/" + name + ".c");
        assumeTrue(succeeds(List.of("gcc", "--version")), "this needs gcc");
        assertThat(succeeds(command)).as("compiles %s.c", name).isTrue();
        return result;
    }

    /** Whether a command is there and succeeds. */
    private static boolean succeeds(List<String> command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start().waitFor() == 0;
        } catch (IOException e) {
            return false; // it is not there
        }
    }

    /** What a start under a command says; the same relative paths as in the guest, below a root of its own. */
    private String onTheHost(List<String> under) throws IOException, InterruptedException {
        Path root = folder.resolve("root");
        if (!Files.exists(root)) {
            Files.createDirectories(root.resolve("tmp"));
            Files.createDirectories(root.resolve("etc"));
            Files.createSymbolicLink(root.resolve("tmp/racket"), home.resolve("zo").toAbsolutePath());
            Files.copy(configuration(), root.resolve("etc/config.rktd"));
        }
        List<String> command = new ArrayList<>(under);
        command.add(home.resolve("bin").resolve(Rackets.PRECISE).toAbsolutePath().toString());
        command.addAll(ARGUMENTS);
        ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile()).redirectErrorStream(true);
        String path = System.getenv("PATH");
        builder.environment().clear();
        builder.environment().put("HOME", "/");
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("PATH", path == null ? "/usr/bin" : path);
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }
}
