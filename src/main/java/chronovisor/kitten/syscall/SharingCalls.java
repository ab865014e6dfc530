package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Tracing;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What processes share, and giving it up: unshare, kcmp, pidfd_getfd; and I/O priorities, which nothing here follows. */
final class SharingCalls {

    private static final long CLONE_VM = 0x100;
    private static final long CLONE_FS = 0x200;
    private static final long CLONE_FILES = 0x400;
    private static final long CLONE_SIGHAND = 0x800;
    private static final long CLONE_THREAD = 0x10000;
    private static final long CLONE_SYSVSEM = 0x40000;

    private static final int IO_CLASS_SHIFT = 13;
    private static final int IO_LEVELS = 8;

    private SharingCalls() {}

    static Outcome unshare(Trap t, Call c) {
        long flags = c.a0();
        long needsOneThread = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
        if ((flags & ~(needsOneThread | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM)) != 0) {
            // Namespaces among them: there are none.
            return Outcome.error(Errno.EINVAL);
        }
        UserProcess process = t.process();
        boolean alone = t.tasks().values().stream().filter(task -> task.process() == process.id()).count() == 1;
        boolean others = t.processes().values().stream().anyMatch(other -> other.id() != process.id()
                && !other.exit().ended() && other.addressSpace() == process.addressSpace());
        if ((flags & needsOneThread) != 0 && (!alone || (flags & (CLONE_VM | CLONE_SIGHAND)) != 0 && others)) {
            return Outcome.error(Errno.EINVAL);
        }
        if (!alone && (flags & (CLONE_FILES | CLONE_FS)) != 0) {
            // Threads of a process have one table and one directory here.
            return Outcome.error(Errno.EINVAL);
        }
        if ((flags & CLONE_FILES) != 0) {
            ownTable(t);
        }
        return Outcome.ZERO;
    }

    /** Gives the current process a table of its own. */
    static void ownTable(Trap t) {
        DescriptorTable table = t.table(t.process().files());
        if (table.users() > 1) {
            DescriptorTable copy = Descriptors.copy(t, table.id());
            t.put(table.withUsers(table.users() - 1));
            t.put(t.process().withFiles(copy.id()));
        }
    }

    static Outcome kcmp(Trap t, Call c) {
        Task one = t.findTask((int) c.a0());
        Task other = t.findTask((int) c.a1());
        if (one == null || other == null) {
            return Outcome.error(Errno.ESRCH);
        }
        UserProcess first = t.process(one.process());
        UserProcess second = t.process(other.process());
        Tracing.requireAccess(t, first);
        Tracing.requireAccess(t, second);
        return switch ((int) c.a2()) {
            case 0 -> order(file(t, first, c.a3()), file(t, second, c.a4()));
            case 1 -> order(first.addressSpace(), second.addressSpace());
            case 2 -> order(first.files(), second.files());
            // Working directories and actions belong to the process.
            case 3, 4 -> order(first.id(), second.id());
            // No process has contexts for I/O, or lists of semaphores to undo that are shared with another.
            case 5, 6 -> Outcome.ZERO;
            case 7 -> order(file(t, first, c.a3()), slot(t, second, c.a4()));
            default -> Outcome.error(Errno.EINVAL);
        };
    }

    private static Outcome order(long one, long other) {
        return Outcome.of(one == other ? 0 : one < other ? 1 : 2);
    }

    private static long file(Trap t, UserProcess process, long number) {
        DescriptorTable.Descriptor entry = process.exit().ended() || number < 0 || number > Integer.MAX_VALUE
                ? null
                : t.table(process.files()).get((int) number);
        if (entry == null) {
            throw new LinuxError(Errno.EBADF);
        }
        return entry.file();
    }

    /** The file that an epoll instance of a process waits for under a number (struct kcmp_epoll_slot). */
    private static long slot(Trap t, UserProcess process, long address) {
        OpenFile poll = t.file(file(t, process, UserMemory.read32(t, address)));
        int number = UserMemory.read32(t, address + 4);
        if (!(poll.end() instanceof OpenFile.OnPoll on)) {
            throw new LinuxError(Errno.EINVAL);
        }
        OpenFile.Interest interest = on.interests().get(number);
        if (interest == null || UserMemory.read32(t, address + 8) != 0) {
            throw new LinuxError(Errno.ENOENT);
        }
        return interest.file();
    }

    static Outcome getDescriptor(Trap t, Call c) {
        if (c.a2() != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        UserProcess process = t.findProcess(ProcessDescriptors.process(t, c.a0()));
        if (process == null || process.exit().ended()) {
            return Outcome.error(Errno.ESRCH);
        }
        Tracing.requireAccess(t, process);
        return Outcome.of(Descriptors.install(t, t.file(file(t, process, c.a1() & 0xFFFFFFFFL)), true, 0));
    }

    private static List<Task> meant(Trap t, int which, int who) {
        List<Task> tasks = new ArrayList<>();
        for (Task task : t.tasks().values()) {
            @Nullable
            UserProcess process = t.findProcess(task.process());
            boolean matches = process != null && switch (which) {
                case 1 -> task.id() == (who == 0 ? t.current() : who);
                case 2 -> process.group() == (who == 0 ? t.process().group() : who);
                case 3 -> process.credentials().uid() == (who == 0 ? t.process().credentials().uid() : who);
                default -> throw new LinuxError(Errno.EINVAL);
            };
            if (matches) {
                tasks.add(task);
            }
        }
        if (tasks.isEmpty()) {
            throw new LinuxError(Errno.ESRCH);
        }
        return tasks;
    }

    static Outcome getIoPriority(Trap t, Call c) {
        int best = Integer.MAX_VALUE;
        for (Task task : meant(t, (int) c.a0(), (int) c.a1())) {
            best = Math.min(best, task.scheduling().io());
        }
        return Outcome.of(best);
    }

    static Outcome setIoPriority(Trap t, Call c) {
        int wanted = (int) c.a2() & 0xFFFF;
        int level = wanted & IO_LEVELS - 1;
        switch (wanted >> IO_CLASS_SHIFT) {
            case 0 -> {
                if (level != 0) {
                    return Outcome.error(Errno.EINVAL);
                }
            }
            case 1 -> {
                UserProcess.Credentials me = t.process().credentials();
                if (!me.can(Capabilities.SYS_ADMIN) && !me.can(Capabilities.SYS_NICE)) {
                    return Outcome.error(Errno.EPERM);
                }
            }
            case 2, 3 -> {
                // Best effort and idle: everybody may have them.
            }
            default -> {
                return Outcome.error(Errno.EINVAL);
            }
        }
        for (Task task : meant(t, (int) c.a0(), (int) c.a1())) {
            UserProcess.Credentials me = t.process().credentials();
            int owner = t.process(task.process()).credentials().uid();
            if (owner != me.euid() && owner != me.uid() && !me.can(Capabilities.SYS_NICE)) {
                return Outcome.error(Errno.EPERM);
            }
            t.put(task.withScheduling(task.scheduling().withIo(wanted)));
        }
        return Outcome.ZERO;
    }
}
