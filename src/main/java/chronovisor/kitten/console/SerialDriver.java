package chronovisor.kitten.console;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.kernel.Machine;

/**
 * The 16550 driver: reaches the UART by port I/O only (PC16550D data sheet). Polls the transmitter, and is told of
 * received bytes and of a dropped carrier by interrupt.
 */
public final class SerialDriver {

    /** Serial ports a PC has. */
    public static final int PORTS = 4;
    /** Depth of the transmit FIFO: what one REP OUTSB may send. */
    public static final int FIFO_BYTES = 16;

    private static final int[] BASES = {0x3F8, 0x2F8, 0x3E8, 0x2E8};
    private static final int[] LINES = {4, 3, 4, 3};
    private static final int TRIGGER_BYTES = 14;
    private static final int RECEIVED = 1;
    private static final int MODEM = 8;

    /** What an interrupt brought. */
    public record Received(byte[] bytes, boolean carrierLost) {}

    private SerialDriver() {}

    /** The interrupt line of a port. */
    public static int line(int port) {
        return LINES[port];
    }

    /** Sets 9600 baud, 8 data bits, no parity, FIFOs on (receive trigger at 14 bytes), interrupt line driven. */
    public static void initialize(Machine machine, int port) {
        int base = BASES[port];
        machine.out8(base + 1, 0);
        machine.out8(base + 3, 0x80);
        machine.out8(base, 12);
        machine.out8(base + 1, 0);
        machine.out8(base + 3, 3);
        machine.out8(base + 2, 0xC7);
        machine.out8(base + 4, 0x0B);
    }

    /** Whether something answers at the port: the scratch register keeps what is written. */
    public static boolean present(Machine machine, int port) {
        machine.out8(BASES[port] + 7, 0xAE);
        return machine.in8(BASES[port] + 7) == 0xAE;
    }

    /** Turns the interrupts for received bytes (when {@code receive}) and modem changes on or off. */
    public static void interrupts(Machine machine, int port, boolean receive, boolean modem) {
        machine.out8(BASES[port] + 1, (receive ? RECEIVED : 0) | (modem ? MODEM : 0));
    }

    /** Sends bytes: waits for an empty transmitter, then fills its FIFO, again and again. */
    public static void transmit(Machine machine, int port, byte[] bytes, int offset, int length) {
        int base = BASES[port];
        int done = 0;
        while (done < length) {
            int status;
            do {
                status = machine.in8(base + 5);
            } while ((status & 0x20) == 0);
            int count = Math.min(FIFO_BYTES, length - done);
            machine.outs8(base, bytes, offset + done, count);
            done += count;
        }
    }

    /** Serves the port's interrupt: takes up to {@code max} bytes, fewer when there are no more. */
    public static Received receive(Machine machine, int port, int max) {
        int base = BASES[port];
        Bytes bytes = new Bytes();
        boolean carrierLost = false;
        while (bytes.length() <= max - FIFO_BYTES) {
            int identification = machine.in8(base + 2) & 0x0F;
            if (identification == 4) {
                bytes.put(machine.ins8(base, TRIGGER_BYTES));
            } else if (identification == 0xC) {
                while ((machine.in8(base + 5) & 1) != 0 && bytes.length() < max) {
                    bytes.put8(machine.in8(base));
                }
            } else if (identification == 0) {
                carrierLost |= (machine.in8(base + 6) & 0x80) == 0;
            } else {
                break;
            }
        }
        return new Received(bytes.toArray(), carrierLost);
    }

    /** Whether the carrier is there now. */
    public static boolean carrier(Machine machine, int port) {
        return (machine.in8(BASES[port] + 6) & 0x80) != 0;
    }
}
