package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Stopping and continuing processes, and telling their parents. */
final class JobControl {

    private JobControl() {}

    /**
     * Whether nobody could continue a process group that stops: no member has a parent in another group of its session. The group of
     * init_task, which was started by the kernel as by a shell, is none of those.
     *
     * @param without
     *            a process that does not count, because it ends; 0 for none
     */
    static boolean orphaned(Trap t, int group, int without) {
        for (UserProcess member : t.processes().values()) {
            if (member.group() != group || member.exit().ended() || member.id() == without) {
                continue;
            }
            UserProcess parent = t.findProcess(member.parent());
            boolean linked = parent != null && parent.id() != without && parent.group() != group
                    && parent.session() == member.session();
            if (linked || member.id() == t.initProcess()) {
                return false;
            }
        }
        return true;
    }

    /** A process ends: groups that are orphaned by that and have stopped members are hung up and continued. */
    static void ended(Trap t, UserProcess process) {
        Set<Integer> groups = new TreeSet<>();
        UserProcess parent = t.findProcess(process.parent());
        if (parent != null && parent.group() != process.group() && parent.session() == process.session()) {
            groups.add(process.group());
        }
        for (UserProcess child : t.processes().values()) {
            if (child.parent() == process.id() && child.group() != process.group()
                    && child.session() == process.session()) {
                groups.add(child.group());
            }
        }
        for (int group : groups) {
            boolean stopped = t.tasks().values().stream().anyMatch(task -> task.run() instanceof Run.Stopped
                    && t.process(task.process()).group() == group && task.process() != process.id());
            if (stopped && orphaned(t, group, process.id())) {
                SignalSender.toGroup(t, group, SignalInfo.kernel(Signals.SIGHUP));
                SignalSender.toGroup(t, group, SignalInfo.kernel(Signals.SIGCONT));
            }
        }
    }

    /** Stops the current process; the current task goes on as {@code next} says when it is continued. */
    static void stop(Trap t, int signal, Run next) {
        int process = t.process().id();
        Scheduler.leave(t, new Run.Stopped(next));
        for (Task task : List.copyOf(t.tasks().values())) {
            if (task.process() != process || task.run() instanceof Run.Stopped) {
                continue;
            }
            if (task.run() instanceof Run.Running on) {
                Scheduler.leaveElsewhere(t, task, on.core(), new Run.Stopped(new Run.Ready()));
            } else {
                Scheduler.dequeue(t, task.id());
                t.put(task.withRun(new Run.Stopped(task.run())));
            }
        }
        tell(t, process, new UserProcess.Exit(false, 0, 0, signal, false, false, 0), Signals.CLD_STOPPED, signal);
    }

    /** Lets a stopped process go on. What its threads waited for may have happened meanwhile, so they look again. */
    static void resume(Trap t, int process, boolean tells) {
        boolean any = false;
        for (Task task : List.copyOf(t.tasks().values())) {
            if (task.process() == process && task.run() instanceof Run.Stopped stopped) {
                any = true;
                Run before = stopped.before();
                if (before instanceof Run.Blocked blocked) {
                    Call.Progress p = blocked.call().progress();
                    before = new Run.Resuming(blocked.call().withProgress(
                            new Call.Progress(true, p.done(), p.deadline_ns(), p.extra(), p.woken())));
                }
                Scheduler.enqueue(t, task.withRun(before));
            }
        }
        if (any && tells) {
            tell(t, process, new UserProcess.Exit(false, 0, 0, 0, true, false, 0), Signals.CLD_CONTINUED,
                    Signals.SIGCONT);
        }
    }

    private static void tell(Trap t, int id, UserProcess.Exit change, int code, int signal) {
        UserProcess process = t.process(id);
        t.put(process.withExit(change));
        UserProcess parent = t.findProcess(process.parent());
        if (parent == null || parent.exit().ended()) {
            return;
        }
        if (!parent.action(Signals.SIGCHLD).has(Signals.SA_NOCLDSTOP)) {
            SignalSender.toProcess(t, parent.id(),
                    new SignalInfo(Signals.SIGCHLD, code, id, process.credentials().uid(), signal, 0, 0));
        }
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.CHILD, parent.id()));
    }
}
