package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.Attempt;
import chronovisor.analysis.Diagnosis;
import chronovisor.analysis.Diagnostician;
import chronovisor.app.scenario.Cache;
import chronovisor.app.scenario.Scenario;
import chronovisor.app.scenario.ScenarioFiles;
import chronovisor.app.scenario.Scenarios;
import chronovisor.replay.Fidelity;
import chronovisor.timeline.Timeline;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The paper's segfault is diagnosed: its collector relies on an mprotect that does nothing. */
final class RacketDiagnosisTest {

    @TempDir
    Path temporary;

    @Test
    @Timeout(1800)
    void theSegfaultOfTheCollectorIsTheStubbedMprotect() throws Exception {
        Rackets.home();
        Scenario scenario = new Scenarios(Path.of("scenarios")).find("gc-segfault");
        Path folder = temporary.resolve("journal");
        ScenarioRun run = new ScenarioRun(scenario, ScenarioFiles.of(scenario, Cache.of(Path.of("."))), true,
                Assembly.ENGINE, Fidelity.STEPS, Settings.parse(List.of(), null, null), false);
        assertThat(run.step(scenario.steps().getFirst(), folder).unmet()).isEmpty();
        try (Timeline timeline = Timeline.open(folder, new Assembly())) {
            Diagnosis diagnosis = new Diagnostician(timeline, new Assembly()).diagnose(true);
            assertThat(diagnosis.kind()).isEqualTo("stub");
            assertThat(diagnosis.cause()).contains("mprotect does nothing", "left the page writable");
            assertThat(diagnosis.suspects().getFirst().patch()).isEqualTo("mprotect");
            assertThat(diagnosis.attempts()).extracting(Attempt::outcome).containsExactly(Attempt.Outcome.SAME,
                    Attempt.Outcome.PASSED);
            assertThat(diagnosis.findings()).anySatisfy(finding -> assertThat(finding.lines())
                    .anyMatch(line -> line.contains("the handler of SIGSEGV") && line.contains("fault_handler")));
        }
    }
}
