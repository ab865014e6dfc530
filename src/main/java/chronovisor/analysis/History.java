package chronovisor.analysis;

import chronovisor.journal.CpuEvent;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.journal.ProbeEvent;
import chronovisor.journal.RacketEvent;
import chronovisor.journal.VmmEvent;
import chronovisor.kitten.kernel.SignalDelivery;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run's events tell that a diagnosis may need, gathered in one pass. Lists hold the newest {@link Recent#MAX} of their kind;
 * counts are whole.
 */
final class History {

    /**
     * A system call with its result; null while it has not returned.
     *
     * @param mapped
     *            whether it changed what is mapped
     */
    record Called(KittenEvent.SyscallEntered entered, KittenEvent.@Nullable SyscallReturned returned,
            boolean mapped) {

        Position at() {
            return entered.at();
        }

        int number() {
            return entered.number();
        }

        /** Its result; 0 where it has none. */
        long result() {
            return returned == null ? 0 : returned.result();
        }

        boolean failed() {
            // No program sees what a call returns that is entered again after a signal.
            return returned != null && returned.result() < 0 && returned.result() > -4096
                    && returned.result() != SignalDelivery.RESTART
                    && returned.result() != SignalDelivery.RESTART_NO_HANDLER;
        }
    }

    /** How often a call was made, and when. */
    static final class Use {
        long count;
        long failures;
        Position first = Position.START;
        Position last = Position.START;
        final Map<Long, Long> errors = new TreeMap<>();
    }

    /** A collection of garbage; {@code end} is null while it is going on. */
    record Collection(int task, Position start, @Nullable Position end, String generation) {}

    /** A task's life. */
    static final class Life {
        final int task;
        int process;
        int parent = -1;
        String name = "";
        @Nullable
        Position started;
        KittenEvent.@Nullable TaskExited exit;

        Life(int task) {
            this.task = task;
            this.process = task;
        }
    }

    /** What went through a pipe. */
    static final class Flow {
        KittenEvent.@Nullable PipeCreated created;
        final Recent<KittenEvent.PipeWritten> writes = new Recent<>();
        final Recent<KittenEvent.PipeRead> reads = new Recent<>();
    }

    /** A write call that was told more bytes had gone than went. */
    record Lost(KittenEvent.PipeWritten written, Called call) {}

    final Map<Integer, Use> calls = new TreeMap<>();
    final Recent<Called> lastCalls = new Recent<>();
    final Recent<Called> failures = new Recent<>();
    final Recent<Called> protections = new Recent<>();
    final Recent<Called> futexes = new Recent<>();
    final Recent<Called> actions = new Recent<>();
    final Recent<Called> masks = new Recent<>();
    final Recent<KittenEvent.RegionChanged> regions = new Recent<>();
    final Recent<CpuEvent.ExceptionRaised> exceptions = new Recent<>();
    final Recent<KittenEvent.PageFaulted> faults = new Recent<>();
    final Recent<Collection> collections = new Recent<>();
    final Recent<RacketEvent.WriteBarrierFaulted> barriers = new Recent<>();
    final Recent<KittenEvent> scheduling = new Recent<>();
    final Map<Integer, Life> lives = new TreeMap<>();
    final Map<Long, Flow> pipes = new TreeMap<>();
    final Recent<Lost> lost = new Recent<>();
    final SignalHistory signals = new SignalHistory(this);
    final Map<String, String> shown = new TreeMap<>();
    final List<String> messages = new ArrayList<>();
    long events;
    @Nullable
    GuestEvent last;

    private static final int SHOWN_CHARACTERS_MAX = 2000;
    private static final int MESSAGES_MAX = 40;

    private final Map<Integer, KittenEvent.SyscallEntered> open = new HashMap<>();
    private final Set<Integer> mapping = new HashSet<>();
    private final Map<Integer, KittenEvent.PipeWritten> writing = new HashMap<>();
    private final Map<Integer, Long> wrote = new HashMap<>();
    private final Map<Integer, RacketEvent.GcStarted> collecting = new HashMap<>();

