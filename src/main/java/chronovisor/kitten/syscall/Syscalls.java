package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.kernel.Consoles;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.SignalSender;
import chronovisor.kitten.kernel.Tracing;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.task.Call;
import org.jspecify.annotations.Nullable;

/** Enters system calls: finds the row, runs its handler, and does what the outcome says. */
public final class Syscalls {

    private static final int RAX = 0;
    /** The number that a tracer gives a call that is not to be made. */
    private static final int SKIPPED = -1;

    /** A call that a signal broke off before it could finish, and what it returns then. */
    public record Interrupted(Call call, long result) {}

    private Syscalls() {}

    /**
     * Enters (or enters again) a call of the current task.
     *
     * @return the call if a signal has to decide how it ends, else null
     */
    public static @Nullable Interrupted enter(Trap t, Call call) {
        int task = t.current();
        if (Tracing.entering(t, call)) {
            return null;
        }
        if (call.number() == SKIPPED) {
            if (t.task().trace() == null) {
                // Nobody skipped it: the program asked for it, and no call has that number.
                t.machine.register(RAX, -Errno.ENOSYS);
                t.observer.syscallReturned(t.core(), task, call.number(), -Errno.ENOSYS);
            }
            Tracing.returned(t, call);
            return null;
        }
        Outcome outcome;
        try {
            Syscall row = Answers.to(t.options, call.number());
            Handler handler = row == null ? null : row.handler();
            outcome = handler == null ? absent(t, call.number()) : handler.call(t, call);
        } catch (LinuxError e) {
            outcome = Outcome.error(e.errno());
        }
        return switch (outcome) {
            case Outcome.Value(long value) -> {
                t.machine.register(RAX, value);
                t.observer.syscallReturned(t.core(), task, call.number(), value);
                Tracing.returned(t, call);
                yield null;
            }
            case Outcome.Gone gone -> {
                if (t.current() == task) {
                    Tracing.returned(t, call);
                }
                yield null;
            }
            case Outcome.Block block -> {
                Call waiting = call.withProgress(block.progress());
                if (Tracing.heldInVfork(t, waiting)) {
                    yield null;
                }
                if (!block.uninterruptible() && SignalSender.pending(t, t.task())) {
                    yield new Interrupted(waiting, block.interrupted());
                }
                t.observer.taskBlocked(t.core(), task, block.queues().toString());
                Scheduler.block(t, waiting, block.queues(), block.uninterruptible());
                yield null;
            }
        };
    }

    private static Outcome absent(Trap t, int number) {
        if (t.reportAbsent(number)) {
            Consoles.print(t, "System call not implemented! (syscall_number=" + number + ")");
        }
        return Outcome.error(Errno.ENOSYS);
    }
}
