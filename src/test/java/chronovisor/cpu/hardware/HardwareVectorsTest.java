package chronovisor.cpu.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

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
}
