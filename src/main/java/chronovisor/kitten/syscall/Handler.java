package chronovisor.kitten.syscall;

import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.task.Call;

/** What a system call does. */
@FunctionalInterface
public interface Handler {

    /** Serves the call of the current task. */
    Outcome call(Trap t, Call c);
}
