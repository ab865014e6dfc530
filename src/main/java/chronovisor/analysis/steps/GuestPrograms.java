package chronovisor.analysis.steps;

import chronovisor.journal.CpuEvent;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.journal.ProbeEvent;
import chronovisor.journal.RacketEvent;
import chronovisor.journal.RecordType;
import chronovisor.journal.VmmEvent;
import chronovisor.replay.MachineParts;
import chronovisor.timeline.Symbols;
import chronovisor.timeline.Timeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The programs that a run's processes ran, one after the other, each with its functions; or the kernel that the guest has brought. The
 * symbols are read where a program is about to end, when all its libraries are mapped.
 */
public final class GuestPrograms {

    /** A program of a process, from where it was loaded. */
    public static final class Program {
        final int process;
        final Position from;
        private final String path;
        private Position until = Position.START;
        private int task;
        private Names names = Names.NONE;

        Program(int process, Position from, String path, int task) {
            this.process = process;
            this.from = from;
            this.path = path;
            this.task = task;
        }

        /** Its executable, as the guest names it. */
        public String path() {
            return path;
        }

        /** Its functions and those of its libraries; none when the run was not replayed for them. */
        public FunctionTable functions() {
            return names.functions;
        }

        /** The files that were mapped into it as code. */
        public List<Symbols.Image> images() {
            return names.images;
        }
    }

    /** What a program's files tell. */
    private record Names(FunctionTable functions, List<Symbols.Image> images) {
        private static final Names NONE = new Names(FunctionTable.EMPTY, List.of());

        static Names of(Symbols symbols) {
            return new Names(FunctionTable.of(symbols), symbols.images());
        }
    }

    private final Map<Integer, Integer> processes = new HashMap<>();
    private final Map<Integer, String> names = new TreeMap<>();
    private final Map<Integer, TreeSet<Integer>> alive = new HashMap<>();
    private final Map<Integer, Program> current = new TreeMap<>();
    private final List<Program> all = new ArrayList<>();
    private String trouble = "";

    private GuestPrograms() {}

    /**
     * Finds the programs of a journal.
     *
     * @param parts
     *            to replay the run with, for names of functions; null for none
     */
    public static GuestPrograms of(Path journal, @Nullable MachineParts parts) {
        GuestPrograms programs = new GuestPrograms();
        try (Timeline timeline = programs.open(journal, parts)) {
            if (timeline != null && isFork(journal)) {
                programs.before(timeline);
            }
            programs.read(journal);
            if (timeline != null) {
                programs.ownKernel(timeline);
                programs.name(timeline);
            }
        }
        return programs;
    }

    private @Nullable Timeline open(Path journal, @Nullable MachineParts parts) {
        if (parts == null) {
            trouble = "names of functions were not asked for";
            return null;
        }
        try {
            return Timeline.open(journal, parts);
        } catch (JournalException e) {
            trouble = "no names of functions: " + e.getMessage();
            return null;
        }
    }

    private static boolean isFork(Path journal) {
        try (JournalReader reader = JournalReader.open(journal)) {
            JournalRecord first = reader.next();
            return first != null && first.header().parent() != null;
        }
    }

    private void read(Path journal) {
        Position[] last = {Position.START};
        try (JournalReader reader = JournalReader.open(journal)) {
            JournalRecord record = reader.next(glance -> seen(glance, last));
            while (record != null) {
                record.events().forEach(this::accept);
                record = reader.next(glance -> seen(glance, last));
            }
        }
        for (Program program : current.values()) {
            program.until = last[0];
            program.task = alive.getOrDefault(program.process, new TreeSet<>(List.of(program.task))).getFirst();
        }
    }

    private static boolean seen(JournalReader.Glance glance, Position[] last) {
        last[0] = glance.last().compareTo(last[0]) > 0 ? glance.last() : last[0];
        return glance.type() == RecordType.EVENTS;
    }

