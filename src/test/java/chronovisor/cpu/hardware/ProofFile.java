package chronovisor.cpu.hardware;

import chronovisor.isa.OpcodeRow;
import chronovisor.isa.OpcodeTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes what {@link chronovisor.isa.Proof} reads. */
final class ProofFile {
    private static final Path FILE = Path.of("src/main/resources/chronovisor/isa/proof.tsv");

    private ProofFile() {}

    static void write(HardwareTally tally) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("# Rows of the opcode table that a hardware run compared, and in how many cases. Written by");
        lines.add("# mvn -Phardware test -Dhardware.write=true");
        for (OpcodeRow row : OpcodeTable.rows()) {
            if (tally.cases(row) > 0) {
                lines.add(row + "\t" + tally.cases(row));
            }
        }
        Files.createDirectories(FILE.getParent());
        Files.write(FILE, lines, StandardCharsets.UTF_8);
    }
}
