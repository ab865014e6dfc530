package chronovisor.device;

import java.util.Arrays;

/**
 * SERIAL: a 16550A UART (National PC16550D data sheet). Sending takes no time: what is written is on the cable at once and
 * the transmitter is always empty. Bytes are taken from the cable as the receiver has room, so nothing is overrun.
 * When the far end hangs up, carrier (DCD) drops after the last byte.
 */
public final class Uart16550 implements PortDevice {

    /** Registers by offset; the names of the data sheet. */
    public static final int RBR = 0;
    public static final int IER = 1;
    public static final int IIR = 2;
    public static final int LCR = 3;
    public static final int MCR = 4;
    public static final int LSR = 5;
    public static final int MSR = 6;
    public static final int SCR = 7;
    /** Ports of the device. */
    public static final int PORTS = 8;

    private static final int FIFO_BYTES = 16;
    private static final int IER_RECEIVED = 1;
    private static final int IER_EMPTY = 2;
    private static final int IER_MODEM = 8;
    private static final int LCR_DLAB = 0x80;
    private static final int MCR_OUT2 = 8;
    private static final int MCR_LOOP = 0x10;
    private static final int LSR_READY = 1;
    private static final int LSR_EMPTY = 0x60;
    private static final int MSR_CTS = 0x10;
    private static final int MSR_DSR = 0x20;
    private static final int MSR_DCD = 0x80;
    private static final int FCR_ENABLE = 1;
    private static final int FCR_CLEAR_RECEIVER = 2;
    private static final int[] TRIGGER_LEVELS = {1, 4, 8, 14};

