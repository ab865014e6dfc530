package chronovisor.kitten.console;

/**
 * The paper's console input: a first-in-first-out buffer of 512 characters that the keyboard fills. A backspace takes the
 * previous character back, or is discarded when there is none; a newline lets readers have what there is.
 *
 * @param modifiers
 *            keys held on the keyboard
 * @param characters
 *            what was typed and not read
 * @param newline
 *            whether a newline was typed since a reader took all
 */
public record InputBuffer(int modifiers, String characters, boolean newline) {

    /** Characters it holds; what is typed beyond them is lost. */
    public static final int SIZE = 512;
    /** Nothing typed. */
    public static final InputBuffer EMPTY = new InputBuffer(0, "", false);

    private static final char BACKSPACE = '\b';

    public InputBuffer withModifiers(int held) {
        return new InputBuffer(held, characters, newline);
    }

    /** Whether a character would be lost. */
    public boolean overflows(char character) {
        return character != BACKSPACE && characters.length() >= SIZE;
    }

    /** With one more character typed. */
    public InputBuffer add(char character) {
        if (character == BACKSPACE) {
            return new InputBuffer(modifiers, characters.substring(0, Math.max(0, characters.length() - 1)), newline);
        }
        String more = overflows(character) ? characters : characters + character;
        return new InputBuffer(modifiers, more, newline || character == '\n');
    }

    /** Whether a reader gets something now. */
    public boolean readable() {
        return newline && !characters.isEmpty();
    }

    /** Without the first characters, which a reader took. */
    public InputBuffer afterRead(int count) {
        String left = characters.substring(count);
        return new InputBuffer(modifiers, left, left.indexOf('\n') >= 0);
    }
}
