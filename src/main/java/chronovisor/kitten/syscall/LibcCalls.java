package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.OriginalPaths;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;

/**
 * The switch {@code libc}: what a C library of today asks for where one of 2012 asked for calls that are there. Each does
 * what the older call does in the kernel of 2012, so that today's programs meet its limits and not only its gaps.
 */
final class LibcCalls {

    private static final int AT_EMPTY_PATH = 0x1000;

    private LibcCalls() {}

    static Outcome openat(Trap t, Call c) {
        return (int) c.a0() == OpenFlags.AT_FDCWD || absolute(t, c.a1())
                ? Outcome.of(OriginalFiles.open(t, OriginalPaths.read(t, c.a1()), (int) c.a2()))
                : Outcome.error(Errno.ENOSYS);
    }

    static Outcome newfstatat(Trap t, Call c) {
        if ((c.a3() & AT_EMPTY_PATH) != 0 && OriginalPaths.read(t, c.a1()).isEmpty()) {
            return OriginalFiles.fill(t, c.a2(), Inodes.get(t, Descriptors.get(t, c.a0()).inode()));
        }
        if ((int) c.a0() != OpenFlags.AT_FDCWD && !absolute(t, c.a1())) {
            return Outcome.error(Errno.ENOSYS);
        }
        Inode inode = OriginalPaths.find(t, OriginalPaths.read(t, c.a1()));
        return inode == null ? Outcome.error(Errno.ENOENT) : OriginalFiles.fill(t, c.a2(), inode);
    }

    private static boolean absolute(Trap t, long path) {
        return OriginalPaths.read(t, path).startsWith("/");
    }

    static Outcome readlink(Trap t, Call c) {
        if (!OriginalPaths.read(t, c.a0()).equals("/proc/self/exe")) {
            return OriginalFiles.readlink(t, c);
        }
        String path = t.process().program();
        String target = path.substring(0, (int) Math.min(Math.max(0, c.a2()), path.length()));
        UserMemory.write(t, c.a1(), new Bytes().putText(target).toArray());
        return Outcome.of(target.length());
    }

    static Outcome getcwd(Trap t, Call c) {
        String path = OriginalFiles.directory(t);
        if (c.a1() < path.length() + 1L) {
            return Outcome.error(Errno.ERANGE);
        }
        UserMemory.write(t, c.a0(), new Bytes().putString(path).toArray());
        return Outcome.of(path.length() + 1L);
    }

    static Outcome pipe2(Trap t, Call c) {
        if (!t.options.has("pipes")) {
            return Outcome.error(Errno.ENOSYS);
        }
        return OriginalFiles.pipe(t, c);
    }

    static Outcome prlimit(Trap t, Call c) {
        if (c.a2() != 0) {
            return Outcome.error(Errno.EPERM);
        }
        return OriginalProcess.getrlimit(t,
                new Call(c.number(), c.a1(), c.a3(), 0, 0, 0, 0, c.progress()));
    }
}
