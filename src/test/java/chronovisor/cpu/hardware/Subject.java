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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Our processor, in the surroundings that {@code hardware.c} makes: the same pages at the same addresses, at privilege 3. */
public final class Subject implements AutoCloseable {
    private static final long CODE_GPA = 0x10000;
    private static final long DATA_GPA = 0x20000;
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
        cpu.cr0 = 0x80010033L;
        cpu.cr4 = 0x620 | Control.CR4_OSXSAVE;
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
        memory.write(DATA_GPA + 4096 - 64, c.memory(), 0, 64);
        System.arraycopy(c.gpr(), 0, cpu.gpr, 0, 16);
        cpu.rflags(c.flags() | IF);
        cpu.rip = HardwareCase.CODE;
        loadFx(c.fx());
        cpu.mmu.flush();
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
        memory.read(DATA_GPA + 4096 - 64, after, 0, 64);
        return new HardwareResult(vector, error, address, rip, Arrays.copyOf(cpu.gpr, 16), cpu.rflags(), after,
                storeFx());
    }

    private void loadFx(byte[] fx) {
        ByteBuffer b = ByteBuffer.wrap(fx).order(ByteOrder.LITTLE_ENDIAN);
        cpu.x87.controlWord(b.getShort(0) & 0xFFFF);
        cpu.x87.statusWord(b.getShort(2) & 0xFFFF);
        cpu.x87.top = b.getShort(2) >>> 11 & 7;
        cpu.x87.inUse = b.get(4) & 0xFF;
        cpu.mxcsr = b.getInt(24);
        for (int st = 0; st < 8; st++) {
            int physical = cpu.x87.top + st & 7;
            cpu.x87.significand[physical] = b.getLong(32 + 16 * st);
            cpu.x87.signExponent[physical] = b.getShort(40 + 16 * st) & 0xFFFF;
        }
        for (int r = 0; r < 16; r++) {
            cpu.xmm[4 * r] = b.getLong(160 + 16 * r);
            cpu.xmm[4 * r + 1] = b.getLong(168 + 16 * r);
        }
    }

    private byte[] storeFx() {
        byte[] fx = new byte[512];
        ByteBuffer b = ByteBuffer.wrap(fx).order(ByteOrder.LITTLE_ENDIAN);
        b.putShort(0, (short) cpu.x87.control).putShort(2, (short) cpu.x87.statusWord()).put(4, (byte) cpu.x87.inUse);
        b.putInt(24, cpu.mxcsr);
        for (int st = 0; st < 8; st++) {
            int physical = cpu.x87.top + st & 7;
            b.putLong(32 + 16 * st, cpu.x87.significand[physical]);
            b.putShort(40 + 16 * st, (short) cpu.x87.signExponent[physical]);
        }
        for (int r = 0; r < 16; r++) {
            b.putLong(160 + 16 * r, cpu.xmm[4 * r]).putLong(168 + 16 * r, cpu.xmm[4 * r + 1]);
        }
        return fx;
    }

    @Override
    public void close() {
        memory.close();
        pool.close();
    }
}
