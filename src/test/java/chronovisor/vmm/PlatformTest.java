package chronovisor.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.device.CharStream;
import chronovisor.device.DeviceState;
import chronovisor.device.StateWriter;
import chronovisor.device.VirtioPci;
import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** All devices of a machine at their ports and registers, driven by chance, and GENERIC. */
final class PlatformTest {

    private static final String ALL = """
            <vm class="PC">
              <memory>64</memory>
              <cores count="2"/>
              <files><file id="image" filename="image"/></files>
              <devices>
                <device class="SERIAL" id="serial"/>
                <device class="CHAR_STREAM" id="s1" name="one"><frontend tag="serial" com_port="1"/></device>
                <device class="CHAR_STREAM" id="s2" name="two"><frontend tag="serial" com_port="2"/></device>
                <device class="KEYBOARD" id="keyboard"/>
                <device class="8259A" id="pic"/>
                <device class="LAPIC" id="lapic"/>
                <device class="OS_DEBUG" id="os"/>
                <device class="BOCHS_DEBUG" id="bochs"/>
                <device class="8254_PIT" id="pit"/>
                <device class="NVRAM" id="nvram"/>
                <device class="LNX_VIRTIO_BALLOON" id="balloon"/>
                <device class="IOAPIC" id="ioapic"><apic>lapic</apic></device>
                <device class="MPTABLE" id="mptable"/>
                <device class="VGA" id="vga"/>
                <device class="PCI" id="pci0"/>
                <device class="i440FX" id="northbridge"><bus>pci0</bus></device>
                <device class="LNX_VIRTIO_BLK" id="blk"><bus>pci0</bus></device>
                <device class="LNX_VIRTIO_CONSOLE" id="cons"><bus>pci0</bus></device>
                <device class="RAMDISK" id="disk"><file>image</file><frontend tag="blk"/></device>
                <device class="CHAR_STREAM" id="s3" name="three"><frontend tag="cons"/></device>
                <device class="GENERIC" id="generic">
                  <ports><start>0x80</start><end>0x8f</end><mode>PRINT_AND_IGNORE</mode></ports>
                  <ports><start>0x3b0</start><end>0x3bb</end><mode>PRINT_AND_PASSTHROUGH</mode></ports>
                </device>
              </devices>
            </vm>
            """;

    private static final int[] PORTS = {0x20, 0x21, 0xA0, 0xA1, 0x60, 0x64, 0xE9, 0xC0C0, 0x80, 0x3B0, 0x40, 0x41,
        0x42, 0x43, 0x61, 0x70, 0x71, 0x3C0, 0x3C4, 0x3C9, 0x3D4, 0x3D5, 0x3DA, 0xCF8, 0xCFC};
    /** Pages of devices, and of two queues that a driver has set up. */
    private static final long[] PAGES = {0xFEE0_0000L, 0xFEC0_0000L, 0xB_8000L};
    private static final int QUEUES = 0x10_0000;
    private static final int[] COMS = {0x3F8, 0x2F8, 0x3E8, 0x2E8};
    private @Nullable GuestMemory memory;
    private final List<GuestMemory> memories = new ArrayList<>();
    private static final int OPERATIONS = 2_000_000;
    /** What a guest can have a machine keep: rings and queues, all bounded. */
    private static final int STATE_BYTES_MAX = 64 * 1024;

    private final FramePool pool = new FramePool(32 << 20);

    @AfterEach
    void close() {
        memories.forEach(GuestMemory::close);
        pool.close();
    }

    /** A disk of 64 KiB is behind the memory. */
    private Platform platform() {
        List<DeviceConfiguration> devices = new ArrayList<>();
        GuestConfiguration read = GuestConfigurationXml.parse("all.xml", ALL);
        read.devices().forEach(device -> devices.add(device instanceof DeviceConfiguration.Disk disk
                ? new DeviceConfiguration.Disk(disk.id(), disk.file(), false, disk.frontend(), true, 64 << 10)
                : device));
        return platform(read.withDevices(devices));
    }

    private Platform platform(GuestConfiguration configuration) {
        memory = new GuestMemory(pool, configuration.memoryBytes(), configuration.storageBytes());
        memories.add(memory);
        Platform platform = new Platform(configuration, memory);
        platform.claim(memory);
        return platform;
    }

    private static byte[] bytes(SortedMap<String, DeviceState> states) {
        StateWriter out = new StateWriter();
        states.forEach((name, state) -> {
            out.text(name);
            state.writeTo(out);
        });
        return out.toBytes();
    }

