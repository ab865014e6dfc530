package chronovisor.cpu;

import org.jspecify.annotations.Nullable;

/**
 * Makes translations of regions, at its leisure and on any thread. When they are ready is never visible to a guest: the interpreter runs
 * on meanwhile.
 */
public interface Translator {
    /**
     * Asks for a translation. It comes out of {@link #poll}, or never when the region cannot be translated.
     *
     * @return false when too many wait already
     */
    boolean translate(Region region);

    /** A translation that has become ready and is kept in {@link Translations}, or null. Called by the thread that runs the machine. */
    @Nullable
    Translation poll();
}
