package chronovisor.app.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.app.scenario.Scenario.Console;
import chronovisor.app.scenario.Scenario.Input;
import chronovisor.app.scenario.Scenario.Stdio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScenarioParserTest {

    private static final String GOOD = "description: d\nprogram: p\n";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void whatIsNotSaidHasDefaults() throws Exception {
        Scenario scenario = parse(GOOD);

        assertThat(scenario.name()).isEqualTo(folder.getFileName().toString());
        assertThat(scenario.machine()).isEqualTo(new Scenario.Machine(null, 64, 1, "x86-64-v3", null));
        assertThat(scenario.seed()).isEqualTo(1);
        assertThat(scenario.bootTime()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(scenario.steps()).hasSize(1);
        Scenario.Step step = scenario.steps().getFirst();
        assertThat(step.stdio()).isEqualTo(Stdio.STREAMS);
        assertThat(step.expect().status()).isZero();
        assertThat(step.expect().console()).isNull();
    }

    @Test
    void aMachineIsTypedAtBeforeItIsCloned() throws Exception {
        Scenario.Clones clones = Objects.requireNonNull(parse(GOOD + """
                clones:
                  count: 3
                  input: [{after: "> ", type: "warm\\n"}]
                  after: "> "
                """).clones());

        assertThat(clones.count()).isEqualTo(3);
        assertThat(clones.input()).containsExactly(new Input.After("> ", "warm\n", false));
        assertThat(clones.after()).isEqualTo("> ");
        assertThat(clones.policies()).containsExactly(Scenario.Sharing.values());
    }

    @Test
    void everyKeyIsRead() throws Exception {
        Scenario scenario = parse("""
                description: all of it
                vm: {memory_mb: 128, cores: 2}
                kernel: {profile: paper, kmem: 4096}
                seed: -7
                boot_time: 1999-12-31T23:59:59Z
                fetch: [busybox-static]
                files:
                  - {guest: /etc/motd, text: hi, mode: 0600}
                program: ../p
                arguments: [a, "1"]
                environment: {Z: z, A: a}
                stdio: console
                input:
                  - {after: "> ", type: "x\\n"}
                  - {at: 1000, type: y}
                  - {end: true}
                expect:
                  console: {matches: "a.*b"}
                  signal: SIGSEGV
                  events: [{type: SyscallEntered, min: 2, max: 3}, {type: GuestStarted}, {type: Lost, max: 0}]
                """);

        assertThat(scenario.machine()).isEqualTo(new Scenario.Machine(null, 128, 2, "x86-64-v3", null));
        assertThat(scenario.kernel()).containsEntry("kmem", "4096").containsEntry("profile", "paper");
        assertThat(scenario.seed()).isEqualTo(-7);
        assertThat(scenario.bootTime()).isEqualTo(Instant.parse("1999-12-31T23:59:59Z"));
        assertThat(scenario.files()).containsExactly(new Scenario.PlacedFile("/etc/motd", null, "hi", 0600));
        Scenario.Step step = scenario.steps().getFirst();
        assertThat(step.arguments()).containsExactly("a", "1");
        assertThat(step.environment().keySet()).containsExactly("Z", "A");
        assertThat(step.stdio()).isEqualTo(Stdio.CONSOLE);
        assertThat(step.input()).containsExactly(new Input.After("> ", "x\n", false), new Input.At(1000, "y", false),
                new Input.Immediately("", true));
        assertThat(step.expect().console()).isInstanceOf(Console.Matches.class);
        assertThat(step.expect().status()).isEqualTo(139);
        assertThat(step.expect().events()).containsExactly(new Scenario.Events("SyscallEntered", 2, 3L),
                new Scenario.Events("GuestStarted", 1, null), new Scenario.Events("Lost", 0, 0L));
    }

    @Test
    void theExampleInTheReadmeParses() throws Exception {
        String readme = Files.readString(Path.of("scenarios/README.md"));
        String example = readme.substring(readme.indexOf("```yaml\n") + 8);

        Scenario scenario = parse(example.substring(0, example.indexOf("```")));

        assertThat(scenario.steps().getFirst().input()).hasSize(4);
    }

    @Test
    void stepsTakeWhatTheyDoNotSayFromTheScenario() throws Exception {
        Scenario scenario = parse("""
                description: steps
                program: above
                environment: {A: above}
                steps:
                  - {name: one, arguments: [x]}
                  - {name: two, program: own, environment: {A: own}}
                """);

        assertThat(scenario.steps()).extracting(Scenario.Step::program).containsExactly("above", "own");
        assertThat(scenario.steps()).extracting(step -> step.environment().get("A")).containsExactly("above", "own");
    }

    @Test
    void aStepExpectsWhatTheScenarioExpectsUnlessItSaysOtherwise() throws Exception {
        Scenario scenario = parse("""
                description: steps
                program: p
                arguments: [above]
                expect: {status: 3}
                steps:
                  - {name: one}
                  - {name: two, arguments: [], expect: {status: 4}}
                """);

        assertThat(scenario.steps()).extracting(Scenario.Step::arguments).containsExactly(List.of("above"), List.of());
        assertThat(scenario.steps()).extracting(step -> step.expect().status()).containsExactly(3, 4);
    }

    @Test
    void aStepMayHaveItsOwnCoresAndKernelOptions() throws Exception {
        Scenario.Step step = parse("description: d\nprogram: p\nsteps: [{name: s, cores: 4, kernel: {profile: paper}}]")
                .steps().getFirst();

        assertThat(step.cores()).isEqualTo(4);
        assertThat(step.kernel()).containsEntry("profile", "paper");
    }

    @Test
    void aTreeIsAFolderThatIsPlacedWhole() throws Exception {
        Scenario scenario = parse("""
                description: d
                program: p
                provision: [racket]
                files: [{guest: /racket/collects, tree: 'racket:/zo'}]
                """);

        assertThat(scenario.provisions()).containsExactly("racket");
        assertThat(scenario.trees()).containsExactly(new Scenario.PlacedTree("/racket/collects", "racket:/zo", false));
        assertThat(scenario.files()).isEmpty();
    }

    @Test
    void anUnknownKeyIsRefusedWithLineAndColumn() {
        assertThatThrownBy(() -> parse("description: d\nprogram: p\nexpect:\n  statsu: 1\n"))
                .isInstanceOf(ScenarioException.class)
                .hasMessageContainingAll("scenario.yaml:4:", "expect.statsu: unknown key",
                        "console, events, signal, status");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            seed: many                                      | :3:  | "many" is not a whole number
            seed: 1.5                                       | :3:  | a whole number
            boot_time: noon                                 | :3:  | "noon" is not a time like
            stdio: pipe                                     | :3:  | is not one of [streams, console]
            arguments: text                                 | :3:  | this is not a list
            vm: [1]                                         | :3:  | this is not a mapping
            vm: {memory_mb: 0}                              | :3:  | memory_mb must be
            vm: {xml: a.xml, cores: 1}                      | :3:  | vm has both xml and its own size
            program: again                                  | :3:  | uplicate
            files: [{guest: /a}]                            | :3:  | /a needs one of host, text, tree and blob
            files: [{guest: a, text: x}]                    | :3:  | must be absolute
            files: [{guest: /a/../b, text: x}]              | :3:  | must be absolute
            files: [{guest: /a, text: x, mode: 9}]          | :3:  | three or four octal digits
            input: [{after: a, at: 1, type: x}]             | :3:  | both after and at
            input: [{after: a}]                             | :3:  | types nothing
            input: [{stop: true}]                           | :3:  | stop goes with at
            input: [{at: 1, stop: true, type: x}]           | :3:  | stop goes with at
            expect: {status: 1, signal: SIGHUP}             | :3:  | both status and signal
            expect: {signal: SIGNOT}                        | :3:  | there is no signal
            expect: {status: 256}                           | :3:  | status must be 0 to 255
            expect: {console: {}}                           | :3:  | needs one of
            expect: {console: {exact: a, host: b}}          | :3:  | needs one of
            expect: {console: {matches: '('}}               | :3:  | matches: Unclosed group
            expect: {events: [{type: A, min: 2, max: 1}]}   | :3:  | max must not be below min
            fetch: [-oDir::Etc=x]                           | scenario.yaml | not the name of a Debian package
            steps: []                                       | scenario.yaml | steps is empty
            steps: [{name: a/b}]                            | :3:  | step name
            steps: [{name: a}, {name: a}]                   | scenario.yaml | two steps called a
            'clones: {count: 2, after: a, input: [{at: 1, stop: true}]}' | :3:  | stop has no place before
            'clones: {count: 2}'                            | :3:  | after is missing
            'key: [unclosed'                                | :3:  | while parsing a flow sequence: expected ',' or ']'
            'key: 1'                                        | :3:1: | key: unknown key
            """)
    void aWrongValueIsRefusedWithItsPlace(String line, String place, String complaint) {
        assertThatThrownBy(() -> parse(GOOD + line + "\n")).isInstanceOf(ScenarioException.class)
                .hasMessageContaining(place).hasMessageContaining(complaint);
    }

    @Test
    void brokenYamlIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> parse("description: d\nprogram: [a\n")).isInstanceOf(ScenarioException.class)
                .hasMessageContaining("scenario.yaml:");
        assertThatThrownBy(() -> parse("")).isInstanceOf(ScenarioException.class).hasMessageContaining("scenario.yaml");
        assertThatThrownBy(() -> parse("- a\n")).isInstanceOf(ScenarioException.class).hasMessageContaining(":1:");
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThatThrownBy(() -> parse("program: p\n")).hasMessageContaining("description is missing");
        assertThatThrownBy(() -> parse("description: d\n")).hasMessageContaining("program is missing");
        assertThatThrownBy(() -> ScenarioParser.parse(folder.resolve("absent"))).isInstanceOf(ScenarioException.class)
                .hasMessageContaining("is not a scenario");
    }

    @Test
    void aFileThatIsNotUtf8OrTooLargeIsRefused() throws Exception {
        Files.write(folder.resolve("scenario.yaml"), new byte[]{'a', ':', ' ', (byte) 0xff});
        assertThatThrownBy(() -> ScenarioParser.parse(folder)).hasMessageContaining("is not UTF-8");
        Files.write(folder.resolve("scenario.yaml"), new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> ScenarioParser.parse(folder)).hasMessageContaining("is larger than");
    }

    private Scenario parse(String text) throws IOException, ScenarioException {
        Files.writeString(folder.resolve("scenario.yaml"), text);
        return ScenarioParser.parse(folder);
    }
}
