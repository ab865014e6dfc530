package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scenarios whose steps are run by clones. */
final class ClonesTest {

    @TempDir
    private Path folder;

    @Test
    void theScenarioComparesThePolicies() {
        Chronovisor.Result result = Chronovisor.run(folder, "run", "sharing");
        assertThat(result.status()).as(result.errors()).isZero();
        assertThat(result.output()).contains("all memory        100", "marked ranges     100", "page tables       100",
                "ok   sharing/sharing, all memory: 100 clones").doesNotContain("FAIL");
    }

    @Test
    void everyCloneIsHeldAgainstWhatIsExpectedOfIt() throws IOException {
        String program = Path.of("scenarios/guests/bin/echo").toAbsolutePath().toString();
        Path scenario = Files.createDirectories(folder.resolve("mine"));
        Files.copy(Path.of(program), scenario.resolve("echo"));
        Files.writeString(scenario.resolve("scenario.yaml"), """
                description: Clone 1 is asked for what it does not say.
                program: echo
                clones: {count: 2, after: ready, policies: [page_tables]}
                input: [{type: "{clone}\\nquit\\n"}]
                expect:
                  console: {contains: ["1: 0"]}
                  status: 3
                """);
        Chronovisor.Result result = Chronovisor.run(folder, "run", scenario.toString());
        assertThat(result.status()).isEqualTo(ExitCode.FAILURE);
        assertThat(result.output()).contains("FAIL mine/mine, page tables: 2 clones", "clone 1: console lacks")
                .doesNotContain("clone 0:");
    }
}
