package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.Runs;
import chronovisor.app.cli.Chronovisor.Result;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code coverage}: its table, its JSON, lcov's file. */
class CoverageCommandTest {

    @TempDir
    Path folder;

    @BeforeEach
    void record() {
        Runs.record(folder, "lines");
    }

    @Test
    void theTableHasFilesAndTheFunctionsThatRan() {
        Result table = Chronovisor.run(folder, "coverage", "lines");
        assertThat(table.errors()).isEmpty();
        assertThat(table.output()).contains("lines\n")
                .containsPattern(" 7 of 7, 100% +3 of 3, 100% +35 +5  twice\n").doesNotContain("never_called");
        assertThat(Chronovisor.run(folder, "coverage", "--all", "lines").output()).contains("never_called");
    }

    @Test
    void jsonHasTheSameNumbers() {
        assertThat(Chronovisor.run(folder, "coverage", "--json", "lines").output()).containsPattern(
                "\"function\":\"twice\",\"address\":\"0x[0-9a-f]+\",\"calls\":5,\"retired\":35,\"instructions\":7,"
                        + "\"instructions_covered\":7,\"lines\":3,\"lines_covered\":3,\"source\":\"/scenarios/guests/src/lines.h:2\"");
    }

    @Test
    void lcovWantsAFile() {
        assertThat(Chronovisor.run(folder, "coverage", "--format", "lcov", "lines").errors())
                .contains("--format lcov wants --out");
        Path file = folder.resolve("lines.info");
        assertThat(Chronovisor.run(folder, "coverage", "--format", "lcov", "--out", file.toString(), "lines").status())
                .isZero();
        assertThat(file).content().contains("SF:/scenarios/guests/src/lines.c\n");
    }
}
