package chronovisor.analysis.report;

import chronovisor.analysis.Words;
import chronovisor.journal.CpuEvent;
import chronovisor.journal.EventType;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.journal.ProbeEvent;
import chronovisor.journal.RacketEvent;
import chronovisor.journal.VmmEvent;
import chronovisor.replay.Progress;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a run did, counted from its events one after the other: from a journal, or from a machine that runs. Durations are in ticks, which are
 * retired instructions of the whole machine.
 */
public final class Statistics {

    /** A system call's figures. */
    public static final class Calls {
        private long count;
        private long failures;
        private long bytes;
        private final Histogram ticks = new Histogram();

        /** How often it was made. */
        public long count() {
            return count;
        }

        /** How often it answered with an error. */
        public long failures() {
            return failures;
        }

        /** Sum of its results where they count bytes. */
        public long bytes() {
            return bytes;
        }

        /** From entry to return, of those that returned. */
        public Histogram ticks() {
            return ticks;
        }
    }

    /** A kind of exits. */
    public static final class Exits {
        private long count;
        private final Histogram ticksBetween = new Histogram();
        private @Nullable Position last;

        /** How many there were. */
        public long count() {
            return count;
        }

        /** From one to the next of the kind. */
        public Histogram ticksBetween() {
            return ticksBetween;
        }
    }

    /** What went through pipes. */
    public record Pipes(long writes, long reads, long written_bytes, long read_bytes) {}

    private final SortedMap<String, Long> types = new TreeMap<>();
    private final EnumMap<EventType.Family, Long> families = new EnumMap<>(EventType.Family.class);
    private final SortedMap<String, Calls> calls = new TreeMap<>();
    private final SortedMap<String, Exits> exits = new TreeMap<>();
    private final SortedMap<String, Histogram> pauses = new TreeMap<>();
    private final SortedMap<Integer, Histogram> waits = new TreeMap<>();
    private final SortedMap<Integer, Long> interrupts = new TreeMap<>();
    private final Map<Position, KittenEvent.SyscallEntered> open = new HashMap<>();
    private final Map<Integer, Position> blocked = new HashMap<>();
    private final ExitTelemetry telemetry = new ExitTelemetry();
    private Pipes pipes = new Pipes(0, 0, 0, 0);
    private Position last = Position.START;
    private long events;
    private long idle_ns;

    /**
     * Counts what a journal holds.
     *
     * @param progress
     *            is told how far the reading is
     * @throws chronovisor.journal.JournalException
     *             when it cannot be read
     */
    public static Statistics of(Path journal, Consumer<Progress> progress) {
        Statistics statistics = new Statistics();
        try (JournalReader reader = JournalReader.open(journal)) {
            for (JournalRecord record = reader.nextEvents(); record != null; record = reader.nextEvents()) {
                record.events().forEach(statistics::accept);
                progress.accept(new Progress(record.last().tick(), statistics.events(), 0));
            }
        }
        return statistics;
    }

    /** Takes the next event. */
    public void accept(GuestEvent event) {
        events++;
        last = event.at();
        telemetry.accept(event);
        EventType<?> type = EventTypes.of(event);
        types.merge(type.name(), 1L, Long::sum);
        families.merge(type.family(), 1L, Long::sum);
        switch (event) {
            case InputEvent input -> {
                // Counted by type.
            }
            case CpuEvent.ExceptionRaised raised -> exit(raised);
            case VmmEvent.InterruptInjected injected -> interrupts.merge(injected.vector(), 1L, Long::sum);
            case VmmEvent.StateChanged changed -> {
                // The machine's own.
            }
            case VmmEvent exit -> {
                idle_ns += exit instanceof VmmEvent.Halted halted ? halted.idle_ns() : 0;
                exit(exit);
            }
            case KittenEvent kernel -> kernel(kernel);
            case RacketEvent.GcEnded ended -> {
                Position cause = ended.cause();
                if (cause != null) {
                    pauses.computeIfAbsent(ended.generation(), _ -> new Histogram())
                            .add(ended.at().tick() - cause.tick());
                }
            }
            case RacketEvent other -> {
                // Counted by type.
            }
            case ProbeEvent probe -> {
                // Counted by type.
            }
        }
    }

