package chronovisor.kitten.console;

import chronovisor.device.ScanCodes;
import chronovisor.kitten.kernel.Machine;

/**
 * The keyboard driver: takes scan codes of set 1 from the 8042 and makes characters of them, as the paper's keyboard.c
 * does: the shift keys choose the character, releases and keys without one give none. Ctrl makes control characters where
 * the terminal is a full one.
 */
public final class KeyboardDriver {

    /** The keyboard's interrupt line. */
    public static final int LINE = 1;

    private static final int DATA = 0x60;
    private static final int STATUS = 0x64;
    private static final int OUTPUT_FULL = 1;
    private static final int FLOATING = 0xFF;

    private static final int SHIFT_LEFT = 1;
    private static final int SHIFT_RIGHT = 2;
    private static final int CTRL = 4;

    private KeyboardDriver() {}

    /** Whether a controller answers: a bus without one floats high. */
    public static boolean present(Machine machine) {
        return machine.in8(STATUS) != FLOATING;
    }

    /** What a terminal hears of a key: its Enter is a carriage return and its Backspace a DEL. */
    public static int terminalCharacter(char character) {
        return character == '\n' ? '\r' : character == '\b' ? 0x7f : character;
    }

    /** What the interrupt brought: the status, and the scan code, -1 when there is none. */
    public record Received(int status, int code) {}

    /** Serves the interrupt. */
    public static Received receive(Machine machine) {
        int status = machine.in8(STATUS);
        return new Received(status, (status & OUTPUT_FULL) == 0 ? -1 : machine.in8(DATA));
    }

    /** Which modifiers are held after a scan code. */
    public static int modifiers(int held, int code) {
        int bit = switch (code & ~ScanCodes.BREAK) {
            case ScanCodes.LEFT_SHIFT -> SHIFT_LEFT;
            case ScanCodes.RIGHT_SHIFT -> SHIFT_RIGHT;
            case ScanCodes.LEFT_CTRL -> CTRL;
            default -> 0;
        };
        return (code & ScanCodes.BREAK) != 0 ? held & ~bit : held | bit;
    }

    /** The character that a scan code types with these modifiers held, or NUL. */
    public static char character(int held, int code, boolean withCtrl) {
        if ((code & ScanCodes.BREAK) != 0) {
            return 0;
        }
        char c = ScanCodes.character(code, (held & (SHIFT_LEFT | SHIFT_RIGHT)) != 0);
        boolean controls = withCtrl && (held & CTRL) != 0 && c >= '@' && c < 0x7f;
        return controls ? (char) (c & 0x1F) : c;
    }
}