    /** The process of a task. */
    int processOf(int task) {
        Life life = lives.get(task);
        return life == null ? task : life.process;
    }

    /** A task's name in words: {@code task 3 (worker)}. */
    String name(int task) {
        Life life = lives.get(task);
        return "task " + task + (life == null || life.name.isEmpty() ? "" : " (" + life.name + ")");
    }

    /** The call that a task is in at a position, or null. */
    @Nullable
    Called callAt(int task, Position at) {
        for (Called call : lastCalls.newestFirst()) {
            KittenEvent.SyscallReturned returned = call.returned;
            if (call.entered.task() == task && call.at().compareTo(at) <= 0) {
                return returned == null || returned.at().compareTo(at) > 0 ? call : null;
            }
        }
        return null;
    }

    /** The collection that a position lies in, or null. */
    @Nullable
    Collection collectionAt(Position at) {
        for (Collection collection : collections.newestFirst()) {
            Position end = collection.end;
            if (collection.start.compareTo(at) <= 0 && (end == null || end.compareTo(at) >= 0)) {
                return collection;
            }
        }
        return null;
    }

    /** A history that goes on with the same tasks, none of which has ended, for a fork. */
    History continued() {
        History future = new History();
        lives.values().forEach(life -> {
            Life copy = future.life(life.task);
            copy.process = life.process;
            copy.parent = life.parent;
            copy.name = life.name;
        });
        return future;
    }

    /** Takes one event after the other. */
    void accept(GuestEvent event) {
        events++;
        last = event;
        switch (event) {
            case InputEvent input -> {
                // Causes from outside; the events that follow from them are told.
            }
            case CpuEvent.ExceptionRaised raised -> exceptions.add(raised);
            case VmmEvent exit -> {
                // The machine's side of what the kernel's events tell.
            }
            case KittenEvent kitten -> kernel(kitten);
            case RacketEvent racket -> runtime(racket);
            case ProbeEvent probe -> {
                // In a journal of its own.
            }
        }
    }

    /** No more events come: calls that have not returned are calls, too. */
    void end() {
        open.values().stream().sorted((a, b) -> a.at().compareTo(b.at()))
                .forEach(entered -> note(new Called(entered, null, false)));
        collecting.values().forEach(started -> collections.add(new Collection(started.task(), started.at(), null, "")));
    }

    private void kernel(KittenEvent event) {
        signals.accept(event);
        switch (event) {
            case KittenEvent.SyscallEntered entered -> entered(entered);
            case KittenEvent.SyscallReturned returned -> returned(returned);
            case KittenEvent.TaskStarted started -> {
                Life life = life(started.task());
                life.process = started.process();
                life.parent = started.parent();
                life.name = started.name();
                life.started = started.at();
            }
            case KittenEvent.ProgramLoaded loaded ->
                life(loaded.task()).name = loaded.path().substring(loaded.path().lastIndexOf('/') + 1);
            case KittenEvent.TaskExited exited -> {
                life(exited.task()).exit = exited;
                KittenEvent.SyscallEntered in = open.remove(exited.task());
                if (in != null) {
                    note(new Called(in, null, false));
                }
            }
            case KittenEvent.TaskSwitched switched -> scheduling.add(switched);
            case KittenEvent.TaskBlocked blocked -> scheduling.add(blocked);
            case KittenEvent.TaskWoken woken -> scheduling.add(woken);
            case KittenEvent.PageFaulted fault -> faults.add(fault);
            case KittenEvent.RegionChanged changed -> {
                regions.add(changed);
                mapping.add(changed.task());
            }
            case KittenEvent.MessagePrinted printed -> {
                messages.add(printed.at() + " " + printed.line());
                if (messages.size() > MESSAGES_MAX) {
                    messages.removeFirst();
                }
            }
            case KittenEvent.ConsoleWritten written -> shown.merge(written.device(),
                    new String(written.bytes().toByteArray(), StandardCharsets.UTF_8), (before, more) -> {
                        String all = before + more;
                        return all.substring(Math.max(0, all.length() - SHOWN_CHARACTERS_MAX));
                    });
            case KittenEvent.PipeCreated created -> flow(created.pipe()).created = created;
            case KittenEvent.PipeWritten written -> {
                flow(written.pipe()).writes.add(written);
                writing.put(written.task(), written);
                wrote.merge(written.task(), (long) written.length(), Long::sum);
            }
            case KittenEvent.PipeRead read -> flow(read.pipe()).reads.add(read);
            case KittenEvent.SignalSent sent -> {
                // With the signals.
            }
            case KittenEvent.SignalDelivered delivered -> {
                // With the signals.
            }
            case KittenEvent.ConsoleInputArrived arrived -> {
                // Input that a program reads is told when it does.
            }
            case KittenEvent.ConsoleRead read -> {
                // What is waited for is in the kernel's state.
            }
            case KittenEvent.FileOpened opened -> {
                // Open files are in the kernel's state.
            }
            case KittenEvent.FileClosed closed -> {
                // Open files are in the kernel's state.
            }
        }
    }

