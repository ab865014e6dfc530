package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.isa.Family;
import chronovisor.isa.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code chronovisor isa}, its figures and the page made of them. {@code -Ddocs=write} writes the page:
 *
 * <pre>
 * mvn test -Dtest=IsaTest -Ddocs=write
 * </pre>
 */
class IsaTest {

    private static final Path PAGE = Path.of("docs/instruction-set.md");
    private static final long CASES_MIN = 10_000_000;

    @TempDir
    Path folder;

    @Test
    void thePageIsWhatTheTablesSay() throws IOException {
        if ("write".equals(System.getProperty("docs"))) {
            Files.writeString(PAGE, InstructionList.markdown());
        }
        assertThat(Files.readString(PAGE)).isEqualTo(InstructionList.markdown());
    }

    /** After new rows: {@code mvn -Phardware test -Dhardware.write=true}, or a group of {@link chronovisor.isa.Unproven}. */
    @Test
    void everyExecutedRowIsProvenOnHardwareOrSaysWhyNot() {
        List<InstructionList.Line> lines = InstructionList.lines();
        assertThat(lines).filteredOn(line -> line.row().support() == Support.SUPPORTED)
                .filteredOn(line -> line.cases() == 0 && line.reason() == null).extracting(InstructionList.Line::row)
                .isEmpty();
        assertThat(lines.stream().mapToLong(InstructionList.Line::cases).sum()).isGreaterThan(CASES_MIN);
    }

    @Test
    void nothingIsProvenThatIsNotExecuted() {
        assertThat(InstructionList.lines()).filteredOn(line -> line.row().support() == Support.MISSING)
                .allMatch(line -> line.cases() == 0);
    }

    @Test
    void theCommandPrintsALineOrAnObjectForEachFamily() {
        int families = Family.values().length;
        Chronovisor.Result text = Chronovisor.run(folder, "isa");
        assertThat(text.status()).isZero();
        assertThat(text.output().lines()).hasSizeLessThanOrEqualTo(families + 2)
                .anyMatch(line -> line.startsWith("ADX"))
                .last().asString().contains("compared with hardware");
        assertThat(Chronovisor.run(folder, "isa", "--json").output().lines()).isNotEmpty()
                .allMatch(line -> line.startsWith("{\"family\":") && line.endsWith("}"));
    }

    @Test
    void aFamilyListsItsRows() {
        Chronovisor.Result text = Chronovisor.run(folder, "isa", "--family", "adx");
        assertThat(text.output().lines()).hasSize(2);
        assertThat(text.output()).contains("66 0F 38 F6 /r").contains("adcx").contains("supported").contains(" cases");
        assertThat(Chronovisor.run(folder, "isa", "--family", "bmi3").status()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aProcessorTellsItsFeatures() {
        String told = Chronovisor.run(folder, "isa", "--cpu", "core-i3-2011").output();
        assertThat(told).contains("0x206a7");
        assertThat(Arrays.asList(told.split("\\s+", -1))).contains("SSE4_2", "PCLMULQDQ").doesNotContain("AES", "AVX2");
    }

    @Test
    void anUnknownProcessorIsAnsweredWithTheListOfThemAll() {
        for (String command : List.of("isa", "exec", "run")) {
            Chronovisor.Result result = Chronovisor.run(folder, command, "--cpu", "help");
            assertThat(result.status()).isEqualTo(ExitCode.USAGE);
            assertThat(result.errors()).contains("x86-64, x86-64-v2, x86-64-v3, core-i3-2011");
        }
    }
}
