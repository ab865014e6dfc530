package chronovisor.isa;

import java.util.List;
import java.util.Locale;

/** The sixteen conditions in encoding order: the constant's ordinal is the low nibble of the opcode (SDM vol. 1, appendix B). */
public enum Condition {
    O, NO, B, AE, E, NE, BE, A, S, NS, P, NP, L, GE, LE, G;

    private static final List<Condition> BY_CODE = List.of(values());

    /** The condition encoded by the low nibble of {@code code}. */
    public static Condition of(int code) {
        return BY_CODE.get(code & 15);
    }

    /** The condition that holds exactly when this one does not. */
    public Condition negated() {
        return of(ordinal() ^ 1);
    }

    /** Mnemonic suffix: {@code e} in {@code je}. */
    public String suffix() {
        return name().toLowerCase(Locale.ROOT);
    }
}
