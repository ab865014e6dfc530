package chronovisor.jit;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Heat;
import chronovisor.cpu.Interpreter;
import chronovisor.cpu.TestMachine;
import chronovisor.cpu.Translations;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Machines that share translated code. */
final class SharedCodeTest {

    // inc eax; jmp 0
    private static final String COUNTING = "ffc0 ebfc";

    // inc ebx; jmp 0
    private static final String OTHER = "ffc3 ebfc";

    private static TestMachine machine(String code, Translations shared) {
        return new TestMachine(HexFormat.of().parseHex(code.replace(" ", "")),
                new JitEngine(Runnable::run, shared, Heat.EAGER));
    }

    @Test
    void aSecondMachineRunsWhatTheFirstHasHadTranslated() {
        Translations shared = new Translations();
        try (TestMachine a = machine(COUNTING, shared); TestMachine b = machine(COUNTING, shared)) {
            a.run(5_000);
            int after = shared.size();
            assertThat(after).isPositive();
            b.run(5_000);
            assertThat(shared.size()).isEqualTo(after);
            assertThat(b.cpu.capture()).isEqualTo(a.cpu.capture());
        }
    }

    @Test
    void otherCodeAtTheSameAddressIsNotMistakenForIt() {
        Translations shared = new Translations();
        try (TestMachine a = machine(COUNTING, shared);
                TestMachine b = machine(OTHER, shared);
                TestMachine expected = new TestMachine(HexFormat.of().parseHex(OTHER.replace(" ", "")),
                        new Interpreter())) {
            a.run(5_000);
            b.run(5_000);
            expected.run(5_000);
            assertThat(b.cpu.capture()).isEqualTo(expected.cpu.capture());
        }
    }

    @Test
    void whatIsEvictedRunsOnWhereItRuns() {
        Translations one = new Translations(1);
        try (TestMachine a = machine(COUNTING, one);
                TestMachine b = machine(OTHER, one);
                TestMachine expected = new TestMachine(HexFormat.of().parseHex(COUNTING.replace(" ", "")),
                        new Interpreter())) {
            a.run(2_000);
            b.run(2_000);
            a.run(3_000);
            expected.run(5_000);
            assertThat(one.size()).isEqualTo(1);
            assertThat(a.cpu.capture()).isEqualTo(expected.cpu.capture());
        }
    }
}
