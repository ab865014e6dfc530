package chronovisor.kitten.syscall;

import static chronovisor.kitten.abi.OpenFlags.*;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.console.SerialDriver;
import chronovisor.kitten.console.Terminal;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Pipe;
import chronovisor.kitten.file.Ring;
import chronovisor.kitten.kernel.Consoles;
import chronovisor.kitten.kernel.ControllingTerminals;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Fifos;
import chronovisor.kitten.kernel.FileData;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.KernelLimits;
import chronovisor.kitten.kernel.LoopDevices;
import chronovisor.kitten.kernel.Notifications;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Paths;
import chronovisor.kitten.kernel.ProcFiles;
import chronovisor.kitten.kernel.PseudoTerminals;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.WaitKey;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;

/** Opening, closing and duplicating descriptors. */
final class FileCalls {

    private static final int SETTABLE = O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_NOATIME;

    private static final int ADVICE_LAST = 5;
    private static final int LOOP_MAJOR = 7;

    /** More than this no pipe has, whoever asks. */
    private static final long KERNEL_PIPE_BYTES_MAX = 1 << 26;

    private FileCalls() {}

    /** sync(2): memory is the disk. */
    static Outcome sync(Trap t, Call c) {
        return Outcome.ZERO;
    }

    static Outcome open(Trap t, Call c) {
        return open(t, c, AT_FDCWD, UserMemory.path(t, c.a0()), (int) c.a1(), (int) c.a2(), 0);
    }

    static Outcome openat(Trap t, Call c) {
        return open(t, c, (int) c.a0(), UserMemory.path(t, c.a1()), (int) c.a2(), (int) c.a3(), 0);
    }

    static Outcome creat(Trap t, Call c) {
        return open(t, c, AT_FDCWD, UserMemory.path(t, c.a0()), O_CREAT | O_WRONLY | O_TRUNC, (int) c.a1(), 0);
    }

    /** @param rules {@link Paths#NO_CROSSING} and the others */
    static Outcome open(Trap t, Call c, int directory, String path, int flags, int mode, int rules) {
        if (c.progress().extra() != 0) {
            return Outcome.of(Fifos.take(t, c.progress().extra(), (flags & O_CLOEXEC) != 0));
        }
        if ((flags & O_TMPFILE) == O_TMPFILE) {
            return Outcome.of(openTemporary(t, directory, path, flags, mode, rules));
        }
        boolean create = (flags & O_CREAT) != 0 && (flags & O_PATH) == 0;
        boolean exclusive = create && (flags & O_EXCL) != 0;
        boolean follow = (flags & O_NOFOLLOW) == 0 && !exclusive;
        Paths.Place place = Paths.resolve(t, directory, path, follow, rules);
        Inode inode;
        boolean created = false;
        if (place.inode() == 0) {
            if (!create) {
                throw new LinuxError(Errno.ENOENT);
            }
            if (place.directoryOnly()) {
                throw new LinuxError(Errno.EISDIR);
            }
            inode = Inodes.create(t, place.parent(), place.name(),
                    FileMode.S_IFREG | (mode & 07777 & ~t.process().umask()), Inode.Data.EMPTY);
            created = true;
        } else {
            if (exclusive) {
                throw new LinuxError(Errno.EEXIST);
            }
            inode = Inodes.get(t, place.inode());
        }
        if (!created) {
            checkExisting(t, inode, flags, create, place);
            Outcome wait = (flags & O_PATH) != 0 ? null : stopped(t, inode, flags);
            if (wait != null) {
                return wait;
            }
            inode = truncated(t, inode, flags, place.name());
        }
        return Outcome.of(openInode(t, inode, flags, Paths.nameOf(t, place)));
    }

    /** What somebody who opens a file has to wait for: the other side of a pipe, the end of a lease; or null. */
    private static @Nullable Outcome stopped(Trap t, Inode inode, int flags) {
        if (inode.content() instanceof Inode.Fifo fifo && Fifos.waits(t, inode, fifo, flags)) {
            return Fifos.await(inode.number(), flags);
        }
        boolean writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0;
        return LeaseCalls.stopped(t, inode, writes, (flags & O_NONBLOCK) == 0);
    }

