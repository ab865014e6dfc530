package chronovisor.app.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code chronovisor train}: runs what most commands run, for the launcher, which has the JVM watch it once after a build. Later starts map
 * the classes that were loaded here from one file, and know what was hot here (JEP 483, JEP 515). The demo does a little of everything;
 * then programs are run as {@code exec} is mostly used.
 */
@Command(name = "train", hidden = true, description = "Runs a little of everything, for the launcher's cache of classes.")
final class TrainCommand implements Callable<Integer> {

    private static final String ROUNDS = "20";

    @Parameters(index = "0", paramLabel = "FOLDER", description = "The folder of the guests.")
    private Path guests = Path.of("");

    @Override
    public Integer call() {
        int failed = Main.execute("demo", "--embedded");
        failed |= exec("--no-journal", "bench-strings");
        failed |= exec("--fidelity=inputs", "bench-sieve");
        failed |= exec("--fidelity=steps", "bench-quicksort");
        return failed;
    }

    private int exec(String how, String program) {
        return Main.execute("exec", how, guests.resolve(program).toString(), ROUNDS);
    }
}
