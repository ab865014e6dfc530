package chronovisor.app.cli;

import java.util.Locale;

/**
 * One line on standard error that rewrites itself while work goes on: ticks, millions of guest instructions a second,
 * and the journal's size. Silent unless standard error is a terminal.
 */
final class ProgressLine implements AutoCloseable {

    private static final long INTERVAL_NS = 200_000_000L;

    private final String label;
    private final boolean shown;
    private final long start_ns = System.nanoTime();
    private long last_ns = start_ns;
    private boolean printed;

    ProgressLine(String label, boolean wanted) {
        this.label = label;
        this.shown = wanted && Output.errorIsTerminal();
    }

    /** Tells how far the work is; cheap enough for every slice. */
    void update(chronovisor.replay.Progress progress) {
        long ticks = progress.ticks();
        long journalBytes = progress.journalBytes();
        if (!shown) {
            return;
        }
        long now = System.nanoTime();
        if (now - last_ns < INTERVAL_NS) {
            return;
        }
        last_ns = now;
        printed = true;
        double mips = ticks * 1e3 / Math.max(1, now - start_ns);
        System.err.print(String.format(Locale.ROOT, "\r\033[K%s  %,d ticks  %.0f MIPS  journal %s", label, ticks, mips,
                size(journalBytes)));
        System.err.flush();
    }

    /** Takes the line away. */
    @Override
    public void close() {
        if (printed) {
            System.err.print("\r\033[K");
            System.err.flush();
        }
    }

    /** Bytes for people. */
    static String size(long bytes) {
        if (bytes < 10_000) {
            return bytes + " B";
        }
        return bytes < 10_000_000
                ? String.format(Locale.ROOT, "%.1f KB", bytes / 1e3)
                : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
