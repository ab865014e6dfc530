package chronovisor.cpu.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.cpu.vector.HardwareComparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The long comparison with this machine's processor: {@code mvn -Phardware test}. Needs gcc and an Intel processor with AVX2.
 * {@code -Dhardware.cases=N} and {@code -Dhardware.seed=N} choose the cases, {@code -Dhardware.write=true} renews the figures that
 * {@code chronovisor isa} shows.
 */
@EnabledIfSystemProperty(named = "hardware.cases", matches = "\\d+")
final class HardwareTest {
    /** Of the cases, in percent: integer instructions have fewer rows and more ways to address. */
    private static final long INTEGER_SHARE = 40;

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void everyInstructionDoesWhatThisProcessorDoes() throws Exception {
        assumeTrue(Oracle.available(), "hardware: skipped, this needs gcc and an x86-64 processor");
        assumeTrue(hasAvx2(), "hardware: skipped, the processor has no AVX2");
        long total = Long.getLong("hardware.cases", 0);
        long seed = Long.getLong("hardware.seed", 1);
        HardwareTally tally = new HardwareTally();
        HardwareTally vectors = new HardwareTally();
        Worker other = new Worker(() -> HardwareComparison.run(total - total * INTEGER_SHARE / 100, seed, vectors));
        other.start();
        IntegerComparison.run(total * INTEGER_SHARE / 100, seed, tally);
        other.join();
        assertThat(other.failure).isNull();
        tally.add(vectors);
        tally.differences().forEach(System.out::println);
        System.out.println(tally.summary(seed));
        assertThat(tally.differences()).isEmpty();
        assertThat(tally.cases()).isGreaterThanOrEqualTo(total);
        if (Boolean.getBoolean("hardware.write")) {
            ProofFile.write(tally);
        }
    }

    private static boolean hasAvx2() throws IOException {
        Path processors = Path.of("/proc/cpuinfo");
        return Files.isReadable(processors) && Files.readString(processors).contains(" avx2 ");
    }

    /** A comparison beside the test's own thread. */
    private static final class Worker extends Thread {
        private interface Work {
            void run() throws Exception;
        }

        private final Work work;
        private volatile @Nullable Throwable failure;

        Worker(Work work) {
            this.work = work;
        }

        @Override
        public void run() {
            try {
                work.run();
            } catch (Exception e) {
                failure = e;
            }
        }
    }
}
