package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.Runs;
import chronovisor.app.cli.Chronovisor.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code export}: its formats, where they go, and its errors. */
class ExportCommandTest {

    @TempDir
    Path folder;

    @BeforeEach
    void record() {
        Runs.record(folder, "hello");
    }

    private Result export(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "export";
        all[1] = "hello";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return Chronovisor.run(folder, all);
    }

    @Test
    void textGoesToStandardOutputOrIntoTheFile() throws IOException {
        Result json = export("--format", "json");
        assertThat(json.errors()).isEmpty();
        assertThat(json.output()).isEqualTo(Chronovisor.run(folder, "events", "--json", "hello").output());
        Path file = folder.resolve("hello.json");
        assertThat(export("--format", "json", "--out", file.toString()).status()).isZero();
        assertThat(file).hasContent(json.output());
    }

    @Test
    void profilesAreThoseOfTheCommandProfile() {
        for (String format : new String[]{"collapsed", "speedscope"}) {
            assertThat(export("--format", format).output()).isNotEmpty()
                    .isEqualTo(Chronovisor.run(folder, "profile", "hello", "--format", format).output());
        }
    }

    @Test
    void foldersWantANameAndAreNeverOverwritten() throws IOException {
        assertThat(export("--format", "ctf").errors()).contains("--format ctf wants --out");
        assertThat(export("--format", "parquet").status()).isEqualTo(ExitCode.USAGE);
        Path out = folder.resolve("out");
        assertThat(export("--format", "ctf", "--out", out.toString()).status()).isZero();
        assertThat(out.resolve("metadata")).exists();
        Result again = export("--format", "ctf", "--out", out.toString());
        assertThat(again.status()).isNotZero();
        assertThat(again.errors()).contains("is not empty");
        Path one = folder.resolve("all.parquet");
        assertThat(export("--format", "parquet", "--out", one.toString()).status()).isZero();
        assertThat(Files.size(one)).isPositive();
    }

    @Test
    void aFormatThatThereIsNotIsRefused() {
        assertThat(export("--format", "svg").status()).isEqualTo(ExitCode.USAGE);
        assertThat(Chronovisor.run(folder, "export", "hello").errors()).contains("--format");
    }

    @Test
    void aPageIsOneFileOfTheEventsThatAreAskedFor() throws IOException {
        Path page = folder.resolve("page.html");
        Result whole = Chronovisor.run(folder, "timeline-view", "hello", "--out", page.toString());
        assertThat(whole.errors()).isEmpty();
        assertThat(Files.readString(page)).startsWith("<!doctype html>").contains("SyscallEntered");
        Result part = Chronovisor.run(folder, "timeline-view", "hello", "--to", "0", "--events-max", "5");
        assertThat(part.output()).contains("the first 5 of ").doesNotContain("\"SyscallEntered\"");
        assertThat(Chronovisor.run(folder, "timeline-view", "hello", "--events-max", "0").status())
                .isEqualTo(ExitCode.USAGE);
    }
}
