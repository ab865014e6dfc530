package chronovisor.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.device.CharStream;
import chronovisor.device.DeviceState;
import chronovisor.device.StateWriter;
import java.util.Arrays;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** All devices of a machine at their ports and registers, driven by chance, and GENERIC. */
final class PlatformTest {

    private static final String ALL = """
            <vm class="PC">
              <memory>64</memory>
              <cores count="2"/>
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
                <device class="GENERIC" id="generic">
                  <ports><start>0x80</start><end>0x8f</end><mode>PRINT_AND_IGNORE</mode></ports>
                  <ports><start>0x3b0</start><end>0x3bb</end><mode>PRINT_AND_PASSTHROUGH</mode></ports>
                </device>
              </devices>
            </vm>
            """;

    private static final int[] PORTS = {0x20, 0x21, 0xA0, 0xA1, 0x60, 0x64, 0xE9, 0xC0C0, 0x80, 0x3B0, 0x40, 0x41,
        0x42, 0x43, 0x61, 0x70, 0x71};
    private static final int[] COMS = {0x3F8, 0x2F8, 0x3E8, 0x2E8};
    private static final int OPERATIONS = 2_000_000;
    /** What a guest can have a machine keep: rings and queues, all bounded. */
    private static final int STATE_BYTES_MAX = 64 * 1024;

    private static Platform platform() {
        return new Platform(GuestConfigurationXml.parse("all.xml", ALL));
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
        Platform twin = platform();
        SplittableRandom random = new SplittableRandom(7);
        long time_ns = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            time_ns += random.nextInt(1000);
            drive(platform, random, time_ns);
            if (i % 100_000 == 0) {
                byte[] state = bytes(platform.capture());
                assertThat(state.length).isLessThan(STATE_BYTES_MAX);
                twin.restore(platform.capture());
                assertThat(Arrays.equals(bytes(twin.capture()), state)).as("restored at %d", i).isTrue();
            }
        }
    }

    private static void drive(Platform platform, SplittableRandom random, long time_ns) {
        platform.advance(time_ns, time_ns * 1000);
        assertThat(platform.deadline_ns()).isPositive();
        int size = 1 << random.nextInt(3);
        int port = switch (random.nextInt(4)) {
            case 0 -> random.nextInt(0x10000);
            case 1 -> COMS[random.nextInt(COMS.length)] + random.nextInt(8);
            default -> PORTS[random.nextInt(PORTS.length)];
        };
        int value = random.nextBoolean() ? random.nextInt() : random.nextInt(256);
        switch (random.nextInt(8)) {
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

    @Test
    void genericPortsHaveNothingBehindThem() {
        Platform platform = platform();
        platform.ports.out(0x80, 4, 0x1234);
        assertThat(platform.ports.in(0x80, 4)).isZero();
        assertThat(platform.ports.in(0x3B0, 2)).isEqualTo(0xFFFF);
        assertThat(platform.ports.in(0x3B0, 4)).isEqualTo(-1);
        String clash = ALL.replace("0x8f", "0xa0");
        GuestConfiguration configuration = GuestConfigurationXml.parse("all.xml", clash);
        assertThatThrownBy(() -> new Platform(configuration)).isInstanceOf(ConfigurationException.class)
                .hasMessage("device 'generic' of class GENERIC: two devices at port 0xa0");
    }
}
