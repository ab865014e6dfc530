package chronovisor.analysis.report;

import chronovisor.analysis.Words;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What each task does now, from the events so far: from a journal, or from a machine that runs. */
public final class TaskStates {

    /** Console lines that are kept. */
    private static final int LINES_MAX = 100;
    private static final int LINE_CHARACTERS_MAX = 400;

    /** A task. */
    public static final class Task {
        private final int id;
        private final int process;
        private String name;
        private String state = "ready";
        private Position since;
        private long calls;

        Task(int id, int process, String name, Position since) {
            this.id = id;
            this.process = process;
            this.name = name;
            this.since = since;
        }

        /** Its number. */
        public int id() {
            return id;
        }

        /** The process that it belongs to. */
        public int process() {
            return process;
        }

        /** What it runs. */
        public String name() {
            return name;
        }

        /** {@code core N}, {@code ready}, {@code waits for ...}, {@code exited ...}. */
        public String state() {
            return state;
        }

        /** Since when it is in that state. */
        public Position since() {
            return since;
        }

        /** How many system calls it has made. */
        public long calls() {
            return calls;
        }
    }

    private final TreeMap<Integer, Task> tasks = new TreeMap<>();
    private final Map<Integer, Integer> cores = new HashMap<>();
    private final List<String> lines = new ArrayList<>();
    private final StringBuilder line = new StringBuilder();

    /** Takes the next event. */
    public void accept(GuestEvent event) {
        if (!(event instanceof KittenEvent kernel)) {
            return;
        }
        switch (kernel) {
            case KittenEvent.TaskStarted started -> tasks.put(started.task(),
                    new Task(started.task(), started.process(), started.name(), started.at()));
            case KittenEvent.ProgramLoaded loaded -> {
                if (loaded.task() >= 0) {
                    task(loaded.task(), loaded.at()).name = loaded.path().substring(loaded.path().lastIndexOf('/') + 1);
                }
            }
            case KittenEvent.TaskSwitched switched -> switched(switched);
            case KittenEvent.TaskBlocked blocked -> become(blocked.task(), "waits for " + blocked.queues(),
                    blocked.at());
            case KittenEvent.TaskWoken woken -> become(woken.task(), "ready", woken.at());
            case KittenEvent.TaskExited exited -> {
                if (exited.task() >= 0) {
                    become(exited.task(), exited.signal() == 0
                            ? "exited with " + exited.status()
                            : "killed by " + Words.signal(exited.signal()), exited.at());
                }
            }
            case KittenEvent.SyscallEntered entered -> task(entered.task(), entered.at()).calls++;
            case KittenEvent.ConsoleWritten written -> written.bytes().toText().chars().forEach(this::print);
            case KittenEvent.SyscallReturned _,KittenEvent.PageFaulted _,KittenEvent.RegionChanged _,KittenEvent.SignalSent _,KittenEvent.SignalDelivered _,KittenEvent.MessagePrinted _,KittenEvent.ConsoleInputArrived _,KittenEvent.ConsoleRead _,KittenEvent.PipeCreated _,KittenEvent.PipeWritten _,KittenEvent.PipeRead _,KittenEvent.FileOpened _,KittenEvent.FileClosed _ -> {
                // No task's state.
            }
        }
    }

    private void switched(KittenEvent.TaskSwitched switched) {
        Integer before = cores.get(switched.core());
        Task left = before == null ? null : tasks.get(before);
        if (left != null && left.state.startsWith("core ")) {
            become(left.id, "ready", switched.at());
        }
        cores.put(switched.core(), switched.to());
        if (switched.to() >= 0) {
            become(switched.to(), "core " + switched.core(), switched.at());
        }
    }

    private void become(int task, String state, Position at) {
        Task changed = task(task, at);
        changed.state = state;
        changed.since = at;
    }

    /** A task; one that was there before the journal began is met without having been started. */
    private Task task(int id, Position at) {
        return tasks.computeIfAbsent(id, _ -> new Task(id, id, "task", at));
    }

    private void print(int character) {
        if (character == '\n' || line.length() == LINE_CHARACTERS_MAX) {
            lines.add(line.toString());
            line.setLength(0);
            if (lines.size() > LINES_MAX) {
                lines.removeFirst();
            }
        }
        if (character >= ' ' && character != 0x7F) {
            line.append((char) character);
        }
    }

    /** All tasks that there have been, by number. */
    public Collection<Task> tasks() {
        return tasks.values();
    }

    /** The last lines that were written to consoles, the unfinished one last. */
    public List<String> lines() {
        List<String> all = new ArrayList<>(lines);
        if (!line.isEmpty()) {
            all.add(line.toString());
        }
        return all;
    }
}
