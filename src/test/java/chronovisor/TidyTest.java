package chronovisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Rules about the sources as text. */
final class TidyTest {

    private static final int LINES_MAX = 600;

    private static final Set<String> TOP_LEVEL = Set.of("README.md", "docs", "journals", "pom.xml", "replay-tools",
            "scenarios",
            "src");

    @Test
    void noSourceFileIsLongerThanTheAlarm() throws IOException {
        TreeMap<String, Integer> tooLong = new TreeMap<>();
        for (Path file : javaFiles()) {
            int lines = Files.readAllLines(file).size();
            if (lines > LINES_MAX) {
                tooLong.put(file.toString(), lines);
            }
        }
        assertThat(tooLong).as("files over %d lines", LINES_MAX).isEmpty();
    }

    @Test
    void everySourceFolderHasAPackageInfo() throws IOException {
        TreeSet<Path> without = new TreeSet<>();
        for (Path file : javaFiles()) {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null && !Files.exists(folder.resolve("package-info.java"))) {
                without.add(folder);
            }
        }
        assertThat(without).as("folders without package-info.java").isEmpty();
    }

    @Test
    void theTopLevelHoldsNothingNew() throws IOException {
        assumeTrue(Files.exists(Path.of(".git")), "not a git checkout");
        Process git = new ProcessBuilder("git", "ls-files").start();
        TreeSet<String> found = new TreeSet<>();
        try (var lines = git.inputReader()) {
            lines.lines().map(path -> path.split("/", 2)[0]).filter(name -> !name.startsWith("."))
                    .filter(name -> !TOP_LEVEL.contains(name)).forEach(found::add);
        }
        assertThat(found).isEmpty();
    }

    private static List<Path> javaFiles() throws IOException {
        try (var files = Files.walk(Path.of("src/main/java"))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
