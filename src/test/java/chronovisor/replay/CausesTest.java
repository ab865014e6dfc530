package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.journal.Position;
import org.junit.jupiter.api.Test;

/** What events may name as their cause. */
final class CausesTest {

    @Test
    void anExceptionThatIsNoPageFaultCausesItsSignalThoughItsTaskHasFaultedBefore() {
        Position protection = new Position(20, 0);
        Causes causes = Causes.NONE.exception(0, new Position(10, 0)).pageFault(1, new Position(10, 1))
                .exception(0, protection);
        assertThat(causes.ofKernelWork(0, 1, 20)).isEqualTo(protection);
    }

    @Test
    void aPageFaultCausesItsSignal() {
        Position fault = new Position(10, 1);
        assertThat(Causes.NONE.exception(0, new Position(10, 0)).pageFault(1, fault).ofKernelWork(0, 1, 10))
                .isEqualTo(fault);
    }

    @Test
    void theCallThatSendsASignalCausesItWhateverItsTargetHasFaultedOn() {
        Position call = new Position(20, 0);
        Causes causes = Causes.NONE.exception(0, new Position(10, 0)).pageFault(1, new Position(10, 1))
                .syscall(2, call);
        assertThat(causes.ofKernelWork(0, 1, 20)).isEqualTo(call);
    }

    @Test
    void aTimersSignalComesFromTheInterrupt() {
        Position interrupt = new Position(20, 0);
        Causes causes = Causes.NONE.pageFault(1, new Position(10, 1)).interrupt(0, interrupt);
        assertThat(causes.ofKernelWork(0, 1, 20)).isEqualTo(interrupt);
    }

    @Test
    void whatHappenedBeforeIsNoCause() {
        Causes causes = Causes.NONE.exception(0, new Position(10, 0)).pageFault(1, new Position(10, 1))
                .syscall(2, new Position(11, 0));
        assertThat(causes.ofKernelWork(0, 1, 20)).isNull();
    }

    @Test
    void theCallThatEndsATaskCausesWhatItsEndDoesAndTasksThatHaveEndedAreForgotten() {
        Position call = new Position(20, 0);
        Causes causes = Causes.NONE.syscall(2, call).exited(2);
        assertThat(causes.ofKernelWork(0, 1, 20)).isEqualTo(call);
        assertThat(causes.ofReturn(2)).isNull();
        for (int task = 3; task < 100; task++) {
            causes = causes.syscall(task, new Position(20 + task, 0)).exited(task);
        }
        assertThat(causes.syscalls()).hasSize(1);
    }
}
