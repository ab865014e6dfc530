package chronovisor.kitten;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The page on profiles names every switch, and its table of limits is what the options say. {@code -Ddocs=write} writes it. */
final class ProfilesPageTest {

    private static final Path PAGE = Path.of("docs/kitten-profiles.md");
    private static final String BEGIN = "<!-- limits -->\n";
    private static final String END = "<!-- /limits -->\n";

    @Test
    void thePageNamesEverySwitch() throws IOException {
        String page = Files.readString(PAGE);
        assertThat(KittenOptions.allPatches()).allSatisfy(patch -> assertThat(page).contains("\n| `" + patch + "` | "));
    }

    @Test
    void itsLimitsAreWhatTheOptionsSay() throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf(BEGIN) + BEGIN.length();
        String expected = page.substring(0, from) + table() + page.substring(page.indexOf(END));
        if ("write".equals(System.getProperty("docs"))) {
            Files.writeString(PAGE, expected);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(expected);
    }

    private static String table() {
        StringBuilder table = new StringBuilder("""
                | option | `base` | `limits` | `more_limits` | `paper` | `full` |
                |---|--:|--:|--:|--:|--:|
                """);
        List<KittenOptions> columns = List.of(KittenOptions.parse(Map.of("profile", "base")),
                KittenOptions.parse(Map.of("patches", "limits")), KittenOptions.parse(Map.of("patches", "more_limits")),
                KittenOptions.parse(Map.of("profile", "paper")), KittenOptions.standard());
        row(table, "`init_heap_size`", columns.stream().map(options -> bytes(options.heap_bytes())).toList());
        row(table, "`init_stack_size`", columns.stream().map(options -> bytes(options.stack_bytes())).toList());
        row(table, "`kmem_size`", columns.stream().map(options -> bytes(options.kmem_bytes())).toList());
        row(table, "largest file, bytes", columns.stream().map(options -> String.valueOf(options.fileBytesMax()))
                .toList());
        return table.toString();
    }

    private static void row(StringBuilder table, String name, List<String> cells) {
        table.append("| ").append(name).append(" | ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String bytes(long bytes) {
        return bytes == 0 ? "no limit" : bytes >= 1 << 20 ? (bytes >> 20) + " MB" : (bytes >> 10) + " KB";
    }
}
