package chronovisor.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The whole architectural state of a processor, immutable, and its canonical bytes: equal states have equal bytes.
 *
 * <p>Words, in order: 16 general-purpose registers, RIP, RFLAGS, 64 XMM words, MXCSR, the x87 image, FS/GS/kernel GS bases, CR0 CR2 CR3
 * CR4 CR8, EFER STAR LSTAR CSTAR SFMASK TSC_AUX, CPL, six selectors, retired, TSC offset, {@link SystemState}. Bytes are these words, little
 * endian. An image without the last part or without its end, as older journals have it, is one with these registers at reset.
 */
public final class CpuImage {
    private static final int SYSTEM_WORDS = 3 + 5 + 6 + 1 + 6 + 2;

    private static final int X87_AT = 83;
    private static final int X87_WORDS = 22;
    private static final int SYSTEM_AT = X87_AT + X87_WORDS;
    private static final int STATE_AT = SYSTEM_AT + SYSTEM_WORDS;
    private static final int WORDS = STATE_AT + SystemState.words();

    private final long[] words;

    private CpuImage(long[] words) {
        this.words = words;
    }

    static CpuImage of(Cpu cpu) {
        long[] x87 = cpu.x87.capture();
        long[] w = new long[WORDS];
        System.arraycopy(cpu.gpr, 0, w, 0, 16);
        w[16] = cpu.rip;
        w[17] = cpu.rflags();
        System.arraycopy(cpu.xmm, 0, w, 18, 64);
        w[82] = cpu.mxcsr;
        System.arraycopy(x87, 0, w, X87_AT, X87_WORDS);
        long[] system = {
            cpu.fsBase, cpu.gsBase, cpu.kernelGsBase, cpu.cr0, cpu.cr2, cpu.cr3, cpu.cr4, cpu.cr8, cpu.efer, cpu.star,
            cpu.lstar, cpu.cstar,
            cpu.sfmask, cpu.tscAux, cpu.cpl, cpu.selectors[0], cpu.selectors[1], cpu.selectors[2], cpu.selectors[3],
            cpu.selectors[4],
            cpu.selectors[5], cpu.retired, cpu.tscOffset
        };
        System.arraycopy(system, 0, w, SYSTEM_AT, SYSTEM_WORDS);
        System.arraycopy(cpu.system.capture(), 0, w, STATE_AT, SystemState.words());
        return new CpuImage(w);
    }

    void into(Cpu cpu) {
        long[] w = words;
        System.arraycopy(w, 0, cpu.gpr, 0, 16);
        cpu.rip = w[16];
        cpu.rflags(w[17]);
        System.arraycopy(w, 18, cpu.xmm, 0, 64);
        cpu.mxcsr = (int) w[82];
        int i = SYSTEM_AT;
        cpu.x87.restore(Arrays.copyOfRange(w, X87_AT, SYSTEM_AT));
        cpu.fsBase = w[i];
        cpu.gsBase = w[i + 1];
        cpu.kernelGsBase = w[i + 2];
        cpu.cr0 = w[i + 3];
        cpu.cr2 = w[i + 4];
        cpu.cr3 = w[i + 5];
        cpu.cr4 = w[i + 6];
        cpu.cr8 = w[i + 7];
        cpu.efer = w[i + 8];
        cpu.star = w[i + 9];
        cpu.lstar = w[i + 10];
        cpu.cstar = w[i + 11];
        cpu.sfmask = w[i + 12];
        cpu.tscAux = w[i + 13];
        cpu.cpl = (int) w[i + 14];
        for (int s = 0; s < 6; s++) {
            cpu.selectors[s] = (int) w[i + 15 + s];
        }
        cpu.retired = w[i + 21];
        cpu.tscOffset = w[i + 22];
        cpu.system.restore(Arrays.copyOfRange(w, STATE_AT, WORDS));
        cpu.pendingDebug = 0;
    }

    /** CR3: where its page tables are. */
    public long cr3() {
        return words[SYSTEM_AT + 5];
    }

    /** A general-purpose register. */
    public long gpr(int register) {
        if (register < 0 || register > 15) {
            throw new IllegalArgumentException("register " + register);
        }
        return words[register];
    }

    /** RIP. */
    public long rip() {
        return words[16];
    }

    /** RFLAGS. */
    public long rflags() {
        return words[17];
    }

    /** Low (0) to high (3) quadword of an XMM register. */
    public long xmm(int register, int quadword) {
        return words[18 + 4 * register + quadword];
    }

    /** Instructions retired. */
    public long retired() {
        return words[SYSTEM_AT + 21];
    }

    /** The state's canonical bytes, for digests and checkpoints. */
    public byte[] bytes() {
        ByteBuffer b = ByteBuffer.allocate(words.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        b.asLongBuffer().put(words);
        return b.array();
    }

    /**
     * The image whose canonical bytes these are.
     *
     * @throws IllegalArgumentException when the length is not that of an image
     */
    public static CpuImage ofBytes(byte[] bytes) {
        int count = bytes.length / 8;
        boolean known = count == WORDS || count == STATE_AT + SystemState.OLD_WORDS || count == STATE_AT;
        if (!known || bytes.length % 8 != 0) {
            throw new IllegalArgumentException("a processor image of " + bytes.length + " bytes");
        }
        long[] w = new long[WORDS];
        System.arraycopy(new SystemState().capture(), 0, w, STATE_AT, SystemState.words());
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(w, 0, bytes.length / 8);
        return new CpuImage(w);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CpuImage that && Arrays.equals(words, that.words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }
}
