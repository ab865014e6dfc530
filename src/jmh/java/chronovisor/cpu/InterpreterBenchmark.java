package chronovisor.cpu;

import chronovisor.cpu.trace.StepTrace;
import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.Mmu;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Guest instructions a microsecond (MIPS) of the interpreter: operations are retired instructions. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 4, time = 2)
public class InterpreterBenchmark {
    private static final int SLICE = 2_500_000;
    private static final long CODE = 0x10000;

    /** A program of its own for each way to spend time. */
    public enum Program {
        /** lea, xor, shr, add, dec, jne. */
        INTEGER("b900000070 31c0 ba39300000 488d445007 4831c2 48c1e803 4801c8 ffc9 75ed ebdf"),
        /** Loads, a store, a byte load, over 128 KiB. */
        MEMORY("48c7c400000800 bbd0070000 48c7c700001000 31c9 488b04cf 4801c8 488904cf 0fb6140f 4801d6 48ffc1"
                + "4881f900400000 72e2 ffcb 75d5 ebc7"),
        /** fib: calls, returns, pushes, pops, short blocks. */
        CALLS("48c7c400000800 bf26000000 e802000000 ebed 53 89fb 83ff02 7d04 89f8 5b c3 55 8d7bff e8ebffffff 89c5"
                + "8d7bfe e8e1ffffff 01e8 5d 5b c3");

        private final byte[] code;

        Program(String hex) {
            code = HexFormat.of().parseHex(hex.replace(" ", ""));
        }
    }

    @Param
    public Program program = Program.INTEGER;

    @Param({"false", "true"})
    public boolean trace;

    private FramePool pool = new FramePool(32L << 20);
    private GuestMemory memory = new GuestMemory(pool, 16L << 20);
    private Cpu cpu = new Cpu(0, new Mmu(memory));
    private final Interpreter interpreter = new Interpreter();
    private long traced;

    /** Loads the program. */
    @Setup(Level.Trial)
    public void load() {
        memory.onNestedFault(memory::resolve);
        memory.write(CODE, program.code, 0, program.code.length);
        cpu.rip = CODE;
        cpu.cr4 = Control.CR4_OSFXSR;
        cpu.context();
        cpu.trace = trace ? new StepTrace(0, b -> traced += b.payload().length) : null;
    }

    /** Gives the memory back. */
    @TearDown
    public void close() {
        memory.close();
        pool.close();
    }

    /** One slice of the VMM's default length. */
    @Benchmark
    @OperationsPerInvocation(SLICE)
    public long slice() {
        long deadline = cpu.retired + SLICE;
        while (cpu.retired < deadline) {
            int exit = interpreter.run(cpu, deadline - cpu.retired);
            if (exit == Exit.NESTED_FAULT) {
                memory.resolve(cpu.exitGfn, cpu.exitWrite);
            } else if (exit != Exit.SLICE) {
                throw new IllegalStateException(Exit.name(exit) + " at " + Long.toHexString(cpu.rip));
            }
        }
        return cpu.gpr[0] + traced;
    }
}
