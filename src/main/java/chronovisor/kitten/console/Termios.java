package chronovisor.kitten.console;

import chronovisor.kitten.abi.Bytes;
import java.nio.charset.StandardCharsets;

/**
 * Terminal modes (termios(3)).
 *
 * @param controls
 *            the c_cc characters, one Latin-1 character each
 */
public record Termios(int input, int output, int control, int local, int discipline, String controls) {

    /** Size of struct termio. */
    public static final int OLD_BYTES = 18;

    private static final int OLD_CHARACTERS = 8;

    public static final int ISTRIP = 0x20;
    public static final int INLCR = 0x40;
    public static final int IGNCR = 0x80;
    public static final int ICRNL = 0x100;
    public static final int OPOST = 1;
    public static final int ONLCR = 4;
    public static final int OCRNL = 8;
    public static final int ISIG = 1;
    public static final int ICANON = 2;
    public static final int ECHO = 8;
    public static final int ECHOE = 0x10;
    public static final int ECHOK = 0x20;
    public static final int ECHONL = 0x40;
    public static final int ECHOCTL = 0x200;
    public static final int ECHOKE = 0x800;
    public static final int NOFLSH = 0x80;
    public static final int TOSTOP = 0x100;
    public static final int IEXTEN = 0x8000;

    public static final int VINTR = 0;
    public static final int VQUIT = 1;
    public static final int VERASE = 2;
    public static final int VKILL = 3;
    public static final int VEOF = 4;
    public static final int VTIME = 5;
    public static final int VMIN = 6;
    public static final int VEOL = 11;
    public static final int VWERASE = 14;
    public static final int VEOL2 = 16;

    /** What a terminal is set to when it is first opened. */
    public static final Termios STANDARD = new Termios(ICRNL | 0x400, OPOST | ONLCR, 0x8BF,
            ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN, 0,
            "\u0003\u001c\u007f\u0015\u0004\0\u0001\0\u0011\u0013\u001a\0\u0012\u000f\u0017\u0016\0\0\0");

    /** What a pseudo terminal is set to: as the standard, with 38,400 baud and without hanging up when closed. */
    public static final Termios PSEUDO = new Termios(STANDARD.input, STANDARD.output, 0xBF, STANDARD.local, 0,
            STANDARD.controls);

    /** The control character at an index such as {@link #VERASE}; 0 is disabled. */
    public int character(int index) {
        return controls.charAt(index);
    }

    public boolean canonical() {
        return (local & ICANON) != 0;
    }

    /** Whether processes in the background may not write (TOSTOP). */
    public boolean stopsBackground() {
        return (local & TOSTOP) != 0;
    }

    /** The kernel's 36-byte struct termios. */
    public byte[] encode() {
        return new Bytes(36).put32(input).put32(output).put32(control).put32(local).put8(discipline).putText(controls)
                .toArray();
    }

    /** struct termio: the lower halves of the modes and the first eight characters. */
    public byte[] encodeOld() {
        return new Bytes(OLD_BYTES).put16(input).put16(output).put16(control).put16(local).put8(discipline)
                .putText(controls.substring(0, OLD_CHARACTERS)).put8(0).toArray();
    }

    /** With what a struct termio sets; the rest stays. */
    public Termios withOld(byte[] raw) {
        return new Termios(input & ~0xFFFF | Bytes.get16(raw, 0), output & ~0xFFFF | Bytes.get16(raw, 2),
                control & ~0xFFFF | Bytes.get16(raw, 4), local & ~0xFFFF | Bytes.get16(raw, 6), raw[8],
                new String(raw, 9, OLD_CHARACTERS, StandardCharsets.ISO_8859_1) + controls.substring(OLD_CHARACTERS));
    }

    /** Reads the kernel's 36-byte struct termios. */
    public static Termios decode(byte[] raw) {
        return new Termios(Bytes.get32(raw, 0), Bytes.get32(raw, 4), Bytes.get32(raw, 8), Bytes.get32(raw, 12),
                raw[16], new String(raw, 17, 19, StandardCharsets.ISO_8859_1));
    }
}
