package chronovisor.device;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * PCI: bus 0, reached by configuration mechanism 1 (PCI Local Bus Specification 2.1, 3.7.4.1): an address register and a window to the
 * double word that it names. Every function is function 0 of a device.
 */
public final class PciBus implements PortDevice {

    /** Address and data: 0xCF8 to 0xCFF on a PC. */
    public static final int PORTS = 8;

    private static final int DATA = 4;
    private static final int ENABLED = 1 << 31;
    private static final int ADDRESS_BITS = 0x80FF_FFFC;
    private static final int DEVICES_MAX = 32;

    /** The address register; functions have their own state. */
    public record State(int address) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.i32(address);
        }

        static State read(StateReader in) {
            return new State(in.i32());
        }
    }

    private final List<PciFunction> functions = new ArrayList<>();
    private int address;

    /** Puts a function into the next slot. */
    public void add(PciFunction function) {
        if (functions.size() == DEVICES_MAX) {
            throw new IllegalArgumentException("more than " + DEVICES_MAX + " PCI devices");
        }
        functions.add(function);
    }

    private @Nullable PciFunction addressed() {
        int slot = address >>> 11 & 31;
        boolean there = (address & ENABLED) != 0 && (address & 0xFF_0700) == 0 && slot < functions.size();
        return there ? functions.get(slot) : null;
    }

    @Override
    public boolean wide() {
        return true;
    }

    @Override
    public int in(int offset, int size) {
        if (offset < DATA) {
            return offset == 0 && size == 4 ? address : -1;
        }
        PciFunction function = addressed();
        int register = (address & 0xFC) + offset - DATA;
        return function == null || offset + size > PORTS ? -1 : function.read(register, size);
    }

    @Override
    public void out(int offset, int size, int value) {
        if (offset < DATA) {
            if (offset == 0 && size == 4) {
                address = value & ADDRESS_BITS;
            }
            return;
        }
        PciFunction function = addressed();
        if (function != null && offset + size <= PORTS) {
            function.write((address & 0xFC) + offset - DATA, size, value);
        }
    }

    /** All state. */
    public State capture() {
        return new State(address);
    }

    /** Puts a state back. */
    public void restore(State state) {
        address = state.address();
    }
}
