package chronovisor.app.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExpectationsTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void whatIsAsExpectedHasNoComplaints() throws Exception {
        assertThat(unmet("console: {exact: \"a\\nb\\n\"}", "a\nb\n", 0, Map.of())).isEmpty();
        assertThat(unmet("console: {contains: [a, b]}", "a\nb\n", 0, Map.of())).isEmpty();
        assertThat(unmet("console: {matches: \"a.*b.\"}", "a\nb\n", 0, Map.of())).isEmpty();
        assertThat(unmet("console: {file: p}", "program", 0, Map.of())).isEmpty();
        assertThat(unmet("console: {host: printf hi}", "hi", 0, Map.of())).isEmpty();
        assertThat(unmet("signal: SIGFPE", "", 136, Map.of())).isEmpty();
        assertThat(unmet("events: [{type: A}, {type: B, max: 0}]", "", 0, Map.of("A", 9L))).isEmpty();
    }

    @Test
    void theFirstDifferenceIsShown() throws Exception {
        assertThat(unmet("console: {exact: \"same\\nb\\n\"}", "same\nc\n", 0, Map.of()))
                .containsExactly("console differs at byte 5, line 2: expected \"b\\n\", actual \"c\\n\"");
        assertThat(unmet("console: {exact: \"a\"}", "", 0, Map.of()))
                .containsExactly("console differs at byte 0, line 1: expected \"a\", actual the end");
        assertThat(unmet("console: {contains: [b, a]}", "a b", 0, Map.of()))
                .containsExactly("console lacks \"a\" after what came before it");
        assertThat(unmet("console: {matches: x}", "a\001", 0, Map.of()))
                .containsExactly("console does not match x: \"a\\x01\"");
    }

    @Test
    void statusAndEventsAreCompared() throws Exception {
        assertThat(unmet("status: 3", "", 0, Map.of())).containsExactly("exit status is 0, expected 3");
        assertThat(unmet("events: [{type: A, min: 2}, {type: B, max: 1}]", "", 0, Map.of("A", 1L, "B", 2L)))
                .containsExactly("1 events of type A, expected at least 2", "2 events of type B, expected 0 to 1");
    }

    private List<String> unmet(String expect, String console, int status, Map<String, Long> events)
            throws IOException, ScenarioException {
        Files.writeString(folder.resolve("p"), "program");
        Files.writeString(folder.resolve("scenario.yaml"), "description: d\nprogram: p\nexpect:\n  " + expect + "\n");
        ScenarioFiles files = ScenarioFiles.of(ScenarioParser.parse(folder), new Cache(folder));
        return Expectations.unmet(files.scenario().steps().getFirst(),
                new Outcome(console.getBytes(StandardCharsets.UTF_8), status, events), files,
                HostCommands.allowed(files));
    }
}