    /**
     * Registers and receiver.
     *
     * @param modemDeltas
     *            low half of MSR: what changed since it was read
     * @param carrier
     *            whether DCD is on
     * @param emptyPending
     *            whether the "transmitter empty" interrupt waits
     * @param received
     *            receiver FIFO, oldest first
     */
    public record State(int ier, int fcr, int lcr, int mcr, int scr, int divisor, int modemDeltas, boolean carrier,
            boolean emptyPending, byte[] received) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.u8(ier).u8(fcr).u8(lcr).u8(mcr).u8(scr).i32(divisor).u8(modemDeltas).bool(carrier).bool(emptyPending)
                    .bytes(received);
        }

        static State read(StateReader in) {
            return new State(in.u8(), in.u8(), in.u8(), in.u8(), in.u8(), in.i32(), in.u8(), in.bool(), in.bool(),
                    in.bytes());
        }
    }

    private final InterruptLine line;
    private SerialBackend backend = SerialBackend.NONE;
    private final byte[] fifo = new byte[FIFO_BYTES];
    private int fifoCount;
    private int ier;
    private int fcr;
    private int lcr;
    private int mcr;
    private int scr;
    private int divisor = 12;
    private int modemDeltas;
    private boolean carrier = true;
    private boolean emptyPending;

    public Uart16550(InterruptLine line) {
        this.line = line;
    }

    /** Plugs a cable in. */
    public void connect(CharStream stream) {
        backend = stream;
        stream.onInput(this::receive);
    }

    @Override
    public int in(int offset, int size) {
        int value = switch (offset) {
            case RBR -> (lcr & LCR_DLAB) != 0 ? divisor & 0xFF : takeReceived();
            case IER -> (lcr & LCR_DLAB) != 0 ? divisor >>> 8 : ier;
            case IIR -> readIdentification();
            case LCR -> lcr;
            case MCR -> mcr;
            case LSR -> LSR_EMPTY | (fifoCount > 0 ? LSR_READY : 0);
            case MSR -> readModemStatus();
            case SCR -> scr;
            default -> 0xFF;
        };
        update();
        return value;
    }

    @Override
    public void out(int offset, int size, int value) {
        int data = value & 0xFF;
        switch (offset) {
            case RBR -> {
                if ((lcr & LCR_DLAB) != 0) {
                    divisor = divisor & 0xFF00 | data;
                } else {
                    transmit(new byte[]{(byte) data}, 0, 1);
                }
            }
            case IER -> {
                if ((lcr & LCR_DLAB) != 0) {
                    divisor = divisor & 0xFF | data << 8;
                } else {
                    // Enabling the interrupt while the transmitter is empty raises it (data sheet, 8.6.4).
                    emptyPending |= (data & ~ier & IER_EMPTY) != 0;
                    ier = data & 0x0F;
                }
            }
            case IIR -> {
                fcr = data & 0xC9;
                if ((data & FCR_CLEAR_RECEIVER) != 0 || (data & FCR_ENABLE) == 0) {
                    fifoCount = 0;
                }
                receive();
            }
            case LCR -> lcr = data;
            case MCR -> {
                mcr = data & 0x1F;
                receive();
            }
            case SCR -> scr = data;
            default -> {
                // LSR and MSR are read-only.
            }
        }
        update();
    }

    @Override
    public void outs(int offset, byte[] bytes, int from, int length) {
        if (offset == RBR && (lcr & LCR_DLAB) == 0) {
            transmit(bytes, from, length);
            update();
        } else {
            PortDevice.super.outs(offset, bytes, from, length);
        }
    }

    private void transmit(byte[] bytes, int from, int length) {
        if ((mcr & MCR_LOOP) != 0) {
            for (int i = 0; i < length && fifoCount < depth(); i++) {
                fifo[fifoCount++] = bytes[from + i];
            }
        } else {
            backend.put(bytes, from, length);
        }
        emptyPending = true;
    }

    private int depth() {
        return (fcr & FCR_ENABLE) != 0 ? FIFO_BYTES : 1;
    }

    private int takeReceived() {
        if (fifoCount == 0) {
            return 0;
        }
        int value = fifo[0] & 0xFF;
        System.arraycopy(fifo, 1, fifo, 0, --fifoCount);
        receive();
        return value;
    }

    /** Fills the receiver from the cable, and notices a hang-up. */
    private void receive() {
        if ((mcr & MCR_LOOP) == 0) {
            while (fifoCount < depth()) {
                int next = backend.take();
                if (next < 0) {
                    break;
                }
                fifo[fifoCount++] = (byte) next;
            }
        }
        if (carrier && fifoCount == 0 && backend.hungUp()) {
            carrier = false;
            modemDeltas |= 8;
        }
        update();
    }

    private int readIdentification() {
        int enabled = (fcr & FCR_ENABLE) != 0 ? 0xC0 : 0;
        int source = source();
        if (source == 2) {
            emptyPending = false;
        }
        return enabled | source;
    }

    /** The highest interrupt that waits, as IIR tells it (data sheet, table 8-5); 1 is none. */
    private int source() {
        if ((ier & IER_RECEIVED) != 0 && fifoCount > 0) {
            // Fewer bytes than the trigger level are told as a timeout; no more come until some are taken.
            boolean triggered = (fcr & FCR_ENABLE) == 0 || fifoCount >= TRIGGER_LEVELS[fcr >>> 6];
            return triggered ? 0x4 : 0xC;
        }
        if ((ier & IER_EMPTY) != 0 && emptyPending) {
            return 0x2;
        }
        if ((ier & IER_MODEM) != 0 && modemDeltas != 0) {
            return 0x0;
        }
        return 0x1;
    }

    private int readModemStatus() {
        int status;
        if ((mcr & MCR_LOOP) != 0) {
            // DTR, RTS, OUT1 and OUT2 come back as DSR, CTS, RI and DCD.
            status = (mcr & 1) << 5 | (mcr & 2) << 3 | (mcr & 4) << 4 | (mcr & 8) << 4;
        } else {
            status = MSR_CTS | MSR_DSR | (carrier ? MSR_DCD : 0);
        }
        status |= modemDeltas;
        modemDeltas = 0;
        return status;
    }

    /** On a PC, OUT2 gates the interrupt line. */
    private void update() {
        line.set(source() != 1 && (mcr & MCR_OUT2) != 0 && (mcr & MCR_LOOP) == 0);
    }

    /** All state but the line's. */
    public State capture() {
        return new State(ier, fcr, lcr, mcr, scr, divisor, modemDeltas, carrier, emptyPending,
                Arrays.copyOf(fifo, fifoCount));
    }

    /** Puts a state back and drives the line; the interrupt controller is restored after this. */
    public void restore(State state) {
        ier = state.ier();
        fcr = state.fcr();
        lcr = state.lcr();
        mcr = state.mcr();
        scr = state.scr();
        divisor = state.divisor();
        modemDeltas = state.modemDeltas();
        carrier = state.carrier();
        emptyPending = state.emptyPending();
        fifoCount = Math.min(FIFO_BYTES, state.received().length);
        System.arraycopy(state.received(), 0, fifo, 0, fifoCount);
        update();
    }
}
