package chronovisor.cpu.hardware;

import chronovisor.cpu.Control;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Exit;
import chronovisor.cpu.ExtendedState;
import chronovisor.cpu.Interpreter;
import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.Mmu;
import chronovisor.memory.PageTables;
import java.util.Arrays;

/** Our processor, in the surroundings that {@code hardware.c} makes: the same pages at the same addresses, at privilege 3. */
public final class Subject implements AutoCloseable {
    private static final long CODE_GPA = 0x10000;
    private static final long DATA_GPA = 0x20000;
    private static final long PAIR_GPA = 0x30000;
    private static final long IF = 0x200;
    private static final int NOT_RUN = -1;

    private final FramePool pool = new FramePool(16L << 20);
    private final GuestMemory memory = new GuestMemory(pool, 4L << 20);
    private final Cpu cpu = new Cpu(0, new Mmu(memory));
    private final Interpreter interpreter = new Interpreter();
    private long nextTable = 0x100000;

    /** A processor of the highest level. */
    public Subject() {
        memory.onNestedFault(memory::resolve);
        for (long gfn = 0; gfn < memory.sizeBytes() >>> 12; gfn++) {
            memory.resolve(gfn, true);
        }
        cpu.cr3 = 0x100000;
        nextTable += 4096;
        map(HardwareCase.CODE_PAGE, CODE_GPA, 0);
        map(HardwareCase.CODE_PAGE + 4096, CODE_GPA + 4096, 0);
        map(HardwareCase.DATA, DATA_GPA, PageTables.NO_EXECUTE);
        map(HardwareCase.PAIR, PAIR_GPA, PageTables.NO_EXECUTE);
        map(HardwareCase.PAIR + 4096, PAIR_GPA + 4096, PageTables.NO_EXECUTE);
        // ES CS SS DS FS GS of a 64-bit Linux process.
        System.arraycopy(new int[]{0, 0x33, 0x2B, 0, 0, 0}, 0, cpu.selectors, 0, 6);
        cpu.cr0 = 0x80010033L;
        cpu.cr4 = 0x620 | Control.CR4_OSXSAVE | Control.CR4_FSGSBASE;
        cpu.system.xcr0 = ExtendedState.ALL;
        cpu.efer = 0xD01;
        cpu.cpl = 3;
        cpu.context();
    }

    private void map(long va, long gpa, long flags) {
        PageTables.map(memory, cpu.cr3, va, gpa, PageTables.USER | PageTables.WRITABLE | flags, () -> {
            nextTable += 4096;
            return nextTable - 4096;
        });
    }

    /** What our processor does with a case. */
    public HardwareResult run(HardwareCase c) {
        byte[] code = new byte[8192];
        Arrays.fill(code, (byte) 0xCC);
        System.arraycopy(c.code(), 0, code, (int) (HardwareCase.CODE - HardwareCase.CODE_PAGE), c.code().length);
        memory.write(CODE_GPA, code, 0, code.length);
        memory.fill(DATA_GPA, 4096, (byte) 0);
        memory.fill(PAIR_GPA, 8192, (byte) 0);
        memory.write(window(c), c.memory(), 0, 64);
        System.arraycopy(c.gpr(), 0, cpu.gpr, 0, 16);
        cpu.rflags(c.flags() | IF);
        cpu.rip = HardwareCase.CODE;
        cpu.fsBase = c.fsBase();
        cpu.gsBase = c.gsBase();
        int exit = interpreter.run(cpu, 2);
        long vector = (long) NOT_RUN - exit;
        long error = 0;
        long address = 0;
        long rip = cpu.rip;
        if (exit == Exit.EXCEPTION) {
            vector = cpu.exitVector;
            error = cpu.exitErrorCode;
            address = vector == 14 ? cpu.exitAddress : 0;
            rip += cpu.exitLength;
        }
        byte[] after = new byte[64];
        memory.read(window(c), after, 0, 64);
        return new HardwareResult(vector, error, address, rip, Arrays.copyOf(cpu.gpr, 16), cpu.rflags(),
                cpu.fsBase, cpu.gsBase, after);
    }

    private static long window(HardwareCase c) {
        return c.window() < HardwareCase.PAIR
                ? DATA_GPA + c.window() - HardwareCase.DATA
                : PAIR_GPA + c.window() - HardwareCase.PAIR;
    }

    @Override
    public void close() {
        memory.close();
        pool.close();
    }
}
