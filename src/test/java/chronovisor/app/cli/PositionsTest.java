package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import chronovisor.app.scenario.Cache;
import chronovisor.app.scenario.Scenario;
import chronovisor.app.scenario.ScenarioException;
import chronovisor.app.scenario.ScenarioFiles;
import chronovisor.app.scenario.Scenarios;
import chronovisor.app.scenario.UnavailableException;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Fidelity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random positions of every scenario: see {@link Positions}. A few of the first step by default, where nothing has to be provisioned;
 * {@code mvn -Ppositions test} takes a thousand of each scenario, over all of its steps, and of Racket's as far as they are there.
 */
final class PositionsTest {

    private static final Scenarios SCENARIOS = new Scenarios(Path.of("scenarios"));
    private static final int POSITIONS = Integer.getInteger("positions", 0);
    private static final int FEW = 6;
    private static final long SEED = Long.getLong("positions.seed", 1);

    /** So near that most of the time goes to what is compared. */
    private static final CheckpointPlan NEAR = CheckpointPlan.every(10_000_000);

    @TempDir
    Path folder;

    static Stream<String> names() throws ScenarioException {
        List<String> names = new ArrayList<>();
        for (String name : SCENARIOS.names()) {
            Scenario scenario = SCENARIOS.find(name);
            // States that are far apart, large machines, and real Racket take minutes.
            boolean takesLong = name.equals("checksum") || scenario.host() != null
                    || !scenario.provisions().isEmpty();
            if (POSITIONS > 0 || !takesLong) {
                names.add(name);
            }
        }
        String only = System.getProperty("positions.scenario", "");
        return names.stream().filter(name -> only.isEmpty() || List.of(only.split(",")).contains(name));
    }

    @ParameterizedTest
    @MethodSource("names")
    void theStateBySeekingIsTheStateByRunningThere(String name) throws Exception {
        Scenario scenario = SCENARIOS.find(name);
        List<Scenario.Step> steps = POSITIONS == 0 ? scenario.steps().subList(0, 1) : scenario.steps();
        int each = POSITIONS == 0 ? FEW : (POSITIONS + steps.size() - 1) / steps.size();
        int compared = 0;
        for (Scenario.Step step : steps) {
            compared += check(scenario, step, each);
        }
        // A short run has fewer places than are asked for.
        assertThat(compared).isPositive();
        if (POSITIONS > 0) {
            System.out.println(
                    String.format(Locale.ROOT,
                            "positions: %s: %,d states at up to %,d positions of %d steps, all equal",
                            name, compared, each * steps.size(), steps.size()));
        }
    }

    private int check(Scenario scenario, Scenario.Step step, int positions) throws Exception {
        Path journal = folder.resolve(step.name());
        Path fork = folder.resolve(step.name() + "-fork");
        CheckpointPlan plan = scenario.provisions().isEmpty() ? CheckpointPlan.DEFAULT : NEAR;
        try {
            new ScenarioRun(scenario, ScenarioFiles.of(scenario, Cache.of(Path.of("."))), true, Assembly.ENGINE,
                    Fidelity.STEPS, Settings.parse(List.of(), null, null), false)
                    .checkpoints(plan).step(step, journal);
        } catch (UnavailableException e) {
            return abort("scenario " + scenario.name() + " cannot run here: " + e.getMessage());
        }
        return new Positions(journal, fork, plan, SEED).check(positions);
    }
}
