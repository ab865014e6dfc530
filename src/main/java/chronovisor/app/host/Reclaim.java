package chronovisor.app.host;

import chronovisor.memory.FramePool;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The host's memory policy: when frames run short, machines with balloons are asked for all that their guests do not use, those first
 * that have not run since they were asked last, as they are idle. The machine in need waits on its own thread; what it waits for is the
 * host's affair and no guest sees it.
 */
final class Reclaim {

    /** 16 MB: with that the one in need goes on. */
    private static final long WANTED_FRAMES = 4096;
    /** A machine looks for commands every slice, which takes a fraction of this. */
    private static final long PATIENCE_ms = 500;
    private static final long LOOK_ms = 2;

    private final FramePool pool;
    private final Supplier<List<HostedVm>> machines;
    // Guarded by this.
    private final Map<String, Long> ticksThen = new TreeMap<>();

    Reclaim(FramePool pool, Supplier<List<HostedVm>> machines) {
        this.pool = pool;
        this.machines = machines;
    }

    /** Asks one machine after the other until there is enough, or none is left. */
    synchronized void relieve() {
        long enough = pool.framesMax() - 2 * WANTED_FRAMES;
        if (pool.framesUsed() <= enough) {
            // Another thread's turn has helped this one, too.
            return;
        }
        List<HostedVm> able = new ArrayList<>(machines.get().stream().filter(HostedVm::canGive).toList());
        Map<String, Long> ticks = new TreeMap<>();
        able.forEach(machine -> ticks.put(machine.device(), machine.status().ticks()));
        // Those that have not run since come first.
        able.sort(Comparator.comparing(machine -> !Objects.equals(ticks.get(machine.device()),
                ticksThen.get(machine.device()))));
        ticksThen.putAll(ticks);
        for (HostedVm machine : able) {
            if (!ask(machine, enough)) {
                return;
            }
        }
    }

    /** False when there is enough now. */
    private boolean ask(HostedVm machine, long enough) {
        try {
            machine.balloon(machine.setup().configuration().memoryBytes() / FramePool.FRAME_BYTES);
            long until_ns = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_ms);
            while (pool.framesUsed() > enough && System.nanoTime() < until_ns) {
                Thread.sleep(LOOK_ms);
            }
        } catch (HostException e) {
            // It has been paused or has ended meanwhile; the next one is asked.
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return pool.framesUsed() > enough;
    }
}
