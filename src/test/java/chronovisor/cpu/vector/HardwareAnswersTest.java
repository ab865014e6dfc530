package chronovisor.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Cpu;
import chronovisor.isa.Family;
import chronovisor.isa.OpcodeRow;
import chronovisor.isa.OpcodeTable;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Holds x87, MMX, SSE to SSE4.2, AES, PCLMULQDQ, SHA, AVX, AVX2, FMA and F16C to what a real processor answered. */
final class HardwareAnswersTest {

    private static final Set<Family> FAMILIES = EnumSet.of(Family.X87, Family.MMX, Family.SSE, Family.SSE2, Family.SSE3,
            Family.SSSE3, Family.SSE4_1, Family.SSE4_2, Family.AES, Family.PCLMULQDQ, Family.SHA, Family.AVX,
            Family.AVX2, Family.FMA, Family.F16C);

    private static List<HardwareAnswers.Answers> answers() throws IOException {
        InputStream resource = HardwareAnswersTest.class.getResourceAsStream(HardwareAnswers.RESOURCE);
        return HardwareAnswers.read(new BufferedInputStream(Objects.requireNonNull(resource)));
    }

    @Test
    void everyStateAfterAnInstructionIsTheHardwares() throws IOException {
        Cpu cpu = HardwareState.processor();
        byte[] scratch = new byte[HardwareState.BYTES];
        Set<String> different = new TreeSet<>();
        for (HardwareAnswers.Answers answers : answers()) {
            HardwareForm form = HardwareForm.of(answers.code());
            if (form == null) {
                different.add(HexFormat.of().formatHex(answers.code()) + " is not executed");
                continue;
            }
            for (int i = 0; i < answers.digests().length; i++) {
                if (answers.digests()[i] != 0
                        && HardwareAnswers.digest(cpu, form, i, scratch) != answers.digests()[i]) {
                    different.add(form.name());
                }
            }
        }
        assertThat(different).isEmpty();
    }

    @Test
    void everyRowOfTheOpcodeTableHasAnswers() throws IOException {
        Set<OpcodeRow> answered = new HashSet<>();
        for (HardwareAnswers.Answers answers : answers()) {
            HardwareForm form = HardwareForm.of(answers.code());
            if (form != null) {
                answered.add(form.instruction().row());
            }
        }
        assertThat(OpcodeTable.rows()).filteredOn(row -> FAMILIES.contains(row.family())).allMatch(answered::contains);
    }
}
