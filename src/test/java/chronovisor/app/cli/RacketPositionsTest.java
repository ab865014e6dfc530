package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.app.scenario.Scenario;
import chronovisor.app.scenario.Scenarios;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random positions of a run of Racket's precise collector, as {@link PositionsTest} of the embedded guests. */
final class RacketPositionsTest {

    private static final int POSITIONS = Integer.getInteger("positions", 30);

    @TempDir
    Path folder;

    @Test
    @Timeout(3600)
    void theStateBySeekingIsTheStateByRunningThere() throws Exception {
        Rackets.home();
        Scenario scenario = new Scenarios(Path.of("scenarios")).find("gc-segfault");
        Scenario.Step step = scenario.steps().stream().filter(each -> each.name().equals("3m-mprotect")).findFirst()
                .orElseThrow();
        assertThat(PositionsTest.check(scenario, step, POSITIONS, folder)).isGreaterThan(POSITIONS);
    }
}
