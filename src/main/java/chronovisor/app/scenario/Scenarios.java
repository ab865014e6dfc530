package chronovisor.app.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** The scenarios of an installation, by name. */
public final class Scenarios {

    private final Path folder;

    /**
     * The scenarios in a folder.
     *
     * @param folder holds one folder a scenario
     */
    public Scenarios(Path folder) {
        this.folder = folder;
    }

    /** The names of all of them, sorted. */
    public List<String> names() throws ScenarioException {
        try (var entries = Files.list(folder)) {
            return entries.filter(entry -> Files.isRegularFile(entry.resolve(ScenarioParser.FILE)))
                    .map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new ScenarioException("scenarios cannot be listed in " + folder, e);
        }
    }

    /**
     * Reads one.
     *
     * @param nameOrPath the name of one of these, or the path of a folder or of its file anywhere
     * @throws ScenarioException when there is none, or something in it is wrong
     */
    public Scenario find(String nameOrPath) throws ScenarioException {
        Path path;
        try {
            path = Path.of(nameOrPath);
        } catch (InvalidPathException e) {
            throw new ScenarioException("\"" + nameOrPath + "\" is neither a scenario nor a path", e);
        }
        if (path.endsWith(ScenarioParser.FILE)) {
            return ScenarioParser.parse(path.toAbsolutePath().resolveSibling("."));
        }
        if (path.getNameCount() == 1 && !path.isAbsolute() && names().contains(nameOrPath)) {
            return ScenarioParser.parse(folder.resolve(nameOrPath));
        }
        if (Files.isDirectory(path)) {
            return ScenarioParser.parse(path);
        }
        throw new ScenarioException(
                "there is no scenario \"" + nameOrPath + "\"; there are " + String.join(", ", names()));
    }

    /** Whether a scenario is one of these, and so may run commands on the host. */
    public boolean own(Scenario scenario) {
        return scenario.folder().toAbsolutePath().normalize().startsWith(folder.toAbsolutePath().normalize());
    }
}
