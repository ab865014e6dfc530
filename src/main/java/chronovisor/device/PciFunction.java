package chronovisor.device;

/**
 * The configuration space of a PCI function (PCI Local Bus Specification 2.1, 6.1 and 6.2): a header of type 0 with at most one base address,
 * of I/O ports. Firmware has given it an address and an interrupt request; the guest may change both.
 */
public final class PciFunction {

    private static final int BYTES = 256;
    private static final int COMMAND = 0x04;
    private static final int BASE = 0x10;
    private static final int LINE = 0x3C;
    private static final int IO_ENABLED = 1;
    private static final int INTERRUPTS_DISABLED = 0x4;
    private static final int IO_SPACE = 1;
    private static final int PORT_MAX = 0xFFFF;
    private static final int PIN_A = 1;
    private static final int INTERRUPT_STATUS = 8;

    /**
     * What can be changed.
     *
     * @param command
     *            I/O, memory and bus master enabled; interrupts disabled
     * @param base
     *            the ports' base address
     * @param line
     *            a note of the interrupt request, which nothing looks at but the guest
     */
    public record State(int command, int base, int line) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.i32(command).i32(base).u8(line);
        }

        static State read(StateReader in) {
            return new State(in.i32(), in.i32(), in.u8());
        }
    }

    /**
     * What a function is.
     *
     * @param kind
     *            class, subclass and interface: 24 bits
     */
    public record Identity(int vendor, int device, int revision, int kind, int subsystemVendor, int subsystem) {}

    private final byte[] fixed = new byte[BYTES];
    private final int ports;
    private final boolean interrupts;
    private int command;
    private int base;
    private int line;
    private boolean requesting;
    private Runnable onCommand = () -> {};

    /** A function without ports and interrupts: a bridge. */
    public PciFunction(Identity identity) {
        this(identity, 0, 0, -1);
    }

    /**
     * A function with ports.
     *
     * @param ports
     *            how many, a power of two, or 0
     * @param base
     *            where firmware has put them
     * @param irq
     *            its interrupt request, -1 for none
     */
    public PciFunction(Identity identity, int ports, int base, int irq) {
        this.ports = ports;
        this.interrupts = irq >= 0;
        this.base = base;
        this.line = interrupts ? irq : 0xFF;
        this.command = ports > 0 ? IO_ENABLED | 4 : 7;
        fixed(0x00, 2, identity.vendor);
        fixed(0x02, 2, identity.device);
        fixed(0x08, 4, identity.kind << 8 | identity.revision);
        fixed(0x2C, 2, identity.subsystemVendor);
        fixed(0x2E, 2, identity.subsystem);
        fixed(0x3D, 1, interrupts ? PIN_A : 0);
    }

    private void fixed(int at, int bytes, int value) {
        for (int i = 0; i < bytes; i++) {
            fixed[at + i] = (byte) (value >>> 8 * i);
        }
    }

    /** Where its ports are; -1 when they are not decoded. */
    public int firstPort() {
        boolean reachable = base > 0 && base <= PORT_MAX;
        return ports > 0 && (command & IO_ENABLED) != 0 && reachable ? base : -1;
    }

    /** The function's interrupt request, which the status register shows. */
    public void requests(boolean high) {
        requesting = high;
    }

    /** Whether its request reaches the wire. */
    public boolean drivesLine() {
        return (command >>> 8 & INTERRUPTS_DISABLED) == 0;
    }

    /** Is told when the guest has written the command register: its request may reach the wire now, or no more. */
    void onCommand(Runnable listener) {
        onCommand = listener;
    }

    int read(int register, int size) {
        int value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | readByte(register + i);
        }
        return value;
    }

    private int readByte(int at) {
        if (at >= BASE && at < BASE + 4) {
            return ports > 0 ? (base | IO_SPACE) >>> 8 * (at - BASE) & 0xFF : 0;
        }
        return switch (at) {
            case COMMAND, COMMAND + 1 -> command >>> 8 * (at - COMMAND) & 0xFF;
            case COMMAND + 2 -> requesting ? INTERRUPT_STATUS : 0;
            case LINE -> line;
            default -> fixed[at & BYTES - 1] & 0xFF;
        };
    }

    void write(int register, int size, int value) {
        // A bridge has nothing that the guest could change.
        for (int i = 0; i < size && ports > 0; i++) {
            int at = register + i;
            int one = value >>> 8 * i & 0xFF;
            if (at >= BASE && at < BASE + 4) {
                int shift = 8 * (at - BASE);
                base = (base & ~(0xFF << shift) | one << shift) & -ports;
            } else if (at == COMMAND) {
                command = command & 0xFF00 | one & 7;
            } else if (at == COMMAND + 1) {
                command = command & 0xFF | (one & INTERRUPTS_DISABLED) << 8;
                onCommand.run();
            } else if (at == LINE) {
                line = one;
            }
        }
    }

    /** All that can be changed. */
    public State capture() {
        return new State(command, base, line);
    }

    /** Puts a state back. */
    public void restore(State state) {
        command = state.command() & 0x407;
        base = state.base() & -Math.max(1, ports);
        line = state.line();
    }
}
