package chronovisor.kitten.task;

/** What a process does on a signal (sigaction(2)). */
public record SignalAction(long handler, long flags, long restorer, long mask) {

    /** Take the default action. */
    public static final long DEFAULT = 0;
    /** Ignore the signal. */
    public static final long IGNORE = 1;
    /** The action of every signal after execve. */
    public static final SignalAction STANDARD = new SignalAction(DEFAULT, 0, 0, 0);

    public boolean has(long flag) {
        return (flags & flag) != 0;
    }
}
