package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scenarios whose steps are run by several machines of one host. */
final class HostRunTest {

    @TempDir
    private Path folder;

    private String scenario(int budgetMb, String balloons, String expected) throws IOException {
        Path scenario = Files.createDirectories(folder.resolve("mine"));
        Files.copy(Path.of("scenarios/guests/bin/tides"), scenario.resolve("tides"));
        Files.writeString(scenario.resolve("scenario.yaml"), """
                description: Four machines that each need 20 MB now and then.
                vm: {memory_mb: 48}
                program: tides
                arguments: ["20", "2"]
                host: {machines: 4, budget_mb: %d, balloons: [%s]}
                expect:
                  console: {contains: ["%s"]}
                """.formatted(budgetMb, balloons, expected));
        return scenario.toString();
    }

    @Test
    void withBalloonsAllMachinesEndAndWithoutSomeMustFail() throws IOException {
        Chronovisor.Result result = Chronovisor.run(folder, "run",
                scenario(50, "true, false", "tide 2: 20 MB, every page holds what was put there"));
        assertThat(result.output()).contains("ok   mine/mine, with balloons: 4 of 4 machines ended by themselves",
                "balloons asked", "ok   mine/mine, without balloons: ", "host memory for guests is used up");
        assertThat(result.status()).as(result.output() + result.errors()).isZero();
    }

    @Test
    void aHostThatIsLargeEnoughProvesNothing() throws IOException {
        Chronovisor.Result result = Chronovisor.run(folder, "run", scenario(400, "false", "tide 2"));
        assertThat(result.status()).isEqualTo(ExitCode.FAILURE);
        assertThat(result.output()).contains("FAIL mine/mine, without balloons: 4 of 4 machines",
                "no machine failed for lack of memory");
    }

    @Test
    void everyMachineIsHeldAgainstWhatIsExpected() throws IOException {
        Chronovisor.Result result = Chronovisor.run(folder, "run", scenario(400, "true", "tide 3"));
        assertThat(result.status()).isEqualTo(ExitCode.FAILURE);
        assertThat(result.output()).contains("mine-0: console lacks", "mine-3: console lacks");
    }
}
