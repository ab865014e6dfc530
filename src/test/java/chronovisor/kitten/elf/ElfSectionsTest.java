package chronovisor.kitten.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files that look like programs and are made to cost their reader much. */
final class ElfSectionsTest {

    private static final int HEADER_BYTES = 64;
    private static final int NAME_BYTES = 4096;
    private static final int SYMBOLS = 50_000;

    /** A file with a table of symbols that all have the same long name. */
    private static byte[] sharingAName() {
        int texts = HEADER_BYTES + 3 * 64;
        int table = texts + NAME_BYTES + 1;
        ByteBuffer file = ByteBuffer.allocate(table + SYMBOLS * 24).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0, 0x464c_457f).putLong(40, HEADER_BYTES).putShort(58, (short) 64).putShort(60, (short) 3)
                .putShort(62, (short) 1);
        int strings = HEADER_BYTES + 64;
        file.putInt(strings + 4, 3).putLong(strings + 24, texts).putLong(strings + 32, NAME_BYTES + 1);
        int symbols = HEADER_BYTES + 128;
        file.putInt(symbols + 4, 2).putLong(symbols + 24, table).putLong(symbols + 32, SYMBOLS * 24L)
                .putInt(symbols + 40, 1);
        Arrays.fill(file.array(), texts, texts + NAME_BYTES, (byte) 'a');
        for (int i = 0; i < SYMBOLS; i++) {
            file.putShort(table + 24 * i + 6, (short) 1).putLong(table + 24 * i + 8, 0x40_1000 + i);
        }
        return file.array();
    }

    @Test
    void namesThatManySymbolsShareDoNotFillTheMemory() {
        List<ElfSections.Symbol> symbols = ElfSections.of(sharingAName()).symbols();
        assertThat(symbols).hasSizeGreaterThan(1000);
        assertThat(symbols.stream().mapToLong(symbol -> symbol.name().length()).sum())
                .isLessThanOrEqualTo((128 << 20) + NAME_BYTES);
    }
}
