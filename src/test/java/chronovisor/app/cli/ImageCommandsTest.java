package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images by the command line. */
final class ImageCommandsTest {

    @TempDir
    private Path folder;

    private Path image() {
        Path image = folder.resolve("kitten.img");
        if (!Files.exists(image)) {
            Chronovisor.Result built = Chronovisor.run(folder, "image", "build", "scenarios/palacios/kitten.xml", "-o",
                    image.toString());
            assertThat(built.status()).as(built.errors()).isZero();
            assertThat(built.errors()).isEmpty();
        }
        return image;
    }

    @Test
    void anImageRunsByItselfAndReplays() throws IOException {
        // Nothing but the image is needed.
        Path moved = Files.move(image(), Files.createDirectory(folder.resolve("elsewhere")).resolve("k.img"));
        Chronovisor.Result ran = Chronovisor.run(folder, "hello\nquit\n".getBytes(StandardCharsets.UTF_8), "run",
                "--journal", "one", moved.toString());
        assertThat(ran.status()).as(ran.errors()).isEqualTo(3);
        assertThat(ran.output()).contains("memory: 1536 MB", "(init_task) echo: ready", "1: hello",
                "echo: quit after 2 lines");
        Chronovisor.Result replayed = Chronovisor.run(folder, "replay", "one");
        assertThat(replayed.status()).as(replayed.errors()).isZero();
    }

    @Test
    void anImageIsShown() {
        Chronovisor.Result shown = Chronovisor.run(folder, "image", "show", image().toString());
        assertThat(shown.output()).contains("1,536 MB, 2 cores, nested paging", "init_task  ../guests/bin/echo",
                "profile=paper");
        assertThat(Chronovisor.run(folder, "image", "show", "--xml", image().toString()).output())
                .contains("index=\"0\"");
        assertThat(Chronovisor.run(folder, "image", "show", "--json", image().toString()).output())
                .contains("\"memory_mb\":1536");
    }

    @Test
    void whatIsNoImageIsRefused() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.img"), "v3vee, they said");
        for (String[] command : new String[][]{{"run", bad.toString()}, {"image", "show", bad.toString()}}) {
            Chronovisor.Result refused = Chronovisor.run(folder, command);
            assertThat(refused.status()).isEqualTo(2);
            assertThat(refused.errors()).contains("bad.img: expected \"v3vee\" and three zeros at offset 0")
                    .doesNotContain("\tat ");
        }
    }
}
