package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import chronovisor.analysis.Agreement;
import chronovisor.app.scenario.Cache;
import chronovisor.app.scenario.Scenario;
import chronovisor.app.scenario.ScenarioException;
import chronovisor.app.scenario.ScenarioFiles;
import chronovisor.app.scenario.Scenarios;
import chronovisor.app.scenario.UnavailableException;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.Verification;
import chronovisor.replay.Fidelity;
import chronovisor.replay.Replay;
import chronovisor.replay.ReplayResult;
import chronovisor.replay.StepQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario: as expected, recorded, verified, replayed identical, and the same run when it is recorded again. */
class RecordedScenariosTest {

    private static final Scenarios SCENARIOS = new Scenarios(Path.of("scenarios"));

    @TempDir
    Path folder;

    /** All but the one for timing, which has a test of its own, and, unless asked for, those that take minutes. */
    static Stream<String> names() throws ScenarioException {
        List<String> names = new ArrayList<>(SCENARIOS.names());
        names.remove("checksum");
        for (String name : List.copyOf(names)) {
            // Several machines of one host are many times a machine, and unrecorded when they are run as they are meant to be.
            boolean several = SCENARIOS.find(name).host() != null;
            boolean provisioned = !SCENARIOS.find(name).provisions().isEmpty();
            // Racket's clones evaluate their number, which one machine alone has not; what is only echoed can be any text.
            boolean numbered = provisioned && SCENARIOS.find(name).clones() != null;
            if (several || numbered || provisioned && !Boolean.getBoolean("provisioned")) {
                names.remove(name);
            }
        }
        return names.stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void aScenarioIsAsExpectedAndReplaysIdentically(String name) throws Exception {
        Scenario scenario = SCENARIOS.find(name);
        ScenarioRun run = run(scenario, Fidelity.STEPS);
        for (Scenario.Step step : scenario.steps()) {
            Path journal = folder.resolve(step.name());
            ScenarioRun.StepReport report = run.step(step, journal);
            assertThat(report.unmet()).as(name + "/" + step.name()).isEmpty();
            Verification verified = JournalVerifier.verify(journal);
            assertThat(verified.problems()).isEmpty();
            assertThat(verified.digest()).isEqualTo(report.digest());
            assertIdentical(journal, report);
            assertThat(StepQuery.of(journal).forEach((tick, core, space, rip, bytes, instruction) -> {}))
                    .isEqualTo(report.ticks());
            Agreement.assertAgreed(journal, new Assembly());
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void twoRecordingsOfAScenarioEndInTheSameState(String name) throws Exception {
        Scenario scenario = SCENARIOS.find(name);
        ScenarioRun run = run(scenario, Fidelity.STEPS);
        for (Scenario.Step step : scenario.steps().subList(0, 1)) {
            ScenarioRun.StepReport first = run.step(step, folder.resolve("first"));
            ScenarioRun.StepReport second = run.step(step, folder.resolve("second"));
            assertThat(second.digest()).isEqualTo(first.digest());
            assertThat(second.ticks()).isEqualTo(first.ticks());
        }
    }

    @Test
    void aRecordingOfInputsAloneReplaysToTheSameState() throws Exception {
        Scenario scenario = SCENARIOS.find("echo");
        Scenario.Step step = scenario.steps().getFirst();
        ScenarioRun.StepReport full = run(scenario, Fidelity.STEPS).step(step, folder.resolve("steps"));
        ScenarioRun.StepReport inputs = run(scenario, Fidelity.INPUTS).step(step, folder.resolve("inputs"));
        ScenarioRun.StepReport effects = run(scenario, Fidelity.EFFECTS).step(step, folder.resolve("effects"));
        assertThat(List.of(inputs.digest(), effects.digest())).containsOnly(full.digest());
        assertIdentical(folder.resolve("inputs"), inputs);
        assertIdentical(folder.resolve("effects"), effects);
        assertThat(bytes(folder.resolve("inputs"))).isLessThan(bytes(folder.resolve("steps")) + 1);
    }

    @Test
    void theChecksumGuestCostsLessThanABitAnInstruction() throws Exception {
        Scenario scenario = SCENARIOS.find("checksum");
        Scenario.Step longest = scenario.steps().getLast();
        Path journal = folder.resolve("checksum");
        ScenarioRun.StepReport report = run(scenario, Fidelity.STEPS).step(longest, journal);
        assertThat(report.unmet()).isEmpty();
        Verification verified = JournalVerifier.verify(journal);
        assertThat(verified.ticks()).isEqualTo(report.ticks()).isGreaterThan(250_000_000);
        assertThat(verified.bitsPerInstruction()).isLessThanOrEqualTo(1.0);
        assertIdentical(journal, report);
    }

    private static void assertIdentical(Path journal, ScenarioRun.StepReport report) {
        ReplayResult replayed = Replay.of(journal, new Assembly()).run();
        assertThat(replayed.divergence()).isNull();
        assertThat(replayed.complete()).isTrue();
        assertThat(replayed.ticks()).isEqualTo(report.ticks());
        assertThat(replayed.digest()).isEqualTo(report.digest());
    }

    private static ScenarioRun run(Scenario scenario, Fidelity fidelity) throws ScenarioException {
        try {
            return new ScenarioRun(scenario, ScenarioFiles.of(scenario, Cache.of(Path.of("."))), true,
                    Assembly.ENGINE, fidelity, Settings.parse(List.of(), null, null), false);
        } catch (UnavailableException e) {
            return abort("scenario " + scenario.name() + " cannot run here: " + e.getMessage());
        }
    }

    private static long bytes(Path journal) throws IOException {
        try (Stream<Path> files = Files.walk(journal)) {
            return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
        }
    }
}
