package chronovisor.kitten.task;

/**
 * A system call in progress: number, six argument registers, and how far it has come. A blocked call is entered again
 * when it is woken, with what it had noted in {@code progress}.
 */
public record Call(int number, long a0, long a1, long a2, long a3, long a4, long a5, Progress progress) {

    /**
     * What a blocking call remembers.
     *
     * @param entered
     *            whether the call has blocked before
     * @param done
     *            bytes or items transferred so far
     * @param deadline_ns
     *            absolute virtual time it gives up at; {@link #NEVER} for none
     * @param extra
     *            whatever else the handler needs
     * @param woken
     *            whether its wait queue (not a timeout, not a signal) woke it
     */
    public record Progress(boolean entered, long done, long deadline_ns, long extra, boolean woken) {

        /** No deadline. */
        public static final long NEVER = Long.MAX_VALUE;
        /** A call that has not blocked yet. */
        public static final Progress NONE = new Progress(false, 0, NEVER, 0, false);
    }

    public Call withProgress(Progress changed) {
        return new Call(number, a0, a1, a2, a3, a4, a5, changed);
    }
}