    private void entered(KittenEvent.SyscallEntered entered) {
        KittenEvent.SyscallEntered before = open.put(entered.task(), entered);
        if (before != null) {
            note(new Called(before, null, false));
        }
        Use use = calls.computeIfAbsent(entered.number(), _ -> new Use());
        use.first = use.count++ == 0 ? entered.at() : use.first;
        use.last = entered.at();
        mapping.remove(entered.task());
        writing.remove(entered.task());
        wrote.remove(entered.task());
    }

    private void returned(KittenEvent.SyscallReturned returned) {
        KittenEvent.SyscallEntered entered = open.remove(returned.task());
        if (entered == null || entered.number() != returned.number()) {
            return;
        }
        Called call = new Called(entered, returned, mapping.contains(returned.task()));
        if (call.failed()) {
            Use use = calls.computeIfAbsent(call.number(), _ -> new Use());
            use.failures++;
            use.errors.merge(-call.result(), 1L, Long::sum);
            failures.add(call);
        }
        KittenEvent.PipeWritten written = writing.get(returned.task());
        if (written != null && (call.number() == Numbers.WRITE || call.number() == Numbers.WRITEV)
                && call.result() > wrote.getOrDefault(returned.task(), 0L)) {
            lost.add(new Lost(written, call));
        }
        note(call);
    }

    private void note(Called call) {
        lastCalls.add(call);
        switch (call.number()) {
            case Numbers.MPROTECT -> protections.add(call);
            case Numbers.FUTEX -> futexes.add(call);
            case Numbers.SIGACTION -> actions.add(call);
            case Numbers.SIGPROCMASK -> masks.add(call);
            default -> {
                // Among the last calls.
            }
        }
    }

    private Life life(int task) {
        return lives.computeIfAbsent(task, Life::new);
    }

    private Flow flow(long pipe) {
        return pipes.computeIfAbsent(pipe, _ -> new Flow());
    }

    private void runtime(RacketEvent event) {
        switch (event) {
            case RacketEvent.GcStarted started -> collecting.put(started.task(), started);
            case RacketEvent.GcEnded ended -> {
                RacketEvent.GcStarted started = collecting.remove(ended.task());
                Position cause = ended.cause();
                collections.add(new Collection(ended.task(),
                        started != null ? started.at() : cause != null ? cause : ended.at(), ended.at(),
                        ended.generation()));
            }
            case RacketEvent.WriteBarrierFaulted barrier -> barriers.add(barrier);
            case RacketEvent other -> {
                // Places and futures are tasks of the kernel's.
            }
        }
    }
}
