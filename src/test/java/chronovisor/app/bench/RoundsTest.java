package chronovisor.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import chronovisor.app.bench.SpeedBench.Runner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the turns: ratios of the same round, and errors instead of figures. */
class RoundsTest {

    private static final Runner NATIVE = new Runner("native", null);
    private static final Runner OFF = new Runner("off", "jit");
    private static final Runner STEPS = new Runner("steps", "jit");

    @TempDir
    Path folder;

    private final Rounds rounds = new Rounds(
            new Program("some", Program.Kind.COMPUTE, Path.of("some"), List.of(), Map.of(), null));

    @Test
    void ratiosAreOfTheSameRoundAndTheMedianIsOfThem() {
        // The host slows down threefold in the middle round; the ratios do not.
        for (double slow : new double[]{1, 3, 1}) {
            rounds.begin();
            rounds.turn(NATIVE, () -> sample(1 * slow, Double.NaN));
            rounds.turn(OFF, () -> sample(4 * slow, 500 / slow));
            rounds.turn(STEPS, () -> sample(6 * slow, 400 / slow));
        }
        SpeedReport.OfProgram report = rounds.report(List.of("native"));
        assertThat(report.problems()).isEmpty();
        SpeedReport.Row steps = report.rows().get(2);
        assertThat(steps.times_s()).containsExactly(6.0, 18.0, 6.0);
        assertThat(steps.time_s()).isEqualTo(6.0);
        assertThat(Objects.requireNonNull(steps.ofPeers().get("native")).whole()).isCloseTo(1 / 6.0, within(1e-9));
        assertThat(steps.timesOff()).isEqualTo(new SpeedReport.Ratio(1.5, 1.25));
        assertThat(report.rows().get(0).ofPeers()).isEmpty();
    }

    @Test
    void whoPrintsSomethingElseHasNoRow() {
        rounds.begin();
        rounds.turn(NATIVE, () -> {
            rounds.expectSame("native", process(0, "right"));
            return sample(1, Double.NaN);
        });
        boolean well = rounds.turn(OFF, () -> {
            rounds.expectSame("off", process(0, "wrong"));
            return sample(1, Double.NaN);
        });
        assertThat(well).isFalse();
        SpeedReport.OfProgram report = rounds.report(List.of());
        assertThat(report.rows()).extracting(SpeedReport.Row::runner).containsExactly("native");
        assertThat(report.problems()).singleElement().asString().contains("off on jit", "\"wrong\"", "\"right\"");
    }

    @Test
    void aSteadySpeedIsThatOfTheSecondHalf() throws Exception {
        Path file = folder.resolve("figures");
        Files.writeString(file, "chronovisor-figures 1\n0 0\n900 100\n1000 200\n1050 300\n1100 400\n1150 400\n");
        RunFigures figures = RunFigures.read(file);
        assertThat(figures.ticks()).isEqualTo(400);
        assertThat(figures.steadyMips()).hasValueCloseTo(200 / 150.0, within(1e-9));
        Files.writeString(file, "chronovisor-figures 1\n0 0\n900 100\n1000 200\n");
        assertThat(RunFigures.read(file).steadyMips()).isEmpty();
    }

    @Test
    void figuresThatAreNoneAreAnError() throws Exception {
        Path file = folder.resolve("figures");
        for (String text : List.of("", "something else\n1 1\n", "chronovisor-figures 1\nx y\n",
                "chronovisor-figures 1\n12\n")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> RunFigures.read(file)).isInstanceOf(BenchException.class)
                    .hasMessageContaining("figures");
        }
    }

    private static Sample sample(double seconds, double steady) {
        return new Sample(seconds, Double.isNaN(steady) ? OptionalDouble.empty() : OptionalDouble.of(steady), 0, null);
    }

    private static HostMeter.Measured process(int status, String output) {
        return new HostMeter.Measured(status, output.getBytes(StandardCharsets.UTF_8), "", 0, 1, 0);
    }
}
