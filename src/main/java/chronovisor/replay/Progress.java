package chronovisor.replay;

/**
 * How far a run or a replay is.
 *
 * @param ticks
 *            instructions retired
 * @param events
 *            events told
 * @param journalBytes
 *            size of the journal so far; 0 where there is none
 */
public record Progress(long ticks, long events, long journalBytes) {

    /** Instructions between two reports: a few a second. */
    static final long TICKS = 25_000_000;
}
