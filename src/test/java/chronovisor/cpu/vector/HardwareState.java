package chronovisor.cpu.vector;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.GuestException;
import chronovisor.cpu.Step;
import chronovisor.cpu.hardware.AcceptedDifference;
import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.Mmu;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * The state before or after one instruction as the native oracle lays it out: an FXSAVE image, three registers, flags,
 * 128 bytes of memory, the trap, the upper halves of the YMM registers. Here it is also loaded into a processor of ours, and read back.
 */
final class HardwareState {

    static final int BYTES = 1024;
    static final int XMM = 160;
    static final int RAX = 512;
    static final int RFLAGS = 536;
    static final int MEMORY = 576;
    static final int MEMORY_BYTES = 128;
    static final int TRAP = 704;
    /** Bits 255..128 of the YMM registers. */
    static final int UPPER = 768;
    static final long MEMORY_ADDRESS = 0x4040;

    private static final long FLAGS = 0x8D5;

    static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private HardwareState() {}

    static long get64(byte[] s, int at) {
        return (long) LONGS.get(s, at);
    }

    static void put64(byte[] s, int at, long v) {
        LONGS.set(s, at, v);
    }

    static int get32(byte[] s, int at) {
        return (int) INTS.get(s, at);
    }

    static void put32(byte[] s, int at, int v) {
        INTS.set(s, at, v);
    }

    static int get16(byte[] s, int at) {
        return (short) SHORTS.get(s, at) & 0xFFFF;
    }

    static void put16(byte[] s, int at, int v) {
        SHORTS.set(s, at, (short) v);
    }

    /** A processor without paging, with memory at {@link #MEMORY_ADDRESS}. */
    static Cpu processor() {
        GuestMemory memory = new GuestMemory(new FramePool(1 << 20), 1 << 16);
        memory.resolve(MEMORY_ADDRESS >>> 12, true);
        Cpu cpu = new Cpu(0, new Mmu(memory));
        cpu.cr0 = 1;
        cpu.context();
        return cpu;
    }

    /** Executes {@code step} in state {@code s}, and leaves the state after it there. */
    static void execute(Cpu cpu, Step step, byte[] s) {
        load(cpu, s);
        long trap = 0;
        try {
            step.execute(cpu);
        } catch (GuestException e) {
            trap = e.vector + 1L;
        }
        store(cpu, s);
        put64(s, TRAP, trap);
    }

    private static void load(Cpu cpu, byte[] s) {
        cpu.x87.control = get16(s, 0);
        cpu.x87.inUse = s[4] & 0xFF;
        cpu.x87.statusWord(get16(s, 2));
        for (int i = 0; i < 8; i++) {
            int physical = cpu.x87.top + i & 7;
            cpu.x87.significand[physical] = get64(s, 32 + 16 * i);
            cpu.x87.signExponent[physical] = get16(s, 40 + 16 * i);
        }
        cpu.mxcsr = get32(s, 24);
        for (int i = 0; i < 16; i++) {
            cpu.xmm[4 * i] = get64(s, XMM + 16 * i);
            cpu.xmm[4 * i + 1] = get64(s, XMM + 8 + 16 * i);
            cpu.xmm[4 * i + 2] = get64(s, UPPER + 16 * i);
            cpu.xmm[4 * i + 3] = get64(s, UPPER + 8 + 16 * i);
        }
        for (int i = 0; i < 3; i++) {
            cpu.gpr[i] = get64(s, RAX + 8 * i);
        }
        cpu.gpr[3] = MEMORY_ADDRESS;
        cpu.gpr[7] = MEMORY_ADDRESS;
        cpu.rflags(get64(s, RFLAGS));
        for (int i = 0; i < MEMORY_BYTES; i += 8) {
            cpu.mmu.store64(MEMORY_ADDRESS + i, get64(s, MEMORY + i));
        }
    }

