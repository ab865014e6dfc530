package chronovisor.debug;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Frames: what is escaped and shortened is what it was when it is undone. */
final class ConnectionTest {

    private static byte[] undone(byte[] encoded) {
        ByteArrayOutputStream expanded = new ByteArrayOutputStream();
        int last = 0;
        for (int i = 0; i < encoded.length; i++) {
            if (encoded[i] == '*') {
                for (int count = encoded[++i] - 29; count > 0; count--) {
                    expanded.write(last);
                }
            } else {
                last = encoded[i];
                expanded.write(last);
            }
        }
        byte[] escaped = expanded.toByteArray();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (int i = 0; i < escaped.length; i++) {
            data.write(escaped[i] == '}' ? escaped[++i] ^ 0x20 : escaped[i]);
        }
        return data.toByteArray();
    }

    @Test
    void encodingIsUndoneByTheRulesOfTheProtocol() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2000; i++) {
            ByteArrayOutputStream data = new ByteArrayOutputStream();
            for (int part = random.nextInt(12); part > 0; part--) {
                int value = random.nextInt(3) == 0 ? "$#}*+-0".charAt(random.nextInt(7)) : random.nextInt(256);
                for (int run = random.nextInt(130); run > 0; run--) {
                    data.write(value);
                }
            }
            byte[] encoded = Connection.shortened(Connection.escaped(data.toByteArray()));
            assertThat(undone(encoded)).isEqualTo(data.toByteArray());
            assertThat(new String(encoded, java.nio.charset.StandardCharsets.ISO_8859_1)).doesNotContain("#", "$");
        }
    }
}
