package chronovisor.cpu;

import static chronovisor.isa.CpuFeature.*;

import chronovisor.isa.CpuFeature;
import chronovisor.isa.OpcodeTable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The processors there are to choose from. A row lists what a model has on paper; {@link #named} gives what of it this machine does
 * completely, so that CPUID never promises more: when the last row of a feature is finished, the models have it.
 */
public final class CpuModels {
    /** What a guest gets that asks for nothing. */
    public static final String DEFAULT = "x86-64-v3";

    private static final String BRAND = "Chronovisor virtual processor at 1.00GHz";

    /** Without these there is no 64-bit mode: told whatever the state of our rows. */
    private static final Set<CpuFeature> BASELINE = EnumSet.of(X87, TSC, MSR, CX8, CMOV, CLFSH, MMX, FXSR, SSE, SSE2,
            SYSCALL, RDTSCP);

    /** What the psABI's second level adds. */
    private static final Set<CpuFeature> SECOND = EnumSet.of(SSE3, SSSE3, CX16, SSE4_1, SSE4_2, POPCNT, LAHF64);

    /** What its third level adds (AVX needs XSAVE), and all else that the processor does. */
    private static final Set<CpuFeature> THIRD = EnumSet.of(AVX, AVX2, BMI1, BMI2, F16C, FMA, LZCNT, MOVBE, XSAVE,
            XSAVEOPT, XSAVEC,
            AES, PCLMULQDQ, SHA, ADX, RDRAND, RDSEED, RDPID, FSGSBASE, CLFLUSHOPT, CLWB, CLDEMOTE, PREFETCHW, ERMS,
            FSRM);

    /** Of the Core i3-2100, by its data sheet: AVX, but neither AES nor what came with the next generation. */
    private static final Set<CpuFeature> SANDY_BRIDGE_I3 = EnumSet.of(PCLMULQDQ, XSAVE, XSAVEOPT, AVX);

    // Signatures: an early 64-bit Core, Nehalem, Haswell and Sandy Bridge: each what its features are likely to be met with.
    private static final List<CpuModel> MODELS = List.of(
            new CpuModel("x86-64", 0x0006FB, 0xA, 0, BRAND, BASELINE),
            new CpuModel("x86-64-v2", 0x106A5, 0xB, 8192, BRAND, union(BASELINE, SECOND)),
            new CpuModel("x86-64-v3", 0x306C3, 0x16, 8192, BRAND, union(BASELINE, SECOND, THIRD)),
            new CpuModel("core-i3-2011", 0x206A7, 0xD, 3072, "Intel(R) Core(TM) i3-2100 CPU @ 3.10GHz",
                    union(BASELINE, SECOND, SANDY_BRIDGE_I3)));

    /** The levels of journals of the first format, with the names and the few leaves that they had. */
    private static final List<CpuModel> OLD = List.of(
            new CpuModel("X86_64", 0x0006FB, 7, 0, BRAND, BASELINE),
            new CpuModel("X86_64_V2", 0x0006FB, 7, 0, BRAND, union(BASELINE, SECOND)));

    private static final CpuModel EVERYTHING = new CpuModel("everything", 0x306C3, 0x16, 8192, BRAND,
            EnumSet.allOf(CpuFeature.class));

    private CpuModels() {}

    /** The names, from the oldest processor to the newest, the special ones last. */
    public static List<String> names() {
        return MODELS.stream().map(CpuModel::name).toList();
    }

    /**
     * A model, as far as this machine does what it promises.
     *
     * @throws IllegalArgumentException when there is none of that name; the message lists those there are
     */
    public static CpuModel named(String name) {
        CpuModel model = find(MODELS, name);
        return model.withFeatures(told(model.features()));
    }

    /** The model that a guest gets that asks for none. */
    public static CpuModel standard() {
        return named(DEFAULT);
    }

    /** Has every instruction that there are semantics for: for tests of single instructions. */
    public static CpuModel everything() {
        return EVERYTHING;
    }

    /** What a model has on paper and {@link #named} leaves out. */
    public static Set<CpuFeature> untold(String name) {
        Set<CpuFeature> left = EnumSet.copyOf(find(MODELS, name).features());
        left.removeAll(named(name).features());
        return left;
    }

    static CpuModel ofOldJournal(String level) {
        return find(OLD, level);
    }

    /** A model of this or an older version, with its features on paper. */
    static CpuModel any(String name) {
        List<CpuModel> all = new ArrayList<>(MODELS);
        all.addAll(OLD);
        return find(all, name);
    }

    private static CpuModel find(List<CpuModel> models, String name) {
        for (CpuModel model : models) {
            if (model.name().equals(name)) {
                return model;
            }
        }
        throw new IllegalArgumentException("no CPU model '" + name + "'; there are " + String.join(", ", names()));
    }

    private static Set<CpuFeature> told(Set<CpuFeature> features) {
        Set<CpuFeature> told = EnumSet.copyOf(features);
        Set<CpuFeature> incomplete = OpcodeTable.incompleteFeatures();
        told.removeIf(feature -> !BASELINE.contains(feature) && incomplete.contains(feature));
        // Without XSAVE no kernel can switch AVX's registers on; without AVX its followers do not exist (SDM vol. 1, 14.3 and 14.7).
        if (!told.contains(XSAVE)) {
            told.removeAll(EnumSet.of(XSAVEOPT, XSAVEC, XSAVES, AVX));
        }
        if (!told.contains(AVX)) {
            told.removeAll(EnumSet.of(AVX2, FMA, F16C));
        }
        return told;
    }

    @SafeVarargs
    private static Set<CpuFeature> union(Set<CpuFeature>... sets) {
        Set<CpuFeature> all = EnumSet.noneOf(CpuFeature.class);
        for (Set<CpuFeature> set : sets) {
            all.addAll(set);
        }
        return all;
    }
}
