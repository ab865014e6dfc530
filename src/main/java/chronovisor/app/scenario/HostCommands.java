package chronovisor.app.scenario;

import chronovisor.app.scenario.Scenario.PlacedFile;
import chronovisor.journal.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What the host's own tools print. A scenario from elsewhere must not run anything here, so the caller chooses. */
@FunctionalInterface
public interface HostCommands {

    /** Runs none. */
    HostCommands REFUSED = (step, command) -> {
        throw new UnavailableException(
                "the scenario wants to run \"" + command + "\" on this host, which is not allowed");
    };

    /**
     * What a command prints on standard output.
     *
     * @param step the step it is for; the command finds the host's path of its program in {@code $PROGRAM}
     * @param command a line for bash
     * @throws UnavailableException when one of its tools is not installed
     * @throws ScenarioException when it fails
     */
    byte[] output(Scenario.Step step, String command) throws ScenarioException;

    /**
     * Runs commands with bash in a new folder that holds the scenario's placed files, as the guest's {@code /} does, so a
     * relative path means the same file on both sides. The folder is gone afterwards.
     */
    static HostCommands allowed(ScenarioFiles files) {
        return (step, command) -> {
            try {
                Path stage = Files.createTempDirectory("chronovisor-host-");
                try {
                    place(files, stage);
                    return run(stage, files.path(step.program()), command);
                } finally {
                    Folders.remove(stage);
                }
            } catch (IOException e) {
                throw new ScenarioException("no folder for \"" + command + "\": " + e.getMessage(), e);
            }
        };
    }

    /** Puts the scenario's files into a folder, and links to its trees. */
    static void place(ScenarioFiles files, Path stage) throws IOException, ScenarioException {
        for (PlacedFile file : files.scenario().files()) {
            Path target = stage.resolve(file.guest().substring(1));
            Files.createDirectories(target.resolveSibling("."));
            Files.write(target, files.bytes(file));
        }
        for (Scenario.PlacedTree tree : files.scenario().trees()) {
            Path target = stage.resolve(tree.guest().substring(1));
            Files.createDirectories(target.resolveSibling("."));
            Files.createSymbolicLink(target, files.folder(tree.host()));
        }
    }

    private static byte[] run(Path stage, Path program, String command) throws ScenarioException {
        HostProcess process = HostProcess.run(stage, Duration.ofSeconds(30), false,
                List.of("env", "PROGRAM=" + program, "bash", "-o", "pipefail", "-c", command));
        if (process.status() == HostProcess.NOT_FOUND) {
            throw new UnavailableException("a tool of \"" + command + "\" is not installed on this host");
        }
        if (process.status() != 0) {
            throw new ScenarioException("\"" + command + "\" ended with status " + process.status() + " on this host");
        }
        return process.output();
    }
}
