package chronovisor.app.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.app.scenario.Scenario.Stdio;
import chronovisor.journal.Folders;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs the programs of every checked-in scenario on the host itself, which is the judge of what a guest must do: a
 * scenario that does not hold here asks the guest for the wrong thing.
 */
final class ScenariosOnTheHostTest {

    private static final Scenarios SCENARIOS = new Scenarios(Path.of("scenarios"));

    private static final Cache CACHE = Cache.of(Path.of("."));

    @TestFactory
    Stream<DynamicContainer> everyScenarioHoldsOnTheHost() throws Exception {
        List<DynamicContainer> containers = new ArrayList<>();
        for (String name : SCENARIOS.names()) {
            Scenario scenario = SCENARIOS.find(name);
            containers.add(DynamicContainer.dynamicContainer(name, scenario.steps().stream()
                    .filter(step -> step.stdio() == Stdio.STREAMS && asTheHost(scenario, step))
                    .map(step -> DynamicTest.dynamicTest(step.name(), () -> holds(scenario, step)))));
        }
        return containers.stream();
    }

    @Test
    void anUnknownScenarioIsRefusedWithTheNamesOfTheOthers() {
        assertThatThrownBy(() -> SCENARIOS.find("helo")).isInstanceOf(ScenarioException.class)
                .hasMessageContainingAll("there is no scenario \"helo\"", "hello");
    }

    @Test
    void aScenarioIsFoundByNameFolderAndFile() throws Exception {
        assertThat(SCENARIOS.find("scenarios/hello").steps()).isEqualTo(SCENARIOS.find("hello").steps());
        assertThat(SCENARIOS.find("scenarios/hello/scenario.yaml").steps()).isEqualTo(SCENARIOS.find("hello").steps());
    }

    /** A kernel that lacks something does what no host does, and a program with races does what it likes on one. */
    private static boolean asTheHost(Scenario scenario, Scenario.Step step) {
        return Stream.of(scenario.kernel(), step.kernel())
                .noneMatch(options -> options.containsKey("profile") || options.containsKey("patches"))
                && scenario.steps().stream().allMatch(any -> any.chaos() == null);
    }

    private static void holds(Scenario scenario, Scenario.Step step) throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux") && System.getProperty("os.arch").equals("amd64"),
                "only x86-64 Linux runs the guests itself");
        try {
            ScenarioFiles files = ScenarioFiles.of(scenario, CACHE);
            Outcome outcome = run(files, step);
            // The host keeps no journal, so events are not asked for.
            Scenario.Expect expect = step.expect();
            Scenario.Step checked = step.withExpect(new Scenario.Expect(expect.console(), expect.status(), List.of()));
            assertThat(Expectations.unmet(checked, outcome, files, HostCommands.allowed(files))).isEmpty();
        } catch (UnavailableException e) {
            abort(e.getMessage());
        }
    }

    private static Outcome run(ScenarioFiles files, Scenario.Step step) throws Exception {
        Path stage = Files.createTempDirectory("chronovisor-native-");
        try {
            HostCommands.place(files, stage);
            List<String> command = new ArrayList<>(List.of(files.path(step.program()).toString()));
            command.addAll(step.arguments());
            ProcessBuilder builder = new ProcessBuilder(command).directory(stage.toFile()).redirectErrorStream(true);
            builder.environment().clear();
            builder.environment().putAll(step.environment());
            Process process = builder.start();
            type(process, step);
            return new Outcome(process.getInputStream().readAllBytes(), process.waitFor(), Map.of());
        } finally {
            Folders.remove(stage);
        }
    }

    /** A pipe keeps what is typed until it is read, so nothing needs to wait for its cue. */
    private static void type(Process process, Scenario.Step step) {
        try (OutputStream input = process.getOutputStream()) {
            for (Scenario.Input typed : step.input()) {
                input.write(typed.type().getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // The program may end before it has read everything: a broken pipe is no failure of the scenario.
            assertThat(e).hasMessageContaining("pipe");
        }
    }
}
