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
import chronovisor.journal.Folders;
import chronovisor.replay.Fidelity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Events, statistics, SQL and segments give the same answers about real Racket as about the embedded guests. {@code -Dracket.scenarios=REGEX}
 * says about which scenarios, of all there are (default: those with Racket), {@code -Dracket.steps=REGEX} about which of their steps;
 * {@code -Dracket.journals=FOLDER} keeps the journals there, as SCENARIO-STEP, for whoever else is to be asked about them.
 */
final class RacketAgreementTest {

    private static final Scenarios SCENARIOS = new Scenarios(Path.of("scenarios"));

    @TempDir
    Path folder;

    static Stream<String> names() throws ScenarioException {
        List<String> names = new ArrayList<>();
        for (String name : SCENARIOS.names()) {
            Scenario scenario = SCENARIOS.find(name);
            String asked = System.getProperty("racket.scenarios");
            if (asked == null ? !scenario.provisions().isEmpty() : name.matches(asked)) {
                names.add(name);
            }
        }
        return names.stream();
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("names")
    @Timeout(value = 5, unit = TimeUnit.HOURS)
    void allAnswersAreTheSame(String name) throws Exception {
        Scenario scenario = SCENARIOS.find(name);
        if (!scenario.provisions().isEmpty()) {
            Rackets.home();
        }
        ScenarioRun run = run(scenario);
        String kept = System.getProperty("racket.journals");
        for (Scenario.Step step : scenario.steps()) {
            if (step.name().matches(System.getProperty("racket.steps", ".*"))) {
                Path journal = kept == null
                        ? folder.resolve(step.name())
                        : Path.of(kept).resolve(name + "-" + step.name());
                List<String> unmet = run.step(step, journal).unmet();
                if (scenario.clones() == null) {
                    // Else each clone is typed its own number, and here nobody's is.
                    assertThat(unmet).as(name + "/" + step.name()).isEmpty();
                }
                Agreement.assertAgreed(journal, new Assembly(), Long.MAX_VALUE);
                if (kept == null) {
                    Folders.remove(journal);
                }
            }
        }
    }

    private static ScenarioRun run(Scenario scenario) throws ScenarioException {
        try {
            return new ScenarioRun(scenario, ScenarioFiles.of(scenario, Cache.of(Path.of("."))), true, Assembly.ENGINE,
                    Fidelity.STEPS, Settings.parse(List.of(), null, null), false);
        } catch (UnavailableException e) {
            return abort("scenario " + scenario.name() + " cannot run here: " + e.getMessage());
        }
    }
}
