package chronovisor.isa;

/** The repeat prefix of a string instruction. */
public enum Repeat {
    NONE,
    /** F3: REP, or REPE for CMPS and SCAS. */
    REP,
    /** F2: REPNE for CMPS and SCAS; the other string instructions treat it like REP. */
    REPNE
}
