package chronovisor.app.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScenarioFilesTest {

    @TempDir
    private Path temporary = Path.of("");

    private Path scenarios = Path.of("");

    @BeforeEach
    void twoFoldersAndASecretBesideThem() throws IOException {
        scenarios = Files.createDirectories(temporary.resolve("scenarios"));
        Files.createDirectories(scenarios.resolve("one"));
        Files.writeString(Files.createDirectories(scenarios.resolve("two")).resolve("shared"), "shared bytes");
        Files.writeString(scenarios.resolve("one/p"), "program");
        Files.writeString(temporary.resolve("secret"), "secret");
    }

    @Test
    void aNeighboursFileMayBeUsed() throws Exception {
        assertThat(files("program: ../two/shared").bytes("../two/shared")).asString().isEqualTo("shared bytes");
    }

    @Test
    void pathsCannotLeaveTheFolderOfScenarios() throws IOException {
        Files.createSymbolicLink(scenarios.resolve("one/link"), temporary.resolve("secret"));

        assertThatThrownBy(() -> files("program: ../../secret")).hasMessageContaining("is outside");
        assertThatThrownBy(() -> files("program: " + temporary.resolve("secret"))).hasMessageContaining("is outside");
        assertThatThrownBy(() -> files("program: link")).hasMessageContaining("is outside");
        assertThatThrownBy(() -> files("program: p\nfiles: [{guest: /a, host: ../../secret}]"))
                .hasMessageContaining("is outside");
        assertThatThrownBy(() -> files("program: p\nexpect: {console: {file: ../../secret}}"))
                .hasMessageContaining("is outside");
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThatThrownBy(() -> files("program: absent")).isInstanceOf(ScenarioException.class)
                .hasMessageContaining("scenario.yaml: absent is not a file");
        assertThatThrownBy(() -> files("program: tool:/bin/tool")).hasMessageContaining("neither under fetch");
    }

    @Test
    void aFetchedPackagesFileIsFoundInTheCache() throws Exception {
        Files.writeString(Files.createDirectories(temporary.resolve("cache/packages/tool/bin")).resolve("tool"), "ELF");

        assertThat(files("fetch: [tool]\nprogram: tool:/bin/tool").bytes("tool:/bin/tool")).asString().isEqualTo("ELF");
        assertThatThrownBy(() -> files("fetch: [tool]\nprogram: tool:/../../secret"))
                .hasMessageContaining("is outside");
    }

    @Test
    void whatIsNotProvisionedIsUnavailableAndSaysHowToGetIt() throws Exception {
        String scenario = "provision: [tool]\nprogram: tool:/bin/tool\nfiles: [{guest: /lib, tree: tool:/lib}]";
        String advice = "not provisioned: run replay-tools/provision tool";

        assertThatThrownBy(() -> files(scenario)).isInstanceOf(UnavailableException.class).hasMessage(advice);
        Files.writeString(Files.createDirectories(temporary.resolve("cache/tool/bin")).resolve("tool"), "ELF");
        assertThatThrownBy(() -> files(scenario)).isInstanceOf(UnavailableException.class).hasMessage(advice);
        Path library = Files.createDirectories(temporary.resolve("cache/tool/lib"));
        assertThat(files(scenario).folder("tool:/lib")).isEqualTo(library.toRealPath());
    }

    @Test
    void hostCommandsSeeThePlacedFiles() throws Exception {
        ScenarioFiles files = files("program: p\nfiles: [{guest: /data/text, text: 'b a'}]");
        Scenario.Step step = files.scenario().steps().getFirst();
        HostCommands host = HostCommands.allowed(files);

        assertThat(host.output(step, "cat data/text \"$PROGRAM\"")).asString().isEqualTo("b aprogram");
        assertThatThrownBy(() -> host.output(step, "exit 3")).isExactlyInstanceOf(ScenarioException.class)
                .hasMessageContaining("status 3");
        assertThatThrownBy(() -> host.output(step, "no-such-tool-anywhere")).isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> HostCommands.REFUSED.output(step, "true")).isInstanceOf(UnavailableException.class);
    }

    private ScenarioFiles files(String text) throws IOException, ScenarioException {
        Files.writeString(scenarios.resolve("one/scenario.yaml"), "description: d\n" + text + "\n");
        return ScenarioFiles.of(ScenarioParser.parse(scenarios.resolve("one")),
                new Cache(temporary.resolve("cache")));
    }
}
