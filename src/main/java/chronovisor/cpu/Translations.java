package chronovisor.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Translated code by address, shared by machines: clones of one find what any of them has had translated. Bounded: what was not asked for
 * longest goes first. Units that run code which has gone from here keep it, so nothing of this is visible to a guest.
 *
 * <p>Any thread may use it.
 */
public final class Translations {
    /** For all machines of a process: a few kilobytes each, and some ten of HotSpot's code. */
    private static final int KEPT_MAX = 4096;

    private final int kept_max;
    private final Map<Long, List<Translation>> byEntry = new HashMap<>();

    /** All that are kept, the one that was asked for longest ago first. */
    private final Map<Translation, Boolean> kept = new LinkedHashMap<>(16, 0.75f, true);

    /** An empty cache of the usual size. */
    public Translations() {
        this(KEPT_MAX);
    }

    /** An empty cache that keeps so many. */
    public Translations(int kept_max) {
        this.kept_max = kept_max;
    }

    /** How many are kept. */
    public synchronized int size() {
        return kept.size();
    }

    /** Keeps a translation, for when the same code is found again. */
    public synchronized void keep(Translation t) {
        if (kept.put(t, true) != null) {
            return;
        }
        for (int i = 0; i < t.entries.length; i++) {
            byEntry.computeIfAbsent(t.entry(i), _ -> new ArrayList<>(1)).add(t);
        }
        if (kept.size() > kept_max) {
            forget(kept.keySet().iterator().next());
        }
    }

    private void forget(Translation t) {
        kept.remove(t);
        for (int i = 0; i < t.entries.length; i++) {
            List<Translation> there = byEntry.get(t.entry(i));
            if (there != null && there.remove(t) && there.isEmpty()) {
                byEntry.remove(t.entry(i));
            }
        }
    }

    /** Translations with an entry at a linear address, the newest last. */
    synchronized List<Translation> at(long address) {
        List<Translation> there = byEntry.getOrDefault(address, List.of());
        there.forEach(kept::get);
        return List.copyOf(there);
    }

    /** A translation of exactly this region, if there is one. */
    public synchronized @Nullable Translation of(Region region) {
        for (Translation t : byEntry.getOrDefault(region.blocks().getFirst().base(), List.of())) {
            if (t.recording == region.recording() && Arrays.equals(t.entries, region.entries())
                    && isOf(t, region.blocks())) {
                kept.get(t);
                return t;
            }
        }
        return null;
    }

    private static boolean isOf(Translation t, List<RegionBlock> blocks) {
        if (t.bases.length != blocks.size()) {
            return false;
        }
        for (int i = 0; i < t.bases.length; i++) {
            if (t.bases[i] != blocks.get(i).base() || !Arrays.equals(t.code[i], blocks.get(i).code())) {
                return false;
            }
        }
        return true;
    }
}
