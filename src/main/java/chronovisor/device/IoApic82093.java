package chronovisor.device;

/**
 * IOAPIC: Intel's 82093AA (data sheet 290566). 24 pins, each with a redirection entry that makes a message of it. Two registers are in
 * memory: which of the inner registers is meant, and a window to it.
 */
public final class IoApic82093 implements MemoryDevice {

    /** Where a PC has it, and what is decoded of its page. */
    public static final long BASE = 0xFEC0_0000L;
    public static final int SIZE = 0x20;
    public static final int PINS = 24;

    private static final int SELECT = 0x00;
    private static final int WINDOW = 0x10;
    private static final int REGISTER_ID = 0;
    private static final int REGISTER_VERSION = 1;
    private static final int REGISTER_ARBITRATION = 2;
    private static final int REGISTER_ENTRIES = 0x10;
    private static final int VERSION = 0x11 | PINS - 1 << 16;

    private static final int LOGICAL = 1 << 11;
    private static final int ACTIVE_LOW = 1 << 13;
    private static final int REMOTE_IRR = 1 << 14;
    private static final int LEVEL = 1 << 15;
    private static final int MASKED = 1 << 16;
    /** Vector, delivery and destination mode, polarity, trigger, mask: delivery status and remote IRR are read-only. */
    private static final int WRITABLE = 0x1_AFFF;

    /**
     * All state.
     *
     * @param select
     *            inner register that the window shows
     * @param id
     *            bits 27 to 24
     * @param low
     *            lower halves of the redirection entries
     * @param high
     *            their upper halves: destinations
     * @param lines
     *            a bit for each pin that is high
     */
    public record State(int select, int id, int[] low, int[] high, int lines) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.i32(select).i32(id).ints(low).ints(high).i32(lines);
        }

        static State read(StateReader in) {
            State state = new State(in.i32(), in.i32(), in.ints(), in.ints(), in.i32());
            if (state.low.length != PINS || state.high.length != PINS) {
                throw in.broken("an I/O APIC with other pins");
            }
            return state;
        }
    }

    private final ApicBus bus;
    private int select;
    private int id;
    private int[] low = new int[PINS];
    private int[] high = new int[PINS];
    private int lines;

    /** An I/O APIC at reset: every pin is masked. */
    public IoApic82093(ApicBus bus) {
        this.bus = bus;
        java.util.Arrays.fill(low, MASKED);
        bus.onEnd(this::ended);
    }

    @Override
    public long read(int offset, int size) {
        int register = switch (offset & ~3) {
            case SELECT -> select;
            case WINDOW -> inner(select);
            default -> 0;
        };
        return size == 8 ? Integer.toUnsignedLong(register) : register >>> 8 * (offset & 3) & (1L << 8 * size) - 1;
    }

    /** Only whole registers can be written; the select register is a byte. */
    @Override
    public void write(int offset, int size, long value) {
        if (offset == SELECT) {
            select = (int) value & 0xFF;
        } else if (offset == WINDOW && size >= 4) {
            set((int) value);
        }
    }

    private int inner(int register) {
        int pin = register - REGISTER_ENTRIES >> 1;
        if (pin >= 0 && pin < PINS) {
            return (register & 1) == 0 ? low[pin] : high[pin];
        }
        return switch (register) {
            case REGISTER_ID, REGISTER_ARBITRATION -> id;
            case REGISTER_VERSION -> VERSION;
            default -> 0;
        };
    }

    private void set(int value) {
        int pin = select - REGISTER_ENTRIES >> 1;
        if (pin >= 0 && pin < PINS) {
            if ((select & 1) != 0) {
                high[pin] = value & 0xFF00_0000;
            } else {
                low[pin] = value & WRITABLE | ((value & LEVEL) != 0 ? low[pin] & REMOTE_IRR : 0);
            }
            level(pin);
        } else if (select == REGISTER_ID) {
            id = value & 0x0F00_0000;
        }
    }

    /** The wire of a pin. */
    public InterruptLine line(int pin) {
        return driven -> {
            boolean was = active(pin);
            lines = driven ? lines | 1 << pin : lines & ~(1 << pin);
            if ((low[pin] & LEVEL) != 0) {
                level(pin);
            } else if (!was && active(pin) && (low[pin] & MASKED) == 0) {
                send(pin);
            }
        };
    }

    private boolean active(int pin) {
        return (lines >>> pin & 1) != 0 ^ (low[pin] & ACTIVE_LOW) != 0;
    }

    /** A level-triggered pin sends while it is active, but not again before the processor is done. */
    private void level(int pin) {
        if ((low[pin] & (LEVEL | MASKED | REMOTE_IRR)) == LEVEL && active(pin) && send(pin)) {
            low[pin] |= REMOTE_IRR;
        }
    }

    private boolean send(int pin) {
        return bus.deliver(low[pin] >>> 8 & 7, low[pin] & 0xFF, high[pin] >>> 24, (low[pin] & LOGICAL) != 0,
                (low[pin] & LEVEL) != 0);
    }

    private void ended(int vector) {
        for (int pin = 0; pin < PINS; pin++) {
            if ((low[pin] & (LEVEL | REMOTE_IRR)) == (LEVEL | REMOTE_IRR) && (low[pin] & 0xFF) == vector) {
                low[pin] &= ~REMOTE_IRR;
                level(pin);
            }
        }
    }

    /** All state. */
    public State capture() {
        return new State(select, id, low.clone(), high.clone(), lines);
    }

    /** Puts a state back; sends nothing. */
    public void restore(State state) {
        select = state.select();
        id = state.id();
        low = state.low().clone();
        high = state.high().clone();
        lines = state.lines();
    }
}
