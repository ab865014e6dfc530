package chronovisor.isa;

/**
 * What CPUID tells about an instruction's availability (SDM vol. 2, CPUID). {@code BASE} and the other constants without a leaf are
 * part of every x86-64 processor, or have no bit of their own.
 */
public enum CpuFeature {
    // @formatter:off
    BASE(-1, 0, Register.EAX, 0),
    X87(1, 0, Register.EDX, 0),
    TSC(1, 0, Register.EDX, 4),
    MSR(1, 0, Register.EDX, 5),
    CX8(1, 0, Register.EDX, 8),
    CMOV(1, 0, Register.EDX, 15),
    CLFSH(1, 0, Register.EDX, 19),
    MMX(1, 0, Register.EDX, 23),
    FXSR(1, 0, Register.EDX, 24),
    SSE(1, 0, Register.EDX, 25),
    SSE2(1, 0, Register.EDX, 26),
    SSE3(1, 0, Register.ECX, 0),
    PCLMULQDQ(1, 0, Register.ECX, 1),
    MONITOR(1, 0, Register.ECX, 3),
    VMX(1, 0, Register.ECX, 5),
    SMX(1, 0, Register.ECX, 6),
    SSSE3(1, 0, Register.ECX, 9),
    FMA(1, 0, Register.ECX, 12),
    CX16(1, 0, Register.ECX, 13),
    SSE4_1(1, 0, Register.ECX, 19),
    SSE4_2(1, 0, Register.ECX, 20),
    MOVBE(1, 0, Register.ECX, 22),
    POPCNT(1, 0, Register.ECX, 23),
    AES(1, 0, Register.ECX, 25),
    XSAVE(1, 0, Register.ECX, 26),
    AVX(1, 0, Register.ECX, 28),
    F16C(1, 0, Register.ECX, 29),
    RDRAND(1, 0, Register.ECX, 30),
    FSGSBASE(7, 0, Register.EBX, 0),
    BMI1(7, 0, Register.EBX, 3),
    AVX2(7, 0, Register.EBX, 5),
    BMI2(7, 0, Register.EBX, 8),
    /** REP MOVSB and REP STOSB are quick; no rows of its own. */
    ERMS(7, 0, Register.EBX, 9),
    INVPCID(7, 0, Register.EBX, 10),
    RTM(7, 0, Register.EBX, 11),
    AVX512F(7, 0, Register.EBX, 16),
    RDSEED(7, 0, Register.EBX, 18),
    ADX(7, 0, Register.EBX, 19),
    SMAP(7, 0, Register.EBX, 20),
    CLFLUSHOPT(7, 0, Register.EBX, 23),
    CLWB(7, 0, Register.EBX, 24),
    SHA(7, 0, Register.EBX, 29),
    PREFETCHWT1(7, 0, Register.ECX, 0),
    PKU(7, 0, Register.ECX, 3),
    WAITPKG(7, 0, Register.ECX, 5),
    SHSTK(7, 0, Register.ECX, 7),
    GFNI(7, 0, Register.ECX, 8),
    RDPID(7, 0, Register.ECX, 22),
    CLDEMOTE(7, 0, Register.ECX, 25),
    MOVDIRI(7, 0, Register.ECX, 27),
    MOVDIR64B(7, 0, Register.ECX, 28),
    ENQCMD(7, 0, Register.ECX, 29),
    /** So they are when they are short. */
    FSRM(7, 0, Register.EDX, 4),
    UINTR(7, 0, Register.EDX, 5),
    SERIALIZE(7, 0, Register.EDX, 14),
    IBT(7, 0, Register.EDX, 20),
    PTWRITE(20, 0, Register.EBX, 4),
    XSAVEOPT(13, 1, Register.EAX, 0),
    XSAVEC(13, 1, Register.EAX, 1),
    XSAVES(13, 1, Register.EAX, 3),
    LAHF64(0x8000_0001, 0, Register.ECX, 0),
    SVM(0x8000_0001, 0, Register.ECX, 2),
    LZCNT(0x8000_0001, 0, Register.ECX, 5),
    SSE4A(0x8000_0001, 0, Register.ECX, 6),
    PREFETCHW(0x8000_0001, 0, Register.ECX, 8),
    XOP(0x8000_0001, 0, Register.ECX, 11),
    FMA4(0x8000_0001, 0, Register.ECX, 16),
    MONITORX(0x8000_0001, 0, Register.ECX, 29),
    SYSCALL(0x8000_0001, 0, Register.EDX, 11),
    RDTSCP(0x8000_0001, 0, Register.EDX, 27),
    AMD_3DNOW(0x8000_0001, 0, Register.EDX, 31),
    WBNOINVD(0x8000_0008, 0, Register.EBX, 9),
    AMD_OTHER(-1, 0, Register.EAX, 0);
    // @formatter:on

    /** The output register of CPUID that holds a feature's bit. */
    public enum Register {
        EAX, EBX, ECX, EDX
    }

    private final int leaf;
    private final int subleaf;
    private final Register register;
    private final int bit;

    CpuFeature(int leaf, int subleaf, Register register, int bit) {
        this.leaf = leaf;
        this.subleaf = subleaf;
        this.register = register;
        this.bit = bit;
    }

    /** Whether CPUID has a bit for it. */
    public boolean hasBit() {
        return leaf != -1;
    }

    /** EAX for CPUID, unsigned; -1 without a bit. */
    public int leaf() {
        return leaf;
    }

    /** ECX for CPUID. */
    public int subleaf() {
        return subleaf;
    }

    /** The register that holds the bit. */
    public Register register() {
        return register;
    }

    /** Bit number, 0 to 31. */
    public int bit() {
        return bit;
    }
}
