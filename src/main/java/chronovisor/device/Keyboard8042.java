package chronovisor.device;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * KEYBOARD: a PS/2 keyboard and its controller (Intel 8042 as IBM's PS/2 programs it; Hardware Interface Technical
 * Reference, Keyboard and Auxiliary Device Controller). The controller gives scan codes of set 1 at its data port, one at a
 * time, each with an interrupt. What is typed waits until the one before has been read, so none is lost and none comes
 * sooner than the guest takes it. As firmware leaves it, the keyboard is enabled and so is its interrupt.
 */
public final class Keyboard8042 {

    /** With so many scan codes waiting the keyboard asks for no more. */
    private static final int WAITING_MAX = 4096;

    /** A keyboard's own buffer; answers that find no room in it are lost. */
    private static final int ANSWERS_MAX = 16;

    private static final int OUTPUT_FULL = 1;
    private static final int WAS_COMMAND = 8;
    private static final int UNLOCKED = 0x10;

    private static final int MODE_INTERRUPT = 1;
    private static final int MODE_SYSTEM = 4;
    private static final int MODE_DISABLED = 0x10;
    private static final int MODE_TRANSLATE = 0x40;

    private static final int ACKNOWLEDGE = 0xFA;
    private static final int RESEND = 0xFE;
    private static final int SELF_TEST_PASSED = 0x55;
    private static final int KEYBOARD_PASSED = 0xAA;
    private static final int[] KEYBOARD_ID = {0xAB, 0x41};
    private static final int OUTPUT_PORT = 0xCF;

    /** To whom the next byte at the data port goes: a device command is over, or wants a parameter. */
    private static final int TO_KEYBOARD = 0;
    private static final int TO_MODE = 1;
    private static final int TO_NOTHING = 2;
    private static final int TO_KEYBOARD_PARAMETER = 3;
    private static final int TO_OUTPUT = 4;

