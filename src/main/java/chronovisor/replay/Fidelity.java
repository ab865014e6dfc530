package chronovisor.replay;

import java.util.Locale;

/** How much of a run its journal holds. All of them replay to the same final state. */
public enum Fidelity {
    /** Causes and the final digest. */
    INPUTS,
    /** Every event and every retired instruction. */
    STEPS,
    /** Also what each instruction changed. Slow. */
    EFFECTS;

    /** The name used on the command line and in journals. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads the name.
     *
     * @throws IllegalArgumentException
     *             when there is no such fidelity
     */
    public static Fidelity parse(String text) {
        for (Fidelity fidelity : values()) {
            if (fidelity.text().equals(text)) {
                return fidelity;
            }
        }
        throw new IllegalArgumentException("unknown fidelity '" + text + "': inputs, steps or effects");
    }
}
