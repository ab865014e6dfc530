package chronovisor.cpu;

import org.jspecify.annotations.Nullable;

/**
 * System registers of one core beyond the control registers of {@link Cpu}: extended-state enables, descriptor-table registers, debug
 * registers, SYSENTER registers, and what is pending between two instructions (SDM vol. 3, chapters 2, 3, 13 and 17).
 */
public final class SystemState {
    /** DR6 with no condition met. */
    public static final long DR6_IDLE = 0xFFFF_0FF0L;

    /** DR7 with every breakpoint off. */
    public static final long DR7_IDLE = 0x400;

    /** No interrupt shadow. */
    static final int SHADOW_NONE = 0;

    /** STI has set IF: no interrupt before the end of the next instruction. */
    static final int SHADOW_STI = 1;

    /** SS has been loaded: neither interrupts nor debug traps before the end of the next instruction. */
    static final int SHADOW_SS = 2;

    /** {@link #codeBits} of 64-bit mode. */
    public static final int CODE_64 = 64;

    private static final int WORDS = 30;

    /** Without the last seven, as images were before processors could be started. */
    static final int OLD_WORDS = 23;

    /** XCR0: which state components XSAVE manages. */
    public long xcr0 = 1;

    /** IA32_XSS: supervisor components; this processor has none. */
    public long xss;

    public long gdtBase;
    public int gdtLimit = 0xFFFF;

    /**
     * The GDT of a kernel that is ring 0 in Java and has none in memory; null for a table at {@link #gdtBase}. All its segments are
     * accessed, so that it is never written. No part of the state: the kernel sets it when it takes the core.
     */
    public long @Nullable [] builtInGdt;

    public long idtBase;
    public int idtLimit = 0xFFFF;

    /** LDTR with its hidden part; the null selector is an LDT without entries. */
    public int ldtr;

    public long ldtBase;
    public long ldtLimit;

    /** TR with its hidden part. */
    public int tr;

    public long trBase;
    public long trLimit = 0xFFFF;

    /** Breakpoint addresses DR0 to DR3. */
    public final long[] dr = new long[4];

    public long dr6 = DR6_IDLE;
    public long dr7 = DR7_IDLE;

    public long sysenterCs;
    public long sysenterEsp;
    public long sysenterEip;

    /** What the instruction before holds back: {@link #SHADOW_NONE}, {@link #SHADOW_STI} or {@link #SHADOW_SS}. */
    public int shadow;

    /** DR6 bits of debug traps that the shadow holds back. */
    public long heldDebug;

    /** Width of the running code: 64, or 32 or 16 before the processor is in 64-bit mode, where RIP is an offset in its code segment. */
    public int codeBits = CODE_64;

    /** Width of the stack pointer while the code is not of 64 bits. */
    public int stackBits = 16;

    /** Bases of ES, CS, SS and DS while the code is not of 64 bits. */
    public final long[] bases = new long[4];

    /** Whether an NMI is being handled: another waits for IRET. */
    public boolean blocksNmi;

    /** The processor is in 64-bit mode: these segments are flat. */
    void dropBases() {
        stackBits = 16;
        java.util.Arrays.fill(bases, 0);
    }

    /** Whether interrupts wait for the next instruction to complete. */
    public boolean blocksInterrupts() {
        return shadow != SHADOW_NONE;
    }

    /** All of it as words, the same for equal states. */
    long[] capture() {
        return new long[]{xcr0, xss, gdtBase, gdtLimit, idtBase, idtLimit, ldtr, ldtBase, ldtLimit, tr, trBase, trLimit,
            dr[0], dr[1], dr[2], dr[3], dr6, dr7, sysenterCs, sysenterEsp, sysenterEip, shadow, heldDebug,
            codeBits, stackBits, bases[0], bases[1], bases[2], bases[3], blocksNmi ? 1 : 0};
    }

    /** Takes back what {@link #capture} gave. */
    void restore(long[] w) {
        xcr0 = w[0];
        xss = w[1];
        gdtBase = w[2];
        gdtLimit = (int) w[3];
        idtBase = w[4];
        idtLimit = (int) w[5];
        ldtr = (int) w[6];
        ldtBase = w[7];
        ldtLimit = w[8];
        tr = (int) w[9];
        trBase = w[10];
        trLimit = w[11];
        System.arraycopy(w, 12, dr, 0, 4);
        dr6 = w[16];
        dr7 = w[17];
        sysenterCs = w[18];
        sysenterEsp = w[19];
        sysenterEip = w[20];
        shadow = (int) w[21];
        heldDebug = w[22];
        codeBits = (int) w[23];
        stackBits = (int) w[24];
        System.arraycopy(w, 25, bases, 0, bases.length);
        blocksNmi = w[29] != 0;
    }

    static int words() {
        return WORDS;
    }
}
