package chronovisor.cpu;

/** Instruction set levels of the x86-64 psABI. An instruction above the level does not exist: it raises #UD, or is an older one. */
public enum CpuLevel {
    /** SSE2 and no more. */
    X86_64,
    /** Up to SSE4.2, POPCNT, CMPXCHG16B, LAHF. */
    X86_64_V2,
    /** Adds AVX2, BMI1, BMI2, LZCNT, MOVBE, FMA, F16C. */
    X86_64_V3;

    /** Whether this level has everything of {@code other}. */
    public boolean has(CpuLevel other) {
        return compareTo(other) >= 0;
    }
}
