package chronovisor.analysis;

import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.task.Registers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Wake-ups of futexes that came too early: when the one who was going to wait was on its way there, and could not be told. By the calls
 * and the scheduling alone; what the futex stands for does not matter.
 */
final class LostWakeUps {

    /** Waits that ended by their time limits are looked at from the newest on, so many. */
    private static final int TIMED_OUT_MAX = 8;

    private final Evidence evidence;
    private final Scene scene;
    private final History history;

    LostWakeUps(Evidence evidence) {
        this.evidence = evidence;
        this.scene = evidence.scene;
        this.history = evidence.history;
    }

    private static boolean waits(History.Called call) {
        int operation = (int) call.entered().a1() & Numbers.FUTEX_COMMAND;
        return operation == Numbers.FUTEX_WAIT || operation == Numbers.FUTEX_WAIT_BITSET;
    }

    private static boolean wakes(History.Called call) {
        int operation = (int) call.entered().a1() & Numbers.FUTEX_COMMAND;
        return operation == Numbers.FUTEX_WAKE || operation == Numbers.FUTEX_WAKE_BITSET;
    }

    /** Whether the wait that a task has not come back from has missed its wake-up. */
    boolean unfinished(int task, long futex) {
        for (History.Called call : history.futexes.newestFirst()) {
            if (call.entered().task() == task && call.entered().a0() == futex && call.returned() == null
                    && waits(call)) {
                return missed(call, "waits still, and nobody wakes it again");
            }
        }
        return false;
    }

    /** Whether a wait that ended by its time limit had missed its wake-up. */
    boolean timedOut(Position before) {
        int looked = 0;
        for (History.Called call : history.futexes.newestFirst()) {
            if (looked == TIMED_OUT_MAX) {
                return false;
            }
            if (call.at().compareTo(before) < 0 && waits(call) && call.result() == -Errno.ETIMEDOUT) {
                looked++;
                if (missed(call, "waited there until its time limit, "
                        + Objects.requireNonNull(call.returned()).at())) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean missed(History.Called wait, String then) {
        int task = wait.entered().task();
        long futex = wait.entered().a0();
        History.Called woken = null;
        for (History.Called call : history.futexes.newestFirst()) {
            if (call.at().compareTo(wait.at()) < 0 && call.entered().a0() == futex && wakes(call)) {
                woken = call;
                break;
            }
        }
        if (woken == null || woken.entered().task() == task || woken.result() > 0) {
            return false;
        }
        Away away = away(task, woken.at());
        if (away == null) {
            return false;
        }
        scene.before(woken.at());
        long rip = scene.view().registersOf(task).map(Registers::rip).orElse(0L);
        String place = scene.place(task, rip);
        String word = scene.place(task, futex);
        List<String> lines = new ArrayList<>();
        lines.add((away.since == null ? "" : away.since + "  ") + history.name(task) + " was interrupted at " + place);
        lines.add(woken.at() + "  " + history.name(woken.entered().task()) + " woke " + word
                + ", where nobody waited: the call returned " + woken.result());
        lines.add(wait.at() + "  " + history.name(task) + " went on to wait for the same, and " + then);
        evidence.find("the wake-up that was lost", lines);
        evidence.suspect(new Suspect("lost-wake-up", "a wake-up was lost: " + history.name(woken.entered().task())
                + " woke futex " + word + " at " + woken.at() + ", when " + history.name(task)
                + " had been interrupted at " + place + " on its way to wait there; it began to wait at "
                + wait.at() + ", and " + then, 135, woken.at(),
                away.since == null ? List.of(wait.at()) : List.of(away.since, wait.at()), null));
        return true;
    }

    /** Not on a core, or on another one, and yet not waiting. */
    private record Away(@Nullable Position since) {}

    /** Whether a task could have run at a position and did not wait; since when it did not run. */
    private @Nullable Away away(int task, Position at) {
        int core = -1;
        Position last = null;
        for (KittenEvent event : history.scheduling.newestFirst()) {
            if (event.at().compareTo(at) >= 0) {
                continue;
            }
            if (event instanceof KittenEvent.TaskBlocked blocked && blocked.task() == task) {
                return null;
            }
            if (event instanceof KittenEvent.TaskWoken woken && woken.task() == task) {
                return new Away(null);
            }
            if (event instanceof KittenEvent.TaskSwitched switched && switched.to() == task) {
                core = switched.core();
                last = switched.at();
                break;
            }
        }
        if (last == null) {
            return null;
        }
        for (KittenEvent event : history.scheduling) {
            if (event instanceof KittenEvent.TaskSwitched switched && switched.core() == core
                    && switched.at().compareTo(last) > 0 && switched.at().compareTo(at) < 0) {
                return new Away(switched.at());
            }
        }
        // On another core at that very time.
        return new Away(null);
    }
}
