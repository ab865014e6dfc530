package chronovisor.journal;

import org.jspecify.annotations.Nullable;

/** What a record of a journal holds. The numbers are part of the format. */
public enum RecordType {
    /** Versions, configuration, image digests, parent. The first record. */
    HEADER(1),
    /** Sections of state. The second record is the state at power-on. */
    CHECKPOINT(2),
    /** A batch of events. */
    EVENTS(3),
    /** A run of packed step batches. */
    STEPS(4),
    /** Register and memory effects of single instructions, at fidelity {@code effects}. */
    EFFECTS(5),
    /** Final digest, totals and why the run ended. The last record. */
    END(6),
    /** Contents of guest frames, for the checkpoints after it. */
    PAGES(7),
    /** A machine's state at a position, as its difference from the one before. */
    STATE(8);

    private final int id;

    RecordType(int id) {
        this.id = id;
    }

    int id() {
        return id;
    }

    static @Nullable RecordType withId(int id) {
        return id >= 1 && id <= values().length ? values()[id - 1] : null;
    }
}
