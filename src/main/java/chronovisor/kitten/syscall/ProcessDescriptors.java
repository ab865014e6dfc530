package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.ProcFiles;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;

/** Processes as descriptors (pidfd_open(2)). */
final class ProcessDescriptors {

    private ProcessDescriptors() {}

    static Outcome open(Trap t, Call c) {
        if ((c.a1() & ~OpenFlags.O_NONBLOCK) != 0 || (int) c.a0() <= 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Task task = t.findTask((int) c.a0());
        UserProcess process = t.findProcess((int) c.a0());
        if (process == null) {
            return Outcome.error(task == null ? Errno.ESRCH : Errno.EINVAL);
        }
        return Outcome.of(make(t, process.id(), (int) c.a1()));
    }

    /** A descriptor of a process, closed by execve as all of them are. */
    static int make(Trap t, int process, int flags) {
        OpenFile file = EventCalls.anonymous(t, "[pidfd]", flags, new OpenFile.OnProcess(process));
        return Descriptors.install(t, file, true, 0);
    }

    /** The process a descriptor stands for, else EBADF. */
    static int process(Trap t, long descriptor) {
        if (Descriptors.usable(t, descriptor).end() instanceof OpenFile.OnProcess end) {
            return end.process();
        }
        throw new LinuxError(Errno.EBADF);
    }

    static Outcome sendSignal(Trap t, Call c) {
        if (c.a3() != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        OpenFile file = Descriptors.get(t, c.a0());
        int named = ProcFiles.processOf(file.inode());
        int process = named != 0 ? named : process(t, c.a0());
        if ((int) c.a1() < 0 || (int) c.a1() > Signals.LAST) {
            return Outcome.error(Errno.EINVAL);
        }
        return c.a2() == 0
                ? SignalCalls.killProcess(t, process, (int) c.a1())
                : SignalCalls.sendInfo(t, process, 0, (int) c.a1(), c.a2());
    }
}
