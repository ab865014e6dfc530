package chronovisor.analysis;

import chronovisor.journal.Position;
import chronovisor.kitten.KittenOptions;
import chronovisor.kitten.syscall.Answers;
import chronovisor.kitten.syscall.OriginalTable;
import chronovisor.kitten.syscall.Syscall;
import chronovisor.kitten.syscall.SyscallTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The system calls of a run that this kernel, as it is configured, answers otherwise than Linux. */
final class CallSuspects {

    private static final Set<String> MEMORY = Set.of("mmap", "munmap", "mprotect", "mremap", "madvise", "brk",
            "mlock", "msync", "mincore");
    private static final Set<String> SIGNALS = Set.of("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
            "kill", "tkill", "tgkill", "pause", "rt_sigsuspend");
    private static final Set<String> WAITING = Set.of("futex", "read", "write", "readv", "writev", "pipe", "pipe2",
            "poll", "select", "ppoll", "epoll_wait", "nanosleep", "wait4", "waitid", "fcntl", "clone", "fork");
    private static final int LINES_MAX = 16;
    private static final int RECENT_TICKS = 100_000;

    private final Evidence evidence;
    private final History history;
    private final KittenOptions options;

    CallSuspects(Evidence evidence) {
        this.evidence = evidence;
        this.history = evidence.history;
        this.options = evidence.kernel;
    }

    private record Row(int weight, String line, List<Suspect> suspects) {}

    void look() {
        List<Row> rows = new ArrayList<>();
        for (Map.Entry<Integer, History.Use> entry : history.calls.entrySet()) {
            Row row = row(entry.getKey(), entry.getValue());
            if (row != null) {
                rows.add(row);
            }
        }
        rows.sort(Comparator.comparingInt((Row row) -> -row.weight));
        List<String> lines = new ArrayList<>();
        rows.stream().limit(LINES_MAX).forEach(row -> lines.add(row.line));
        if (rows.size() > LINES_MAX) {
            lines.add("and " + (rows.size() - LINES_MAX) + " more");
        }
        evidence.find("system calls that this kernel (profile " + options.profile() + ") answers otherwise than Linux",
                lines);
        rows.forEach(row -> row.suspects.forEach(evidence::suspect));
        lost();
        failures();
    }

    private @Nullable Row row(int number, History.Use use) {
        Syscall answer = Answers.to(options, number);
        Syscall.Support support = answer == null ? Syscall.Support.ABSENT : answer.support();
        List<String> switches = switches(options, number);
        if (support == Syscall.Support.FULL && switches.isEmpty()) {
            return null;
        }
        String name = Words.call(number);
        int weight = switch (support) {
            case STUB -> 34;
            case ABSENT -> 30;
            case PARTIAL -> 8;
            case FULL -> 4;
        } + related(name) + (evidence.ending.at().tick() - use.last.tick() < RECENT_TICKS ? 4 : 0);
        String line = String.format(Locale.ROOT, "%s: %s%s; %s, first at %s, last at %s", name,
                support.name().toLowerCase(Locale.ROOT),
                answer == null || answer.note().isEmpty() ? "" : " (" + answer.note() + ")",
                Words.count(use.count, "time"), use.first, use.last)
                + (use.failures > 0 ? ", " + use.failures + " failed" : "")
                + (switches.isEmpty() ? "" : "; switch " + String.join(" or ", switches));
        List<Suspect> suspects = new ArrayList<>();
        for (String patch : switches) {
            suspects.add(new Suspect(support.name().toLowerCase(Locale.ROOT), "this kernel's " + name + " is "
                    + (support == Syscall.Support.ABSENT ? "absent" : "not Linux's")
                    + (answer == null || answer.note().isEmpty() ? "" : " (" + answer.note() + ")")
                    + "; the program called it " + Words.count(use.count, "time") + ", first at " + use.first, weight,
                    use.first, List.of(use.last), patch));
        }
        return new Row(weight, line, suspects);
    }

    /** The switches that are off and would give this number another answer. */
    static List<String> switches(KittenOptions options, int number) {
        Set<String> switches = new LinkedHashSet<>();
        for (OriginalTable.Original original : OriginalTable.rows()) {
            if (original.row().number() == number && !options.has(original.until())
                    && (original.row().patch().isEmpty() || options.has(original.row().patch()))) {
                switches.add(original.until());
            }
        }
        Syscall row = SyscallTable.row(number);
        if (row != null && row.handler() != null && !row.patch().isEmpty() && !options.has(row.patch())) {
            switches.add(row.patch());
        }
        return List.copyOf(switches);
    }

    /** Whether a call is about what failed. */
    private int related(String name) {
        boolean crash = switch (evidence.ending.kind()) {
            case KILLED, KERNEL_STOPPED -> true;
            case HUNG, FAILED, MACHINE, CUT, FINE -> false;
        };
        boolean hang = evidence.ending.kind() == Ending.Kind.HUNG;
        if (crash && MEMORY.contains(name) || hang && WAITING.contains(name)) {
            return 25;
        }
        return SIGNALS.contains(name) ? 10 : 0;
    }

    /** Writes that were told of more bytes than went into the pipe. */
    private void lost() {
        if (history.lost.isEmpty()) {
            return;
        }
        List<String> lines = new ArrayList<>();
        History.Lost first = history.lost.iterator().next();
        for (History.Lost lost : history.lost) {
            if (lines.size() < 4) {
                lines.add(lost.written().at() + "  " + history.name(lost.written().task()) + ": "
                        + Words.call(lost.call().number()) + " returned " + lost.call().result() + ", but "
                        + lost.written().length() + " bytes went into pipe " + lost.written().pipe());
            }
        }
        lines.add(Words.count(history.lost.count(), "write") + " in all");
        evidence.find("bytes that a pipe lost", lines);
        Position at = first.written().at();
        List<String> switches = switches(options, first.call().number());
        for (String patch : switches.isEmpty() ? List.of("") : switches) {
            evidence.suspect(new Suspect("pipe-lost-bytes", "the kernel's pipe loses bytes: at " + at + " "
                    + history.name(first.written().task()) + " was told that " + first.call().result()
                    + " bytes were written, but " + first.written().length() + " went into pipe "
                    + first.written().pipe() + nul(first), 150, at, List.of(first.call().at()),
                    patch.isEmpty() ? null : patch));
        }
    }

    /** Whether the bytes that went are those before a NUL. */
    private String nul(History.Lost lost) {
        evidence.scene.timeline().seek(lost.call().at());
        int task = lost.written().task();
        byte[] bytes = evidence.scene.view().memory(evidence.scene.root(task), lost.call().entered().a1(),
                lost.written().length() + 1);
        boolean ends = lost.call().number() == Numbers.WRITE && bytes.length > lost.written().length()
                && bytes[lost.written().length()] == 0;
        return ends ? ": what follows the first NUL is gone" : "";
    }

    /** The last calls that failed. */
    private void failures() {
        List<String> lines = new ArrayList<>();
        for (History.Called call : history.failures.newestFirst()) {
            if (lines.size() == 8) {
                break;
            }
            if (call.at().compareTo(evidence.ending.at()) <= 0) {
                lines.add(0, call.at() + "  " + evidence.failed(call));
            }
        }
        evidence.find("system calls that failed, the last before the end", lines);
    }
}
