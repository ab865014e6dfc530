package chronovisor.kitten.syscall;

import static chronovisor.kitten.abi.OpenFlags.AT_FDCWD;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.elf.ElfException;
import chronovisor.kitten.elf.ElfFile;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Exits;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.Loader;
import chronovisor.kitten.kernel.Mappings;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Paths;
import chronovisor.kitten.kernel.Scripts;
import chronovisor.kitten.kernel.Scripts.Program;
import chronovisor.kitten.kernel.Timers;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Rseq;
import chronovisor.kitten.task.SignalAction;
import chronovisor.kitten.task.SignalState;
import chronovisor.kitten.task.UserProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pcollections.TreePMap;

/** execve(2): another program in the same process. */
final class ExecCalls {

    private static final int ARGUMENTS_MAX = 1 << 17;
    private static final int STRING_MAX = 128 << 10;

    private ExecCalls() {}

    static Outcome execve(Trap t, Call c) {
        return exec(t, AT_FDCWD, UserMemory.path(t, c.a0()), c.a1(), c.a2(), 0);
    }

    static Outcome execveat(Trap t, Call c) {
        if ((c.a4() & ~(OpenFlags.AT_SYMLINK_NOFOLLOW | OpenFlags.AT_EMPTY_PATH)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return exec(t, (int) c.a0(), UserMemory.path(t, c.a1()), c.a2(), c.a3(), (int) c.a4());
    }

    private static Outcome exec(Trap t, int at, String path, long argvAt, long envpAt, int flags) {
        List<String> argv = strings(t, argvAt);
        List<String> envp = strings(t, envpAt);
        if (argv.isEmpty()) {
            argv = List.of("");
        }
        // What is named by a descriptor is told as a path that leads there.
        String named = at == AT_FDCWD || path.startsWith("/")
                ? path
                : "/dev/fd/" + at + (path.isEmpty() ? "" : "/" + path);
        boolean described = path.isEmpty() && (flags & OpenFlags.AT_EMPTY_PATH) != 0;
        Inode inode = described
                ? Inodes.get(t, Descriptors.get(t, at).inode())
                : Paths.existing(t, at, path, (flags & OpenFlags.AT_SYMLINK_NOFOLLOW) == 0);
        if (inode.isLink()) {
            return Outcome.error(Errno.ELOOP);
        }
        Program program = Scripts.resolve(t, new Program(executable(t, inode), named, argv),
                reader -> executable(t, Paths.existing(t, AT_FDCWD, reader, true)));
        // The task is called what was asked for: the script, not what reads it, and the link, not where it leads.
        String name = described ? Descriptors.get(t, at).path() : named;
        return start(t, program, named, name.substring(name.lastIndexOf('/') + 1), envp);
    }

    private static List<String> strings(Trap t, long address) {
        List<String> found = new ArrayList<>();
        if (address == 0) {
            return found;
        }
        for (int i = 0; i < ARGUMENTS_MAX; i++) {
            long pointer = UserMemory.read64(t, address + 8L * i);
            if (pointer == 0) {
                return found;
            }
            found.add(UserMemory.string(t, pointer, STRING_MAX, Errno.E2BIG));
        }
        throw new LinuxError(Errno.E2BIG);
    }

    /** Where a program is, for /proc/PID/exe: links followed, those of /proc among them. */
    private static String nameOf(Trap t, Program program) {
        Inode inode = program.inode();
        Paths.Place place = program.path().isEmpty() ? null : Paths.resolve(t, AT_FDCWD, program.path(), true);
        return place != null && place.inode() == inode.number() && !place.name().isEmpty()
                ? Paths.nameOf(t, place)
                : Paths.nameOf(t, inode);
    }

    private static Inode executable(Trap t, Inode inode) {
        if (!inode.isRegular()) {
            throw new LinuxError(Errno.EACCES);
        }
        Inodes.require(t, inode, Inodes.MAY_EXECUTE);
        return inode;
    }

    private static Outcome start(Trap t, Program program, String named, String name,
            List<String> envp) {
        ElfFile elf;
        Inode loaderInode = null;
        ElfFile loader = null;
        try {
            elf = Loader.parse(t, program.inode(), program.path());
            String wants = elf.interpreter();
            if (wants != null) {
                loaderInode = Paths.existing(t, AT_FDCWD, wants, true);
                loader = Loader.parse(t, loaderInode, wants);
            }
        } catch (ElfException e) {
            t.observer.message(String.valueOf(e.getMessage()));
            return Outcome.error(e.reason() == ElfException.Reason.WRONG_TYPE ? Errno.EINVAL : Errno.ENOEXEC);
        }
        String absolute = nameOf(t, program);
        UserProcess.Credentials who = credentials(t, program.inode());
        Loader.Image image = Loader.load(t, program.inode(), elf, loaderInode, loader, named, program.argv(), envp,
                who);
        commit(t, program, name, absolute, image, who);
        return Outcome.GONE;
    }

    private static UserProcess.Credentials credentials(Trap t, Inode inode) {
        UserProcess.Credentials who = t.process().credentials();
        int euid = (inode.mode() & FileMode.S_ISUID) != 0 ? inode.uid() : who.euid();
        int egid = (inode.mode() & (FileMode.S_ISGID | 010)) == (FileMode.S_ISGID | 010) ? inode.gid() : who.egid();
        if (t.process().attributes().noNewPrivileges()) {
            return who.executing(who.euid(), who.egid());
        }
        return who.executing(euid, egid);
    }

    private static void commit(Trap t, Program program, String name, String absolute, Loader.Image image,
            UserProcess.Credentials who) {
        Exits.endOtherThreads(t);
        Timers.removeAll(t, t.process().id());
        UserProcess process = t.process();
        int oldSpace = process.addressSpace();
        Exits.releaseVforkParent(t, process.id());
        process = t.process();
        TreePMap<Integer, SignalAction> kept = TreePMap.empty();
        for (Map.Entry<Integer, SignalAction> entry : process.actions().entrySet()) {
            if (entry.getValue().handler() == SignalAction.IGNORE) {
                kept = kept.plus(entry.getKey(), entry.getValue());
            }
        }
        t.put(process.withProgram(image.space().id(), absolute, program.inode().number(), image.layout())
                .withActions(kept).withCredentials(who).withAttributes(process.attributes().withExecuted()));
        Descriptors.closeOnExec(t);
        t.machine.addressSpace(image.space().root());
        Mappings.release(t, oldSpace);
        SignalState signals = t.task().signals();
        t.put(t.task().withName(name.substring(0, Math.min(15, name.length()))).withClearOnExit(0).withRobustList(0)
                .withRseq(Rseq.NONE)
                .withSignals(signals.withStack(0, 0, SignalState.STACK_DISABLED)));
        t.machine.load(image.registers());
        t.observer.programLoaded(t.core(), t.current(), absolute, image.entry(), image.stackPointer());
    }
}
