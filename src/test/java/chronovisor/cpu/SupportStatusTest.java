package chronovisor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import chronovisor.isa.OpcodeRow;
import chronovisor.isa.OpcodeTable;
import chronovisor.isa.Operand;
import chronovisor.isa.RowSamples;
import chronovisor.isa.Support;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The opcode table's support status against what the processor has semantics for. */
final class SupportStatusTest {
    private static final int SAMPLES = 24;

    @Test
    void everySupportedRowHasSemantics() {
        var without = new TreeSet<String>();
        for (OpcodeRow row : OpcodeTable.rows()) {
            if (row.support() == Support.SUPPORTED && !isBound(row)) {
                without.add(row.toString());
            }
        }
        assertThat(without).isEmpty();
    }

    @Test
    void noMissingRowHasSemantics() {
        var finished = new TreeSet<String>();
        for (OpcodeRow row : OpcodeTable.rows()) {
            if (row.support() == Support.MISSING && isBound(row)) {
                finished.add(row.toString());
            }
        }
        assertThat(finished).as("rows to take out of the missing").isEmpty();
    }

    /** Whether every sample of the row is bound to something that does not stop the machine. */
    private static boolean isBound(OpcodeRow row) {
        var random = new Random(7);
        for (int n = 0; n < SAMPLES; n++) {
            if (Decoder.decode(RowSamples.of(row, random), 0, 15) instanceof Instruction i && i.row() == row
                    && !isBound(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBound(Instruction i) {
        if (FlowForms.emit(i, new Emitter()) || FastForms.emit(i, new Emitter())) {
            return true;
        }
        Operand memory = i.memory();
        AddressForm address = memory == null ? null : cpu -> 0;
        Step step = Steps.bind(i, address);
        return step != null && !step.equals(SystemSteps.UNSUPPORTED);
    }
}
