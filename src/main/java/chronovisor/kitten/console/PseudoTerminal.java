package chronovisor.kitten.console;

import chronovisor.kitten.file.Ring;

/**
 * The master's side of a pseudo terminal, pty(7): where a serial line would be, a program reads what is written to the
 * terminal and types on it.
 *
 * @param number
 *            its name in /dev/pts
 * @param typed
 *            what the master has written and the line discipline had no room for yet
 * @param output
 *            what the master has not read yet, echo included
 * @param locked
 *            whether the terminal cannot be opened (TIOCSPTLCK)
 * @param left
 *            whether everybody who had the terminal open has closed it
 * @param packets
 *            whether the master's reads begin with a byte that tells what happened (TIOCPKT)
 * @param happened
 *            what that byte will tell next
 */
public record PseudoTerminal(int number, Ring typed, Ring output, boolean locked, boolean left, boolean packets,
        int happened) {

    /** Queues of what is typed were emptied. */
    public static final int FLUSHED_INPUT = 1;
    /** What had been written was thrown away. */
    public static final int FLUSHED_OUTPUT = 2;

    /** Which terminal it is. */
    public int port() {
        return Terminal.PSEUDO + number;
    }

    public PseudoTerminal withTyped(Ring changed) {
        return new PseudoTerminal(number, changed, output, locked, left, packets, happened);
    }

    public PseudoTerminal withOutput(Ring changed) {
        return new PseudoTerminal(number, typed, changed, locked, left, packets, happened);
    }

    public PseudoTerminal withLocked(boolean now) {
        return new PseudoTerminal(number, typed, output, now, left, packets, happened);
    }

    public PseudoTerminal withLeft(boolean now) {
        return new PseudoTerminal(number, typed, output, locked, now, packets, happened);
    }

    public PseudoTerminal withPackets(boolean now) {
        return new PseudoTerminal(number, typed, output, locked, left, now, 0);
    }

    public PseudoTerminal withHappened(int bits) {
        return new PseudoTerminal(number, typed, output, locked, left, packets, bits);
    }

    /** Whether a read by the master finds something now. */
    public boolean readable() {
        return output.amount() > 0 || happened != 0;
    }
}
