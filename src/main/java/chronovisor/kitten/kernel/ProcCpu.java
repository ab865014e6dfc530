package chronovisor.kitten.kernel;

import chronovisor.cpu.CpuModel;
import chronovisor.isa.CpuFeature;
import java.util.Locale;

/** /proc/cpuinfo, as proc(5) and programs that look for features by Linux's names for them expect it. */
final class ProcCpu {

    private ProcCpu() {}

    static String text(Trap t) {
        CpuModel model = t.machine.cpuModel();
        int signature = model.signature();
        int family = signature >>> 8 & 15;
        int number = signature >>> 4 & 15 | signature >>> 12 & 0xF0;
        StringBuilder text = new StringBuilder();
        for (int core = 0; core < t.cores().size(); core++) {
            line(text, "processor\t", core);
            line(text, "vendor_id\t", "GenuineIntel");
            line(text, "cpu family\t", family);
            line(text, "model\t\t", number);
            line(text, "model name\t", model.brand());
            line(text, "stepping\t", signature & 15);
            line(text, "cpu MHz\t\t", "1000.000");
            if (model.sharedCache_kb() > 0) {
                line(text, "cache size\t", model.sharedCache_kb() + " KB");
            }
            line(text, "physical id\t", 0);
            line(text, "siblings\t", t.cores().size());
            line(text, "core id\t\t", core);
            line(text, "cpu cores\t", t.cores().size());
            line(text, "apicid\t\t", core);
            line(text, "fpu\t\t", "yes");
            line(text, "fpu_exception\t", "yes");
            line(text, "cpuid level\t", model.leafMax());
            line(text, "wp\t\t", "yes");
            line(text, "flags\t\t", flags(model));
            line(text, "clflush size\t", 64);
            line(text, "cache_alignment\t", 64);
            line(text, "address sizes\t", "40 bits physical, 48 bits virtual");
            text.append('\n');
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, Object value) {
        text.append(name).append(": ").append(value).append('\n');
    }

    /** The model's features, and those that every model has and no instruction. */
    private static String flags(CpuModel model) {
        StringBuilder flags = new StringBuilder(
                "pse pae apic pge pat nx pdpe1gb lm constant_tsc nonstop_tsc hypervisor");
        for (CpuFeature feature : model.features()) {
            if (feature.hasBit()) {
                flags.append(' ').append(name(feature));
            }
        }
        return flags.toString();
    }

    private static String name(CpuFeature feature) {
        return switch (feature) {
            case X87 -> "fpu";
            case CLFSH -> "clflush";
            case SSE3 -> "pni";
            case LAHF64 -> "lahf_lm";
            case LZCNT -> "abm";
            case PREFETCHW -> "3dnowprefetch";
            case SHA -> "sha_ni";
            default -> feature.name().toLowerCase(Locale.ROOT); // the manual's name is Linux's
        };
    }
}
