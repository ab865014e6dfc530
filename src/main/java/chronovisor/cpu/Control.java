package chronovisor.cpu;

import chronovisor.isa.CpuFeature;

/**
 * Bits of CR0, CR4 and EFER, the rules for writing them (SDM vol. 3, 2.5), and what they make of floating-point instructions.
 */
public final class Control {
    public static final long CR0_PE = 1;
    public static final long CR0_MP = 1 << 1;
    public static final long CR0_EM = 1 << 2;
    public static final long CR0_TS = 1 << 3;
    public static final long CR0_ET = 1 << 4;
    public static final long CR0_NE = 1 << 5;
    public static final long CR0_WP = 1 << 16;
    public static final long CR0_AM = 1 << 18;
    public static final long CR0_PG = 1L << 31;
    public static final long CR4_TSD = 1 << 2;
    public static final long CR4_DE = 1 << 3;
    public static final long CR4_PAE = 1 << 5;
    public static final long CR4_OSFXSR = 1 << 9;
    public static final long CR4_OSXMMEXCPT = 1 << 10;
    public static final long CR4_FSGSBASE = 1 << 16;
    public static final long CR4_OSXSAVE = 1 << 18;

    private static final long CR0_NW = 1 << 29;
    private static final long CR0_CD = 1 << 30;
    /** VME PVI TSD DE PSE PAE MCE PGE PCE OSFXSR OSXMMEXCPT FSGSBASE OSXSAVE: the others belong to features this processor has not. */
    private static final long CR4_DEFINED = 0x7FF | CR4_FSGSBASE | CR4_OSXSAVE;

    /** Of {@link #disabled}: x87 and MMX instructions need a look. */
    static final int DISABLED_X87 = 1;

    /** Of {@link #disabled}: SSE instructions need a look. */
    static final int DISABLED_SSE = 2;

    /** Of {@link #disabled}: AVX instructions need a look. */
    static final int DISABLED_AVX = 4;

    private Control() {}

    /** Whether MOV to CR0 takes this value: PG needs PE, NW needs CD, the upper half is reserved. */
    public static boolean legalCr0(long v) {
        boolean paging = (v & CR0_PG) == 0 || (v & CR0_PE) != 0;
        boolean caching = (v & CR0_NW) == 0 || (v & CR0_CD) != 0;
        return paging && caching && v >>> 32 == 0;
    }

    /** Whether MOV to CR4 takes this value: reserved bits are 0, PAE stays on in long mode. */
    public static boolean legalCr4(Cpu cpu, long v) {
        boolean longMode = (cpu.efer & 1 << 10) != 0;
        return (v & ~CR4_DEFINED) == 0 && (cpu.model.has(CpuFeature.XSAVE) || (v & CR4_OSXSAVE) == 0)
                && (cpu.model.has(CpuFeature.FSGSBASE) || (v & CR4_FSGSBASE) == 0) && (!longMode || (v & CR4_PAE) != 0);
    }

    /**
     * The classes of floating-point instructions that the control registers disable, wholly or in part: nonzero makes the interpreter
     * look at each instruction of blocks that have some. The one place where CR0.EM, CR0.TS, CR4.OSFXSR, CR4.OSXSAVE and XCR0 are weighed.
     */
    static int disabled(Cpu cpu) {
        boolean switched = (cpu.cr0 & CR0_TS) != 0;
        boolean emulated = (cpu.cr0 & CR0_EM) != 0;
        boolean sse = (cpu.cr4 & CR4_OSFXSR) != 0;
        boolean avx = (cpu.cr4 & CR4_OSXSAVE) != 0 && (cpu.system.xcr0 & 6) == 6;
        boolean hasAvx = cpu.model.has(CpuFeature.AVX);
        return (switched || emulated ? DISABLED_X87 : 0) | (switched || emulated || !sse ? DISABLED_SSE : 0)
                | (hasAvx && (switched || !avx) ? DISABLED_AVX : 0);
    }
}
