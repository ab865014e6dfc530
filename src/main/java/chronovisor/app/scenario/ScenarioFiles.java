package chronovisor.app.scenario;

import chronovisor.app.scenario.Scenario.PlacedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of the host that a scenario names. A name is either a path relative to the scenario's folder, which must stay
 * below the folder that holds it, symbolic links followed; or {@code PACKAGE:/path}, a file of a package that the scenario
 * fetches or of something that has been provisioned.
 */
public final class ScenarioFiles {

    private static final Pattern IN_PACKAGE = Pattern.compile("([a-z0-9][a-z0-9+.-]+):/(.+)");

    private static final long BYTES_MAX = 1L << 30;

    private final Scenario scenario;

    private final Map<String, Path> packageRoots = new HashMap<>();

    private ScenarioFiles(Scenario scenario) {
        this.scenario = scenario;
    }

    /**
     * Fetches the packages of a scenario and checks that every file it names is there.
     *
     * @throws UnavailableException when a package cannot be had on this machine, or something is not provisioned
     * @throws ScenarioException when a file is missing or out of bounds
     */
    public static ScenarioFiles of(Scenario scenario, Cache cache) throws ScenarioException {
        ScenarioFiles files = new ScenarioFiles(scenario);
        for (String name : scenario.provisions()) {
            files.packageRoots.put(name, cache.provisioned(name));
        }
        for (String name : scenario.packages()) {
            files.packageRoots.put(name, cache.packages().root(name));
        }
        if (scenario.machine().xml() != null) {
            files.path(scenario.machine().xml());
        }
        for (PlacedFile file : scenario.files()) {
            if (file.host() != null) {
                files.path(file.host());
            }
        }
        for (Scenario.PlacedTree tree : scenario.trees()) {
            files.folder(tree.host());
        }
        for (Scenario.Step step : scenario.steps()) {
            files.path(step.program());
            if (step.expect().console() instanceof Scenario.Console.File file) {
                files.path(file.host());
            }
        }
        return files;
    }

    /**
     * Where a file is.
     *
     * @param name a relative path or {@code PACKAGE:/path}
     * @throws ScenarioException when it is missing or out of bounds
     */
    public Path path(String name) throws ScenarioException {
        try {
            Path path = resolve(name);
            if (!Files.isRegularFile(path)) {
                throw absent(name, "is not a file");
            }
            if (Files.size(path) > BYTES_MAX) {
                throw new ScenarioException(complaint(name, "is larger than " + BYTES_MAX + " bytes"));
            }
            return path.toRealPath();
        } catch (IOException e) {
            throw new ScenarioException(complaint(name, "cannot be found"), e);
        }
    }

    /**
     * Where a folder is.
     *
     * @param name as for {@link #path}
     * @throws ScenarioException when it is missing or out of bounds
     */
    public Path folder(String name) throws ScenarioException {
        try {
            Path path = resolve(name);
            if (!Files.isDirectory(path)) {
                throw absent(name, "is not a folder");
            }
            return path.toRealPath();
        } catch (IOException e) {
            throw new ScenarioException(complaint(name, "cannot be found"), e);
        }
    }

    private Path resolve(String name) throws IOException, ScenarioException {
        Matcher inPackage = IN_PACKAGE.matcher(name);
        if (inPackage.matches()) {
            Path root = packageRoots.get(inPackage.group(1));
            if (root == null) {
                throw new ScenarioException(
                        complaint(name, "is in a package that is neither under fetch nor under provision"));
            }
            Path real = root.toRealPath();
            return within(real, real.resolve(inPackage.group(2)), name);
        }
        Path folder = scenario.folder().toRealPath();
        Path parent = folder.getParent();
        return within(parent == null ? folder : parent, folder.resolve(name), name);
    }

    private Path within(Path bound, Path path, String name) throws IOException, ScenarioException {
        if (!path.normalize().startsWith(bound) || (Files.exists(path) && !path.toRealPath().startsWith(bound))) {
            throw new ScenarioException(complaint(name, "is outside " + bound));
        }
        return path;
    }

    /** What is provisioned in part is not provisioned: its steps put their results into place when they are whole. */
    private ScenarioException absent(String name, String what) {
        Matcher inPackage = IN_PACKAGE.matcher(name);
        return inPackage.matches() && scenario.provisions().contains(inPackage.group(1))
                ? Cache.notProvisioned(inPackage.group(1))
                : new ScenarioException(complaint(name, what));
    }

    /** The bytes of a file that is placed in the guest. */
    public byte[] bytes(PlacedFile file) throws ScenarioException {
        return file.host() == null ? String.valueOf(file.text()).getBytes(StandardCharsets.UTF_8) : bytes(file.host());
    }

    /** The bytes of a file of the host. */
    public byte[] bytes(String name) throws ScenarioException {
        try {
            return Files.readAllBytes(path(name));
        } catch (IOException e) {
            throw new ScenarioException(complaint(name, "cannot be read: " + e.getMessage()), e);
        }
    }

    /** The scenario whose files these are. */
    public Scenario scenario() {
        return scenario;
    }

    private String complaint(String name, String what) {
        return scenario.folder().resolve(ScenarioParser.FILE) + ": " + name + " " + what;
    }
}
