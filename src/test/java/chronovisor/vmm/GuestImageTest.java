package chronovisor.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GuestImageTest {

    private static final String XML = """
            <?xml version="1.0"?>
            <!-- a comment is not carried over -->
            <vm class="PC">
            \t<memory alignment='2MB'>64</memory>
            \t<files>
            \t\t<file id="init_task" filename="task" />
            \t\t<file id="more"><filename>sub/more</filename></file>
            \t</files>
            \t<kernel init_argv="a &amp; b &lt;c&gt;"><![CDATA[ ]]></kernel>
            </vm>
            """;

    /** As Palacios's own builder writes it. */
    private static final String WRITTEN = """
            <vm class="PC">
            \t<memory alignment="2MB">64</memory>
            \t<files>
            \t\t<file id="init_task" filename="task" index="0"></file>
            \t\t<file id="more" index="1"><filename>sub/more</filename></file>
            \t</files>
            \t<kernel init_argv="a &amp; b &lt;c&gt;"> </kernel>
            </vm>""";

    @TempDir
    private Path folder;

    private byte[] image() throws IOException {
        Files.createDirectories(folder.resolve("sub"));
        Files.writeString(folder.resolve("task"), "ELF");
        Files.writeString(folder.resolve("sub/more"), "more bytes");
        return GuestImage.build(Files.writeString(folder.resolve("vm.xml"), XML));
    }

    @Test
    void anImageIsLaidOutAsPalaciosLaysItOut() throws IOException {
        byte[] xml = WRITTEN.getBytes(StandardCharsets.UTF_8);
        int table = 8 + 4 + xml.length + 8 + 8;
        int data = table + 2 * 16 + 8;
        ByteBuffer expected = ByteBuffer.allocate(data + 13).order(ByteOrder.LITTLE_ENDIAN)
                .put("v3vee\0\0\0".getBytes(StandardCharsets.US_ASCII)).putInt(xml.length).put(xml).putLong(0)
                .putLong(2).putInt(0).putInt(3).putLong(data).putInt(1).putInt(10).putLong(data + 3).putLong(0)
                .put("ELFmore bytes".getBytes(StandardCharsets.US_ASCII));
        assertThat(image()).isEqualTo(expected.array());
    }

    @Test
    void anImageIsReadAsItWasBuilt() throws IOException {
        GuestImage read = GuestImage.parse("vm.img", image());
        assertThat(read.document().text()).isEqualTo(WRITTEN);
        assertThat(read.files()).extracting(GuestImage.Content::id).containsExactly("init_task", "more");
        assertThat(read.file("more")).asString().isEqualTo("more bytes");
        assertThat(read.document().kernel()).isNotNull();
    }

    @Test
    void aFileThatIsNotThereIsSaidWithItsPlaceInTheConfiguration() throws IOException {
        Path xml = Files.writeString(folder.resolve("vm.xml"), XML);
        assertThatThrownBy(() -> GuestImage.build(xml)).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("vm.xml:6:3: expected a file, found '")
                .hasMessageContaining("which is not there");
    }

    @Test
    void whatIsWrongIsSaidWithItsOffset() throws IOException {
        byte[] good = image();
        int xml = WRITTEN.length();
        assertThatThrownBy(() -> GuestImage.parse("i", new byte[4])).hasMessageContaining("at offset 0");
        refused(good, 3, 8, "i: expected \"v3vee\" and three zeros at offset 0, found other bytes");
        refused(good, 11, 0x7F, "bytes at offset 8, found");
        refused(good, 12 + xml, 1, "expected eight zeros at offset " + (12 + xml));
        refused(good, 20 + xml, 3, "expected as many files as the configuration has, 2 at offset " + (20 + xml));
        refused(good, 28 + xml, 1, "expected the file's index 0 at offset " + (28 + xml));
        refused(good, 32 + xml, 200, "expected a file between offset");
        refused(good, 43 + xml, 0x80, "found 3 bytes at 9223372036854");
        refused(good, 12, 'x', "expected well-formed XML");
        refused(good, 52 + xml, good.length - 13, "expected files that do not overlap");
    }

    private static void refused(byte[] good, int at, int value, String message) {
        byte[] bad = good.clone();
        bad[at] = (byte) value;
        if (message.contains("overlap")) {
            // Both files: all there is.
            ByteBuffer all = ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN);
            int table = at - 24;
            all.putInt(table + 4, 13).putLong(table + 8, value).putInt(table + 20, 13).putLong(table + 24, value);
        }
        assertThatThrownBy(() -> GuestImage.parse("i", bad)).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whateverTheBytesAreNothingElseIsThrown() throws IOException {
        byte[] good = image();
        for (int length = 0; length < good.length; length++) {
            tryIt(Arrays.copyOf(good, length));
        }
        Random random = new Random(7);
        for (int i = 0; i < 3000; i++) {
            byte[] bad = good.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            tryIt(bad);
        }
    }

    private static void tryIt(byte[] image) {
        try {
            assertThat(GuestImage.parse("i", image).files()).isNotNull();
        } catch (ConfigurationException e) {
            assertThat(List.of(String.valueOf(e.getMessage()).split("\n", -1))).isNotEmpty();
        }
    }
}
