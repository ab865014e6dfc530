package chronovisor.device;

import org.jspecify.annotations.Nullable;

/**
 * Scan code set 1 and the keys of a US keyboard (IBM PS/2 Technical Reference, Keyboards: scan code set 1): what a key
 * sends, and what a character needs. A key's break code is its make code with bit 7 set.
 */
public final class ScanCodes {

    public static final int BREAK = 0x80;
    public static final int LEFT_CTRL = 0x1D;
    public static final int LEFT_SHIFT = 0x2A;
    public static final int RIGHT_SHIFT = 0x36;
    public static final int LEFT_ALT = 0x38;
    public static final int CAPS_LOCK = 0x3A;

    /** Characters of the keys from make code 0 on; NUL where a key has none. */
    private static final String PLAIN = "\0\u001b1234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
    private static final String SHIFTED = "\0\u001b!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";
    /** The keypad's asterisk has a character too, but the one on the 8 is what people press. */
    private static final int KEYPAD_ASTERISK = 0x37;

    private ScanCodes() {}

    /** The character of a key (its make code), or NUL for keys that have none. */
    public static char character(int make, boolean shift) {
        String keys = shift ? SHIFTED : PLAIN;
        return make >= 0 && make < keys.length() ? keys.charAt(make) : 0;
    }

    /**
     * What pressing and releasing the keys for a character sends. Carriage return is the Enter key, DEL and backspace the
     * Backspace key, other control characters a letter with Ctrl.
     *
     * @return make and break codes, or null when no key has the character
     */
    public static byte @Nullable [] typing(int character) {
        int c = character == '\r' ? '\n' : character == 0x7f ? '\b' : character;
        int key = key(PLAIN, c);
        if (key > 0) {
            return press(key, 0);
        }
        key = key(SHIFTED, c);
        if (key > 0) {
            return press(key, LEFT_SHIFT);
        }
        key = c < 0x20 ? key(PLAIN, Character.toLowerCase(c + 0x40)) : -1;
        return key > 0 ? press(key, LEFT_CTRL) : null;
    }

    private static int key(String keys, int character) {
        if (character <= 0) {
            return -1;
        }
        int key = keys.indexOf(character);
        return key == KEYPAD_ASTERISK ? -1 : key;
    }

    private static byte[] press(int key, int modifier) {
        return modifier == 0
                ? new byte[]{(byte) key, (byte) (key | BREAK)}
                : new byte[]{(byte) modifier, (byte) key, (byte) (key | BREAK), (byte) (modifier | BREAK)};
    }
}
