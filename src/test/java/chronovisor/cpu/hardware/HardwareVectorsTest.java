package chronovisor.cpu.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

class HardwareVectorsTest {
    static final String FILE = "/chronovisor/cpu/hardware/integer.vectors";

    private static final int FAILURES_SHOWN = 10;

    @Test
    void integerInstructionsDoWhatHardwareDid() throws IOException {
        List<String> failures = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream(FILE));
                Subject subject = new Subject()) {
            List<VectorFile.Vector> vectors = VectorFile.read(in);
            assertThat(vectors).hasSizeGreaterThan(10_000);
            for (VectorFile.Vector v : vectors) {
                String d = subject.run(v.given()).difference(v.expected(), -1);
                if (!d.isEmpty() && failures.size() < FAILURES_SHOWN) {
                    failures.add(d + " :: " + v.given());
                }
            }
        }
        assertThat(failures).isEmpty();
    }

    /** {@code -Dhardware.cases=10000000}: fresh cases on the processor of this machine, which has to be an x86-64-v3 one with gcc. */
    @Test
    @EnabledIfSystemProperty(named = "hardware.cases", matches = "\\d+")
    void integerInstructionsDoWhatThisMachineDoes() throws Exception {
        int total = Integer.getInteger("hardware.cases");
        long seed = Long.getLong("hardware.seed", 1);
        List<String> failures = new ArrayList<>();
        IntegerCases generator = new IntegerCases(seed);
        try (Oracle oracle = new Oracle(); Subject subject = new Subject()) {
            for (int from = 0; from < total && failures.size() < FAILURES_SHOWN; from += 4096) {
                List<HardwareCase> cases = generator.take(from, Math.min(4096, total - from));
                List<HardwareResult> theirs = oracle.run(cases);
                for (int k = 0; k < cases.size(); k++) {
                    String d = subject.run(cases.get(k)).difference(theirs.get(k), -1);
                    if (!d.isEmpty()) {
                        failures.add(d + " :: " + cases.get(k));
                    }
                }
            }
        }
        System.out.println(total + " cases of " + generator.count() + " forms, seed " + seed + ": " + failures.size()
                + " differences");
        assertThat(failures).isEmpty();
    }
}
