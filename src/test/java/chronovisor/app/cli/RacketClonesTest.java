package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** As many clones of a machine with Racket loaded as {@code -Dracket.clones=1000} says, each with an expression of its own. */
final class RacketClonesTest {

    private static final int CLONES = Integer.getInteger("racket.clones", 0);

    @TempDir
    private Path folder;

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void everyCloneAnswersItsOwnExpression() throws IOException {
        assumeTrue(CLONES > 0, "clones of Racket take minutes: -Dracket.clones=N");
        Path scenario = Files.createDirectories(folder.resolve("racket-clones"));
        String text = Files.readString(Path.of("scenarios/racket-clones/scenario.yaml"));
        Files.writeString(scenario.resolve("scenario.yaml"), text.replace("count: 100", "count: " + CLONES));
        Chronovisor.Result result = Chronovisor.run(folder, "run", scenario.toString());
        System.out.print(result.output());
        assertThat(result.status()).as(result.output() + result.errors()).isZero();
    }
}
