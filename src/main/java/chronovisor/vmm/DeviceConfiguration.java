package chronovisor.vmm;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A device element. */
public sealed interface DeviceConfiguration {

    /** What other devices name it by. */
    String id();

    /** SERIAL: the four UARTs of a PC. */
    record Serial(String id) implements DeviceConfiguration {}

    /** CHAR_STREAM on one port of a SERIAL, found by its name. */
    record Stream(String id, String name, String frontend, int comPort) implements DeviceConfiguration {}

    /** KEYBOARD: a PS/2 keyboard. What is typed on it comes by its id. */
    record Keyboard(String id) implements DeviceConfiguration {}

    /** 8259A: the PIC pair. Every machine has it, named or not. */
    record Pic(String id) implements DeviceConfiguration {}

    /** LAPIC. Every core has it, named or not. */
    record Apic(String id) implements DeviceConfiguration {}

    /** IOAPIC: the I/O APIC beside the PICs. */
    record IoApic(String id) implements DeviceConfiguration {}

    /** MPTABLE: tells the guest of its processors and interrupt controllers. */
    record MpTable(String id) implements DeviceConfiguration {}

    /** CGA_VIDEO or VGA: the text screen. */
    record Screen(String id) implements DeviceConfiguration {}

    /**
     * RAMDISK or FILEDISK: a disk behind a LNX_VIRTIO_BLK. What is written to it stays in the machine.
     *
     * @param file
     *            id of the file that it begins as, or the plain name of one of the host's
     * @param ofHost
     *            whether it is the host's, and no file of the image
     * @param frontend
     *            id of the LNX_VIRTIO_BLK
     * @param bytes
     *            its size, 0 as long as the file is not known
     */
    record Disk(String id, String file, boolean ofHost, String frontend, boolean writable, long bytes)
            implements
                DeviceConfiguration {

        /** Its size, up to whole sectors. */
        public long sectorBytes() {
            return bytes + 511 & -512L;
        }

        /** Its size, up to whole pages. */
        public long pageBytes() {
            return bytes + 4095 & -4096L;
        }
    }

    /** LNX_VIRTIO_BLK: a disk's controller on the PCI bus. */
    record VirtioDisk(String id) implements DeviceConfiguration {}

    /** LNX_VIRTIO_CONSOLE: a console on the PCI bus. */
    record VirtioConsole(String id) implements DeviceConfiguration {}

    /** PCI: the bus. */
    record Pci(String id) implements DeviceConfiguration {}

    /** i440FX: the bus's bridge to the host. */
    record HostBridge(String id) implements DeviceConfiguration {}

    /** LNX_VIRTIO_BALLOON: gives memory that the guest does not need back to the host. */
    record Balloon(String id) implements DeviceConfiguration {}

    /** 8254_PIT: the interval timer. */
    record Pit(String id) implements DeviceConfiguration {}

    /** NVRAM: the real-time clock and its memory. */
    record Nvram(String id) implements DeviceConfiguration {}

    /** OS_DEBUG or BOCHS_DEBUG: lines of debug output at a port. */
    record Debug(String id, int port) implements DeviceConfiguration {}

    /** GENERIC: ranges of ports with nothing behind them. */
    record Generic(String id, List<PortRange> ranges) implements DeviceConfiguration {

        /** Keeps an unmodifiable copy. */
        public Generic {
            ranges = List.copyOf(ranges);
        }
    }

    /** Ports from one to another, both included. */
    record PortRange(int start, int end, PortMode mode) {}

    /** What GENERIC does with an access. Every access is an event, so printing is no more than that. */
    enum PortMode {
        IGNORE, PASSTHROUGH, PRINT_AND_IGNORE, PRINT_AND_PASSTHROUGH;

        /** The mode of a name; empty when there is none. */
        public static Optional<PortMode> named(String name) {
            return Arrays.stream(values()).filter(mode -> mode.name().equals(name)).findFirst();
        }

        /** Whether the host's ports would be behind it. */
        public boolean passesThrough() {
            return this == PASSTHROUGH || this == PRINT_AND_PASSTHROUGH;
        }
    }
}
