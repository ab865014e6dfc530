package chronovisor.memory;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a guest's memory access costs: a TLB hit aims at 0.7 ns, a fork at microseconds whatever the size. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TlbBenchmark {

    private static final long CR0 = 1L << 31 | 1 << 16 | 1;
    private static final long CR3 = 0x1000;
    private static final int PAGES = 256;
    private static final int LOADS = 1024;

    private final FramePool pool = new FramePool(1L << 30);
    private final GuestMemory memory = new GuestMemory(pool, 1L << 34);
    private final Mmu mmu = new Mmu(memory);
    private long nextTable = 0x2000;

    @Setup
    public void map() {
        for (int page = 0; page < PAGES; page++) {
            memory.write64(0x100000 + page * 4096L, page);
            PageTables.map(memory, CR3, page * 4096L, 0x100000 + page * 4096L, PageTables.USER | PageTables.WRITABLE,
                    () -> {
                        nextTable += 0x1000;
                        return nextTable;
                    });
        }
        mmu.context(CR0, CR3, 0, 1 << 10 | 1 << 8, true);
    }

    @Benchmark
    @OperationsPerInvocation(LOADS)
    public long load64() {
        long sum = 0;
        for (int i = 0; i < LOADS; i++) {
            sum += mmu.load64((i * 1016L) & PAGES * 4096L - 8);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(LOADS)
    public void store64() {
        for (int i = 0; i < LOADS; i++) {
            mmu.store64((i * 1016L) & PAGES * 4096L - 8, i);
        }
    }

    @Benchmark
    public void forkAndClose() {
        memory.fork().close();
    }
}
