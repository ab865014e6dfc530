package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Pipe;
import chronovisor.kitten.kernel.Consoles;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Fifos;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.OriginalPaths;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Paths;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;

/** kfs, the file system of the Kitten of 2012, and the paper's pipes in it. */
final class OriginalFiles {

    private static final int STAT_BYTES = 144;
    private static final int CONSOLE_BYTES_MAX = 511;
    private static final int PIPE_BYTES_MAX = 1024;
    private static final int VECTOR_BYTES = 16;
    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int SEEK_END = 2;

    private OriginalFiles() {}

    static Outcome open(Trap t, Call c) {
        return Outcome.of(open(t, OriginalPaths.read(t, c.a0()), (int) c.a1()));
    }

    /** Flags but O_CREAT are kept and have no effect on the file: nothing is truncated, appended to or refused. */
    static int open(Trap t, String path, int flags) {
        Inode inode = OriginalPaths.find(t, path);
        if (inode == null) {
            if ((flags & OpenFlags.O_CREAT) == 0) {
                throw new LinuxError(Errno.ENOENT);
            }
            inode = OriginalPaths.makeFile(t, path);
        }
        OpenFile file = Descriptors.open(t, inode.number(), flags & ~OpenFlags.O_APPEND, path,
                FileCalls.end(t, inode, flags & OpenFlags.O_ACCMODE));
        int number = Descriptors.install(t, file, false, 0);
        t.observer.fileOpened(t.core(), t.current(), number, path, flags);
        return number;
    }

    static Outcome stat(Trap t, Call c) {
        Inode inode = OriginalPaths.find(t, OriginalPaths.read(t, c.a0()));
        return inode == null ? Outcome.error(Errno.EBADF) : fill(t, c.a1(), inode);
    }

    static Outcome fstat(Trap t, Call c) {
        return fill(t, c.a1(), Inodes.get(t, Descriptors.get(t, c.a0()).inode()));
    }

    /** Mode, device and inode number; all else is 0. Files have no type in their mode. */
    static Outcome fill(Trap t, long address, Inode inode) {
        int mode = inode.isRegular() ? inode.mode() & 07777 : inode.mode();
        Bytes out = new Bytes(STAT_BYTES).put64(0).put64(inode.number()).put64(0).put32(mode).put32(0).put32(0)
                .put32(0).put64(inode.device());
        UserMemory.write(t, address, out.zeros(STAT_BYTES - out.length()).toArray());
        return Outcome.ZERO;
    }

    static Outcome read(Trap t, Call c) {
        return refusesRead(t, c, "sys_read") ? Outcome.error(Errno.EBADF) : ReadWrite.read(t, c);
    }

    static Outcome readv(Trap t, Call c) {
        return refusesRead(t, c, "sys_readv") ? Outcome.error(Errno.EINVAL) : ReadWrite.readv(t, c);
    }

    /** Without the paper's patch the console can only be written. */
    private static boolean refusesRead(Trap t, Call c, String call) {
        boolean refuses = !t.options.has("console_read") && isConsole(Descriptors.get(t, c.a0()));
        if (refuses) {
            Consoles.print(t, call + ": fd " + (int) c.a0() + " (console) has no read operation");
        }
        return refuses;
    }

    private static boolean isConsole(OpenFile file) {
        return file.end() instanceof OpenFile.OnTerminal(int port) && port == Consoles.CONSOLE;
    }

    static Outcome write(Trap t, Call c) {
        OpenFile file = Descriptors.get(t, c.a0());
        if (isConsole(file)) {
            return Outcome.of(writeConsole(t, c.a1(), c.a2()));
        }
        long length = c.a2();
        if (file.end() instanceof OpenFile.OnPipe) {
            length = Math.min(PIPE_BYTES_MAX, length);
        } else if (tooLarge(t, file, length)) {
            return Outcome.error(Errno.EFBIG);
        }
        return ReadWrite.write(t, new Call(c.number(), c.a0(), c.a1(), length, 0, 0, 0, c.progress()));
    }

    /** A write past the largest size fails whole. */
    private static boolean tooLarge(Trap t, OpenFile file, long length) {
        return file.end() instanceof OpenFile.OnInode
                && (length < 0 || file.offset() + length > t.options.fileBytesMax());
    }

    /** One message of the kernel: the task's name, then as much as its buffer takes. */
    private static int writeConsole(Trap t, long address, long length) {
        int count = (int) Math.min(CONSOLE_BYTES_MAX, Math.max(0, length));
        byte[] text = UserMemory.read(t, address, count);
        int end = 0;
        while (end < count && text[end] != 0) {
            end++;
        }
        Bytes out = new Bytes().putText("(" + t.task().name() + ") ").put(text, 0, end);
        if (count != length) {
            out.putText("<TRUNC>");
        }
        Consoles.write(t, t.terminal(Consoles.CONSOLE), out.toArray());
        return count;
    }

