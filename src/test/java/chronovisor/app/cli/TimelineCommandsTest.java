package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands that look into a recorded run, from the command line. */
class TimelineCommandsTest {

    @TempDir
    static Path journals;

    @BeforeAll
    static void record() {
        Chronovisor.Result recorded = Chronovisor.run(journals, "one\nquit\n".getBytes(StandardCharsets.UTF_8), "exec",
                "--seed", "1", "--checkpoint-ticks", "1000", "--journal", "run", "scenarios/guests/bin/echo");
        assertThat(recorded.errors()).isEmpty();
        assertThat(recorded.status()).isEqualTo(3);
    }

    private static Chronovisor.Result run(String... arguments) {
        return Chronovisor.run(journals, arguments);
    }

    private static JsonNode json(String... arguments) {
        Chronovisor.Result result = run(arguments);
        assertThat(result.errors()).isEmpty();
        return JsonMapper.builder().build().readTree(result.output());
    }

    private static void refuses(String expected, String... arguments) {
        Chronovisor.Result result = run(arguments);
        assertThat(result.status()).as(result.errors()).isEqualTo(ExitCode.USAGE);
        assertThat(result.output()).isEmpty();
        assertThat(result.errors()).contains(expected).startsWith("chronovisor: ").doesNotContain("Exception");
        assertThat(result.errors().lines().filter(line -> !line.startsWith("Try '"))).hasSize(1);
    }

    @Test
    void aWriteIsTracedToTheCallThatMadeIt() {
        String call = run("events", "run", "--type", "SyscallEntered").output().lines()
                .filter(line -> line.contains("number=20")).findFirst().orElseThrow();
        String at = call.substring(0, call.indexOf(' '));
        JsonNode registers = json("inspect", "run", "--at", at, "registers", "--json");
        assertThat(registers.get("registers").get("task").asInt()).isEqualTo(2);
        String stack = run("inspect", "run", "--at", at, "backtrace").output();
        assertThat(stack).contains("__stdio_write+").contains(" main+");
        assertThat(stack.lines().toList().getLast()).contains("_start");
        JsonNode maps = json("inspect", "run", "--at", at, "maps", "--json");
        assertThat(maps.get("maps").findValuesAsString("name")).contains("[stack]");
    }

    @Test
    void memoryAndCodeAreFoundBySymbols() {
        assertThat(run("inspect", "run", "--at", "500", "memory", "main", "16").output()).contains("|");
        assertThat(run("inspect", "run", "--at", "500", "disassembly", "main", "3").output().lines()).hasSize(3)
                .first().asString().contains("<main>");
    }

    @Test
    void theLastWriterIsNamed() {
        String call = run("steps", "run", "--from", "1000", "--to", "3000").output().lines()
                .filter(line -> line.contains("  call ")).findFirst().orElseThrow();
        long tick = Long.parseLong(call.substring(0, call.indexOf(' ')));
        String after = Long.toString(tick + 1);
        JsonNode registers = json("inspect", "run", "--at", after, "registers", "--json").get("registers");
        JsonNode writer = json("who-wrote", "run", registers.get("rsp").asString(), "--length", "8", "--before", after,
                "--json");
        assertThat(writer.get("found").asBoolean()).isTrue();
        assertThat(writer.get("before").asString()).startsWith(tick + ":");
        assertThat(writer.get("instruction").asString()).contains("call");
        assertThat(writer.get("old").asString()).hasSize(16);
    }

    @Test
    void forksAreInTheTreeAndTheirDifferenceIsTold() {
        JsonNode same = json("fork", "run", "--at", "1500", "--journal", "same", "--json");
        assertThat(same.get("same").asBoolean()).isTrue();
        JsonNode other = json("fork", "same", "--at", "1600", "--type", "more\\n", "--journal", "other", "--json");
        assertThat(other.get("same").asBoolean()).isFalse();
        assertThat(run("lineage").output()).contains("run\n└── same at 1500:").contains("    └── other at 1600:");
        assertThat(run("verify", "other").status()).isZero();
        assertThat(run("replay", "other").output()).startsWith("identical");
        assertThat(run("diff", "run", "same").status()).isZero();
        Chronovisor.Result diff = run("diff", "same", "other");
        assertThat(diff.status()).isEqualTo(ExitCode.FAILURE);
        assertThat(diff.output()).contains("StreamBytesReceived");
    }

    @Test
    void twoPositionsAreCompared() {
        JsonNode diff = json("diff", "run", "--at", "1000", "--at", "1001", "--json");
        assertThat(diff.get("registers").findValuesAsString("path")).contains("core 0 rip");
        assertThat(run("diff", "run", "--at", "1000", "--at", "1000").output()).contains("the same");
    }

    @Test
    void aMarkIsAcceptedForAPosition() {
        assertThat(run("marks", "run", "here", "1200").output()).contains("1200:0  here");
        assertThat(json("marks", "run", "--json").get("here").asString()).isEqualTo("1200:0");
        assertThat(json("inspect", "run", "--at", "here", "registers", "--json").get("at").asString())
                .isEqualTo(json("inspect", "run", "--at", "1200", "registers", "--json").get("at").asString());
        assertThat(run("verify", "run").status()).isZero();
        String first = run("events", "run", "--from", "here").output().lines().findFirst().orElseThrow();
        assertThat(Long.parseLong(first.substring(0, first.indexOf(':')))).isGreaterThanOrEqualTo(1200);
        assertThat(run("steps", "run", "--from", "here", "--to", "here", "--count").output().strip()).isEqualTo("1");
        refuses("not a mark of this journal", "events", "run", "--to", "there");
        refuses("no name for a mark", "marks", "run", "../x", "5");
        refuses("not a position", "marks", "run", "there", "nowhere");
    }

    @Test
    void scenariosAreRecordedWithCheckpointsWhereAsked() {
        assertThat(run("run", "hello", "--journal", "often", "--checkpoint-ticks", "100").status()).isZero();
        assertThat(run("run", "hello", "--journal", "never", "--checkpoint-ticks", "0").status()).isZero();
        JsonNode often = json("verify", "often", "--json");
        JsonNode never = json("verify", "never", "--json");
        assertThat(often.get("excerpts").asInt()).isGreaterThan(never.get("excerpts").asInt());
        assertThat(run("diff", "often", "never").status()).isZero();
        refuses("--checkpoint-ticks -1", "run", "hello", "--checkpoint-ticks", "-1");
    }

    @Test
    void anIndexIsMadeAndVerified() {
        assertThat(json("index", "run", "--every", "700", "--json").get("checkpoints").asInt()).isGreaterThan(3);
        assertThat(run("verify", "run").status()).isZero();
    }

    @Test
    void whatCannotBeDoneIsSaidInOneLine() {
        refuses("no such journal", "inspect", "nowhere", "registers");
        refuses("there is no 'nothing' to inspect", "inspect", "run", "nothing");
        refuses("not a position", "inspect", "run", "--at", "soon", "registers");
        refuses("no such symbol", "inspect", "run", "--at", "500", "memory", "no_such_symbol");
        refuses("no such task", "inspect", "run", "--task", "77", "registers");
        refuses("the run is over", "fork", "run", "--at", "999999999");
        refuses("unknown patch", "fork", "run", "--at", "500", "--patch", "magic=off");
        refuses("no bytes came in", "fork", "run", "--at", "500", "--input", "501:0=x");
        refuses("--at twice", "diff", "run", "--at", "500");
        refuses("--length 0", "who-wrote", "run", "0x1000", "--length", "0");
        refuses("--every 0", "index", "run", "--every", "0");
    }
}
