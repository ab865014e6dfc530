package chronovisor.replay;

import chronovisor.memory.FramePool;
import chronovisor.vmm.MachineState;
import chronovisor.vmm.ReadOnlyPages;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongPredicate;

/** Which frames of a machine its clones share, copy-on-write: the paper's three ways (7.1.1). The others are copied when a clone is made. */
public sealed interface SharingPolicy {

    /** As reports name it. */
    String name();

    /** Whether a guest frame number is shared by the clones of a machine. */
    LongPredicate sharable(MachineState machine);

    /** All memory, and a copy wherever a clone writes. */
    record AllMemory() implements SharingPolicy {

        @Override
        public String name() {
            return "all memory";
        }

        @Override
        public LongPredicate sharable(MachineState machine) {
            return gfn -> true;
        }
    }

    /** What somebody has marked by hand. */
    record Marked(List<Range> ranges) implements SharingPolicy {

        /** Guest-physical addresses; the end is not included. */
        public record Range(long start, long end) {}

        /** Keeps an unmodifiable copy. */
        public Marked {
            ranges = List.copyOf(ranges);
        }

        @Override
        public String name() {
            return "marked ranges";
        }

        @Override
        public LongPredicate sharable(MachineState machine) {
            return gfn -> {
                long address = gfn * FramePool.FRAME_BYTES;
                return ranges.stream().anyMatch(range -> address >= range.start && address < range.end);
            };
        }
    }

    /** What the guest's page tables map read-only, to anybody and at least once. */
    record PageTableKnowledge() implements SharingPolicy {

        @Override
        public String name() {
            return "page tables";
        }

        @Override
        public LongPredicate sharable(MachineState machine) {
            BitSet pages = ReadOnlyPages.of(machine);
            return gfn -> pages.get((int) gfn);
        }
    }
}
