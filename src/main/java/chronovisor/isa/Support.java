package chronovisor.isa;

/** How far this machine has come with an encoding. */
public enum Support {
    /** Executed; its CPUID feature may be advertised. */
    SUPPORTED,
    /** Decoded, but not executed yet: the machine stops with position and bytes. */
    MISSING,
    /** Never offered by this processor: raises #UD, as hardware without the feature does. */
    REFUSED
}
