package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands that say why, from the command line. */
class DiagnoseCommandsTest {

    @TempDir
    static Path journals;

    @BeforeAll
    static void record() {
        Chronovisor.Result recorded = Chronovisor.run(journals, "exec", "--seed", "1", "--journal", "stub", "--set",
                "kitten.patches=-mprotect", "scenarios/guests/bin/unbarriered");
        assertThat(recorded.status()).as(recorded.errors()).isEqualTo(139);
        assertThat(Chronovisor.run(journals, "exec", "--seed", "1", "--journal", "fine", "scenarios/guests/bin/hello")
                .status()).isZero();
    }

    private static Chronovisor.Result run(String... arguments) {
        return Chronovisor.run(journals, arguments);
    }

    private static JsonNode json(String... arguments) {
        Chronovisor.Result result = run(arguments);
        assertThat(result.errors()).isEmpty();
        return JsonMapper.builder().build().readTree(result.output());
    }

    @Test
    void theCauseComesFirstAndWhatWasTestedNext() {
        Chronovisor.Result told = run("diagnose", "stub");
        assertThat(told.status()).as(told.errors()).isZero();
        assertThat(told.output()).containsSubsequence("was killed by SIGSEGV", "Cause: mprotect does nothing",
                "Tested, by forks", "nothing changed", "failed in the same way", "switch mprotect on", "passed",
                "The faulting instruction", "Who had called whom", "main+", "Where the pointer came from");
        JsonNode object = json("diagnose", "stub", "--json");
        assertThat(object.get("kind").asString()).isEqualTo("stub");
        assertThat(object.get("cause_at").asString()).isNotEmpty();
        assertThat(object.get("tests").findValuesAsString("outcome")).containsExactly("same", "passed");
        assertThat(object.get("suspects").get(0).get("switch").asString()).isEqualTo("mprotect");
        assertThat(json("diagnose", "stub", "--no-tests", "--json").get("tests").size()).isZero();
    }

    @Test
    void nothingIsWrongWithARunThatEndsWell() {
        assertThat(run("diagnose", "fine").output()).contains("nothing failed");
        assertThat(json("diagnose", "fine", "--json").get("kind").asString()).isEqualTo("none");
        Chronovisor.Result bisected = run("bisect", "fine");
        assertThat(bisected.status()).isEqualTo(ExitCode.USAGE);
        assertThat(bisected.errors()).contains("nothing failed");
    }

    @Test
    void whatWouldHaveBeenIsTold() throws Exception {
        JsonNode object = json("counterfactual", "stub", "--patch", "mprotect=on", "--json");
        assertThat(object.get("same").asBoolean()).isFalse();
        assertThat(object.get("status").asInt()).isZero();
        assertThat(object.get("original_end").asString()).contains("signal 11");
        assertThat(object.get("difference").get("right").asString()).contains("RegionChanged");
        assertThat(object.get("difference").get("right_causes").get(0).asString()).contains("number=10");
        assertThat(run("counterfactual", "stub", "--patch", "mprotect=on", "--journal", "kept").output())
                .contains("it would have:  init_task ended with status 0");
        assertThat(run("verify", "kept").status()).isZero();
        try (Stream<Path> left = java.nio.file.Files.list(journals)) {
            assertThat(left.map(path -> String.valueOf(path.getFileName()))).contains("stub", "kept");
        }
    }

    @Test
    void aBisectionNamesTheEventToAvoid() {
        Chronovisor.Result inevitable = run("bisect", "stub", "--until", "SignalSent signal=11", "--tries", "1");
        assertThat(inevitable.status()).isEqualTo(ExitCode.FAILURE);
        assertThat(inevitable.output()).contains("no schedule and no seed that was tried avoids it");
        JsonNode few = json("bisect", "stub", "--until", "SignalSent signal=11", "--tries", "2", "--forks", "5",
                "--json");
        assertThat(few.get("forks").asInt()).isPositive().isLessThanOrEqualTo(5);
        assertThat(run("bisect", "stub", "--tries", "3", "--forks", "2").errors()).contains("with 2 forks at most");
        assertThat(run("bisect", "stub", "--until", "Nothing").errors()).contains("no event type 'Nothing'");
        assertThat(run("bisect", "stub", "--until", "0:9999").errors()).contains("no event is there");
        assertThat(run("bisect", "stub", "--tries", "0").errors()).contains("--tries 0");
        assertThat(run("counterfactual", "stub").errors()).contains("nothing is to be otherwise");
    }
}
