package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.journal.EventTypes;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.KittenEvent;
import chronovisor.replay.Fidelity;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.vmm.GuestConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many instructions and SIGSEGVs a start of the precise Racket takes here and on this host's processor, with the same arguments and
 * environment. Both are counted by src/test/native/retired.c; instructions only with {@code -Dracket.host_steps=true}, since single steps
 * take minutes, and an hour where a hypervisor sees each of them.
 */
final class RacketCountTest {

    private static final Pattern COUNTED = Pattern
            .compile("retired (\\d+) sigsegv (\\d+) threads (\\d+) status (\\d+)");
    private static final double TOLERANCE = 0.02;

    @TempDir
    Path folder;

    @Test
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void aStartRetiresWhatHardwareRetires() throws Exception {
        Path home = Rackets.home();
        List<String> arguments = new ArrayList<>(Rackets.START);
        arguments.addAll(List.of("-n", "-f", "/dev/null"));
        MachineSetup setup = Rackets.setup(home, Rackets.PRECISE, GuestConfiguration.standard(1024), List.of(),
                arguments);
        long ticks;
        try (Recording recording = Recording.start(folder.resolve("start"), setup, new Assembly(), Fidelity.STEPS,
                Rackets.quiet(), OutputListener.NONE)) {
            assertThat(recording.run().status()).isZero();
            ticks = recording.session().vm().tick();
        }
        long calls = count("SyscallEntered");
        long faults = Objects.requireNonNull(JournalFlux.events(folder.resolve("start"))
                .flatMapIterable(batch -> batch)
                .filter(event -> event instanceof KittenEvent.SignalDelivered delivered && delivered.signal() == 11)
                .count().block());
        long extra = RepIterations.beyondTheFirst(folder.resolve("start"), setup, new Assembly());
        System.out.printf(
                "racket: a 3m start: %,d ticks + %,d REP iterations = %,d steps, %d system calls, %d SIGSEGV%n",
                ticks, extra, ticks + extra, calls, faults);
        host(home, arguments, ticks + extra, faults);
    }

    private long count(String type) {
        return Objects.requireNonNull(JournalFlux.events(folder.resolve("start")).flatMapIterable(batch -> batch)
                .filter(event -> EventTypes.of(event).name().equals(type)).count().block());
    }

    private void host(Path home, List<String> arguments, long steps, long faults) throws Exception {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "only an x86-64 host counts");
        Path counter = folder.resolve("retired");
        assumeTrue(done(new ProcessBuilder("gcc", "-O2", "-o", counter.toString(), "src/test/native/retired.c")),
                "this needs gcc");
        // The same relative paths as in the guest, below a root of its own: nothing else of the host is asked for.
        Path root = Files.createDirectories(folder.resolve("root/tmp"));
        Files.createSymbolicLink(root.resolve("racket"), home.resolve("zo").toAbsolutePath());
        boolean stepping = Boolean.getBoolean("racket.host_steps");
        List<String> command = new ArrayList<>(
                List.of(counter.toString(), stepping ? "-s" : "-f",
                        home.resolve("bin").resolve(Rackets.PRECISE).toAbsolutePath().toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.resolve("root").toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("HOME", "/");
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        Matcher counted = COUNTED.matcher(said);
        assertThat(counted.find()).as(said).isTrue();
        long hosts = Long.parseLong(counted.group(1));
        System.out.printf("racket: on this host: %s%n", counted.group());
        assertThat(faults).as("SIGSEGVs").isEqualTo(Long.parseLong(counted.group(2)));
        if (stepping) {
            assertThat((double) steps).isCloseTo((double) hosts,
                    org.assertj.core.data.Percentage.withPercentage(100 * TOLERANCE));
        }
    }

    private static boolean done(ProcessBuilder builder) throws InterruptedException {
        try {
            return builder.inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