    private void accept(GuestEvent event) {
        switch (event) {
            case KittenEvent.TaskStarted started -> {
                processes.put(started.task(), started.process());
                names.put(started.task(), started.name());
                TreeSet<Integer> threads = alive.computeIfAbsent(started.process(), _ -> new TreeSet<>());
                threads.add(started.task());
                if (threads.size() == 1) {
                    Program parent = current.get(processOf(started.parent()));
                    // The first thread of a process that is told is not always its first: that one may be a fork's parent's.
                    boolean later = threads.add(started.process());
                    begin(started.process(), later ? Position.START : started.at(),
                            parent == null ? started.name() : parent.path, started.task());
                }
            }
            case KittenEvent.ProgramLoaded loaded -> {
                end(processOf(loaded.task()), loaded.at(), loaded.task());
                begin(processOf(loaded.task()), loaded.at(), loaded.path(), loaded.task());
                names.put(loaded.task(), loaded.path().substring(loaded.path().lastIndexOf('/') + 1));
            }
            case KittenEvent.TaskExited exited -> {
                TreeSet<Integer> threads = alive.get(processOf(exited.task()));
                if (threads != null && threads.remove(exited.task()) && threads.isEmpty()) {
                    end(processOf(exited.task()), exited.at(), exited.task());
                }
            }
            case InputEvent _,CpuEvent _,VmmEvent _,RacketEvent _,ProbeEvent _ -> {
                // Programs are the kernel's.
            }
            case KittenEvent.SyscallEntered _,KittenEvent.SyscallReturned _,KittenEvent.TaskSwitched _,KittenEvent.TaskBlocked _,KittenEvent.TaskWoken _,KittenEvent.PageFaulted _,KittenEvent.RegionChanged _,KittenEvent.SignalSent _,KittenEvent.SignalDelivered _,KittenEvent.MessagePrinted _,KittenEvent.ConsoleInputArrived _,KittenEvent.ConsoleWritten _,KittenEvent.ConsoleRead _,KittenEvent.PipeCreated _,KittenEvent.PipeWritten _,KittenEvent.PipeRead _,KittenEvent.FileOpened _,KittenEvent.FileClosed _ -> {
                // Programs come and go by the above alone.
            }
        }
    }

    private void begin(int process, Position at, String path, int task) {
        Program program = new Program(process, at, path, task);
        current.put(process, program);
        all.add(program);
    }

    private void end(int process, Position at, int task) {
        Program program = current.remove(process);
        if (program != null) {
            program.until = at;
            program.task = task;
        }
    }

    /** A kernel that the guest has brought is all that there is: it runs where no task is known, from the beginning on. */
    private void ownKernel(Timeline timeline) {
        timeline.setup().ownKernel().ifPresent(file -> {
            Program kernel = new Program(TaskSteps.NO_TASK, Position.START, file.path(), TaskSteps.NO_TASK);
            kernel.names = Names.of(Symbols.of(timeline.view(), TaskSteps.NO_TASK));
            all.add(kernel);
        });
    }

    /** Goes once through the run and reads the symbols of each program where it is about to end. */
    private void name(Timeline timeline) {
        Map<List<Symbols.Range>, Names> known = new HashMap<>();
        try {
            List<Program> inOrder = new ArrayList<>(all);
            inOrder.sort(Comparator.comparing(program -> program.until));
            for (Program program : inOrder) {
                // The call that ends it is not divided: before its last instruction it is there for sure.
                long tick = program.until.tick() - 1;
                if (tick > program.from.tick() && tick >= timeline.first().tick()) {
                    timeline.seek(new Position(tick, 0));
                    Names names = Names.of(Symbols.of(timeline.view(), program.task));
                    // A program that is run a thousand times has one table.
                    program.names = names.functions.all().isEmpty()
                            ? names
                            : known.computeIfAbsent(names.functions.all(), _ -> names);
                }
            }
        } catch (JournalException e) {
            trouble = "no names of functions: " + e.getMessage();
        }
    }

    /** What a fork's parent had started: the beginnings of these are in another journal. */
    private void before(Timeline timeline) {
        timeline.view().tasks().forEach(task -> {
            processes.put(task.id(), task.process());
            names.put(task.id(), task.name());
            if (timeline.view().space(task.id()).isEmpty()) {
                // It has ended and waits to be collected.
                return;
            }
            alive.computeIfAbsent(task.process(), _ -> new TreeSet<>()).add(task.id());
            if (!current.containsKey(task.process())) {
                String path = timeline.view().process(task.id()).map(process -> process.program()).orElse("");
                begin(task.process(), Position.START, path, task.id());
            }
        });
    }

    /** The process of a task: itself where nothing else is known. */
    public int processOf(int task) {
        return processes.getOrDefault(task, task);
    }

    /** A task's name. */
    public String nameOf(int task) {
        return names.getOrDefault(task, "task");
    }

    /** The programs, in the order in which they began. */
    public List<Program> all() {
        return all;
    }

    /** The program that a process runs from a position on; null when none is known. */
    public @Nullable Program from(int process, Position at) {
        Program found = null;
        for (Program program : all) {
            if (program.process == process && program.from.compareTo(at) <= 0) {
                found = program;
            }
        }
        return found;
    }

    /** Why functions have no names; empty when they have. */
    public String trouble() {
        return trouble;
    }
}
