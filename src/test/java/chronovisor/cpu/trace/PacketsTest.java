package chronovisor.cpu.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketsTest {
    private static List<Long> numbers() {
        List<Long> numbers = new ArrayList<>();
        for (int bits = 0; bits <= 64; bits++) {
            long power = bits == 64 ? 0 : 1L << bits;
            numbers.addAll(List.of(power - 1, power, power + 1));
        }
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            numbers.add(random.nextLong() >>> random.nextInt(64));
        }
        return numbers;
    }

    @Test
    void anyNumberIsReadAsItWasWritten() {
        Packets packets = new Packets();
        numbers().forEach(packets::putUnsigned);
        byte[] bytes = packets.take();
        PacketCursor cursor = new PacketCursor(bytes, 0, bytes.length);
        numbers().forEach(number -> assertThat(cursor.getUnsigned()).isEqualTo(number));
        assertThat(cursor.hasMore()).isFalse();
    }

    @Test
    void numbersTakeAsFewBytesAsTheyCan() {
        for (long number : numbers()) {
            Packets packets = new Packets();
            packets.putUnsigned(number);
            int bits = 64 - Long.numberOfLeadingZeros(number);
            assertThat(packets.length()).isEqualTo(Math.max(1, (bits + 6) / 7));
            if (number >= 0 && number <= Integer.MAX_VALUE) {
                assertThat(Packets.unsignedBytes((int) number)).isEqualTo(packets.length());
            }
        }
    }

    @Test
    void aBufferThatIsJustLargeEnoughIsHandedOverAsItIs() {
        Packets packets = new Packets(3);
        packets.putUnsigned(1);
        packets.putUnsigned(200);
        byte[] first = packets.take();
        assertThat(first).hasSize(3).isSameAs(packets.take());
    }
}
