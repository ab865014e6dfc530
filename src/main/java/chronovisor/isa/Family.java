package chronovisor.isa;

/** The room of an instruction: rows of one family are implemented together, and most share one CPUID feature. */
public enum Family {
    // @formatter:off
    ARITHMETIC(CpuFeature.BASE),
    LOGIC(CpuFeature.BASE),
    SHIFT(CpuFeature.BASE),
    BIT(CpuFeature.BASE),
    DATA_TRANSFER(CpuFeature.BASE),
    STACK(CpuFeature.BASE),
    CONTROL_FLOW(CpuFeature.BASE),
    STRING(CpuFeature.BASE),
    FLAG(CpuFeature.BASE),
    IO(CpuFeature.BASE),
    SYSTEM(CpuFeature.BASE),
    /** Fences, prefetches, cache control, no-operations. */
    HINT(CpuFeature.BASE),
    BMI1(CpuFeature.BMI1),
    BMI2(CpuFeature.BMI2),
    ADX(CpuFeature.ADX),
    X87(CpuFeature.X87),
    MMX(CpuFeature.MMX),
    SSE(CpuFeature.SSE),
    SSE2(CpuFeature.SSE2),
    SSE3(CpuFeature.SSE3),
    SSSE3(CpuFeature.SSSE3),
    SSE4_1(CpuFeature.SSE4_1),
    SSE4_2(CpuFeature.SSE4_2),
    SSE4A(CpuFeature.SSE4A),
    AES(CpuFeature.AES),
    PCLMULQDQ(CpuFeature.PCLMULQDQ),
    SHA(CpuFeature.SHA),
    GFNI(CpuFeature.GFNI),
    AVX(CpuFeature.AVX),
    AVX2(CpuFeature.AVX2),
    FMA(CpuFeature.FMA),
    F16C(CpuFeature.F16C),
    /** Everything behind the EVEX prefix, and the opmask instructions. */
    AVX512(CpuFeature.AVX512F),
    /** AMD's four-operand FMA. */
    FMA4(CpuFeature.FMA4),
    /** AMD's XOP maps. */
    XOP(CpuFeature.XOP),
    /** Hardware virtualization, Intel's and AMD's. */
    VIRTUALIZATION(CpuFeature.VMX);
    // @formatter:on

    private final CpuFeature feature;

    Family(CpuFeature feature) {
        this.feature = feature;
    }

    /** The feature of a row that names no other. */
    public CpuFeature feature() {
        return feature;
    }
}