    /**
     * @param mode
     *            controller command byte
     * @param output
     *            the output buffer, meaningful when {@code full}
     * @param expects
     *            where the next data byte goes
     * @param lastCommand
     *            whether the last write was to the command port
     * @param scanning
     *            whether the keyboard sends keys
     * @param answers
     *            bytes of controller and keyboard that go before keys
     * @param waiting
     *            scan codes that were not sent yet
     */
    public record State(int mode, int output, boolean full, int expects, boolean lastCommand, boolean scanning,
            byte[] answers, byte[] waiting) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.u8(mode).u8(output).bool(full).u8(expects).bool(lastCommand).bool(scanning).bytes(answers)
                    .bytes(waiting);
        }

        static State read(StateReader in) {
            return new State(in.u8(), in.u8(), in.bool(), in.u8(), in.bool(), in.bool(), in.bytes(), in.bytes());
        }
    }

    private final InterruptLine line;
    private int mode = MODE_INTERRUPT | MODE_SYSTEM | MODE_TRANSLATE;
    private int output;
    private boolean full;
    private int expects = TO_KEYBOARD;
    private boolean lastCommand;
    private boolean scanning = true;
    private byte[] answers = new byte[0];
    private byte[] waiting = new byte[0];
    private int sent;

    /** A keyboard on an interrupt request (1 on a PC). */
    public Keyboard8042(InterruptLine line) {
        this.line = line;
    }

    /** The data port (0x60 on a PC). */
    public PortDevice data() {
        return new PortDevice() {
            @Override
            public int in(int offset, int size) {
                return readData();
            }

            @Override
            public void out(int offset, int size, int value) {
                writeData(value & 0xFF);
            }
        };
    }

    /** The status and command port (0x64 on a PC). */
    public PortDevice command() {
        return new PortDevice() {
            @Override
            public int in(int offset, int size) {
                return UNLOCKED | (mode & MODE_SYSTEM) | (lastCommand ? WAS_COMMAND : 0) | (full ? OUTPUT_FULL : 0);
            }

            @Override
            public void out(int offset, int size, int value) {
                lastCommand = true;
                execute(value & 0xFF);
                next();
            }
        };
    }

    /** Types text, a key after the other: Latin-1 bytes; what no key has is left out. */
    public void type(byte[] text) {
        ByteArrayOutputStream codes = new ByteArrayOutputStream();
        for (byte character : text) {
            byte[] keys = ScanCodes.typing(character & 0xFF);
            if (keys != null) {
                codes.writeBytes(keys);
            }
        }
        waiting = join(unsent(), codes.toByteArray());
        sent = 0;
        next();
    }

    /** Whether enough scan codes wait for now. */
    public boolean isFull() {
        return waiting.length - sent >= WAITING_MAX;
    }

    private byte[] unsent() {
        return Arrays.copyOfRange(waiting, sent, waiting.length);
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private int readData() {
        int value = output;
        full = false;
        line.set(false);
        next();
        return value;
    }

    /** Fills the output buffer if it is empty: answers first, then keys while the keyboard is on. */
    private void next() {
        if (!full && answers.length > 0) {
            output = answers[0] & 0xFF;
            answers = Arrays.copyOfRange(answers, 1, answers.length);
            full = true;
        } else if (!full && sent < waiting.length && scanning && (mode & MODE_DISABLED) == 0) {
            output = waiting[sent++] & 0xFF;
            full = true;
        }
        line.set(full && (mode & MODE_INTERRUPT) != 0);
    }

    private void answer(int... bytes) {
        if (answers.length + bytes.length > ANSWERS_MAX) {
            return;
        }
        byte[] more = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            more[i] = (byte) bytes[i];
        }
        answers = join(answers, more);
    }

    /** A command to the controller. */
    private void execute(int command) {
        expects = TO_KEYBOARD;
        switch (command) {
            case 0x20 -> answer(mode);
            case 0x60 -> expects = TO_MODE;
            case 0xAA -> {
                mode |= MODE_SYSTEM;
                answer(SELF_TEST_PASSED);
            }
            case 0xAB -> answer(0);
            case 0xAD -> mode |= MODE_DISABLED;
            case 0xAE -> mode &= ~MODE_DISABLED;
            case 0xC0 -> answer(0x80);
            case 0xD0 -> answer(OUTPUT_PORT);
            case 0xD1, 0xD4 -> expects = TO_NOTHING;
            case 0xD2 -> expects = TO_OUTPUT;
            default -> {
                // The auxiliary device's commands and pulses of the output port: there is nothing on those lines.
            }
        }
    }

    private void writeData(int value) {
        lastCommand = false;
        int to = expects;
        expects = TO_KEYBOARD;
        switch (to) {
            case TO_MODE -> mode = value;
            case TO_OUTPUT -> answer(value);
            case TO_NOTHING -> {
                // For the output port or the auxiliary device, of which there is none.
            }
            case TO_KEYBOARD_PARAMETER -> answer(ACKNOWLEDGE);
            default -> command(value);
        }
        next();
    }

    /** A command to the keyboard. */
    private void command(int command) {
        switch (command) {
            case 0xED, 0xF0, 0xF3 -> {
                answer(ACKNOWLEDGE);
                expects = TO_KEYBOARD_PARAMETER;
            }
            case 0xEE -> answer(0xEE);
            case 0xF2 -> answer(ACKNOWLEDGE, KEYBOARD_ID[0], KEYBOARD_ID[1]);
            case 0xF4 -> {
                scanning = true;
                answer(ACKNOWLEDGE);
            }
            case 0xF5 -> {
                scanning = false;
                answer(ACKNOWLEDGE);
            }
            case 0xF6 -> answer(ACKNOWLEDGE);
            case 0xFF -> {
                scanning = true;
                answer(ACKNOWLEDGE, KEYBOARD_PASSED);
            }
            default -> answer(RESEND);
        }
    }

    /** All state but the line's. */
    public State capture() {
        return new State(mode, output, full, expects, lastCommand, scanning, answers.clone(), unsent());
    }

    /** Puts a state back and drives the line; the interrupt controller is restored after this. */
    public void restore(State state) {
        mode = state.mode();
        output = state.output();
        full = state.full();
        expects = state.expects();
        lastCommand = state.lastCommand();
        scanning = state.scanning();
        answers = state.answers().clone();
        waiting = state.waiting().clone();
        sent = 0;
        line.set(full && (mode & MODE_INTERRUPT) != 0);
    }
}