    private static void store(Cpu cpu, byte[] s) {
        put16(s, 0, cpu.x87.control);
        put16(s, 2, cpu.x87.statusWord());
        s[4] = (byte) cpu.x87.inUse;
        for (int i = 0; i < 8; i++) {
            int physical = cpu.x87.top + i & 7;
            put64(s, 32 + 16 * i, cpu.x87.significand[physical]);
            put64(s, 40 + 16 * i, cpu.x87.signExponent[physical]);
        }
        put32(s, 24, cpu.mxcsr);
        for (int i = 0; i < 16; i++) {
            put64(s, XMM + 16 * i, cpu.xmm[4 * i]);
            put64(s, XMM + 8 + 16 * i, cpu.xmm[4 * i + 1]);
            put64(s, UPPER + 16 * i, cpu.xmm[4 * i + 2]);
            put64(s, UPPER + 8 + 16 * i, cpu.xmm[4 * i + 3]);
        }
        for (int i = 0; i < 3; i++) {
            put64(s, RAX + 8 * i, cpu.gpr[i]);
        }
        put64(s, RFLAGS, cpu.rflags());
        for (int i = 0; i < MEMORY_BYTES; i += 8) {
            put64(s, MEMORY + i, cpu.mmu.load64(MEMORY_ADDRESS + i));
        }
    }

    /**
     * Clears what is not compared: the x87's instruction and data pointers (processors differ in when they change them),
     * reserved fields, flags other than the arithmetic ones.
     */
    static void normalize(byte[] s, HardwareForm form) {
        Arrays.fill(s, 5, 24, (byte) 0);
        Arrays.fill(s, 28, 32, (byte) 0);
        Arrays.fill(s, 416, 512, (byte) 0);
        for (int i = 0; i < 8; i++) {
            Arrays.fill(s, 42 + 16 * i, 48 + 16 * i, (byte) 0);
        }
        put64(s, RFLAGS, get64(s, RFLAGS) & FLAGS);
        Arrays.fill(s, 544, 576, (byte) 0);
        Arrays.fill(s, 712, UPPER, (byte) 0);
        if (AcceptedDifference.X87_POINTERS.covers(form.instruction().operation())) {
            boolean small = form.instruction().operandSize() == 16;
            int at = MEMORY + form.displacement();
            Arrays.fill(s, at + (small ? 6 : 12), at + (small ? 14 : 28), (byte) 0);
        }
    }

    /** Sixteen bits of the state's CRC, never 0. */
    static int digest(byte[] s) {
        CRC32 crc = new CRC32();
        crc.update(s, 0, BYTES);
        int folded = (int) (crc.getValue() ^ crc.getValue() >>> 16) & 0xFFFF;
        return folded == 0 ? 1 : folded;
    }

    /** Where two states differ, in words. */
    static String differences(byte[] before, byte[] hardware, byte[] ours) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < BYTES; at += 8) {
            if (get64(hardware, at) != get64(ours, at)) {
                text.append(String.format("  %s before %016x hardware %016x ours %016x%n", name(at), get64(before, at),
                        get64(hardware, at), get64(ours, at)));
            }
        }
        text.append(String.format("  in: FCW %04x FSW %04x tags %02x MXCSR %04x memory %016x %016x", get16(before, 0),
                get16(before, 2), before[4], get32(before, 24), get64(before, MEMORY), get64(before, MEMORY + 8)));
        for (int i = 0; i < 2; i++) {
            text.append(
                    String.format(" st%d %04x:%016x", i, get16(before, 40 + 16 * i), get64(before, 32 + 16 * i)));
        }
        for (int i = 0; i < 3; i++) {
            text.append(String.format(" ymm%d %016x:%016x:%016x:%016x", i, get64(before, UPPER + 8 + 16 * i),
                    get64(before, UPPER + 16 * i), get64(before, XMM + 8 + 16 * i), get64(before, XMM + 16 * i)));
        }
        return text.toString();
    }

    private static String name(int at) {
        if (at == 0) {
            return "FCW FSW FTW";
        }
        if (at == 24) {
            return "MXCSR";
        }
        if (at >= 32 && at < 160) {
            return "st" + (at - 32) / 16 + (at % 16 == 0 ? ".low" : ".top");
        }
        if (at >= XMM && at < 416) {
            return "ymm" + (at - XMM) / 16 + "[" + (at - XMM) % 16 / 8 + "]";
        }
        if (at >= UPPER) {
            return "ymm" + (at - UPPER) / 16 + "[" + (2 + at % 16 / 8) + "]";
        }
        if (at >= MEMORY && at < TRAP) {
            return "memory+" + (at - MEMORY);
        }
        return new String[]{"rax", "rcx", "rdx", "rflags"}[Math.min(3, (at - RAX) / 8)] + (at == TRAP ? " (trap)" : "");
    }

}
