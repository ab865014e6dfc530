package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.replay.MachineSetup;
import chronovisor.replay.Session;
import chronovisor.vmm.GuestConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Boots with Racket, one after the other in one process, leave nothing behind: neither Java objects nor guest memory outside the heap.
 * Each boots the kernel, loads Racket and runs its first instructions. {@code -Dracket.boots=N} says how many (default: 1,000).
 */
final class RacketBootsTest {

    private static final long TICKS = 2_000_000;
    private static final int WARM_UP = 100;

    /** What a thousand boots may add, in bytes: less than one boot's files. */
    private static final long GROWTH_MAX = 16L << 20;

    @Test
    @Timeout(value = 5, unit = TimeUnit.HOURS)
    void aThousandBootsInOneProcessLeakNothing() throws Exception {
        Path home = Rackets.home();
        List<String> arguments = new ArrayList<>(Rackets.START);
        arguments.addAll(List.of("-n", "-f", "/dev/null"));
        MachineSetup setup = Rackets.setup(home, Rackets.PRECISE, GuestConfiguration.standard(512), List.of(),
                arguments);
        int boots = Integer.getInteger("racket.boots", 1000);
        boot(setup, Math.min(WARM_UP, boots));
        long heap = heap();
        long resident = resident();
        boot(setup, boots);
        long heapGrowth = heap() - heap;
        long growth = resident() - resident;
        System.out.printf("racket: %,d boots more: heap %+,d bytes, resident %+,d bytes of %,d%n", boots, heapGrowth,
                growth, resident);
        assertThat(heapGrowth).isLessThan(GROWTH_MAX);
        assertThat(growth).isLessThan(4 * GROWTH_MAX);
    }

    private static void boot(MachineSetup setup, int times) {
        for (int i = 0; i < times; i++) {
            try (Session session = Session.live(setup, new Assembly(), Rackets.quiet(), (stream, bytes, tick) -> {})) {
                session.run(TICKS);
                assertThat(session.vm().tick()).isEqualTo(TICKS);
            }
        }
    }

    /** Bytes of the heap in use after a full collection. */
    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** Bytes of this process that are in memory, see proc(5). */
    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024).findFirst().orElseThrow();
    }
}
