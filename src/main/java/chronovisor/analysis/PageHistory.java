package chronovisor.analysis;

import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was done with the page of an address before a position, by whose calls: mapped, unmapped, protected, and asked to be
 * protected without effect.
 */
final class PageHistory {

    /**
     * Something that was done.
     *
     * @param at
     *            where
     * @param text
     *            what, in words
     * @param protection
     *            what was allowed from then on, or should have been; -1 for nothing, 0 rights included
     * @param effect
     *            whether it was done at all
     * @param call
     *            the system call it was done for; null for none
     */
    record Entry(Position at, String text, int protection, boolean effect, History.@Nullable Called call) {}

    private final List<Entry> entries = new ArrayList<>();
    private long others;

    private PageHistory() {}

    /** The history of the page of an address of a task's process. */
    static PageHistory of(History history, int task, long address, Position before) {
        PageHistory page = new PageHistory();
        int process = history.processOf(task);
        long start = address & -4096L;
        for (KittenEvent.RegionChanged changed : history.regions) {
            if (changed.at().compareTo(before) >= 0 || history.processOf(changed.task()) != process) {
                continue;
            }
            if (Long.compareUnsigned(changed.start(), start) <= 0 && Long.compareUnsigned(start, changed.end()) < 0) {
                page.entries.add(entry(history, changed));
            } else if (changed.change().equals("protect") && (changed.protection() & Numbers.PROT_WRITE) == 0) {
                page.others++;
            }
        }
        for (History.Called call : history.protections) {
            if (call.at().compareTo(before) < 0 && history.processOf(call.entered().task()) == process
                    && !effective(call) && covers(call, start)) {
                page.entries.add(new Entry(call.at(), describe(history, call) + ", which returned " + result(call)
                        + " and changed nothing", (int) call.entered().a2(), false, call));
            }
        }
        page.entries.sort((a, b) -> a.at.compareTo(b.at));
        return page;
    }

    private static Entry entry(History history, KittenEvent.RegionChanged changed) {
        History.Called call = history.callAt(changed.task(), changed.at());
        String range = Words.hex(changed.start()) + "-" + Words.hex(changed.end());
        String what = switch (changed.change()) {
            case "map" -> "mapped " + Words.rights(changed.protection());
            case "unmap" -> "unmapped";
            case "protect" -> "made " + Words.rights(changed.protection());
            case "brk" -> "made part of the heap";
            default -> changed.change();
        };
        return new Entry(changed.at(), what + " (" + range + ") by "
                + (call == null ? "the kernel" : Words.call(call.number())) + " of " + history.name(changed.task()),
                changed.change().equals("unmap") ? -1 : changed.protection(), true, call);
    }

    private static String result(History.Called call) {
        return call.failed() ? Words.error(-call.result()) : Long.toString(call.result());
    }

    static String describe(History history, History.Called call) {
        return "mprotect(" + Words.hex(call.entered().a0()) + ", " + Words.hex(call.entered().a1()) + ", "
                + Words.rights(call.entered().a2()) + ") of " + history.name(call.entered().task());
    }

    private static boolean covers(History.Called call, long page) {
        long end = call.entered().a0() + call.entered().a1();
        return Long.compareUnsigned(call.entered().a0(), page + 4095) <= 0 && Long.compareUnsigned(page, end) < 0;
    }

    /** Whether an mprotect did what it was asked for, or said that it did not. */
    static boolean effective(History.Called call) {
        return call.returned() == null || call.failed() || call.entered().a1() == 0 || call.mapped();
    }

    List<Entry> entries() {
        return entries;
    }

    /** How often other ranges of the process were made read-only. */
    long others() {
        return others;
    }

    /** The last thing done before a position; null for nothing. */
    @Nullable
    Entry last(Position before) {
        Entry last = null;
        for (Entry entry : entries) {
            if (entry.at.compareTo(before) < 0) {
                last = entry;
            }
        }
        return last;
    }

    /** The last protection that took the right to write away, or was to, before a position; null when it was given back since. */
    @Nullable
    Entry lastReadOnly(Position before) {
        Entry last = null;
        for (Entry entry : entries) {
            if (entry.at.compareTo(before) < 0 && entry.protection >= 0) {
                last = (entry.protection & Numbers.PROT_WRITE) == 0 ? entry : null;
            }
        }
        return last;
    }

    /** Lines for people, the newest few. */
    List<String> lines(int max) {
        List<String> lines = new ArrayList<>();
        int from = Math.max(0, entries.size() - max);
        if (from > 0) {
            lines.add("(" + from + " earlier)");
        }
        entries.subList(from, entries.size()).forEach(entry -> lines.add(entry.at + "  " + entry.text));
        return lines;
    }
}