    private void exit(GuestEvent event) {
        Exits kind = exits.computeIfAbsent(EventTypes.of(event).name(), _ -> new Exits());
        kind.count++;
        Position before = kind.last;
        if (before != null) {
            kind.ticksBetween.add(event.at().tick() - before.tick());
        }
        kind.last = event.at();
    }

    private void kernel(KittenEvent event) {
        switch (event) {
            case KittenEvent.SyscallEntered entered -> {
                open.put(entered.at(), entered);
                calls.computeIfAbsent(Words.call(entered.number()), _ -> new Calls()).count++;
            }
            case KittenEvent.SyscallReturned returned -> returned(returned);
            case KittenEvent.TaskBlocked waiting -> blocked.put(waiting.task(), waiting.at());
            case KittenEvent.TaskWoken woken -> {
                Position since = blocked.remove(woken.task());
                if (since != null) {
                    waits.computeIfAbsent(woken.task(), _ -> new Histogram()).add(woken.at().tick() - since.tick());
                }
            }
            case KittenEvent.PipeWritten written -> pipes = new Pipes(pipes.writes + 1, pipes.reads,
                    pipes.written_bytes + written.length(), pipes.read_bytes);
            case KittenEvent.PipeRead read -> pipes = new Pipes(pipes.writes, pipes.reads + 1, pipes.written_bytes,
                    pipes.read_bytes + read.length());
            case KittenEvent.TaskStarted _,KittenEvent.TaskSwitched _,KittenEvent.TaskExited _,KittenEvent.ProgramLoaded _,KittenEvent.PageFaulted _,KittenEvent.RegionChanged _,KittenEvent.SignalSent _,KittenEvent.SignalDelivered _,KittenEvent.MessagePrinted _,KittenEvent.ConsoleInputArrived _,KittenEvent.ConsoleWritten _,KittenEvent.ConsoleRead _,KittenEvent.PipeCreated _,KittenEvent.FileOpened _,KittenEvent.FileClosed _ -> {
                // Counted by type.
            }
        }
    }

    private void returned(KittenEvent.SyscallReturned returned) {
        Position cause = returned.cause();
        KittenEvent.SyscallEntered entered = cause == null ? null : open.get(cause);
        if (entered == null || entered.task() != returned.task()) {
            return;
        }
        open.remove(entered.at());
        String name = Words.call(entered.number());
        Calls use = calls.computeIfAbsent(name, _ -> new Calls());
        use.ticks.add(returned.at().tick() - entered.at().tick());
        if (Words.isError(-returned.result())) {
            use.failures++;
        } else if (returned.result() > 0 && Words.transfers(name)) {
            use.bytes += returned.result();
        }
    }

    /** All events. */
    public long events() {
        return events;
    }

    /** The tick of the last event. */
    public long ticks() {
        return last.tick();
    }

    /** Virtual time that was skipped while idle. */
    public long idle_ns() {
        return idle_ns;
    }

    /** Virtual time from power-on: a nanosecond an instruction, and what was skipped. */
    public long virtual_ns() {
        return ticks() + idle_ns;
    }

    /** Events by their layer. */
    public Map<EventType.Family, Long> families() {
        return families;
    }

    /** Events by their type. */
    public SortedMap<String, Long> types() {
        return types;
    }

    /** System calls by name. */
    public SortedMap<String, Calls> calls() {
        return calls;
    }

    /** Exits by reason. */
    public SortedMap<String, Exits> exits() {
        return exits;
    }

    /** Exits by core, reason and who handled them. */
    public ExitTelemetry telemetry() {
        return telemetry;
    }

    /** Injected interrupts by vector. */
    public SortedMap<Integer, Long> interrupts() {
        return interrupts;
    }

    /** Pauses for collections, by generation. */
    public SortedMap<String, Histogram> pauses() {
        return pauses;
    }

    /** Waits until they were woken, by task. */
    public SortedMap<Integer, Histogram> waits() {
        return waits;
    }

    /** What went through pipes. */
    public Pipes pipes() {
        return pipes;
    }
}
