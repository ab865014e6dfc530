package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.FileLock;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.FileLocks;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.WaitKey;

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

    private LockCalls() {}

    static Outcome record(Trap t, Call c, OpenFile file) {
        int command = (int) c.a1();
        boolean ofOpenFile = command >= F_OFD_GETLK;
        byte[] raw = UserMemory.read(t, c.a2(), FLOCK_BYTES);
        int type = Bytes.get16(raw, 0);
        if (type > UNLOCK || (ofOpenFile && Bytes.get32(raw, 24) != 0)) {
            return Outcome.error(Errno.EINVAL);
        }
        FileLock wanted = lock(t, file, raw, ofOpenFile, type == WRITE);
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
        return take(t, file.inode(), wanted, waits);
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

    private static FileLock lock(Trap t, OpenFile file, byte[] raw, boolean ofOpenFile, boolean exclusive) {
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
        return ofOpenFile
                ? new FileLock(FileLock.Kind.OPEN_FILE, file.id(), exclusive, start, end)
                : new FileLock(FileLock.Kind.PROCESS, t.process().id(), exclusive, start, end);
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
