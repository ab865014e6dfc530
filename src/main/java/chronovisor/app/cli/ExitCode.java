package chronovisor.app.cli;

/** The exit codes of every command but {@code exec}, whose code is the guest's. Stable: scripts depend on them. */
final class ExitCode {

    /** All is well. */
    static final int FINE = 0;
    /** An expectation was not met, or the guest or its machine failed. */
    static final int FAILURE = 1;
    /** The command, or a file it names, is not usable as it is. */
    static final int USAGE = 2;
    /** A replay differed from its journal. */
    static final int DIVERGENCE = 3;
    /** A journal is damaged. */
    static final int DAMAGED = 4;

    private ExitCode() {}
}
