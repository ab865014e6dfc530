package chronovisor.kitten.kernel;

import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.PageTable;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.UserProcess;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What /proc tells of address spaces: lines of maps, smaps, and of status. */
final class ProcMemory {

    private static final int NAME_COLUMN = 73;

    private ProcMemory() {}

    /** A region's line in maps. */
    static String line(Region region) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%08x-%08x %s%s %08x 00:%02x %d ",
                region.start(), region.end(), Protection.text(region.protection()), region.shared() ? "s" : "p",
                region.anonymous() ? 0 : region.offset(), region.anonymous() ? 0 : 1, region.inode()));
        if (!region.name().isEmpty()) {
            while (line.length() < NAME_COLUMN) {
                line.append(' ');
            }
            line.append(region.name());
        }
        return line.append('\n').toString();
    }

    /** smaps: how much of every region is there, and whose it is. */
    static String detailed(Trap t, UserProcess process) {
        AddressSpace space = t.findSpace(process.addressSpace());
        StringBuilder text = new StringBuilder();
        if (space == null) {
            return "";
        }
        for (Region region : space.regions().values()) {
            text.append(line(region));
            row(text, "Size", region.bytes() >> 10);
            row(text, "KernelPageSize", 4);
            row(text, "MMUPageSize", 4);
            Usage.of(t, space, region).write(text);
            text.append("THPeligible:           0\nVmFlags:").append(flags(region)).append('\n');
        }
        return text.toString();
    }

    /** smaps_rollup: the same for all regions together. */
    static String together(Trap t, UserProcess process) {
        AddressSpace space = t.findSpace(process.addressSpace());
        if (space == null || space.regions().isEmpty()) {
            return "";
        }
        Usage all = new Usage(0, 0, 0, 0);
        for (Region region : space.regions().values()) {
            all = all.plus(Usage.of(t, space, region));
        }
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT,
                "%08x-%08x ---p 00000000 00:00 0                          [rollup]%n", space.regions().firstKey(),
                space.regions().lastEntry().getValue().end()));
        all.write(text);
        return text.toString();
    }

    /**
     * Pages that are there.
     *
     * @param own
     *            of those, what nobody else has
     * @param shared
     *            of those, what others have too
     * @param anonymous
     *            of those, what is of no file
     * @param locked
     *            of those, what is locked
     */
    private record Usage(long own, long shared, long anonymous, long locked) {

        static Usage of(Trap t, AddressSpace space, Region region) {
            long[] pages = new long[2];
            PageTable.visit(t.memory(), space.root(), region.start(), region.end(),
                    (address, at, entry) -> pages[t.frameOwners(PageTable.frame(entry) >>> 12) > 1 ? 1 : 0]++);
            long resident = pages[0] + pages[1];
            return new Usage(pages[0], pages[1], region.anonymous() ? resident : 0,
                    region.marked(Region.LOCKED) ? resident : 0);
        }

        Usage plus(Usage other) {
            return new Usage(own + other.own, shared + other.shared, anonymous + other.anonymous,
                    locked + other.locked);
        }

        void write(StringBuilder text) {
            long resident = own + shared;
            row(text, "Rss", resident * 4);
            row(text, "Pss", resident * 4);
            row(text, "Shared_Clean", 0);
            row(text, "Shared_Dirty", shared * 4);
            row(text, "Private_Clean", 0);
            row(text, "Private_Dirty", own * 4);
            row(text, "Referenced", resident * 4);
            row(text, "Anonymous", anonymous * 4);
            row(text, "LazyFree", 0);
            row(text, "AnonHugePages", 0);
            row(text, "Swap", 0);
            row(text, "SwapPss", 0);
            row(text, "Locked", locked * 4);
        }
    }

    private static void row(StringBuilder text, String name, long kb) {
        text.append(String.format(Locale.ROOT, "%-16s%8d kB%n", name + ":", kb));
    }

    private static String flags(Region region) {
        return (region.allows(Protection.READ) ? " rd" : "") + (region.allows(Protection.WRITE) ? " wr" : "")
                + (region.allows(Protection.EXECUTE) ? " ex" : "") + (region.shared() ? " sh" : "")
                + " mr" + (region.marked(Region.NEVER_WRITABLE) ? "" : " mw") + " me"
                + (region.growsDown() ? " gd" : "") + (region.marked(Region.LOCKED) ? " lo" : "")
                + (region.marked(Region.NOT_FORKED) ? " dc" : "") + (region.marked(Region.WIPED_ON_FORK) ? " wf" : "");
    }

    private static String amount(String name, long kb) {
        return String.format(Locale.ROOT, "%s:\t%8d kB%n", name, kb);
    }

    /** The lines of status behind VmSize. */
    static String status(@Nullable AddressSpace space) {
        long resident = space == null ? 0 : space.resident() * 4;
        long locked = space == null ? 0 : space.locked_bytes() >> 10;
        long stack = space == null
                ? 0
                : space.regions().values().stream().filter(Region::growsDown).mapToLong(Region::bytes).sum() >> 10;
        return amount("VmLck", locked) + amount("VmPin", 0) + amount("VmHWM", resident) + amount("VmRSS", resident)
                + amount("VmStk", stack) + amount("VmSwap", 0);
    }
}
