package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import chronovisor.app.scenario.Cache;
import chronovisor.app.scenario.Scenario;
import chronovisor.app.scenario.ScenarioFiles;
import chronovisor.app.scenario.Scenarios;
import chronovisor.app.scenario.UnavailableException;
import chronovisor.replay.Fidelity;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The paper's test2.rkt, a future and two places, under drawn schedules on one, two and four cores in turn: the same answers each time.
 * {@code -Dracket.seeds=N} says how many, beginning from 1; a run takes a minute or so.
 */
final class RacketChaosTest {

    private static final List<Integer> CORES = List.of(4, 1, 2);

    @ParameterizedTest
    @CsvSource({"racket-futures-places, cgc-", "racket-futures-places, 3m-", "racket-cs, futures-places-"})
    @Timeout(value = 10, unit = TimeUnit.HOURS)
    void futuresAndPlacesGiveTheSameAnswersWhateverTheSchedule(String name, String steps) throws Exception {
        Rackets.home();
        Scenario scenario = new Scenarios(Path.of("scenarios")).find(name);
        for (long seed = 1; seed <= Long.getLong("racket.seeds", 1); seed++) {
            String wanted = steps + CORES.get((int) (seed % CORES.size()));
            Scenario.Step step = scenario.steps().stream().filter(s -> s.name().equals(wanted)).findFirst()
                    .orElseThrow();
            assertThat(run(scenario, seed).step(step, null).unmet()).as(wanted + ", seed " + seed).isEmpty();
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
