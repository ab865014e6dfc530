package chronovisor.analysis;

import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.vmm.RunResult;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended, and which part of that is the failure.
 *
 * @param kind
 *            what sort of end
 * @param at
 *            where the failure was there: the end of the process that failed, or of the run
 * @param task
 *            whose failure it is; -1 for the machine's
 * @param signal
 *            that killed it, else 0
 * @param status
 *            that it ended with, else that of the machine
 * @param words
 *            in words, without the position
 */
record Ending(Kind kind, Position at, int task, int signal, int status, String words) {

    /** Sorts of ends. */
    enum Kind {
        /** A signal killed a process. */
        KILLED,
        /** The kernel gave up on an exception of a program, as the original one does. */
        KERNEL_STOPPED,
        /** Every task waits, and nothing will ever come. */
        HUNG,
        /** The program ended with a status that is not 0. */
        FAILED,
        /** The machine could not go on. */
        MACHINE,
        /** The recording does not tell the end. */
        CUT,
        /** Nothing failed. */
        FINE
    }

    private static final String KERNEL_LOOPS = "the kernel loops for ever";
    private static final String FAULTS_FOR_EVER = "faults for ever";

    /** What ended the run, by how the machine stopped and what the events tell. */
    static Ending of(RunResult result, boolean ended, Position last, History history) {
        KittenEvent.TaskExited killed = null;
        KittenEvent.TaskExited failed = null;
        KittenEvent.TaskExited init = null;
        int first = Integer.MAX_VALUE;
        for (History.Life life : history.lives.values()) {
            KittenEvent.TaskExited exit = life.exit;
            if (life.task == life.process && life.task < first) {
                first = life.task;
                init = exit;
            }
            if (exit != null && exit.signal() != 0 && !asked(history, exit)
                    && (killed == null || exit.at().compareTo(killed.at()) < 0)) {
                killed = exit;
            }
            if (exit != null && exit.status() != 0
                    && (failed == null || exit.at().compareTo(failed.at()) < 0)) {
                failed = exit;
            }
        }
        boolean stopped = result.kind() == RunResult.Kind.SHUTDOWN
                && (result.reason().contains(KERNEL_LOOPS) || result.reason().contains(FAULTS_FOR_EVER));
        if (stopped) {
            int task = history.exceptions.isEmpty() ? -1 : taskOf(history);
            return new Ending(Kind.KERNEL_STOPPED, last, task, 0, result.status(), result.reason());
        }
        if (killed != null && (init == null || init.signal() != 0 || init.status() != 0)) {
            return new Ending(Kind.KILLED, killed.at(), killed.task(), killed.signal(), 128 + killed.signal(),
                    history.name(killed.task()) + " was killed by " + Words.signal(killed.signal()));
        }
        return switch (result.kind()) {
            case IDLE_FOREVER -> new Ending(Kind.HUNG, last, -1, 0, result.status(),
                    "the run hung: " + result.reason());
            case UNSUPPORTED, ERROR -> new Ending(Kind.MACHINE, last, -1, 0, result.status(), result.reason());
            case PAUSED, TICK_REACHED, BREAKPOINT, WATCHPOINT -> new Ending(Kind.CUT, last, -1, 0, 0,
                    ended ? result.reason() : "the recording was cut off");
            case SHUTDOWN -> {
                KittenEvent.TaskExited exit = init != null && init.status() != 0 ? init : failed;
                yield result.status() == 0
                        ? new Ending(Kind.FINE, last, -1, 0, 0, result.reason())
                        : new Ending(Kind.FAILED, exit == null ? last : exit.at(), exit == null ? -1 : exit.task(), 0,
                                result.status(), result.reason());
            }
        };
    }

    private static int taskOf(History history) {
        for (KittenEvent event : history.scheduling.newestFirst()) {
            if (event instanceof KittenEvent.TaskSwitched switched && switched.to() >= 0
                    && switched.core() == history.exceptions.newest().core()) {
                return switched.to();
            }
        }
        return history.lives.isEmpty() ? -1 : history.lives.keySet().iterator().next();
    }

    /** Whether another process, or the terminal, has killed it: that is no failure of its own. */
    private static boolean asked(History history, KittenEvent.TaskExited exit) {
        SignalHistory.Signal signal = history.signals.killer(exit);
        if (signal == null || signal.fault()) {
            return false;
        }
        History.Called call = sender(history, signal);
        return call != null && history.processOf(call.entered().task()) != history.processOf(exit.task());
    }

    /** The call that sent a signal; null when it was none. */
    static History.@Nullable Called sender(History history, SignalHistory.Signal signal) {
        for (History.Called call : history.lastCalls.newestFirst()) {
            boolean sends = call.number() == Numbers.KILL || call.number() == Numbers.TKILL
                    || call.number() == Numbers.TGKILL;
            if (sends && call.at().compareTo(signal.sent.at()) < 0 && call.at().tick() == signal.sent.at().tick()) {
                return call;
            }
            if (call.at().tick() < signal.sent.at().tick() && sends) {
                break;
            }
        }
        return null;
    }
}