    @Test
    void whateverAGuestDoesToDevicesNoneThrowsOrGrows() {
        Platform platform = platform();
        GuestMemory driven = Objects.requireNonNull(memory);
        Platform twin = platform();
        SplittableRandom random = new SplittableRandom(7);
        long time_ns = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            time_ns += random.nextInt(1000);
            drive(platform, driven, random, time_ns);
            if (i % 100_000 == 0) {
                byte[] state = bytes(platform.capture());
                assertThat(state.length).isLessThan(STATE_BYTES_MAX);
                twin.restore(platform.capture());
                assertThat(Arrays.equals(bytes(twin.capture()), state)).as("restored at %d", i).isTrue();
            }
        }
    }

    private static void drive(Platform platform, GuestMemory memory, SplittableRandom random, long time_ns) {
        platform.advance(time_ns, time_ns * 1000);
        assertThat(platform.deadline_ns(2)).isPositive();
        int size = 1 << random.nextInt(3);
        int port = switch (random.nextInt(4)) {
            case 0 -> random.nextInt(0x10000);
            case 1 -> COMS[random.nextInt(COMS.length)] + random.nextInt(8);
            default -> PORTS[random.nextInt(PORTS.length)];
        };
        int value = random.nextBoolean() ? random.nextInt() : random.nextInt(256);
        switch (random.nextInt(12)) {
            case 8, 9 -> {
                long address = PAGES[random.nextInt(PAGES.length)] + random.nextInt(0x1000);
                platform.memory.write(address, 1 << random.nextInt(4), random.nextLong());
            }
            case 10 -> platform.memory.read(PAGES[random.nextInt(PAGES.length)] + random.nextInt(0xFF8),
                    1 << random.nextInt(4));
            case 11 -> driveQueue(platform, memory, random);
            case 0, 1, 2 -> platform.ports.out(port, size, value);
            case 3, 4 -> platform.ports.in(port, size);
            case 5 -> {
                int register = random.nextInt(0x400) & ~3;
                var apic = platform.apics[random.nextInt(platform.apics.length)];
                if (random.nextBoolean()) {
                    apic.write(register, value, time_ns);
                } else {
                    apic.read(register, time_ns);
                }
                apic.advance(time_ns);
            }
            case 6 -> {
                if (platform.pic.pending()) {
                    platform.pic.acknowledge();
                }
            }
            default -> {
                CharStream stream = Objects.requireNonNull(platform.streams().get("one"));
                if (!stream.isFull()) {
                    stream.input(new byte[]{(byte) value});
                }
            }
        }
    }

    /** A driver that has set a queue up, with rings and descriptors that make little sense. */
    private static void driveQueue(Platform platform, GuestMemory memory, SplittableRandom random) {
        int base = PlatformMap.PCI_PORTS + random.nextInt(2) * VirtioPci.PORTS;
        switch (random.nextInt(6)) {
            case 0 -> platform.ports.out(base + 0x0E, 2, random.nextInt(3));
            case 1 -> platform.ports.out(base + 8, 4, QUEUES >> 12);
            case 2 -> platform.ports.out(base + 0x12, 1, 0);
            case 3 -> {
                long descriptor = QUEUES + 16L * random.nextInt(128);
                memory.write64(descriptor, random.nextInt(16) == 0 ? random.nextLong() : random.nextInt(1 << 26));
                memory.write32(descriptor + 8, random.nextInt(16) == 0 ? random.nextInt() : random.nextInt(2048));
                memory.write32(descriptor + 12, random.nextInt(4) | random.nextInt(130) << 16);
            }
            case 4 -> memory.write32(QUEUES + 2048, random.nextInt(2) | random.nextInt(130) << 16);
            default -> {
                platform.ports.out(base + 0x10, 2, random.nextInt(3));
                platform.ports.in(base + random.nextInt(40), 1 << random.nextInt(3));
            }
        }
    }

    @Test
    void genericPortsHaveNothingBehindThem() {
        Platform platform = platform();
        platform.ports.out(0x80, 4, 0x1234);
        assertThat(platform.ports.in(0x80, 4)).isZero();
        assertThat(platform.ports.in(0x3B0, 2)).isEqualTo(0xFFFF);
        assertThat(platform.ports.in(0x3B0, 4)).isEqualTo(-1);
        String clash = ALL.replace("0x8f", "0xa0");
        GuestConfiguration configuration = GuestConfigurationXml.parse("all.xml", clash);
        assertThatThrownBy(() -> platform(configuration)).isInstanceOf(ConfigurationException.class)
                .hasMessage("device 'generic' of class GENERIC: two devices at port 0xa0");
    }
}
