package chronovisor.vmm;

import chronovisor.device.IoApic82093;
import chronovisor.device.LocalApic;
import chronovisor.device.PciBus;
import chronovisor.device.Pit8254;
import chronovisor.device.Rtc146818;
import chronovisor.device.VgaText;
import java.util.List;

/**
 * Where the devices of a PC are: its I/O ports and its device memory (AT technical reference, MultiProcessor Specification 1.4). What
 * names a device by a port or an address asks here, and {@link Platform} puts devices here.
 */
public final class PlatformMap {

    /** A PC's serial ports, COM1 first. */
    static final List<Integer> COM_PORTS = List.of(0x3F8, 0x2F8, 0x3E8, 0x2E8);
    static final List<Integer> COM_IRQS = List.of(4, 3, 4, 3);
    static final int PIC_MASTER = 0x20;
    static final int PIC_SLAVE = 0xA0;
    static final int PIC_PORTS = 2;
    static final int PIT = 0x40;
    static final int PIT_IRQ = 0;
    /** Where request 0 is on the I/O APIC. */
    static final int PIT_PIN = 2;
    static final int PORT_B = 0x61;
    static final int RTC = 0x70;
    static final int RTC_IRQ = 8;
    static final int KEYBOARD_DATA = 0x60;
    static final int KEYBOARD_COMMAND = 0x64;
    static final int KEYBOARD_IRQ = 1;
    /** Free on a PC, and what PCI devices mostly got. */
    static final int BALLOON_IRQ = 10;
    static final int SCREEN = 0x3C0;
    static final int PCI = 0xCF8;
    /** Where firmware has put the ports of PCI devices, one after the other. */
    static final int PCI_PORTS = 0xC000;
    /** The request that all PCI devices share, level-triggered. */
    static final int PCI_IRQ = 11;
    static final int OS_DEBUG = 0xC0C0;
    static final int BOCHS_DEBUG = 0xE9;

    private static final int COM_SIZE = 8;

    /** Ports or addresses of a device, {@code size} of them. */
    private record Range(String device, long start, long size) {
        boolean contains(long at) {
            return at >= start && at < start + size;
        }
    }

    private static final List<Range> PORTS = List.of(new Range("pic", PIC_MASTER, PIC_PORTS),
            new Range("pic", PIC_SLAVE, PIC_PORTS), new Range("pit", PIT, Pit8254.PORTS), new Range("pit", PORT_B, 1),
            new Range("rtc", RTC, Rtc146818.PORTS), new Range("keyboard", KEYBOARD_DATA, 1),
            new Range("keyboard", KEYBOARD_COMMAND, 1), new Range("pci", PCI, PciBus.PORTS),
            new Range("screen", SCREEN, VgaText.PORTS), new Range("bochs debug", BOCHS_DEBUG, 1),
            new Range("os debug", OS_DEBUG, 1), new Range("com1", COM_PORTS.get(0), COM_SIZE),
            new Range("com2", COM_PORTS.get(1), COM_SIZE), new Range("com3", COM_PORTS.get(2), COM_SIZE),
            new Range("com4", COM_PORTS.get(3), COM_SIZE),
            new Range("virtio", PCI_PORTS, OS_DEBUG - PCI_PORTS));

    private static final List<Range> MEMORY = List.of(new Range("lapic", LocalApic.BASE, LocalApic.SIZE),
            new Range("screen", VgaText.BASE, VgaText.SIZE), new Range("ioapic", IoApic82093.BASE, 0x1000));

    private PlatformMap() {}

    /** The device that a PC has at an I/O port; {@code port 0x…} where it has none. */
    public static String deviceAtPort(int port) {
        return find(PORTS, port, "port");
    }

    /** The device that a PC has at a guest-physical address; {@code memory 0x…} where it has none. */
    public static String deviceAtAddress(long address) {
        return find(MEMORY, address, "memory");
    }

    private static String find(List<Range> ranges, long at, String kind) {
        return ranges.stream().filter(range -> range.contains(at)).map(Range::device).findFirst()
                .orElseGet(() -> kind + " 0x" + Long.toHexString(at));
    }
}
