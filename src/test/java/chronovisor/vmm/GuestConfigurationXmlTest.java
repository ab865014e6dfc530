package chronovisor.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
                        "vm.xml:1:33: expected a device class of this machine, found 'TELEX', which is unknown"),
                Arguments.of("<vm><memory>64</memory><devices><device class='IDE' id='t'/></devices></vm>",
                        "vm.xml:1:33: expected a device class of this machine, found 'IDE', which is not supported yet"),
                Arguments.of("<vm><memory>64</memory><devices><device class='CHAR_STREAM' id='t' name='n'>"
                        + "<frontend tag='x' com_port='1'/></device></devices></vm>",
                        "vm.xml:1:77: expected the id of a SERIAL, found 'x'"),
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
