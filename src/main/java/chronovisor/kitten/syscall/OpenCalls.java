package chronovisor.kitten.syscall;

import static chronovisor.kitten.abi.OpenFlags.*;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Paths;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;

/** openat2(2): open with flags that are checked, and rules for where the path may lead. */
final class OpenCalls {

    private static final int HOW_BYTES = 24;
    private static final int CACHED = 0x20;
    private static final int RULES = Paths.NO_CROSSING | Paths.NO_MAGIC_LINKS | Paths.NO_LINKS | Paths.BENEATH
            | Paths.IN_ROOT;
    /** O_DSYNC and O_SYNC are known too. */
    private static final long KNOWN = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK
            | O_ASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH
            | O_TMPFILE | 0x1000 | 0x100000;
    private static final long WITH_PATH = O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC;

    private OpenCalls() {}

    static Outcome openat2(Trap t, Call c) {
        if (c.a3() < HOW_BYTES) {
            return Outcome.error(Errno.EINVAL);
        }
        if (c.a3() > 4096) {
            return Outcome.error(Errno.E2BIG);
        }
        byte[] how = UserMemory.read(t, c.a2(), HOW_BYTES);
        for (byte extra : UserMemory.read(t, c.a2() + HOW_BYTES, (int) c.a3() - HOW_BYTES)) {
            if (extra != 0) {
                return Outcome.error(Errno.E2BIG);
            }
        }
        long flags = Bytes.get64(how, 0);
        long mode = Bytes.get64(how, 8);
        long rules = Bytes.get64(how, 16);
        boolean creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
        long bothRoots = Paths.BENEATH | Paths.IN_ROOT;
        if ((flags & ~KNOWN) != 0 || (rules & ~(RULES | CACHED)) != 0 || (rules & bothRoots) == bothRoots
                || (mode & (creates ? ~07777L : -1)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if ((flags & O_PATH) != 0 && (flags & ~WITH_PATH) != 0
                || (flags & O_TMPFILE & ~O_DIRECTORY) != 0 && (flags & O_ACCMODE) == O_RDONLY
                || (flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY)) {
            return Outcome.error(Errno.EINVAL);
        }
        if ((rules & CACHED) != 0 && (creates || (flags & O_TRUNC) != 0)) {
            // What changes something cannot be done with what is known already.
            return Outcome.error(Errno.EAGAIN);
        }
        return FileCalls.open(t, c, (int) c.a0(), UserMemory.path(t, c.a1()), (int) flags, (int) mode,
                (int) rules & RULES);
    }
}
