package chronovisor.analysis.probe;

import chronovisor.kitten.elf.ElfSections;
import chronovisor.timeline.Symbols;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where probes are in the address space of one program. */
final class ProbeSites {

    /** A function that is probed. */
    record Site(String name, boolean entry, boolean exit) {

        private Site and(Site other) {
            return new Site(name, entry || other.entry, exit || other.exit);
        }
    }

    /** A range of memory that is watched. */
    record Range(long start, int bytes, boolean writes, boolean reads) {}

    private final Map<Long, Site> functions = new HashMap<>();
    private final List<Range> ranges = new ArrayList<>();

    ProbeSites(List<ProbeSpec> specs, Symbols symbols) {
        for (ProbeSpec spec : specs) {
            switch (spec) {
                case ProbeSpec.Function function -> find(function, symbols);
                case ProbeSpec.Memory memory -> find(memory, symbols);
            }
        }
    }

    private void find(ProbeSpec.Function wanted, Symbols symbols) {
        long address = ProbeSpec.address(wanted.name());
        if (address >= 0) {
            add(address, symbols.at(address).map(Symbols.Place::toString).orElse(wanted.name()), wanted);
        } else if (!wanted.isPattern()) {
            symbols.address(wanted.name()).ifPresent(at -> add(at, wanted.name(), wanted));
        } else {
            symbols.ranges().stream().filter(range -> wanted.matches(range.name()) && isCode(symbols, range))
                    .forEach(range -> add(range.start(), range.name(), wanted));
        }
    }

    private void add(long address, String name, ProbeSpec.Function wanted) {
        functions.merge(address, new Site(name, wanted.entry(), wanted.exit()), Site::and);
    }

    private static boolean isCode(Symbols symbols, Symbols.Range range) {
        return symbols.images().stream().filter(image -> image.path().equals(range.file()))
                .flatMap(image -> image.sections().code().stream())
                .anyMatch(section -> within(section, range.start() - range.bias()));
    }

    private static boolean within(ElfSections.Section section, long address) {
        return address >= section.address() && address < section.address() + section.bytes();
    }

    private void find(ProbeSpec.Memory wanted, Symbols symbols) {
        long address = ProbeSpec.address(wanted.start());
        int bytes = wanted.bytes();
        if (address < 0) {
            var found = symbols.ranges().stream().filter(range -> range.name().equals(wanted.start())).findFirst();
            if (found.isEmpty()) {
                return;
            }
            address = found.get().start();
            long own = found.get().end() - address;
            bytes = bytes == 0 ? (int) Math.min(own, ProbeSpec.BYTES_MAX) : bytes;
        }
        ranges.add(new Range(address, bytes == 0 ? Long.BYTES : bytes, wanted.writes(), wanted.reads()));
    }

    /** The function that begins at an address; null for none. */
    @Nullable
    Site at(long address) {
        return functions.get(address);
    }

    /** Where functions begin. */
    Iterable<Long> addresses() {
        return functions.keySet();
    }

    /** What is watched. */
    List<Range> ranges() {
        return ranges;
    }
}
