package chronovisor.kitten.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.IntervalTimer;
import chronovisor.kitten.task.Rseq;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Scheduling;
import chronovisor.kitten.task.SignalState;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The index of who waits for what. */
final class WaitsTest {

    private static final WaitKey PIPE = new WaitKey(WaitKey.Kind.PIPE_READ, 7);
    private static final WaitKey CHILD = new WaitKey(WaitKey.Kind.CHILD, 2);

    private static Task task(int id, Run run) {
        return new Task(id, id, "t", run, null, SignalState.INITIAL, 0, 0, 0, 1, 0, Scheduling.NORMAL, Rseq.NONE, 0,
                null);
    }

    private static Run blocked(long order, long deadline_ns, WaitKey... queues) {
        return new Run.Blocked(new Call(0, 0, 0, 0, 0, 0, 0, Call.Progress.NONE), List.of(queues), deadline_ns, order,
                false);
    }

    @Test
    void tasksAreWokenInTheOrderInWhichTheyBeganToWait() {
        Waits waits = Waits.NONE.moved(null, task(3, blocked(9, Long.MAX_VALUE, PIPE)))
                .moved(null, task(5, blocked(4, Long.MAX_VALUE, CHILD, PIPE)));
        assertThat(waits.waiting(PIPE)).containsExactly(5, 3);
        assertThat(waits.waiting(CHILD)).containsExactly(5);
    }

    @Test
    void theFirstDeadlineIsTheEarliestOfTasksAndTimers() {
        IntervalTimer timer = new IntervalTimer(8, IntervalTimer.Clock.MONOTONIC, 500, 0, false, 0,
                new IntervalTimer.ToFile(8));
        Waits waits = Waits.NONE.moved(null, task(3, blocked(1, 700))).moved(null, timer);
        assertThat(Objects.requireNonNull(waits.first()).at_ns()).isEqualTo(500);
        assertThat(Objects.requireNonNull(waits.moved(timer, timer.withFired()).first()).at_ns()).isEqualTo(700);
    }

    @Test
    void aTaskThatWaitsNoMoreLeavesNothingBehind() {
        Task waiting = task(3, blocked(1, 700, PIPE, CHILD));
        Waits waits = Waits.NONE.moved(null, waiting);
        assertThat(waits.moved(waiting, task(3, new Run.Ready()))).isEqualTo(Waits.NONE);
        assertThat(waits.moved(waiting, (Task) null)).isEqualTo(Waits.NONE);
    }

    @Test
    void followingEachChangeGivesTheIndexOfTheWhole() {
        Task one = task(3, blocked(1, 700, PIPE));
        Task two = task(4, blocked(2, Long.MAX_VALUE, PIPE, CHILD));
        Task moved = task(3, blocked(5, 900, CHILD));
        Waits followed = Waits.NONE.moved(null, one).moved(null, two).moved(one, moved);
        assertThat(followed).isEqualTo(Waits.of(Map.of(3, moved, 4, two), Map.of(), Map.of()));
    }
}
