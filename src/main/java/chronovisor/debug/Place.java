package chronovisor.debug;

/** A place where the client wants the machine to stop. */
sealed interface Place {

    /** What the remote protocol numbers the kinds of breakpoints and watchpoints. */
    enum Kind {
        SOFTWARE, HARDWARE, WRITE, READ, ACCESS
    }

    /** An instruction; {@code hardware} is only how the client names it. */
    record Code(long address, boolean hardware) implements Place {}

    /** A range of memory. */
    record Data(Kind kind, long address, int bytes) implements Place {
        /** Whether an access of this direction is meant. */
        boolean counts(boolean write) {
            return kind == Kind.ACCESS || write == (kind == Kind.WRITE);
        }
    }
}
