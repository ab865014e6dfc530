package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.app.bench.SpeedBench;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The figures are the machine's; what is held here is that they are there, and that a wrong answer is no figure. */
class BenchTest {

    @TempDir
    Path folder;

    @Test
    void aProgramIsMeasuredInEveryModeAndAgainstThisHost() throws Exception {
        Chronovisor.Result result = Chronovisor.run(folder, "bench", "--json", "--scale", "0.00001", "--repeat", "1",
                "--no-peers", "--no-start", "--engine", "interpreter", "--modes", "off,steps", "integer");
        assertThat(result.errors()).isEmpty();
        assertThat(result.status()).isZero();
        JsonNode report = JsonMapper.builder().build().readTree(result.output());
        assertThat(report.get("passed").asBoolean()).isTrue();
        assertThat(report.get("machine").get("load_before").asString()).isNotEmpty();
        JsonNode program = report.get("programs").get(0);
        assertThat(program.get("name").asString()).isEqualTo("integer");
        assertThat(program.get("instructions").asLong()).isGreaterThan(20_000);
        assertThat(program.get("rows").valueStream().map(row -> row.get("runner").asString()))
                .containsSubsequence("off", "steps", "steps replay");
        JsonNode steps = program.get("rows").valueStream().filter(row -> row.get("runner").asString().equals("steps"))
                .findFirst().orElseThrow();
        assertThat(steps.get("engine").asString()).isEqualTo("interpreter");
        assertThat(steps.get("time_s").asDouble()).isPositive();
        assertThat(steps.get("mips").asDouble()).isPositive();
        assertThat(steps.get("times_off").get("whole").asDouble()).isPositive();
        assertThat(steps.get("journal_bytes").asLong()).isPositive();
        assertThat(steps.get("bits_per_instruction").asDouble()).isPositive();
        try (var left = Files.list(folder)) {
            assertThat(left).as("what is left of it").isEmpty();
        }
    }

    @Test
    void placesInARunAreTimed() {
        Chronovisor.Result result = Chronovisor.run(folder, "bench", "timeline", "--scale", "0.0001", "--places", "10",
                "--engine", "interpreter", "quicksort");
        assertThat(result.errors()).isEmpty();
        assertThat(result.output()).contains("quicksort on interpreter: ", "recorded in ",
                "seek to a random position", "step back by one instruction", "fork there, and let it go",
                "fork there into a journal");
        assertThat(result.status()).isZero();
    }

    @Test
    void tablesAreMeasuredAgainstDuckDbAlone() {
        assertThat(Chronovisor.run(folder, "exec", "--journal", "mine", "scenarios/guests/bin/hello").status())
                .isZero();
        Chronovisor.Result result = Chronovisor.run(folder, "bench", "tables", "--repeat", "1", "--json", "mine");
        assertThat(result.errors()).isEmpty();
        JsonNode report = JsonMapper.builder().build().readTree(result.output());
        assertThat(report.get("events").asLong()).isPositive();
        assertThat(report.get("projection_s").asDouble()).isPositive();
        assertThat(report.get("questions").get("events by type").get("opened_times_bare").asDouble()).isPositive();
        assertThat(report.get("questions").get("results by call and task").get("times_bare").asDouble()).isPositive();
    }

    @Test
    void whatIsNotThereToBeMeasuredIsAUsageError() {
        assertUsage("program nosuch: unknown", "bench", "nosuch");
        assertUsage("--modes effects: unknown", "bench", "--modes", "effects");
        assertUsage("--engine quick", "bench", "--engine", "quick");
        assertUsage("--scale 0.0", "bench", "--scale", "0");
        assertUsage("--repeat 0", "bench", "--repeat", "0");
        assertUsage("program nosuch: unknown", "bench", "timeline", "nosuch");
        assertUsage("no such journal", "bench", "timeline", "--journal", "nosuch");
    }

    @Test
    void everyProgramHasAName() {
        Chronovisor.Result result = Chronovisor.run(folder, "bench", "--list");
        assertThat(result.output().lines()).containsExactlyElementsOf(SpeedBench.programs()).contains("sieve",
                "busybox-awk", "racket-start");
    }

    private void assertUsage(String message, String... arguments) {
        Chronovisor.Result result = Chronovisor.run(folder, arguments);
        assertThat(result.status()).isEqualTo(ExitCode.USAGE);
        assertThat(result.errors()).contains(message).doesNotContain("Exception");
    }
}
