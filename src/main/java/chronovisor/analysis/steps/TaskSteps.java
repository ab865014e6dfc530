package chronovisor.analysis.steps;

import chronovisor.isa.Instruction;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.KittenEvent;
import chronovisor.replay.Progress;
import chronovisor.replay.StepQuery;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells every retired instruction of a journal with the task that retired it. */
public final class TaskSteps {

    /** The task of a core that is not known to run one. */
    public static final int NO_TASK = -1;

    private static final long PROGRESS_TICKS_MASK = (1 << 22) - 1;

    /** What is told. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * An instruction of a task.
         *
         * @param tick
         *            VM tick before it
         */
        void step(int task, long tick, int core, long rip, Instruction instruction);

        /** An event that happened before the next step. */
        default void event(GuestEvent event) {}
    }

    private TaskSteps() {}

    /**
     * Tells all steps, and the events between them.
     *
     * @return how many steps there were
     * @throws chronovisor.journal.JournalException
     *             when the journal was recorded without steps
     */
    public static long forEach(Path journal, Visitor visitor, Consumer<Progress> progress) {
        Cores cores = new Cores(firstTasks(journal));
        try (JournalReader reader = JournalReader.open(journal)) {
            Events events = new Events(reader);
            long steps = StepQuery.of(journal).forEach((tick, core, space, rip, bytes, instruction) -> {
                for (GuestEvent event = events.upTo(tick); event != null; event = events.upTo(tick)) {
                    cores.accept(event);
                    visitor.event(event);
                }
                visitor.step(cores.task(core), tick, core, rip, instruction);
                if ((tick & PROGRESS_TICKS_MASK) == 0) {
                    progress.accept(new Progress(tick, 0, 0));
                }
            });
            for (GuestEvent event = events.upTo(Long.MAX_VALUE); event != null; event = events.upTo(Long.MAX_VALUE)) {
                visitor.event(event);
            }
            return steps;
        }
    }

    /** Which task each core runs. */
    private static final class Cores {
        private int[] tasks;

        Cores(int[] first) {
            tasks = first;
        }

        int task(int core) {
            return core < tasks.length ? tasks[core] : NO_TASK;
        }

        void accept(GuestEvent event) {
            if (event instanceof KittenEvent.TaskSwitched switched) {
                tasks = with(tasks, switched.core(), switched.to());
            }
        }
    }

    /**
     * The task that each core ran when the journal began. One that is switched from was there; where there was no switch, the first
     * that did anything there has been there all along. A fork's journal begins in the middle of a run.
     */
    private static int[] firstTasks(Path journal) {
        int[] first = {};
        boolean[] known = new boolean[1 << 16];
        int[] guess = {};
        try (JournalReader reader = JournalReader.open(journal)) {
            Events events = new Events(reader);
            for (GuestEvent event = events.next(); event != null; event = events.next()) {
                int core = event.core();
                if (known[core]) {
                    continue;
                }
                boolean guessed = core < guess.length && guess[core] != NO_TASK;
                if (event instanceof KittenEvent.TaskSwitched switched) {
                    known[core] = true;
                    // A switch from none: the task that was there has ended just before, or there was none.
                    first = with(first, core, switched.from() == NO_TASK && guessed ? guess[core] : switched.from());
                    if (core == 0 && first[core] == NO_TASK) {
                        // A machine that boots: nothing has run anywhere.
                        return first;
                    }
                } else if (!guessed) {
                    guess = with(guess, core, actor(event));
                }
            }
        }
        for (int core = 0; core < guess.length; core++) {
            if (!known[core]) {
                first = with(first, core, guess[core]);
            }
        }
        return first;
    }

    /** The task that an event shows to have run on its core. */
    private static int actor(GuestEvent event) {
        if (event instanceof KittenEvent.SyscallEntered entered) {
            return entered.task();
        }
        if (event instanceof KittenEvent.PageFaulted faulted) {
            return faulted.task();
        }
        return event instanceof KittenEvent.TaskExited exited ? exited.task() : NO_TASK;
    }

    private static int[] with(int[] tasks, int core, int task) {
        int[] more = tasks;
        if (core >= more.length) {
            more = Arrays.copyOf(tasks, core + 1);
            Arrays.fill(more, tasks.length, more.length, NO_TASK);
        }
        more[core] = task;
        return more;
    }

    /** The events of a journal one after the other, record by record. */
    private static final class Events {
        private final JournalReader reader;
        private Iterator<GuestEvent> batch = List.<GuestEvent>of().iterator();
        private @Nullable GuestEvent ahead;

        Events(JournalReader reader) {
            this.reader = reader;
        }

        /** The next event if it happened before the instruction at a tick retired, else null. */
        @Nullable
        GuestEvent upTo(long tick) {
            GuestEvent event = ahead == null ? next() : ahead;
            boolean due = event != null && event.at().tick() <= tick;
            ahead = due ? null : event;
            return due ? event : null;
        }

        @Nullable
        GuestEvent next() {
            while (!batch.hasNext()) {
                JournalRecord record = reader.nextEvents();
                if (record == null) {
                    return null;
                }
                batch = record.events().iterator();
            }
            return batch.next();
        }
    }
}
