package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import chronovisor.app.scenario.Cache;
import chronovisor.app.scenario.Scenario;
import chronovisor.app.scenario.ScenarioException;
import chronovisor.app.scenario.ScenarioFiles;
import chronovisor.app.scenario.Scenarios;
import chronovisor.app.scenario.UnavailableException;
import chronovisor.replay.Fidelity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The paper's test.rkt, and test2.rkt with its future and two places, on the three Rackets and on one, two and four cores, under drawn
 * schedules: the same answers each time. {@code -Dracket.seeds=N} says how many schedules each, from 1 on (default: one);
 * {@code -Dracket.chaos=REGEX} which of the SCENARIO/STEP, of which there are eighteen.
 */
final class RacketChaosTest {

    private static final Scenarios SCENARIOS = new Scenarios(Path.of("scenarios"));

    /** Step names of these scenarios, but those that load the whole language, and other programs. */
    private static final List<String> WHICH = List.of("racket-hello/(cgc|3m)(-[24])?", "racket-futures-places/.*",
            "racket-cs/(hello|futures-places)-[124]");

    static Stream<Arguments> runs() throws ScenarioException {
        List<Arguments> runs = new ArrayList<>();
        String asked = System.getProperty("racket.chaos", ".*");
        for (String which : WHICH) {
            String name = which.substring(0, which.indexOf('/'));
            for (Scenario.Step step : SCENARIOS.find(name).steps()) {
                String full = name + "/" + step.name();
                if (full.matches(which) && full.matches(asked)) {
                    runs.add(Arguments.of(name, step.name()));
                }
            }
        }
        return runs.stream();
    }

    @ParameterizedTest
    @MethodSource("runs")
    @Timeout(value = 10, unit = TimeUnit.HOURS)
    void theSameAnswersWhateverTheSchedule(String name, String wanted) throws Exception {
        Rackets.home();
        Scenario scenario = SCENARIOS.find(name);
        Scenario.Step step = scenario.steps().stream().filter(s -> s.name().equals(wanted)).findFirst().orElseThrow();
        long seeds = Long.getLong("racket.seeds", 1);
        for (long seed = 1; seed <= seeds; seed++) {
            assertThat(run(scenario, seed).step(step, null).unmet()).as(name + "/" + wanted + ", seed " + seed)
                    .isEmpty();
        }
    }

    private static ScenarioRun run(Scenario scenario, long seed) throws Exception {
        try {
            return new ScenarioRun(scenario, ScenarioFiles.of(scenario, Cache.of(Path.of("."))), true,
                    Assembly.ENGINE, Fidelity.STEPS, Settings.parse(List.of(), null, seed), false);
        } catch (UnavailableException e) {
            return abort("cannot run here: " + e.getMessage());
        }
    }
}
