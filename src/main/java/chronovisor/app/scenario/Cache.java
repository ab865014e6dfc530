package chronovisor.app.scenario;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What scenarios use and git does not hold, in a folder that git ignores: Debian packages under {@code packages}, and what
 * {@code replay-tools/provision} makes under its name.
 *
 * @param folder where all of it is; made when it is first needed
 */
public record Cache(Path folder) {

    /** The cache of a checkout: {@code CHRONOVISOR_CACHE} if that is set, else {@code .cache} in it. */
    public static Cache of(Path checkout) {
        String set = System.getenv("CHRONOVISOR_CACHE");
        return new Cache(set == null || set.isBlank() ? checkout.resolve(".cache") : Path.of(set));
    }

    /**
     * The folder of an unpacked Debian package, which is downloaded when it is not there.
     *
     * @throws UnavailableException when it cannot be had on this machine
     */
    public Path packageRoot(String name) throws ScenarioException {
        return packages().root(name);
    }

    /** The Debian packages in it. */
    DebianPackages packages() {
        return new DebianPackages(folder.resolve("packages"));
    }

    /**
     * The folder of something that has been provisioned.
     *
     * @throws UnavailableException when it has not been
     */
    public Path provisioned(String name) throws UnavailableException {
        Path place = folder.resolve(name);
        if (!Files.isDirectory(place)) {
            throw notProvisioned(name);
        }
        return place;
    }

    /** What to say where something has not been provisioned. */
    public static UnavailableException notProvisioned(String name) {
        return new UnavailableException("not provisioned: run replay-tools/provision " + name);
    }
}
