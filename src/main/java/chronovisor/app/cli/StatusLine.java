package chronovisor.app.cli;

/** What is being done, on one line of standard error that rewrites itself. Silent unless standard error is a terminal. */
final class StatusLine implements AutoCloseable {

    private static final String TO_START = "\r\033[K";

    private final boolean shown = Output.errorIsTerminal();

    void show(String text) {
        if (shown) {
            System.err.print(TO_START + text);
            System.err.flush();
        }
    }

    /** Takes the line away. */
    void clear() {
        if (shown) {
            System.err.print(TO_START);
            System.err.flush();
        }
    }

    @Override
    public void close() {
        clear();
    }
}
