package chronovisor.device;

/**
 * 8259A: the two cascaded interrupt controllers of a PC (Intel 8259A data sheet). Lines 0 to 7 are the master's, 8 to 15
 * the slave's, which hangs on the master's line 2. Edge triggered.
 */
public final class Pic8259 {

    /** Registers of one chip. */
    public record ChipState(int irr, int isr, int imr, int lines, int base, int initStep, boolean needsIcw4,
            boolean autoEoi, boolean readIsr, boolean rotateOnAutoEoi, boolean specialMask, boolean poll,
            int lowestPriority) {

        void writeTo(StateWriter out) {
            out.u8(irr).u8(isr).u8(imr).u8(lines).u8(base).u8(initStep).bool(needsIcw4).bool(autoEoi).bool(readIsr)
                    .bool(rotateOnAutoEoi).bool(specialMask).bool(poll).u8(lowestPriority);
        }

        static ChipState read(StateReader in) {
            return new ChipState(in.u8(), in.u8(), in.u8(), in.u8(), in.u8(), in.u8(), in.bool(), in.bool(), in.bool(),
                    in.bool(), in.bool(), in.bool(), in.u8());
        }
    }

    /** Both chips. */
    public record State(ChipState master, ChipState slave) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            master.writeTo(out);
            slave.writeTo(out);
        }

        static State read(StateReader in) {
            return new State(ChipState.read(in), ChipState.read(in));
        }
    }

    private static final int CASCADE = 2;

    private final Pic8259Chip master = new Pic8259Chip(0x08);
    private final Pic8259Chip slave = new Pic8259Chip(0x70);

    /** The master's two ports (0x20 on a PC). */
    public PortDevice master() {
        return new Ports(master);
    }

    /** The slave's two ports (0xA0 on a PC). */
    public PortDevice slave() {
        return new Ports(slave);
    }

    /** The wire of an interrupt request, 0 to 15. */
    public InterruptLine line(int irq) {
        if (irq < 0 || irq > 15 || irq == CASCADE) {
            throw new IllegalArgumentException("no device can be on IRQ " + irq);
        }
        return high -> {
            if (irq < 8) {
                master.line(irq, high);
            } else {
                slave.line(irq - 8, high);
                cascade();
            }
        };
    }

    private void cascade() {
        master.line(CASCADE, slave.pending() >= 0);
    }

    /** Whether an interrupt waits for the processor. */
    public boolean pending() {
        return master.pending() >= 0;
    }

    /** The processor's acknowledge cycle: the vector. With nothing pending any more, the spurious one (line 7). */
    public int acknowledge() {
        int line = master.acknowledge();
        if (line != CASCADE) {
            return master.base() + line;
        }
        int vector = slave.base() + slave.acknowledge();
        // The slave's output falls in the acknowledge cycle, so its next request is a new edge.
        master.line(CASCADE, false);
        cascade();
        return vector;
    }

    private final class Ports implements PortDevice {
        private final Pic8259Chip chip;

        Ports(Pic8259Chip chip) {
            this.chip = chip;
        }

        @Override
        public int in(int offset, int size) {
            int value = chip.read(offset);
            cascade();
            return value;
        }

        @Override
        public void out(int offset, int size, int value) {
            chip.write(offset, value & 0xFF);
            cascade();
        }
    }

    /** All state. */
    public State capture() {
        return new State(master.capture(), slave.capture());
    }

    /** Puts a state back. */
    public void restore(State state) {
        master.restore(state.master());
        slave.restore(state.slave());
    }
}
