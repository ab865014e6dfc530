package chronovisor.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Instructions of every row whose text objdump 2.40 confirmed when the file was written, for machines without objdump. A line is bytes,
 * Intel text, AT&amp;T text, between tabs. {@code -Disa.golden=write} writes it anew, comparing each line with objdump.
 */
final class GoldenDisassemblyTest {
    private static final Path SOURCE = Path.of("src/test/resources/chronovisor/isa/disassembly.tsv");

    @Test
    void confirmedInstructionsReadAsConfirmed() {
        var different = new ArrayList<String>();
        for (String line : lines()) {
            byte[] code = HexFormat.of().parseHex(line.substring(0, line.indexOf('\t')));
            if (!(Decoder.decode(code, 0, code.length) instanceof Instruction i) || !line.equals(line(code, i))) {
                different.add(line);
            }
        }
        assertThat(different).isEmpty();
    }

    @Test
    void confirmedInstructionsCoverNearlyEveryRow() {
        Set<OpcodeRow> rows = new HashSet<>();
        for (String line : lines()) {
            byte[] code = HexFormat.of().parseHex(line.substring(0, line.indexOf('\t')));
            if (Decoder.decode(code, 0, code.length) instanceof Instruction i) {
                rows.add(i.row());
            }
        }
        int all = OpcodeTable.rows().size();
        assertThat(rows).hasSizeGreaterThan(all - all / 50);
    }

    @Test
    void confirmedInstructionsAreWrittenOnRequest() throws IOException {
        assumeTrue("write".equals(System.getProperty("isa.golden")), "not asked to write");
        var random = new Random(3);
        var samples = new ArrayList<byte[]>();
        for (OpcodeRow row : OpcodeTable.rows()) {
            for (int i = 0; i < 4; i++) {
                samples.add(RowSamples.of(row, random));
            }
        }
        Set<String> seen = new HashSet<>();
        var kept = new ArrayList<String>();
        List<ObjdumpListing.Line> intel = ObjdumpListing.ofSamples(samples, true);
        for (ObjdumpListing.Line theirs : intel) {
            byte[] code = theirs.bytes();
            if (Decoder.decode(theirs.available(), 0, 15) instanceof Instruction i && i.length() == code.length
                    && ObjdumpListing.normalised(Disassembler.intel(i, theirs.address()), new HashSet<>())
                            .equals(theirs.text())
                    && seen.add(i.row() + (i.memory() == null ? " register" : " memory"))) {
                kept.add(line(code, i));
            }
        }
        Files.createDirectories(SOURCE.toAbsolutePath().getParent());
        Files.write(SOURCE, kept);
        assertThat(kept).isNotEmpty();
    }

    private static String line(byte[] code, Instruction instruction) {
        return HexFormat.of().formatHex(code) + "\t" + Disassembler.intel(instruction, 0) + "\t"
                + Disassembler.att(instruction, 0);
    }

    private static List<String> lines() {
        try (var in = GoldenDisassemblyTest.class.getResourceAsStream("disassembly.tsv")) {
            if (in == null) {
                throw new IllegalStateException("disassembly.tsv is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