    static Outcome writev(Trap t, Call c) {
        OpenFile file = Descriptors.get(t, c.a0());
        if ((int) c.a2() < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (!isConsole(file)) {
            long total = Transfer.total(Transfer.vectors(t, c.a1(), c.a2()));
            return tooLarge(t, file, total) ? Outcome.error(Errno.EFBIG) : ReadWrite.writev(t, c);
        }
        long total = 0;
        for (int i = 0; i < (int) c.a2(); i++) {
            byte[] vector = UserMemory.read(t, c.a1() + (long) i * VECTOR_BYTES, VECTOR_BYTES);
            // Kitten ends at an empty part; a C library that sends one first (musl) would then try for ever.
            if (Bytes.get64(vector, 8) != 0) {
                total += writeConsole(t, Bytes.get64(vector, 0), Bytes.get64(vector, 8));
            }
        }
        return Outcome.of(total);
    }

    static Outcome lseek(Trap t, Call c) {
        OpenFile file = Descriptors.get(t, c.a0());
        if (isConsole(file)) {
            return Outcome.error(Errno.EBADF);
        }
        Inode inode = Inodes.get(t, file.inode());
        if (!(file.end() instanceof OpenFile.OnInode) || !inode.isRegular()) {
            return ReadWrite.lseek(t, c);
        }
        long max = Math.max(t.options.fileBytesMax(), inode.size());
        long target = switch ((int) c.a2()) {
            case 0 -> c.a1();
            case 1 -> file.offset() + c.a1();
            case SEEK_END -> inode.size();
            default -> -1;
        };
        if (target < 0 || target > max) {
            return Outcome.error(Errno.EINVAL);
        }
        t.put(file.withOffset(target));
        return Outcome.of(target);
    }

    static Outcome mkdir(Trap t, Call c) {
        OriginalPaths.makeDirectory(t, OriginalPaths.read(t, c.a0()), (int) c.a1());
        return Outcome.ZERO;
    }

    static Outcome unlink(Trap t, Call c) {
        return remove(t, OriginalPaths.read(t, c.a0()), false);
    }

    static Outcome rmdir(Trap t, Call c) {
        return remove(t, OriginalPaths.read(t, c.a0()), true);
    }

    /** What is not there is told as ENOENT without its sign: a positive result. */
    private static Outcome remove(Trap t, String path, boolean directory) {
        Inode victim = OriginalPaths.find(t, path);
        if (victim == null) {
            return Outcome.of(Errno.ENOENT);
        }
        if (victim.isDirectory() != directory) {
            return Outcome.error(directory ? Errno.ENOTDIR : Errno.EISDIR);
        }
        if (directory && !Inodes.entries(t, victim).isEmpty()) {
            return Outcome.error(Errno.ENOTEMPTY);
        }
        String name = OriginalPaths.last(path);
        Inode parent = OriginalPaths.find(t, path.substring(0, path.length() - name.length()));
        if (parent == null || name.isEmpty()) {
            return Outcome.of(Errno.ENOENT);
        }
        Inodes.removeEntry(t, parent.number(), name, directory);
        Inodes.dropLink(t, victim.number(), directory ? 2 : 1);
        return Outcome.ZERO;
    }

    static Outcome readlink(Trap t, Call c) {
        Inode inode = OriginalPaths.find(t, OriginalPaths.read(t, c.a0()));
        // The walk has followed every link, so what it found is none.
        return Outcome.error(inode == null ? Errno.ENOENT : Errno.EINVAL);
    }

    static Outcome fcntl(Trap t, Call c) {
        OpenFile file = Descriptors.get(t, c.a0());
        return switch ((int) c.a1()) {
            case F_GETFL -> Outcome.of(file.flags());
            case F_SETFL -> {
                t.put(file.withFlags((int) c.a2() & ~OpenFlags.O_ACCMODE | file.flags() & OpenFlags.O_ACCMODE));
                yield Outcome.ZERO;
            }
            case F_GETFD, F_SETFD -> Outcome.ZERO;
            default -> Outcome.error(Errno.EINVAL);
        };
    }

    static Outcome ioctl(Trap t, Call c) {
        OpenFile file = Descriptors.get(t, c.a0());
        if (isConsole(file)) {
            Consoles.print(t, "sys_ioctl console : no ioctl!");
            return Outcome.error(Errno.ENOTTY);
        }
        return file.end() instanceof OpenFile.OnInode ? Outcome.error(Errno.EINVAL) : TerminalCalls.ioctl(t, c);
    }

    /** The paper's pipe: two files in /proc, named by task and descriptor, whose open files share a buffer. */
    static Outcome pipe(Trap t, Call c) {
        UserMemory.write64(t, c.a0(), UserMemory.read64(t, c.a0()));
        Pipe pipe = Fifos.pipe(t, 1, 1).withCapacity(PIPE_BYTES_MAX);
        t.put(pipe);
        int reads = end(t, pipe, OpenFlags.O_RDONLY | OpenFlags.O_CREAT, true);
        int writes;
        try {
            writes = end(t, pipe, OpenFlags.O_WRONLY | OpenFlags.O_CREAT, false);
        } catch (LinuxError e) {
            Descriptors.close(t, reads);
            throw e;
        }
        UserMemory.write32(t, c.a0(), reads);
        UserMemory.write32(t, c.a0() + 4, writes);
        Consoles.print(t, "sys_pipe(): created pipe (" + reads + ") <- (" + writes + ")");
        t.observer.pipeCreated(t.core(), t.current(), pipe.id(), reads, writes);
        return Outcome.ZERO;
    }

    private static int end(Trap t, Pipe pipe, int flags, boolean reads) {
        int number = t.table(t.process().files()).lowestFree(0);
        String path = "/proc/" + t.current() + "/fd/" + number;
        Inode inode = OriginalPaths.find(t, path);
        if (inode == null) {
            inode = OriginalPaths.makeFile(t, path);
        }
        OpenFile file = Descriptors.open(t, inode.number(), flags, path,
                new OpenFile.OnPipe(pipe.id(), reads, !reads));
        return Descriptors.install(t, file, false, 0);
    }

    /** The absolute path of a directory: always the root. */
    static String directory(Trap t) {
        return Paths.nameOf(t, t.process().directory());
    }
}
