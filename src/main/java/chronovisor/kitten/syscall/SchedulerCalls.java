package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.SignalSender;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.Scheduling;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.UserProcess.Credentials;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Policies, priorities and cores of tasks (sched(7)). */
final class SchedulerCalls {

    private static final int RESET_ON_FORK = 0x4000_0000;
    private static final int RESET_FLAG = 1;
    private static final int PRIORITY_MAX = 99;
    private static final int LIMIT_NICE = 13;
    private static final int LIMIT_REALTIME = 14;
    private static final int ATTRIBUTE_BYTES = 48;
    private static final int ATTRIBUTE_BYTES_MAX = 56;

    private SchedulerCalls() {}

    static Outcome giveWay(Trap t, Call c) {
        t.machine.register(0, 0);
        t.observer.syscallReturned(t.core(), t.current(), c.number(), 0);
        if (!t.coreState(t.core()).queue().isEmpty() && !SignalSender.pending(t, t.task())) {
            Scheduler.giveWay(t);
        }
        return Outcome.GONE;
    }

    private static Task find(Trap t, long id) {
        Task task = named(t, (int) id);
        if (task == null) {
            throw new LinuxError(Errno.ESRCH);
        }
        return task;
    }

    private static @Nullable Task named(Trap t, int id) {
        if (id == 1 && t.initProcess() != 1) {
            return ProcessCalls.FIRST_TASK;
        }
        return id == 0 ? t.task() : t.findTask(id);
    }

    /** Keeps what was changed; the kernel's own task is not scheduled, so that there is nothing to keep. */
    private static void put(Trap t, Task task, Scheduling wanted) {
        if (t.findTask(task.id()) != null) {
            Scheduler.change(t, task, wanted.withLent(task.scheduling().lent()));
        }
    }

