package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.SignalAction;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.Trace;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.ArrayList;
import java.util.List;

/** Ends of tasks and processes. */
public final class Exits {

    /** Parent of orphans: the kernel itself, which reaps them. Programs know a lost parent by this number. */
    static final int KERNEL = 1;

    private static final int ROBUST_ENTRIES_MAX = 2048;

    private Exits() {}

    /** exit(2): the current thread ends; with the last one the process does. */
    public static void exitTask(Trap t, int status) {
        Task task = t.task();
        int process = task.process();
        int tracer = tracerOf(t, process);
        leaveThread(t, task);
        boolean last = t.tasks().values().stream().noneMatch(other -> other.process() == process);
        if (last) {
            endProcess(t, process, UserProcess.Exit.of(status & 0xFF, 0, false), tracer);
        }
    }

    /** Who traces a process, by any of its threads; 0 for nobody. */
    private static int tracerOf(Trap t, int process) {
        for (Task task : t.tasks().values()) {
            Trace trace = task.trace();
            if (task.process() == process && trace != null) {
                return trace.tracer();
            }
        }
        return 0;
    }

    /** exit_group(2), or death by a signal: all threads of the current process end. */
    public static void exitGroup(Trap t, int status, int signal) {
        int process = t.process().id();
        boolean dumped = Signals.dumpsByDefault(signal) && CoreDump.write(t, signal);
        endOtherThreads(t);
        int tracer = tracerOf(t, process);
        leaveThread(t, t.task());
        endProcess(t, process, UserProcess.Exit.of(status & 0xFF, signal, dumped), tracer);
    }

    /** Ends the other threads of the current process. */
    public static void endOtherThreads(Trap t) {
        int process = t.process().id();
        for (Task other : List.copyOf(t.tasks().values())) {
            if (other.process() == process && other.id() != t.current()) {
                removeElsewhere(t, other);
            }
        }
    }

    private static void removeElsewhere(Trap t, Task task) {
        Scheduler.dequeue(t, task.id());
        Fifos.abandoned(t, task);
        if (task.run() instanceof Run.Running on && on.core() != t.core()) {
            t.put(on.core(), t.coreState(on.core()).withCurrent(-1, t.now_ns(), Long.MAX_VALUE));
            t.machine.shootDown(on.core());
        }
        UserProcess process = t.process(task.process());
        t.put(process.withTimes(process.dead_ns() + Times.task_ns(t, task), process.children_ns()));
        t.removeTask(task.id());
        t.observer.taskExited(t.core(), task.id(), 0, 0);
    }

    private static void leaveThread(Trap t, Task task) {
        UserProcess process = t.process(task.process());
        t.put(process.withTimes(process.dead_ns() + Times.task_ns(t, task), process.children_ns()));
        releaseRobust(t, task);
        if (task.clearOnExit() != 0) {
            try {
                UserMemory.write(t, process.addressSpace(), task.clearOnExit(), new byte[4], 0, 4);
                Futexes.wake(t, process.addressSpace(), task.clearOnExit(), 1, -1);
            } catch (LinuxError e) {
                // As on Linux: an address that is gone by now is nobody's to wait on.
                t.observer.message("clear_child_tid of task " + task.id() + " is not writable");
            }
        }
        Scheduler.vacate(t);
        t.removeTask(task.id());
        if (t.tasks().values().stream().anyMatch(other -> other.process() == task.process())) {
            t.observer.taskExited(t.core(), task.id(), 0, 0);
        }
    }

    /** Robust futexes that the thread still holds get the owner-died bit and one waiter woken. */
    private static void releaseRobust(Trap t, Task task) {
        if (task.robustList() == 0) {
            return;
        }
        int space = t.process(task.process()).addressSpace();
        try {
            byte[] head = new byte[24];
            UserMemory.read(t, space, task.robustList(), head, 0, head.length);
            long offset = Bytes.get64(head, 8);
            long entry = Bytes.get64(head, 0);
            for (int i = 0; i < ROBUST_ENTRIES_MAX && entry != task.robustList() && entry != 0; i++) {
                releaseFutex(t, space, (entry & ~1L) + offset, task.id(), (entry & 1) != 0);
                byte[] link = new byte[8];
                UserMemory.read(t, space, entry & ~1L, link, 0, 8);
                entry = Bytes.get64(link, 0);
            }
            long pendingEntry = Bytes.get64(head, 16);
            if (pendingEntry != 0) {
                releaseFutex(t, space, (pendingEntry & ~1L) + offset, task.id(), (pendingEntry & 1) != 0);
            }
        } catch (LinuxError e) {
            t.observer.message("robust list of task " + task.id() + " is not readable");
        }
    }

