package chronovisor.cpu;

import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.Mmu;
import java.util.HexFormat;

/** A processor on 16 MiB of memory without paging, at privilege 3, with code at {@link #CODE}. */
public final class TestMachine implements AutoCloseable {
    public static final long CODE = 0x10000;
    public static final long STACK = 0x80000;
    public static final long DATA = 0x100000;

    private final FramePool pool = new FramePool(64L << 20);
    public final GuestMemory memory = new GuestMemory(pool, 16L << 20);
    public final Cpu cpu = new Cpu(0, new Mmu(memory));
    private final Engine engine;

    /** A machine with this code, in hex. */
    public TestMachine(String hex) {
        this(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
    }

    /** A machine with this code, interpreted. */
    public TestMachine(byte[] code) {
        this(code, new Interpreter());
    }

    /** A machine with this code on this engine. */
    public TestMachine(byte[] code, Engine engine) {
        this.engine = engine;
        memory.onNestedFault(memory::resolve);
        for (long gfn = 1; gfn < 0x180; gfn++) {
            memory.resolve(gfn, true);
        }
        memory.write(CODE, code, 0, code.length);
        cpu.rip = CODE;
        cpu.cr0 = Control.CR0_PE | Control.CR0_MP | Control.CR0_ET | Control.CR0_NE;
        cpu.cr4 = Control.CR4_OSFXSR | Control.CR4_OSXMMEXCPT | Control.CR4_OSXSAVE;
        cpu.system.xcr0 = ExtendedState.ALL;
        cpu.cpl = 3;
        cpu.efer = 1;
        cpu.gpr[Cpu.RSP] = STACK;
        cpu.context();
    }

    /** Runs, resolving nested faults, until another exit; one outside of memory is given back. */
    public int run(long ticks) {
        long deadline = cpu.retired + ticks;
        int exit;
        do {
            exit = engine.run(cpu, deadline - cpu.retired);
            if (exit == Exit.NESTED_FAULT) {
                if (cpu.exitGfn >= memory.sizeBytes() >>> 12) {
                    return exit;
                }
                memory.resolve(cpu.exitGfn, cpu.exitWrite);
            }
        } while (exit == Exit.NESTED_FAULT);
        return exit;
    }

    @Override
    public void close() {
        memory.close();
        pool.close();
    }
}
