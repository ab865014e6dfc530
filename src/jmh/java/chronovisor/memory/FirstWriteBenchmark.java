package chronovisor.memory;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a checkpoint costs the machine afterwards: the first write to each page, which the checkpoint shares until then. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FirstWriteBenchmark {

    private static final int PAGES = 1000;
    private static final long MEMORY = 64L << 20;

    private final FramePool pool = new FramePool(1L << 30);
    private final GuestMemory memory = new GuestMemory(pool, MEMORY);
    private final Mmu mmu = new Mmu(memory);
    private GuestMemory checkpoint = memory.fork();

    /** Every page is there. */
    @Setup
    public void fill() {
        mmu.context(0, 0, 0, 0, false);
        write();
    }

    /** A checkpoint is taken, and the one before it has been written away. */
    @Setup(Level.Invocation)
    public void take() {
        GuestMemory next = memory.fork();
        checkpoint.close();
        checkpoint = next;
    }

    /** Nanoseconds a page. */
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public void write() {
        for (long page = 0; page < PAGES; page++) {
            store(page * FramePool.FRAME_BYTES, page);
        }
    }

    private void store(long address, long value) {
        while (true) {
            try {
                mmu.store64(address, value);
                return;
            } catch (NestedFault fault) {
                memory.resolve(fault.gfn, fault.write);
            }
        }
    }

    /** Gives the memory back. */
    @TearDown
    public void close() {
        pool.close();
    }
}
