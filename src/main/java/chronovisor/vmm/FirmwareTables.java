package chronovisor.vmm;

import chronovisor.device.IoApic82093;
import chronovisor.device.LocalApic;
import chronovisor.memory.GuestMemory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * What a PC's firmware leaves in memory for a kernel that looks for its processors and interrupt controllers: the MP table
 * (MultiProcessor Specification 1.4, chapter 4) and ACPI's RSDP, RSDT and MADT (ACPI 1.0b, 5.2). Both say the same.
 */
final class FirmwareTables {

    private static final int ROOT = 0xF_0000;
    private static final int ROOT_TABLE = 0xF_0040;
    private static final int APIC_TABLE = 0xF_0080;
    private static final int MP_POINTER = 0xF_1000;
    private static final int MP_TABLE = 0xF_1010;

    private static final int APIC_VERSION = 0x14;
    private static final int IO_APIC_VERSION = 0x11;
    private static final int ISA_REQUESTS = 16;
    private static final int CASCADE = 2;
    private static final int LEVEL_HIGH = 0xD;
    /** CPUID leaf 1, EDX: an FPU and a local APIC. */
    private static final int FEATURES = 1 | 1 << 9;

    private FirmwareTables() {}

    /** Writes what the configuration asks for: the MP table where it names one, or all for a guest that brings its own kernel. */
    static void place(GuestMemory memory, GuestConfiguration configuration, boolean bare) {
        if (bare || configuration.devices().stream().anyMatch(d -> d instanceof DeviceConfiguration.MpTable)) {
            put(memory, MP_TABLE, mpTable(configuration));
            Table pointer = new Table().text("_MP_").i32(MP_TABLE).u8(1).u8(4).u8(0).u8(0).i32(0);
            put(memory, MP_POINTER, pointer.summed(10));
        }
        if (bare) {
            Table root = new Table().text("RSD PTR ").u8(0).text("CHRONO").u8(0).i32(ROOT_TABLE);
            put(memory, ROOT, root.summed(8));
            put(memory, ROOT_TABLE, system("RSDT", new Table().i32(APIC_TABLE)));
            put(memory, APIC_TABLE, system("APIC", apics(configuration)));
        }
    }

    private static void put(GuestMemory memory, long at, byte[] table) {
        BootLoader.place(memory, at, table, 0, table.length);
    }

    private static boolean hasIoApic(GuestConfiguration configuration) {
        return configuration.devices().stream().anyMatch(device -> device instanceof DeviceConfiguration.IoApic);
    }

    /** A system description table: its header, then what it is about. */
    private static byte[] system(String signature, Table body) {
        byte[] content = body.bytes();
        return new Table().text(signature).i32(36 + content.length).u8(1).u8(0).text("CHRONO").text("CHRONOVR").i32(1)
                .text("CHRV").i32(1).raw(content).summed(9);
    }

    private static Table apics(GuestConfiguration configuration) {
        // There are 8259 PICs as well.
        Table out = new Table().i32((int) LocalApic.BASE).i32(1);
        for (int core = 0; core < configuration.cores(); core++) {
            out.u8(0).u8(8).u8(core).u8(core).i32(1);
        }
        if (hasIoApic(configuration)) {
            out.u8(1).u8(12).u8(configuration.cores()).u8(0).i32((int) IoApic82093.BASE).i32(0);
            // Request 0 of the ISA bus is on another pin; polarity and trigger are the bus's.
            out.u8(2).u8(10).u8(0).u8(PlatformMap.PIT_IRQ).i32(PlatformMap.PIT_PIN).u16(0);
            // The request of PCI devices is level-triggered, and high while it is active.
            out.u8(2).u8(10).u8(0).u8(PlatformMap.PCI_IRQ).i32(PlatformMap.PCI_IRQ).u16(LEVEL_HIGH);
        }
        // NMI is on LINT1 of all.
        return out.u8(4).u8(6).u8(0xFF).u16(0).u8(1);
    }

    private static byte[] mpTable(GuestConfiguration configuration) {
        Table entries = new Table();
        int count = 0;
        for (int core = 0; core < configuration.cores(); core++, count++) {
            entries.u8(0).u8(core).u8(APIC_VERSION).u8(core == 0 ? 3 : 1).i32(configuration.cpu().signature())
                    .i32(FEATURES).i32(0).i32(0);
        }
        entries.u8(1).u8(0).text("ISA   ");
        count++;
        if (hasIoApic(configuration)) {
            entries.u8(2).u8(configuration.cores()).u8(IO_APIC_VERSION).u8(1).i32((int) IoApic82093.BASE);
            count++;
            for (int irq = 0; irq < ISA_REQUESTS; irq++) {
                if (irq != CASCADE) {
                    int pin = irq == PlatformMap.PIT_IRQ ? PlatformMap.PIT_PIN : irq;
                    entries.u8(3).u8(0).u16(irq == PlatformMap.PCI_IRQ ? LEVEL_HIGH : 0).u8(0).u8(irq)
                            .u8(configuration.cores()).u8(pin);
                    count++;
                }
            }
        }
        // The PIC on LINT0 and NMI on LINT1 of all.
        entries.u8(4).u8(3).u16(0).u8(0).u8(0).u8(0xFF).u8(0);
        entries.u8(4).u8(1).u16(0).u8(0).u8(0).u8(0xFF).u8(1);
        count += 2;
        byte[] content = entries.bytes();
        return new Table().text("PCMP").u16(44 + content.length).u8(4).u8(0).text("CHRONO  ").text("CHRONOVISOR ")
                .i32(0).u16(0).u16(count).i32((int) LocalApic.BASE).i32(0).raw(content).summed(7);
    }

    /** Bytes of a table, little endian, and their checksum. */
    private static final class Table {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Table u8(int value) {
            out.write(value);
            return this;
        }

        Table u16(int value) {
            return u8(value).u8(value >>> 8);
        }

        Table i32(int value) {
            return u16(value).u16(value >>> 16);
        }

        Table text(String text) {
            return raw(text.getBytes(StandardCharsets.US_ASCII));
        }

        Table raw(byte[] bytes) {
            out.writeBytes(bytes);
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        /** All bytes, so that their sum is 0 by the one at an offset. */
        byte[] summed(int at) {
            byte[] bytes = bytes();
            int sum = 0;
            for (byte b : bytes) {
                sum += b;
            }
            bytes[at] = (byte) -sum;
            return bytes;
        }
    }
}
