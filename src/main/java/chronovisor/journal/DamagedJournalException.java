package chronovisor.journal;

import java.util.List;

/** A journal is damaged. All records before the damage were delivered and are sound. */
public final class DamagedJournalException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    /** Names the damage. */
    public DamagedJournalException(Problem problem) {
        super("damaged journal: " + problem);
        this.problems = List.of(problem);
    }

    /** What is wrong, and where. */
    public List<Problem> problems() {
        return problems;
    }
}
