package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.kitten.KittenOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code chronovisor syscalls} and the page made of it. {@code -Ddocs=write} writes the page:
 *
 * <pre>
 * mvn test -Dtest=SyscallsTest -Ddocs=write
 * </pre>
 */
class SyscallsTest {

    private static final Path PAGE = Path.of("docs/syscalls.md");

    @TempDir
    Path folder;

    @Test
    void thePageIsWhatTheTablesSay() throws IOException {
        if ("write".equals(System.getProperty("docs"))) {
            Files.writeString(PAGE, SyscallList.markdown());
        }
        assertThat(Files.readString(PAGE)).isEqualTo(SyscallList.markdown());
    }

    @Test
    void aProfileTellsWhatItAnswers() {
        assertThat(line("base", 22)).startsWith(" 22 pipe [pipes]").contains("absent");
        assertThat(line("paper", 22)).startsWith(" 22 pipe [pipes]").doesNotContain("absent");
        assertThat(line("paper", 10)).contains("stub").contains("does nothing").contains("until mprotect");
        assertThat(line("full", 10)).contains("full");
        assertThat(line("paper", 293)).contains("aspace_find_hole");
    }

    private static String line(String profile, int number) {
        return SyscallList.lines(KittenOptions.parse(Map.of("profile", profile))).stream()
                .filter(line -> line.row().number() == number).findFirst().orElseThrow().text();
    }

    @Test
    void theCommandPrintsALineOrAnObjectForEachCall() {
        int calls = SyscallList.lines(KittenOptions.standard()).size();
        Chronovisor.Result text = Chronovisor.run(folder, "syscalls", "--profile", "paper");
        assertThat(text.status()).isZero();
        assertThat(text.output().lines()).hasSize(calls);
        List<String> objects = Chronovisor.run(folder, "syscalls", "--json").output().lines().toList();
        assertThat(objects).hasSize(calls).allMatch(line -> line.startsWith("{\"number\":") && line.endsWith("}"));
    }

    @Test
    void anUnknownProfileIsAUsageError() {
        Chronovisor.Result result = Chronovisor.run(folder, "syscalls", "--profile", "best");
        assertThat(result.status()).isEqualTo(ExitCode.USAGE);
        assertThat(result.errors()).contains("best");
    }
}
