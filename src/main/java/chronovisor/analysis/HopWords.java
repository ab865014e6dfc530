package chronovisor.analysis;

import chronovisor.journal.EventJson;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The hops of a value's way, in words. */
final class HopWords {

    /** Functions of C libraries that write what and where their callers say. */
    private static final Set<String> COPIERS = Set.of("memcpy", "memmove", "mempcpy", "memset", "bcopy", "bzero",
            "strcpy",
            "stpcpy", "__stpcpy", "strncpy", "stpncpy", "__stpncpy", "strcat", "strncat", "strlcpy", "strlcat",
            "sprintf", "snprintf",
            "vsprintf", "vsnprintf", "gets", "fgets", "fread", "__memcpy", "__memcpy_avx_unaligned_erms",
            "__memmove_avx_unaligned_erms", "__memset_avx2_unaligned_erms", "__strcpy_avx2", "__stpcpy_avx2");

    private final Scene scene;
    private final History history;

    HopWords(Evidence evidence) {
        this.scene = evidence.scene;
        this.history = evidence.history;
    }

    /** The first hop of a kind, null when there is none. */
    static Provenance.@Nullable Hop first(List<Provenance.Hop> hops, Provenance.Kind kind) {
        return hops.stream().filter(hop -> hop.kind() == kind).findFirst().orElse(null);
    }

    /** The function that a hop's instruction is of; where that copies for others, for whom. */
    String function(Provenance.Hop hop) {
        scene.timeline().seek(hop.at());
        String function = scene.function(hop.task(), hop.rip());
        return COPIERS.contains(function)
                ? scene.functions(hop.task()).stream().filter(name -> !COPIERS.contains(name)).findFirst()
                        .map(caller -> function + " for " + caller).orElse(function)
                : function;
    }

    /** A hop on a line. */
    String line(Provenance.Hop hop) {
        String instruction = hop.code().isEmpty() ? "" : where(hop) + "  " + hop.code();
        return switch (hop.kind()) {
            case LOADED -> hop.at() + "  loaded from " + Words.hex(hop.address()) + " by " + instruction;
            case STORED -> hop.at() + "  stored to " + Words.hex(hop.address()) + " by " + history.name(hop.task())
                    + ", " + instruction;
            case KERNEL -> hop.at() + "  written to " + Words.hex(hop.address()) + " by the kernel for "
                    + history.name(hop.task()) + (hop.event() == null ? "" : ": " + EventJson.text(hop.event()));
            case UNWRITTEN -> "nothing has written to " + Words.hex(hop.address()) + " since the machine booted";
            case CONSTANT -> hop.at() + "  a constant of " + instruction;
            case COMPUTED -> hop.at() + "  computed by " + instruction;
            case OLDER -> "older than what was looked at, before " + hop.at();
        };
    }

    private String where(Provenance.Hop hop) {
        scene.timeline().seek(hop.at());
        return scene.place(hop.task(), hop.rip());
    }
}