    static Outcome getAffinity(Trap t, Call c) {
        if (c.a1() < 8 || (c.a1() & 7) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        UserMemory.write64(t, c.a2(), find(t, c.a0()).affinity() & (1L << t.cores().size()) - 1);
        return Outcome.of(8);
    }

    static Outcome setAffinity(Trap t, Call c) {
        byte[] raw = new byte[8];
        byte[] given = UserMemory.read(t, c.a2(), (int) Math.min(8, c.a1() & 0xFFFFFFFFL));
        System.arraycopy(given, 0, raw, 0, given.length);
        Task task = find(t, c.a0());
        permit(t, task);
        long mask = Bytes.get64(raw, 0) & ((1L << t.cores().size()) - 1);
        if (mask == 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (t.findTask(task.id()) != null) {
            Scheduler.confine(t, task, mask);
        }
        return Outcome.ZERO;
    }

    static Outcome getcpu(Trap t, Call c) {
        if (c.a0() != 0) {
            UserMemory.write32(t, c.a0(), t.core());
        }
        if (c.a1() != 0) {
            UserMemory.write32(t, c.a1(), 0);
        }
        return Outcome.ZERO;
    }

    /** Fails with EPERM unless the current process may change how a task is scheduled. */
    private static void permit(Trap t, Task task) {
        Credentials me = t.process().credentials();
        Credentials owner = ProcessCalls.find(t, task.process()).credentials();
        if (!me.can(Capabilities.SYS_NICE) && me.euid() != owner.uid() && me.euid() != owner.euid()) {
            throw new LinuxError(Errno.EPERM);
        }
    }

    static Outcome setParameter(Trap t, Call c) {
        if (c.a1() == 0 || (int) c.a0() < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        int priority = UserMemory.read32(t, c.a1());
        Task task = find(t, c.a0());
        Scheduling old = task.scheduling();
        return change(t, task, new Scheduling(old.policy(), priority, old.nice(), old.resets(), old.io()));
    }

    static Outcome setScheduler(Trap t, Call c) {
        int policy = (int) c.a1();
        if (c.a2() == 0 || (int) c.a0() < 0 || policy < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        int priority = UserMemory.read32(t, c.a2());
        Task task = find(t, c.a0());
        return change(t, task, new Scheduling(policy & ~RESET_ON_FORK, priority, task.scheduling().nice(),
                (policy & RESET_ON_FORK) != 0, task.scheduling().io()));
    }

    private static Outcome change(Trap t, Task task, Scheduling wanted) {
        boolean realtime = Scheduling.realtime(wanted.policy());
        boolean known = realtime || wanted.policy() == Scheduling.OTHER || wanted.policy() == Scheduling.BATCH
                || wanted.policy() == Scheduling.IDLE;
        if (!known || wanted.priority() < 0 || wanted.priority() > PRIORITY_MAX
                || realtime == (wanted.priority() == 0)) {
            return Outcome.error(Errno.EINVAL);
        }
        UserProcess me = t.process();
        if (!me.credentials().can(Capabilities.SYS_NICE)) {
            Scheduling old = task.scheduling();
            long limit = ProcessCalls.find(t, task.process()).limit(LIMIT_REALTIME).soft();
            boolean raises = realtime && (limit == 0 && old.policy() != wanted.policy()
                    || wanted.priority() > old.priority() && Long.compareUnsigned(wanted.priority(), limit) > 0);
            boolean leavesIdle = old.policy() == Scheduling.IDLE && wanted.policy() != Scheduling.IDLE
                    && !mayHave(me, old.nice());
            if (raises || leavesIdle || (old.resets() && !wanted.resets())
                    || (wanted.nice() < old.nice() && !mayHave(me, wanted.nice()))) {
                return Outcome.error(Errno.EPERM);
            }
        }
        permit(t, task);
        put(t, task, wanted);
        return Outcome.ZERO;
    }

    static Outcome getScheduler(Trap t, Call c) {
        if ((int) c.a0() < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Scheduling scheduling = find(t, c.a0()).scheduling();
        return Outcome.of(scheduling.policy() | (scheduling.resets() ? RESET_ON_FORK : 0));
    }

    static Outcome getParameter(Trap t, Call c) {
        if (c.a1() == 0 || (int) c.a0() < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        UserMemory.write32(t, c.a1(), find(t, c.a0()).scheduling().priority());
        return Outcome.ZERO;
    }

    static Outcome priorityMax(Trap t, Call c) {
        return priority((int) c.a0(), PRIORITY_MAX);
    }

    static Outcome priorityMin(Trap t, Call c) {
        return priority((int) c.a0(), 1);
    }

    private static Outcome priority(int policy, int bound) {
        return switch (policy) {
            case Scheduling.FIFO, Scheduling.ROUND_ROBIN -> Outcome.of(bound);
            case Scheduling.OTHER, Scheduling.BATCH, Scheduling.IDLE, 6 -> Outcome.ZERO;
            default -> Outcome.error(Errno.EINVAL);
        };
    }

    static Outcome interval(Trap t, Call c) {
        if ((int) c.a0() < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        long slice_ns = Scheduler.slice_ns(t, find(t, c.a0()));
        // SCHED_FIFO has no slice, which is told as 0.
        long ns = slice_ns == Long.MAX_VALUE ? 0 : slice_ns;
        TimeCalls.storeTime(t, c.a1(), ns);
        return Outcome.ZERO;
    }

    static Outcome setAttributes(Trap t, Call c) {
        if (c.a1() == 0 || (int) c.a0() < 0 || c.a2() != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        int size = UserMemory.read32(t, c.a1());
        if (size == 0) {
            size = ATTRIBUTE_BYTES;
        }
        if (size < ATTRIBUTE_BYTES || size > 4096) {
            UserMemory.write32(t, c.a1(), ATTRIBUTE_BYTES_MAX);
            return Outcome.error(Errno.E2BIG);
        }
        byte[] raw = UserMemory.read(t, c.a1(), ATTRIBUTE_BYTES);
        int policy = Bytes.get32(raw, 4);
        long flags = Bytes.get64(raw, 8);
        if (policy < 0 || (flags & ~0x7FL) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Task task = find(t, c.a0());
        if (policy == Scheduling.DEADLINE) {
            return reserve(t, task, raw, (flags & RESET_FLAG) != 0);
        }
        int nice = nice(Bytes.get32(raw, 16));
        return change(t, task, new Scheduling(policy, Bytes.get32(raw, 20),
                Scheduling.realtime(policy) ? task.scheduling().nice() : nice, (flags & RESET_FLAG) != 0,
                task.scheduling().io()));
    }

    /** The deadline policy: a reservation that is kept and told. */
    private static Outcome reserve(Trap t, Task task, byte[] raw, boolean resets) {
        Scheduling.Reservation wanted = new Scheduling.Reservation(Bytes.get64(raw, 24), Bytes.get64(raw, 32),
                Bytes.get64(raw, 40));
        if (!wanted.possible() || Bytes.get32(raw, 20) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        SystemCalls.require(t, Capabilities.SYS_NICE);
        permit(t, task);
        put(t, task, new Scheduling(Scheduling.DEADLINE, 0, task.scheduling().nice(), resets,
                task.scheduling().io(), wanted, 0));
        return Outcome.ZERO;
    }

    static Outcome getAttributes(Trap t, Call c) {
        long size = c.a2() & 0xFFFFFFFFL;
        if (c.a1() == 0 || (int) c.a0() < 0 || size < ATTRIBUTE_BYTES || size > 4096 || c.a3() != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Scheduling s = find(t, c.a0()).scheduling();
        boolean realtime = Scheduling.realtime(s.policy());
        int length = (int) Math.min(size, ATTRIBUTE_BYTES_MAX);
        Bytes out = new Bytes(ATTRIBUTE_BYTES_MAX).put32(length).put32(s.policy()).put64(s.resets() ? RESET_FLAG : 0);
        out.put32(realtime || s.policy() == Scheduling.DEADLINE ? 0 : s.nice()).put32(s.priority());
        Scheduling.Reservation reservation = s.reservation();
        out.put64(reservation.runtime_ns()).put64(reservation.deadline_ns())
                .put64(reservation.period_ns() == 0 ? reservation.deadline_ns() : reservation.period_ns())
                .put32(0).put32(1024);
        UserMemory.write(t, t.process().addressSpace(), c.a1(), out.toArray(), 0, length);
        return Outcome.ZERO;
    }

    /** The tasks that getpriority and setpriority mean; the leader stands for its process. */
    private static List<Task> meant(Trap t, Call c) {
        int who = (int) c.a1();
        List<Task> tasks = new ArrayList<>();
        switch ((int) c.a0()) {
            case 0 -> {
                Task task = named(t, who);
                if (task != null) {
                    tasks.add(task);
                }
            }
            case 1 -> all(t, tasks, who == 0 ? t.process().group() : who, -1);
            case 2 -> all(t, tasks, -1, who == 0 ? t.process().credentials().uid() : who);
            default -> throw new LinuxError(Errno.EINVAL);
        }
        if (tasks.isEmpty()) {
            throw new LinuxError(Errno.ESRCH);
        }
        return tasks;
    }

    private static void all(Trap t, List<Task> into, int group, int user) {
        for (Task task : t.tasks().values()) {
            @Nullable
            UserProcess process = t.findProcess(task.process());
            if (process != null
                    && (group >= 0 ? process.group() == group : process.credentials().uid() == user)) {
                into.add(task);
            }
        }
    }

    static Outcome getPriority(Trap t, Call c) {
        int best = 19;
        for (Task task : meant(t, c)) {
            best = Math.min(best, task.scheduling().nice());
        }
        return Outcome.of(20 - best);
    }

    static Outcome setPriority(Trap t, Call c) {
        int nice = nice((int) c.a2());
        Outcome outcome = Outcome.ZERO;
        Credentials me = t.process().credentials();
        for (Task task : meant(t, c)) {
            Credentials owner = ProcessCalls.find(t, task.process()).credentials();
            if (!me.can(Capabilities.SYS_NICE) && me.euid() != owner.uid() && me.euid() != owner.euid()) {
                outcome = Outcome.error(Errno.EPERM);
            } else if (nice < task.scheduling().nice() && !mayHave(t.process(), nice)) {
                outcome = Outcome.error(Errno.EACCES);
            } else {
                put(t, task, task.scheduling().withNice(nice));
            }
        }
        return outcome;
    }

    private static int nice(int wanted) {
        return Math.clamp(wanted, Scheduling.NICE_MIN, Scheduling.NICE_MAX);
    }

    /** Whether a process may raise a nice value to this one: root, or as RLIMIT_NICE allows. */
    private static boolean mayHave(UserProcess process, int nice) {
        return process.credentials().can(Capabilities.SYS_NICE)
                || Long.compareUnsigned(20 - nice, process.limit(LIMIT_NICE).soft()) <= 0;
    }
}
