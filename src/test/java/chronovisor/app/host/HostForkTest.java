package chronovisor.app.host;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.replay.KittenParts;
import chronovisor.vmm.VmState;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand twins of a machine: what they cost while they do nothing, and that each is a machine of its own. */
final class HostForkTest {

    private static final int TWINS = 1000;
    private static final long BYTES_MAX = 64 * 1024;
    private static final long PATIENCE_s = 60;

    @TempDir
    private Path folder;

    private static long heapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void awaitOver(HostedVm machine) throws InterruptedException {
        long until_ns = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_s);
        while (!machine.isOver() && System.nanoTime() < until_ns) {
            Thread.sleep(5);
        }
        assertThat(machine.isOver()).isTrue();
    }

    @Test
    void idleTwinsCostLittleAndAwakeOnesGoTheirOwnWays() throws IOException, InterruptedException {
        try (Host host = new Host(new KittenParts(), "interpreter", folder::resolve)) {
            host.memory(2048);
            Path xml = Path.of("scenarios/palacios/kitten.xml");
            host.create(xml, "parent", true);
            HostedVm parent = host.find("/dev/v3-vm0");
            parent.launch();
            parent.pause();
            // What the first ones load or make for all is not what a twin costs.
            host.fork(parent, TWINS);
            heapBytes();
            long frames = host.framesUsed();
            long heap = heapBytes();
            long start_ns = System.nanoTime();
            List<HostedVm> twins = host.fork(parent, TWINS);
            long took_ns = System.nanoTime() - start_ns;
            long each = (heapBytes() - heap) / TWINS;
            // On a quiet machine it is some hundredths of a second.
            assertThat(took_ns).isLessThan(TimeUnit.SECONDS.toNanos(5));
            assertThat(each).as("bytes of heap for a twin").isLessThan(BYTES_MAX);
            assertThat(host.framesUsed()).isEqualTo(frames);
            System.out.printf("%d twins in %.1f ms, %,d bytes each%n", TWINS, took_ns / 1e6, each);
            for (int i : new int[]{0, TWINS / 2, TWINS - 1}) {
                HostedVm twin = twins.get(i);
                twin.goOn();
                twin.type("keyboard", ("twin " + i + "\nquit\n").getBytes(StandardCharsets.UTF_8));
                awaitOver(twin);
                assertThat(twin.status().state()).isEqualTo(VmState.STOPPED);
                assertThat(twin.status().status()).isEqualTo(3);
                StreamLog log = Objects.requireNonNull(twin.stream("stream1"));
                assertThat(new String(log.read(0, 0).bytes(), StandardCharsets.UTF_8))
                        .contains("1: twin " + i);
            }
            assertThat(parent.status().state()).isEqualTo(VmState.PAUSED);
            assertThat(Files.exists(folder.resolve("parent"))).isTrue();
        }
    }
}
