package chronovisor.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class GuestConfigurationXmlTest {

    private static final String GOOD = """
            <?xml version="1.0"?>
            <!-- <vm> in a comment is nothing -->
            <vm class="PC">
              <memory alignment="4MB">256</memory>
              <paging mode="shadow"><strategy>VTLB</strategy><large_pages>true</large_pages></paging>
              <telemetry>enable</telemetry>
              <schedule_hz>50</schedule_hz>
              <cores count="2"><core target_cpu="1"/></cores>
              <schedule slice_ticks="5000"/>
              <files><file id="boot" filename="kitten.iso"/></files>
              <devices>
                <device class="CHAR_STREAM" id="stream" name="stream1">
                  <frontend tag="serial"><com_port>1</com_port></frontend>
                </device>
                <device class="SERIAL" id="serial"/>
                <device class="8259A" id="PIC"/>
                <device class="OS_DEBUG" id="debug"/>
              </devices>
            </vm>
            """;

    @Test
    void aPalaciosConfigurationIsRead() {
        GuestConfiguration read = GuestConfigurationXml.parse("good.xml", GOOD);
        assertThat(read.memoryBytes()).isEqualTo(256L << 20);
        assertThat(read.paging()).isEqualTo(GuestConfiguration.Paging.SHADOW);
        assertThat(read.largePages()).isTrue();
        assertThat(read.telemetry()).isTrue();
        assertThat(read.scheduleHz()).isEqualTo(50);
        assertThat(read.cores()).isEqualTo(2);
        assertThat(read.schedule()).isEqualTo(new Schedule.RoundRobin(5000));
        assertThat(read.files()).hasSize(1);
        assertThat(read.devices()).contains(new DeviceConfiguration.Stream("stream", "stream1", "serial", 1));
    }

    @Test
    void aChaoticScheduleIsRead() {
        String drawn = GOOD.replace("slice_ticks=\"5000\"", "policy=\"chaos\" chaos_seed=\"7\"");
        assertThat(GuestConfigurationXml.parse("good.xml", drawn).schedule())
                .isEqualTo(new Schedule.Chaos(Schedule.CHAOS_TICKS, 7));
    }

    @Test
    void whatHasNoEffectHereIsToldWithItsPlace() {
        GuestDocument read = GuestConfigurationXml.document("vm.xml", """
                <vm class="PC">
                  <memory>64</memory>
                  <memmap><region><start>0xa0000</start><end>0xc0000</end><host_addr>0xa0000</host_addr></region></memmap>
                  <devices>
                    <device class="IDE" id="ide"><bus>pci0</bus></device>
                    <device class="RAMDISK" id="cd"><file>boot-cd</file><frontend tag="ide"><type>CDROM</type></frontend></device>
                  </devices>
                  <extensions><extension name="syscall_hijack"><a b="c"/></extension></extensions>
                </vm>
                """);
        assertThat(read.warnings()).containsExactly(
                "vm.xml:3:11: the region 0xa0000 to 0xc0000 is not mapped to the host's memory: it is the guest's own",
                "vm.xml:8:15: the extension 'syscall_hijack' is left out: this machine does not have it",
                "vm.xml:5:5: device 'ide' of class IDE is left out: this machine does not have it; disks are RAMDISK or FILEDISK behind LNX_VIRTIO_BLK",
                "vm.xml:6:5: device 'cd' of class RAMDISK is left out: disks are RAMDISK or FILEDISK behind LNX_VIRTIO_BLK");
        assertThat(read.configuration().devices()).isEmpty();
    }

    @Test
    void theFormOfBefore2011IsRead() {
        GuestDocument read = GuestConfigurationXml.document("vm.xml", """
                <vm class="PC">
                  <memory>1024</memory>
                  <paging mode="VTLB">shadow</paging>
                  <devices>
                    <device id="8259A" name="PIC"/>
                    <device id="8254_PIT" name="PIC"/>
                    <device id="KEYBOARD" name="keyboard"/>
                  </devices>
                </vm>
                """);
        assertThat(read.configuration().paging()).isEqualTo(GuestConfiguration.Paging.SHADOW);
        assertThat(read.configuration().devices()).containsExactly(new DeviceConfiguration.Pic("PIC"),
                new DeviceConfiguration.Pit("PIC#1"), new DeviceConfiguration.Keyboard("keyboard"));
        assertThat(read.warnings()).hasSize(1).first().asString()
                .isEqualTo("vm.xml:6:5: the name 'PIC' is given again: it means the first");
    }

    @Test
    void theKernelElementSaysWhatIsBooted() {
        GuestDocument read = GuestConfigurationXml.document("vm.xml", """
                <vm class="PC">
                  <memory>64</memory>
                  <files><file id="racket" filename="r"/><file id="collects" filename="c"/><file id="t" filename="t"/></files>
                  <kernel init_task="racket" profile="paper">
                    <init_argv>racket -X /tmp</init_argv>
                    <blob file="collects"/>
                    <place file="t" path="/tmp/t.rkt" mode="0600"/>
                  </kernel>
                </vm>
                """);
        assertThat(read.kernel())
                .isEqualTo(new KernelElement("vm.xml:4:3", null, "", List.of(), "racket", List.of("collects"),
                        List.of(new KernelElement.Placed("t", "/tmp/t.rkt", 0600)),
                        new TreeMap<>(Map.of("profile", "paper", "init_argv", "racket -X /tmp"))));
    }

    @Test
    void aKernelOfTheGuestsOwnHasACommandLineAndModules() {
        KernelElement read = GuestConfigurationXml.document("vm.xml", """
                <vm><memory>64</memory>
                  <files><file id="k" filename="k"/><file id="a" filename="a"/><file id="b" filename="b"/></files>
                  <kernel image="k"><command_line>k -v</command_line><module file="b">initrd ro</module><module file="a"/></kernel>
                </vm>
                """).kernel();
        assertThat(read).isEqualTo(new KernelElement("vm.xml:3:3", "k", "k -v", List.of(
                new KernelElement.Module("b", "initrd ro"), new KernelElement.Module("a", "a")), "init_task", List.of(),
                List.of(), new TreeMap<>()));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void whatIsWrongIsSaidWithItsPlace(String document, String message) {
        assertThatThrownBy(() -> GuestConfigurationXml.parse("vm.xml", document))
                .isInstanceOf(ConfigurationException.class).hasMessageStartingWith(message);
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                Arguments.of("<vm>\n  <memory>12</memory></vm>",
                        "vm.xml:2:3: expected megabytes of memory from 32 to 65536, found 12"),
                Arguments.of("<vm><memory>lots</memory></vm>", "vm.xml:1:5: expected megabytes"),
                Arguments.of("<vm></vm>", "vm.xml:1:1: expected <memory> in <vm>, found none"),
                Arguments.of("<pc/>", "vm.xml:1:1: expected <vm>, found <pc>"),
                Arguments.of("<vm><memory>64</memory>\n<!-- <bogus/> -->\n <bogus/></vm>",
                        "vm.xml:3:2: expected no element <bogus>"),
                Arguments.of("<vm color='red'><memory>64</memory></vm>", "vm.xml:1:1: expected no attribute 'color'"),
                Arguments.of("<vm telemetry='enable'><memory>64</memory><telemetry>enable</telemetry></vm>",
                        "vm.xml:1:43: expected the setting 'telemetry' once"),
                Arguments.of("<vm><memory>64</memory><devices><device class='TELEX' id='t'/></devices></vm>",
                        "vm.xml:1:33: expected a device class of Palacios, found 'TELEX', which is unknown"),
                Arguments.of("<vm><memory>64</memory><devices><device class='IDE' id='t' bus='a'><bus>b</bus>"
                        + "</device></devices></vm>", "vm.xml:1:68: expected the setting 'bus' once, found it twice"),
                Arguments.of("<vm><memory>64</memory><devices><device class='RAMDISK' id='t'><frontend tag='ide'/>"
                        + "</device></devices></vm>", "vm.xml:1:64: expected the id of a device, found 'ide'"),
                Arguments.of("<vm><memory>64</memory><devices><device class='GENERIC' id='g'><ports start='8' end='7'"
                        + " mode='IGNORE'/></device></devices></vm>",
                        "vm.xml:1:64: expected end from 8 to 65535, found 7"),
                Arguments.of("<vm><memory>64</memory><devices><device class='GENERIC' id='g'><ports start='8' end='9'"
                        + " mode='PRINT'/></device></devices></vm>",
                        "vm.xml:1:64: expected mode of IGNORE, PASSTHROUGH"),
                Arguments.of("<vm><memory>64</memory><paging mode='none'/></vm>",
                        "vm.xml:1:24: expected mode of shadow or nested, found 'none'"),
                Arguments.of("<vm><memory>64</memory><kernel init_task='x'/></vm>",
                        "vm.xml:1:24: expected the id of a <file>, found 'x'"),
                Arguments.of("<vm><memory>64</memory><files><file id='k' filename='k'/></files><kernel image='k'>\n"
                        + "<module file='m'/></kernel></vm>", "vm.xml:2:1: expected the id of a <file>, found 'm'"),
                Arguments.of("<vm><memory>64</memory><files><file id='f' filename='f' index='1'/></files></vm>",
                        "vm.xml:1:31: expected the index 0, found 1"),
                Arguments.of("<vm><memory>64</memory><devices><device class='CHAR_STREAM' id='t' name='n'>"
                        + "<frontend tag='x' com_port='1'/></device></devices></vm>",
                        "vm.xml:1:77: expected the id of a SERIAL or LNX_VIRTIO_CONSOLE, found 'x'"),
                Arguments.of("<vm><memory>64</memory><devices><device class='PCI' id='p'/>"
                        + "<device class='LNX_VIRTIO_BLK' id='b' bus='p'/><device class='FILEDISK' id='d' path='f'"
                        + " writable='yes'><frontend tag='b'/></device></devices></vm>",
                        "vm.xml:1:108: expected writable of 0 or 1 or false or true, found 'yes'"),
                Arguments.of("<vm><memory>64</memory>", "vm.xml:1:24: expected well-formed XML"),
                Arguments.of("<!DOCTYPE vm [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><vm><memory>&x;</memory></vm>",
                        "vm.xml:1:"),
                Arguments.of("<!DOCTYPE vm [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><vm><memory>&b;</memory></vm>",
                        "vm.xml:1:"),
                Arguments.of("<vm>" + "<a>".repeat(50) + "</vm>", "vm.xml:1:98: expected at most"),
                Arguments.of("", "vm.xml:1:1: expected well-formed XML"));
    }

    @Test
    void documentTypesAreRefused() {
        assertThatThrownBy(() -> GuestConfigurationXml.parse("vm.xml",
                "<!DOCTYPE vm SYSTEM 'http://127.0.0.1:1/x.dtd'><vm><memory>64</memory></vm>"))
                .hasMessageContaining("expected no document type");
    }
}
