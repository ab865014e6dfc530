package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.kernel.Consoles;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;

/** Processes, limits and time as the Kitten of 2012 has them. What is the same goes on to the table's own handlers. */
final class OriginalProcess {

    private static final int MADV_DONTNEED = 4;
    private static final int RLIMIT_STACK = 3;
    private static final int RLIMIT_MEMLOCK = 8;
    private static final int RLIMIT_AS = 9;
    private static final int CLOCK_REALTIME = 0;
    /** CLONE_VM, FS, FILES, SIGHAND, THREAD and SYSVSEM: a task shares everything with its parent. */
    private static final long CLONE_REQUIRED = 0x50F00;
    private static final int ASPACE_ID_MAX = 32_767;
    private static final int FUTEX_WAIT = 0;
    private static final int FUTEX_WAKE = 1;
    private static final int FUTEX_CMP_REQUEUE = 4;
    private static final int FUTEX_WAKE_OP = 5;
    private static final int FUTEX_WAIT_BITSET = 9;
    private static final int FUTEX_WAKE_BITSET = 10;
    private static final int FUTEX_COMMAND = ~(128 | 256);

    private OriginalProcess() {}

    static Outcome nothing(Trap t, Call c) {
        return Outcome.ZERO;
    }

    static Outcome notThere(Trap t, Call c) {
        return Outcome.error(Errno.ENOSYS);
    }

    static Outcome madvise(Trap t, Call c) {
        if ((int) c.a2() != MADV_DONTNEED) {
            Consoles.print(t, "sys_madvise() advice=" + (int) c.a2() + " not supported " + who(t));
        }
        return Outcome.ZERO;
    }

    /** The task as Kitten's messages name it. */
    private static String who(Trap t) {
        return "(task=" + t.process().id() + "." + t.task().id() + ", " + t.task().name() + ")";
    }

    static Outcome clone(Trap t, Call c) {
        if ((c.a0() & CLONE_REQUIRED) != CLONE_REQUIRED) {
            Consoles.print(t, "Unsupported clone() flags 0x" + Long.toHexString(c.a0()) + ".");
            return Outcome.error(Errno.ENOSYS);
        }
        return ProcessCalls.clone(t, c);
    }

    static Outcome fork(Trap t, Call c) {
        Consoles.print(t, "sys_fork: Attempting to fork!");
        return Outcome.error(Errno.ENOSYS);
    }

    static Outcome wait4(Trap t, Call c) {
        int pid = (int) c.a0();
        boolean any = pid == -1 || (pid == 0 && t.options.has("syscalls"));
        if (!any && (pid < 1 || pid > ASPACE_ID_MAX)) {
            return Outcome.error(Errno.EINVAL);
        }
        // Options other than WNOHANG are not looked at, and there is no fourth argument.
        return ProcessCalls.wait4(t,
                new Call(c.number(), any ? -1 : pid, c.a1(), c.a2() & 1, 0, 0, 0, c.progress()));
    }

    static Outcome kill(Trap t, Call c) {
        return (int) c.a0() <= 0 ? Outcome.error(Errno.EPERM) : SignalCalls.kill(t, c);
    }

    static Outcome getrlimit(Trap t, Call c) {
        int resource = (int) c.a0();
        boolean known = resource == RLIMIT_STACK || resource == RLIMIT_MEMLOCK
                || (resource == RLIMIT_AS && t.options.has("syscalls"));
        if (!known) {
            Consoles.print(t, "Unsupported rlimit (resource=" + resource + ").");
            return Outcome.error(Errno.EINVAL);
        }
        UserMemory.write(t, c.a1(), new Bytes(16).put64(-1).put64(-1).toArray());
        return Outcome.ZERO;
    }

    static Outcome futex(Trap t, Call c) {
        int operation = (int) c.a1() & FUTEX_COMMAND;
        return switch (operation) {
            case FUTEX_WAIT, FUTEX_WAKE, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP, FUTEX_WAKE_BITSET ->
                FutexCalls.futex(t, within(c, operation, c.a3()));
            // Only a plain wait looks at its timeout.
            case FUTEX_WAIT_BITSET -> FutexCalls.futex(t, within(c, operation, 0));
            default -> {
                Consoles.print(t, "sys_futex() op=" + operation + " not supported " + who(t));
                yield Outcome.error(Errno.ENOSYS);
            }
        };
    }

    private static Call within(Call c, int operation, long timeout) {
        return new Call(c.number(), c.a0(), operation, c.a2(), timeout, c.a4(), c.a5(), c.progress());
    }

    static Outcome clockGettime(Trap t, Call c) {
        return (int) c.a0() == CLOCK_REALTIME ? TimeCalls.clockGettime(t, c) : Outcome.error(Errno.EINVAL);
    }
}
