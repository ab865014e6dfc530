package chronovisor.cpu;

import chronovisor.isa.CpuFeature;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A kind of processor: what CPUID tells of it, and so which instructions it has. An instruction of any other feature does not exist
 * there: it raises #UD, or is the older one that its encoding was before.
 *
 * @param name as users write it
 * @param signature family, model and stepping (SDM vol. 2, CPUID, EAX of leaf 1): libraries tune themselves by it
 * @param leafMax highest basic leaf of CPUID
 * @param sharedCache_kb size of the level 3 cache that is told, 0 for none
 * @param brand at most 47 characters
 * @param features all that it offers; iterates in declaration order
 */
public record CpuModel(String name, int signature, int leafMax, int sharedCache_kb, String brand,
        Set<CpuFeature> features) {

    private static final char BEFORE_FEATURES = '=';

    public CpuModel {
        features = Collections.unmodifiableSet(EnumSet.copyOf(features));
    }

    /** Whether it offers a feature. */
    public boolean has(CpuFeature feature) {
        return features.contains(feature);
    }

    /** Its name and features in one line, for a journal: a later version of this machine may offer more under the same name. */
    public String text() {
        return name + BEFORE_FEATURES + features.stream().map(CpuFeature::name).collect(Collectors.joining(","));
    }

    /**
     * What {@link #text} wrote, or a name that a journal of the first format holds.
     *
     * @throws IllegalArgumentException when there is no such model or feature
     */
    public static CpuModel parse(String text) {
        int equals = text.indexOf(BEFORE_FEATURES);
        if (equals < 0) {
            return CpuModels.ofOldJournal(text);
        }
        CpuModel named = CpuModels.any(text.substring(0, equals));
        Set<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
        for (String feature : text.substring(equals + 1).split(",", -1)) {
            features.add(CpuFeature.valueOf(feature.toUpperCase(Locale.ROOT)));
        }
        return named.withFeatures(features);
    }

    CpuModel withFeatures(Set<CpuFeature> others) {
        return new CpuModel(name, signature, leafMax, sharedCache_kb, brand, others);
    }
}