    private static int openInode(Trap t, Inode inode, int flags, String path) {
        OpenFile file = Descriptors.open(t, inode.number(),
                // What has no name to open by (a pipe, an eventfd) never gets O_LARGEFILE.
                flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)
                        | ((flags & O_PATH) != 0 ? 0 : O_LARGEFILE),
                path, end(t, inode, flags));
        int number = Descriptors.install(t, file, (flags & O_CLOEXEC) != 0, 0);
        if ((flags & O_PATH) == 0) {
            Notifications.happened(t, inode.number(), Notifications.OPEN, file.path());
        }
        t.observer.fileOpened(t.core(), t.current(), number, file.path(), flags);
        return number;
    }

    /** Opens an inode that no path was followed to. */
    static int openInode(Trap t, Inode inode, int flags) {
        Paths.Place place = new Paths.Place(inode.number(), "", inode.number(), false);
        checkExisting(t, inode, flags & ~O_CREAT, false, place);
        return openInode(t, truncated(t, inode, flags, place.name()), flags, Paths.nameOf(t, inode));
    }

    private static void checkExisting(Trap t, Inode inode, int flags, boolean create, Paths.Place place) {
        if ((flags & O_PATH) != 0) {
            if ((flags & O_DIRECTORY) != 0 && !inode.isDirectory()) {
                throw new LinuxError(Errno.ENOTDIR);
            }
            return;
        }
        if (inode.isLink()) {
            throw new LinuxError(Errno.ELOOP);
        }
        if ((flags & O_DIRECTORY) != 0 && !inode.isDirectory()) {
            throw new LinuxError(Errno.ENOTDIR);
        }
        int access = flags & O_ACCMODE;
        if (inode.isDirectory() && (access != O_RDONLY || create)) {
            throw new LinuxError(Errno.EISDIR);
        }
        if (place.directoryOnly() && !inode.isDirectory()) {
            throw new LinuxError(Errno.ENOTDIR);
        }
        Inodes.require(t, inode, (access != O_WRONLY ? Inodes.MAY_READ : 0) | (access != O_RDONLY
                || (flags & O_TRUNC) != 0 ? Inodes.MAY_WRITE : 0));
        if ((flags & O_NOATIME) != 0) {
            Inodes.requireOwner(t, inode);
        }
        if (access != O_RDONLY && inode.isRegular() && executing(t, inode.number())) {
            throw new LinuxError(Errno.ETXTBSY);
        }
    }

    /** What O_TRUNC leaves of a file. */
    private static Inode truncated(Trap t, Inode inode, int flags, String name) {
        if ((flags & (O_TRUNC | O_PATH)) == O_TRUNC && inode.isRegular() && inode.content() instanceof Inode.Data) {
            FileData.truncate(t, inode.number(), 0);
            Notifications.happened(t, inode.number(), Notifications.MODIFY, name);
            return Inodes.get(t, inode.number());
        }
        return inode;
    }

    private static boolean executing(Trap t, long inode) {
        return t.processes().values().stream().anyMatch(p -> p.programInode() == inode && !p.exit().ended());
    }

    private static int openTemporary(Trap t, int directory, String path, int flags, int mode, int rules) {
        Paths.Place place = Paths.resolve(t, directory, path, true, rules);
        if (place.inode() == 0) {
            throw new LinuxError(Errno.ENOENT);
        }
        Inode parent = Inodes.get(t, place.inode());
        if (!parent.isDirectory()) {
            throw new LinuxError(Errno.ENOTDIR);
        }
        if ((flags & O_ACCMODE) == O_RDONLY) {
            throw new LinuxError(Errno.EINVAL);
        }
        Inodes.writable(t, parent.number());
        Inode inode = Inode.create(t.nextInode(), FileMode.S_IFREG | (mode & 07777 & ~t.process().umask()),
                t.process().credentials().euid(), t.process().credentials().egid(), Inode.Data.EMPTY, t.realtime_ns());
        t.put(inode.withLinks(0, t.realtime_ns()));
        OpenFile file = Descriptors.open(t, inode.number(), flags & ~(O_TMPFILE | O_CLOEXEC | O_EXCL) | O_LARGEFILE,
                Paths.nameOf(t, parent.number()) + "/#" + inode.number() + " (deleted)", new OpenFile.OnInode());
        return Descriptors.install(t, file, (flags & O_CLOEXEC) != 0, 0);
    }

    /** What a descriptor on an inode reaches. */
    static OpenFile.End end(Trap t, Inode inode, int flags) {
        if ((flags & O_PATH) != 0) {
            return new OpenFile.OnInode();
        }
        return switch (inode.content()) {
            case Inode.Device device -> device(t, inode, flags);
            case Inode.Generated generated -> ProcFiles.open(t, inode);
            case Inode.Fifo fifo -> Fifos.open(t, inode, flags);
            case Inode.SocketName name -> throw new LinuxError(Errno.ENXIO);
            case Inode.Data data -> new OpenFile.OnInode();
            case Inode.Directory d -> new OpenFile.OnInode();
            case Inode.Link link -> new OpenFile.OnInode();
        };
    }

    private static OpenFile.End device(Trap t, Inode inode, int flags) {
        int major = (int) (inode.device() >>> 8);
        int minor = (int) inode.device() & 0xFF;
        if (inode.type() == FileMode.S_IFBLK) {
            if (major != LOOP_MAJOR || minor >= LoopDevices.COUNT) {
                throw new LinuxError(Errno.ENXIO);
            }
            return new OpenFile.OnLoop(minor);
        }
        if (major == 10 && minor == 237) {
            return new OpenFile.OnMemoryDevice("loop-control");
        }
        if (major == 5 && minor == 2) {
            return PseudoTerminals.create(t);
        }
        if (major == 1) {
            return new OpenFile.OnMemoryDevice(switch (minor) {
                case 3 -> "null";
                case 5 -> "zero";
                case 7 -> "full";
                case 8, 9 -> "random";
                default -> throw new LinuxError(Errno.ENXIO);
            });
        }
        int pseudo = PseudoTerminals.port(inode.device());
        if (pseudo >= 0 && !t.terminals().containsKey(pseudo)) {
            throw new LinuxError(Errno.EIO);
        }
        int port = pseudo >= 0
                ? pseudo
                : major == 4 && minor >= 64 && minor < 64 + SerialDriver.PORTS
                        ? minor - 64
                        : major == 5 && minor == 1 ? Consoles.CONSOLE : major == 5 && minor == 0 ? controlling(t) : -1;
        if (t.terminals().containsKey(port)) {
            PseudoTerminals.opened(t, port);
            boolean console = major == 5 && minor == 1;
            if ((flags & O_NOCTTY) == 0 && !console) {
                ControllingTerminals.opened(t, port);
            }
            return new OpenFile.OnTerminal(port);
        }
        if (t.streams().containsKey(port)) {
            return new OpenFile.OnStream(port);
        }
        throw new LinuxError(Errno.ENXIO);
    }

    private static int controlling(Trap t) {
        Terminal terminal = ControllingTerminals.of(t, t.process());
        return terminal == null ? -1 : terminal.port();
    }

    static Outcome pipe(Trap t, Call c) {
        return makePipe(t, c.a0(), 0);
    }

    static Outcome pipe2(Trap t, Call c) {
        if ((c.a1() & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return makePipe(t, c.a0(), (int) c.a1());
    }

    private static Outcome makePipe(Trap t, long address, int flags) {
        UserMemory.write64(t, address, UserMemory.read64(t, address));
        Pipe pipe = Fifos.pipe(t, 1, 1);
        Inode inode = Inode.create(t.nextInode(), FileMode.S_IFIFO | 0600, t.process().credentials().euid(),
                t.process().credentials().egid(), new Inode.Fifo(pipe.id()), t.realtime_ns());
        t.put(inode);
        String name = "pipe:[" + inode.number() + "]";
        boolean closes = (flags & O_CLOEXEC) != 0;
        OpenFile reader = Descriptors.open(t, inode.number(), O_RDONLY | (flags & (O_NONBLOCK | O_DIRECT)), name,
                new OpenFile.OnPipe(pipe.id(), true, false));
        OpenFile writer = Descriptors.open(t, inode.number(), O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)), name,
                new OpenFile.OnPipe(pipe.id(), false, true));
        t.put(inode.withLinks(0, t.realtime_ns()));
        int readNumber;
        try {
            readNumber = Descriptors.install(t, reader, closes, 0);
        } catch (LinuxError e) {
            t.put(t.file(writer.id()).withReferences(1));
            Descriptors.release(t, writer.id());
            throw e;
        }
        int writeNumber;
        try {
            writeNumber = Descriptors.install(t, writer, closes, 0);
        } catch (LinuxError e) {
            Descriptors.close(t, readNumber);
            throw e;
        }
        UserMemory.write32(t, address, readNumber);
        UserMemory.write32(t, address + 4, writeNumber);
        t.observer.pipeCreated(t.core(), t.current(), pipe.id(), readNumber, writeNumber);
        return Outcome.ZERO;
    }

    static Outcome close(Trap t, Call c) {
        Descriptors.close(t, (int) c.a0());
        return Outcome.ZERO;
    }

    static Outcome closeRange(Trap t, Call c) {
        long first = c.a0() & 0xFFFFFFFFL;
        long last = c.a1() & 0xFFFFFFFFL;
        if (first > last || (c.a2() & ~6) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if ((c.a2() & 2) != 0) {
            SharingCalls.ownTable(t);
        }
        DescriptorTable table = t.table(t.process().files());
        for (int number : table.entries().keySet().toArray(Integer[]::new)) {
            if (number >= first && number <= last) {
                if ((c.a2() & 4) != 0) {
                    DescriptorTable now = t.table(table.id());
                    DescriptorTable.Descriptor entry = now.get(number);
                    if (entry != null) {
                        t.put(now.with(number, new DescriptorTable.Descriptor(entry.file(), true)));
                    }
                } else {
                    Descriptors.close(t, number);
                }
            }
        }
        return Outcome.ZERO;
    }

    static Outcome dup(Trap t, Call c) {
        return Outcome.of(Descriptors.install(t, Descriptors.get(t, c.a0()), false, 0));
    }

    static Outcome dup2(Trap t, Call c) {
        OpenFile file = Descriptors.get(t, c.a0());
        if ((int) c.a0() == (int) c.a1()) {
            return Outcome.of(c.a1());
        }
        return duplicateTo(t, file, (int) c.a1(), false);
    }

    static Outcome dup3(Trap t, Call c) {
        if ((int) c.a0() == (int) c.a1() || (c.a2() & ~O_CLOEXEC) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return duplicateTo(t, Descriptors.get(t, c.a0()), (int) c.a1(), c.a2() != 0);
    }

    private static Outcome duplicateTo(Trap t, OpenFile file, int number, boolean closes) {
        if (number < 0 || number >= Descriptors.limit(t)) {
            return Outcome.error(Errno.EBADF);
        }
        Descriptors.set(t, number, file.id(), closes);
        return Outcome.of(number);
    }

    static Outcome fcntl(Trap t, Call c) {
        OpenFile file = Descriptors.get(t, c.a0());
        int number = (int) c.a0();
        DescriptorTable table = t.table(t.process().files());
        return switch ((int) c.a1()) {
            case 0, 1030 -> {
                if (c.a2() < 0 || c.a2() >= Descriptors.limit(t)) {
                    yield Outcome.error(Errno.EINVAL);
                }
                yield Outcome.of(Descriptors.install(t, file, c.a1() == 1030, (int) c.a2()));
            }
            case 1 -> {
                DescriptorTable.Descriptor entry = table.get(number);
                yield Outcome.of(entry != null && entry.closeOnExec() ? 1 : 0);
            }
            case 2 -> {
                t.put(table.with(number, new DescriptorTable.Descriptor(file.id(), (c.a2() & 1) != 0)));
                yield Outcome.ZERO;
            }
            case 3 -> Outcome.of(file.flags());
            case 4 -> {
                t.put(file.withFlags(file.flags() & ~SETTABLE | (int) c.a2() & SETTABLE));
                yield Outcome.ZERO;
            }
            case LockCalls.F_GETLK, LockCalls.F_SETLK, LockCalls.F_SETLKW, LockCalls.F_OFD_GETLK,
                    LockCalls.F_OFD_SETLK, LockCalls.F_OFD_SETLKW ->
                LockCalls.record(t, c, file);
            case OwnerCalls.F_SETOWN, OwnerCalls.F_GETOWN, OwnerCalls.F_SETSIG, OwnerCalls.F_GETSIG,
                    OwnerCalls.F_SETOWN_EX, OwnerCalls.F_GETOWN_EX ->
                OwnerCalls.control(t, c, file);
            case LeaseCalls.F_SETLEASE -> LeaseCalls.set(t, c, file);
            case LeaseCalls.F_GETLEASE -> LeaseCalls.type(t, file);
            case 1033 -> AllocationCalls.addSeals(t, file, c.a2());
            case 1034 -> AllocationCalls.seals(t, file);
            case 1031 -> resizePipe(t, file, c.a2());
            case 1032 -> file.end() instanceof OpenFile.OnPipe end
                    ? Outcome.of(t.pipe(end.pipe()).buffer().capacity())
                    : Outcome.error(Errno.EBADF);
            default -> Outcome.error(Errno.EINVAL);
        };
    }

    private static Outcome resizePipe(Trap t, OpenFile file, long bytes) {
        if (!(file.end() instanceof OpenFile.OnPipe end)) {
            return Outcome.error(Errno.EBADF);
        }
        // The size is 32 bits wide, and rounded up to a power of two of pages.
        long size = bytes & 0xFFFFFFFFL;
        if (size > 1L << 31) {
            return Outcome.error(Errno.EINVAL);
        }
        if (size > KernelLimits.of(t, KernelLimits.PIPE_BYTES)
                && !t.process().credentials().can(Capabilities.SYS_RESOURCE)) {
            return Outcome.error(Errno.EPERM);
        }
        if (size > KERNEL_PIPE_BYTES_MAX) {
            return Outcome.error(Errno.ENOMEM);
        }
        int frames = (int) Pipe.frames(size);
        Pipe pipe = t.pipe(end.pipe());
        Ring old = pipe.buffer();
        if (frames * 4096 < old.amount()) {
            return Outcome.error(Errno.EBUSY);
        }
        byte[] held = new byte[old.amount()];
        Consoles.take(t, old, held);
        PVector<Long> list = old.frames();
        try {
            while (list.size() < frames) {
                list = list.plus(t.allocateKernelFrame());
            }
        } catch (LinuxError e) {
            list.subList(old.frames().size(), list.size()).forEach(t::releaseKernelFrame);
            throw e;
        }
        while (list.size() > frames) {
            t.releaseKernelFrame(list.get(list.size() - 1));
            list = list.minus(list.size() - 1);
        }
        t.put(pipe.withBuffer(Consoles.put(t, new Ring(list, old.read(), old.read()), held)));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.PIPE_WRITE, pipe.id()));
        return Outcome.of(frames * 4096L);
    }

    static Outcome fsync(Trap t, Call c) {
        OpenFile file = Descriptors.usable(t, c.a0());
        return file.end() instanceof OpenFile.OnInode || file.end() instanceof OpenFile.OnLoop
                ? Outcome.ZERO
                : Outcome.error(Errno.EINVAL);
    }

    static Outcome syncfs(Trap t, Call c) {
        Descriptors.usable(t, c.a0());
        return Outcome.ZERO;
    }

    static Outcome fadvise(Trap t, Call c) {
        OpenFile file = Descriptors.usable(t, c.a0());
        if (!Transfer.seekable(file)) {
            return Outcome.error(Errno.ESPIPE);
        }
        return c.a2() < 0 || (int) c.a3() < 0 || (int) c.a3() > ADVICE_LAST
                ? Outcome.error(Errno.EINVAL)
                : Outcome.ZERO;
    }

    static Outcome truncate(Trap t, Call c) {
        Inode inode = Paths.existing(t, AT_FDCWD, UserMemory.path(t, c.a0()), true);
        Inodes.require(t, inode, Inodes.MAY_WRITE);
        Outcome wait = LeaseCalls.stopped(t, inode, true, true);
        return wait != null ? wait : cut(t, inode, c.a1());
    }

    static Outcome ftruncate(Trap t, Call c) {
        OpenFile file = Descriptors.usable(t, c.a0());
        if (!file.writable() || !(file.end() instanceof OpenFile.OnInode)) {
            return Outcome.error(Errno.EINVAL);
        }
        return cut(t, Inodes.get(t, file.inode()), c.a1());
    }

    private static Outcome cut(Trap t, Inode inode, long size) {
        if (inode.isDirectory()) {
            return Outcome.error(Errno.EISDIR);
        }
        if (!inode.isRegular()) {
            return Outcome.error(Errno.EINVAL);
        }
        AllocationCalls.requireSize(t, size > inode.size() ? size : 0);
        FileData.truncate(t, inode.number(), size);
        Notifications.happened(t, inode.number(), Notifications.MODIFY);
        return Outcome.ZERO;
    }
}