    private static void releaseFutex(Trap t, int space, long address, int owner, boolean owned) {
        byte[] word = new byte[4];
        UserMemory.read(t, space, address, word, 0, 4);
        int value = Bytes.get32(word, 0);
        if ((value & Inheritance.OWNER) == owner) {
            int next = owned ? Futexes.handOver(t, space, address) : value & 0x8000_0000;
            Bytes.set32(word, 0, next | 0x4000_0000);
            UserMemory.write(t, space, address, word, 0, 4);
            if (owned && (next & 0x8000_0000) != 0) {
                Inheritance.settle(t, next & Inheritance.OWNER);
            }
            if (!owned && (value & 0x8000_0000) != 0) {
                Futexes.wake(t, space, address, 1, -1);
            }
        }
    }

    private static void endProcess(Trap t, int id, UserProcess.Exit exit, int tracer) {
        releaseVforkParent(t, id);
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.PROCESS, id));
        Tracing.tracerEnded(t, id);
        UserProcess process = t.process(id);
        boolean toTracer = tracer != 0 && tracer != process.parent() && t.findProcess(tracer) != null;
        UserProcess.Exit told = toTracer ? exit.withTracer(tracer) : exit;
        t.put(process.withExit(told).withAlarm(0, 0));
        Timers.removeAll(t, id);
        SemaphoreUndo.apply(t, id);
        Descriptors.releaseTable(t, process.files(), id);
        Mappings.release(t, process.addressSpace());
        t.observer.taskExited(t.core(), id, exit.status(), exit.signal());
        if (id == t.initProcess()) {
            int status = exit.signal() != 0 ? 128 + exit.signal() : exit.status();
            t.machine.shutdown(status, exit.signal() != 0
                    ? "init_task was killed by signal " + exit.signal()
                    : "init_task ended with status " + exit.status());
            return;
        }
        ControllingTerminals.leaderEnded(t, process);
        JobControl.ended(t, process);
        List<Integer> orphans = new ArrayList<>();
        for (UserProcess child : t.processes().values()) {
            if (child.parent() == id) {
                orphans.add(child.id());
            }
        }
        int heir = heir(t, process);
        for (int orphan : orphans) {
            UserProcess child = t.process(orphan);
            // Where nobody waits for orphans the kernel takes them, so that init_task sees its own children only.
            if (child.exit().ended() && heir == KERNEL) {
                t.removeProcess(orphan);
                continue;
            }
            t.put(child.withFamily(heir, child.group(), child.session()));
            if (child.attributes().deathSignal() != 0) {
                SignalSender.toProcess(t, orphan,
                        SignalInfo.user(child.attributes().deathSignal(), Signals.SI_USER, id, 0));
            }
            if (child.exit().ended()) {
                notifyParent(t, orphan);
            }
        }
        if (toTracer) {
            SignalSender.toProcess(t, tracer, ended(t.process(id), Signals.SIGCHLD));
            Scheduler.wake(t, new WaitKey(WaitKey.Kind.CHILD, tracer));
        } else {
            notifyParent(t, id);
        }
    }

    /** A tracer has waited for a process that ended; now its parent is told. */
    public static void toldToTracer(Trap t, UserProcess process) {
        t.put(process.withExit(process.exit().withTracer(0)));
        notifyParent(t, process.id());
    }

    private static SignalInfo ended(UserProcess process, int signal) {
        UserProcess.Exit exit = process.exit();
        int code = exit.signal() == 0 ? Signals.CLD_EXITED : exit.dumped() ? Signals.CLD_DUMPED : Signals.CLD_KILLED;
        return new SignalInfo(signal, code, process.id(), process.credentials().uid(),
                exit.signal() == 0 ? exit.status() : exit.signal(), 0, 0);
    }

    /** Who takes the children of a process that ends: the nearest ancestor that asked for them, else the kernel. */
    private static int heir(Trap t, UserProcess process) {
        UserProcess ancestor = t.findProcess(process.parent());
        while (ancestor != null) {
            if (ancestor.attributes().subreaper() && !ancestor.exit().ended()) {
                return ancestor.id();
            }
            ancestor = t.findProcess(ancestor.parent());
        }
        return KERNEL;
    }

    private static void notifyParent(Trap t, int id) {
        UserProcess process = t.process(id);
        UserProcess parent = t.findProcess(process.parent());
        if (parent == null || parent.exit().ended()) {
            t.removeProcess(id);
            return;
        }
        SignalAction action = parent.action(Signals.SIGCHLD);
        boolean reaps = process.exitSignal() == Signals.SIGCHLD
                && (action.handler() == SignalAction.IGNORE || action.has(Signals.SA_NOCLDWAIT));
        if (reaps) {
            t.removeProcess(id);
        }
        if (process.exitSignal() != 0) {
            SignalSender.toProcess(t, parent.id(), ended(process, process.exitSignal()));
        }
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.CHILD, parent.id()));
    }

    /** Lets a parent that waits in vfork go on. */
    public static void releaseVforkParent(Trap t, int process) {
        UserProcess child = t.process(process);
        if (child.vforkParent() != 0) {
            t.put(child.withVforkParent(0));
            Scheduler.wake(t, new WaitKey(WaitKey.Kind.VFORK, process));
        }
    }
}
