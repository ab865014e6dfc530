package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.FileLock;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.FileLocks;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import org.jspecify.annotations.Nullable;

/** Advisory file locks: the record locks of fcntl(2), and flock(2). */
final class LockCalls {

    static final int F_GETLK = 5;
    static final int F_SETLK = 6;
    static final int F_SETLKW = 7;
    static final int F_OFD_GETLK = 36;
    static final int F_OFD_SETLK = 37;
    static final int F_OFD_SETLKW = 38;

    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int UNLOCK = 2;
    private static final int FLOCK_BYTES = 32;
    private static final int FCNTL = 72;
    /** As far as Linux looks, too. */
    private static final int CHAIN_MAX = 10;

    private LockCalls() {}

    static Outcome record(Trap t, Call c, OpenFile file) {
        int command = (int) c.a1();
        boolean ofOpenFile = command >= F_OFD_GETLK;
        byte[] raw = UserMemory.read(t, c.a2(), FLOCK_BYTES);
        int type = Bytes.get16(raw, 0);
        if (type > UNLOCK || (ofOpenFile && Bytes.get32(raw, 24) != 0)) {
            return Outcome.error(Errno.EINVAL);
        }
        FileLock wanted = lock(t, file, raw, ofOpenFile ? 0 : t.process().id(), type == WRITE);
        if (command == F_GETLK || command == F_OFD_GETLK) {
            return type == UNLOCK ? Outcome.error(Errno.EINVAL) : tell(t, c, file, wanted, raw);
        }
        if (type == READ && !file.readable() || type == WRITE && !file.writable()) {
            return Outcome.error(Errno.EBADF);
        }
        if (type == UNLOCK) {
            FileLocks.release(t, file.inode(), wanted);
            return Outcome.ZERO;
        }
        boolean waits = command == F_SETLKW || command == F_OFD_SETLKW;
        if (waits && !ofOpenFile && deadlocks(t, file.inode(), wanted)) {
            return Outcome.error(Errno.EDEADLK);
        }
        return take(t, file.inode(), wanted, waits);
    }

    /** Whether who holds what is wanted waits, maybe by way of others, for a lock of this process. */
    private static boolean deadlocks(Trap t, long inode, FileLock wanted) {
        FileLock held = FileLocks.conflict(t, inode, wanted);
        for (int depth = 0; held != null && held.kind() == FileLock.Kind.PROCESS
                && depth < CHAIN_MAX; depth++) {
            held = awaited(t, (int) held.owner());
            if (held != null && held.kind() == FileLock.Kind.PROCESS && held.owner() == t.process().id()) {
                return true;
            }
        }
        return false;
    }

    /** The lock that a process waits for in F_SETLKW, or null. */
    private static @Nullable FileLock awaited(Trap t, int process) {
        for (Task task : t.tasks().values()) {
            Run.Blocked blocked = task.blocked();
            if (task.process() != process || blocked == null || blocked.call().number() != FCNTL
                    || blocked.call().a1() != F_SETLKW) {
                continue;
            }
            UserProcess owner = t.process(process);
            DescriptorTable.Descriptor entry = t.table(owner.files()).get((int) blocked.call().a0());
            if (entry != null) {
                OpenFile file = t.file(entry.file());
                byte[] raw = new byte[FLOCK_BYTES];
                UserMemory.read(t, owner.addressSpace(), blocked.call().a2(), raw, 0, FLOCK_BYTES);
                FileLock wants = lock(t, file, raw, process, Bytes.get16(raw, 0) == WRITE);
                return FileLocks.conflict(t, file.inode(), wants);
            }
        }
        return null;
    }

    private static Outcome take(Trap t, long inode, FileLock wanted, boolean waits) {
        if (FileLocks.conflict(t, inode, wanted) != null) {
            return waits ? Outcome.block(WaitKey.Kind.LOCK, inode) : Outcome.error(Errno.EAGAIN);
        }
        FileLocks.take(t, inode, wanted);
        return Outcome.ZERO;
    }

    private static Outcome tell(Trap t, Call c, OpenFile file, FileLock wanted, byte[] raw) {
        FileLock held = FileLocks.conflict(t, file.inode(), wanted);
        if (held == null) {
            raw[0] = UNLOCK;
            raw[1] = 0;
        } else {
            raw[0] = (byte) (held.exclusive() ? WRITE : READ);
            raw[1] = 0;
            raw[2] = 0;
            raw[3] = 0;
            Bytes.set64(raw, 8, held.start());
            Bytes.set64(raw, 16, held.end() == Long.MAX_VALUE ? 0 : held.end() - held.start() + 1);
            Bytes.set32(raw, 24, held.kind() == FileLock.Kind.PROCESS ? (int) held.owner() : -1);
        }
        UserMemory.write(t, c.a2(), raw);
        return Outcome.ZERO;
    }

    /** @param process its owner, or 0 when the open file is */
    private static FileLock lock(Trap t, OpenFile file, byte[] raw, int process, boolean exclusive) {
        long base = switch (Bytes.get16(raw, 2)) {
            case 0 -> 0;
            case 1 -> file.offset();
            case 2 -> Inodes.get(t, file.inode()).size();
            default -> throw new LinuxError(Errno.EINVAL);
        };
        long start = base + Bytes.get64(raw, 8);
        long length = Bytes.get64(raw, 16);
        long end = length == 0 ? Long.MAX_VALUE : start + length - 1;
        if (length < 0) {
            end = start - 1;
            start += length;
        }
        if (start < 0 || end < start) {
            throw new LinuxError(length > 0 && start >= 0 ? Errno.EOVERFLOW : Errno.EINVAL);
        }
        return process == 0
                ? new FileLock(FileLock.Kind.OPEN_FILE, file.id(), exclusive, start, end)
                : new FileLock(FileLock.Kind.PROCESS, process, exclusive, start, end);
    }

    static Outcome flock(Trap t, Call c) {
        OpenFile file = Descriptors.usable(t, c.a0());
        boolean waits = (c.a1() & 4) == 0;
        int operation = (int) c.a1() & ~4;
        FileLock wanted = new FileLock(FileLock.Kind.FLOCK, file.id(), operation == 2, 0, Long.MAX_VALUE);
        return switch (operation) {
            case 1, 2 -> {
                // Changing a lock's kind gives the old one up first (flock(2)).
                if (FileLocks.conflict(t, file.inode(), wanted) != null) {
                    FileLocks.release(t, file.inode(), wanted);
                }
                yield take(t, file.inode(), wanted, waits);
            }
            case 8 -> {
                FileLocks.release(t, file.inode(), wanted);
                yield Outcome.ZERO;
            }
            default -> Outcome.error(Errno.EINVAL);
        };
    }
}
