package chronovisor.kitten.console;

/**
 * A terminal's state.
 *
 * @param port
 *            which serial port (0 is COM1); from {@link #PSEUDO} on, pseudo terminals
 * @param termios
 *            its modes
 * @param editing
 *            the line being typed (canonical mode)
 * @param ready
 *            characters that read(2) may take; {@link #END_OF_FILE} marks a typed end of file
 * @param foreground
 *            foreground process group
 * @param session
 *            session that has it as controlling terminal
 * @param column
 *            cursor column, for tabs and erasing
 * @param hungUp
 *            whether the line was dropped
 */
public record Terminal(int port, Termios termios, String editing, String ready, int foreground, int session, int rows,
        int columns, int column, boolean hungUp) {

    /** The first pseudo terminal: /dev/pts/0. */
    public static final int PSEUDO = 16;
    /** In {@link #ready}: the reader that meets it gets 0 bytes. */
    public static final char END_OF_FILE = '\uFFFF';
    /** The input queue's length; what is typed beyond it is lost. */
    public static final int QUEUE_MAX = 4096;

    /** A terminal as first opened. */
    public static Terminal create(int port) {
        return new Terminal(port, Termios.STANDARD, "", "", 0, 0, 25, 80, 0, false);
    }

    /** Whether a read would find something now. */
    public boolean readable() {
        return hungUp || (termios.canonical()
                ? lineEnd() > 0
                : ready.length() >= Math.max(1, termios.character(Termios.VMIN))
                        || (!ready.isEmpty() && termios.character(Termios.VMIN) == 0));
    }

    /** Length of the first complete line in {@link #ready} including its terminator, 0 when there is none. */
    public int lineEnd() {
        for (int i = 0; i < ready.length(); i++) {
            char c = ready.charAt(i);
            if (c == '\n' || c == END_OF_FILE || (c != 0 && c == termios.character(Termios.VEOL))) {
                return i + 1;
            }
        }
        return 0;
    }

    public Terminal withTermios(Termios changed) {
        return new Terminal(port, changed, editing, ready, foreground, session, rows, columns, column, hungUp);
    }

    public Terminal withInput(String newEditing, String newReady) {
        return new Terminal(port, termios, newEditing, newReady, foreground, session, rows, columns, column, hungUp);
    }

    public Terminal withForeground(int group, int newSession) {
        return new Terminal(port, termios, editing, ready, group, newSession, rows, columns, column, hungUp);
    }

    public Terminal withSize(int newRows, int newColumns) {
        return new Terminal(port, termios, editing, ready, foreground, session, newRows, newColumns, column, hungUp);
    }

    public Terminal withColumn(int newColumn) {
        return new Terminal(port, termios, editing, ready, foreground, session, rows, columns, newColumn, hungUp);
    }

    public Terminal withHangup() {
        return new Terminal(port, termios, editing, ready, foreground, session, rows, columns, column, true);
    }
}
