package chronovisor.kitten.syscall;

import static chronovisor.kitten.abi.OpenFlags.*;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Mount;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.Mounts;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Paths;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.UserProcess;
import java.util.ArrayList;
import java.util.List;
import org.pcollections.TreePVector;

/** Asking about files: stat, access, listings. */
final class StatCalls {

    private static final long DEVICE = 0x10;
    private static final long PROC_DEVICE = 0x11;

    private StatCalls() {}

    static Outcome stat(Trap t, Call c) {
        return store(t, c.a1(), Paths.existing(t, AT_FDCWD, UserMemory.path(t, c.a0()), true));
    }

    static Outcome lstat(Trap t, Call c) {
        return store(t, c.a1(), Paths.existing(t, AT_FDCWD, UserMemory.path(t, c.a0()), false));
    }

    static Outcome fstat(Trap t, Call c) {
        return store(t, c.a1(), Inodes.get(t, Descriptors.get(t, c.a0()).inode()));
    }

    static Outcome newfstatat(Trap t, Call c) {
        // AT_NO_AUTOMOUNT is known too; there is nothing to mount by itself.
        if ((c.a3() & ~(AT_SYMLINK_NOFOLLOW | 0x800 | AT_EMPTY_PATH)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return store(t, c.a2(), find(t, (int) c.a0(), c.a1(), (int) c.a3()));
    }

    /** The inode that an *at call with flags means. */
    static Inode find(Trap t, int directory, long pathAddress, int flags) {
        String path = pathAddress == 0 && (flags & AT_EMPTY_PATH) != 0 ? "" : UserMemory.path(t, pathAddress);
        if (path.isEmpty() && (flags & AT_EMPTY_PATH) != 0) {
            return directory == AT_FDCWD
                    ? Inodes.get(t, t.process().directory())
                    : Inodes.get(t, Descriptors.get(t, directory).inode());
        }
        return Paths.existing(t, directory, path, (flags & AT_SYMLINK_NOFOLLOW) == 0);
    }

    private static Outcome store(Trap t, long address, Inode inode) {
        Bytes out = new Bytes(144);
        out.put64(device(inode)).put64(number(inode)).put64(inode.links());
        out.put32(inode.mode()).put32(inode.uid()).put32(inode.gid()).put32(0);
        out.put64(inode.device()).put64(inode.size()).put64(4096).put64(blocks(inode));
        putTime(out, inode.accessed_ns());
        putTime(out, inode.modified_ns());
        putTime(out, inode.changed_ns());
        out.zeros(24);
        UserMemory.write(t, address, out.toArray());
        return Outcome.ZERO;
    }

    private static long device(Inode inode) {
        return inode.number() >>> 56 != 0 ? PROC_DEVICE : DEVICE + (Mount.systemOf(inode.number()) << 1);
    }

    /** The inode's number in its file system. */
    private static long number(Inode inode) {
        return inode.number() >>> 56 != 0 ? inode.number() : inode.number() & (1L << 40) - 1;
    }

    private static long blocks(Inode inode) {
        return inode.content() instanceof Inode.Data data ? data.pages().size() * 8L : 0;
    }

    private static void putTime(Bytes out, long ns) {
        out.put64(Math.floorDiv(ns, 1_000_000_000L)).put64(Math.floorMod(ns, 1_000_000_000L));
    }

    static Outcome statx(Trap t, Call c) {
        if ((c.a2() & ~0x7900) != 0 || (c.a2() & 0x6000) == 0x6000 || (c.a3() & 0x80000000L) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Inode inode = find(t, (int) c.a0(), c.a1(), (int) c.a2());
        Bytes out = new Bytes(256);
        out.put32(0x1fff).put32(4096).put64(0);
        out.put32(inode.links()).put32(inode.uid()).put32(inode.gid()).put16(inode.mode()).put16(0);
        out.put64(number(inode)).put64(inode.size()).put64(blocks(inode)).put64(0);
        for (long ns : new long[]{inode.accessed_ns(), inode.born_ns(), inode.changed_ns(), inode.modified_ns()}) {
            out.put64(Math.floorDiv(ns, 1_000_000_000L)).put32((int) Math.floorMod(ns, 1_000_000_000L)).put32(0);
        }
        out.put32((int) (inode.device() >>> 8)).put32((int) inode.device() & 0xFF);
        out.put32(0).put32((int) device(inode)).put64(Mount.systemOf(inode.number()) + 1).zeros(256 - 152);
        UserMemory.write(t, c.a4(), out.toArray());
        return Outcome.ZERO;
    }

    static Outcome statfs(Trap t, Call c) {
        Inode inode = Paths.existing(t, AT_FDCWD, UserMemory.path(t, c.a0()), true);
        return storeFileSystem(t, inode, c.a1());
    }

    static Outcome fstatfs(Trap t, Call c) {
        return storeFileSystem(t, Inodes.get(t, Descriptors.get(t, c.a0()).inode()), c.a1());
    }

    private static Outcome storeFileSystem(Trap t, Inode inode, long address) {
        boolean proc = device(inode) == PROC_DEVICE;
        Bytes out = new Bytes(120).put64(proc ? 0x9fa0 : 0x01021994).put64(4096);
        out.put64(proc ? 0 : t.framesTotal()).put64(proc ? 0 : t.framesFree()).put64(proc ? 0 : t.framesFree());
        out.put64(proc ? 0 : t.framesTotal()).put64(proc ? 0 : t.framesFree()).put64(0).put64(255).put64(4096)
                .put64(0x20 | (proc ? 0x100E : Mounts.flags(t, inode.number()) & 0xF | 0x1000));
        UserMemory.write(t, address, out.zeros(32).toArray());
        return Outcome.ZERO;
    }

    static Outcome access(Trap t, Call c) {
        return check(t, AT_FDCWD, UserMemory.path(t, c.a0()), (int) c.a1(), 0);
    }

    static Outcome faccessat(Trap t, Call c) {
        return check(t, (int) c.a0(), UserMemory.path(t, c.a1()), (int) c.a2(), 0);
    }

    static Outcome faccessat2(Trap t, Call c) {
        if ((c.a3() & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return check(t, (int) c.a0(), UserMemory.path(t, c.a1()), (int) c.a2(), (int) c.a3());
    }

    private static Outcome check(Trap t, int directory, String path, int mode, int flags) {
        if ((mode & ~7) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Inode inode = path.isEmpty() && (flags & AT_EMPTY_PATH) != 0
                ? Inodes.get(t, Descriptors.get(t, directory).inode())
                : Paths.existing(t, directory, path, (flags & AT_SYMLINK_NOFOLLOW) == 0);
        UserProcess.Credentials who = t.process().credentials();
        boolean effective = (flags & AT_EACCESS) != 0;
        if ((mode & 2) != 0 && (inode.isRegular() || inode.isDirectory() || inode.isLink())) {
            Mounts.requireWritable(t, inode.number());
        }
        return Inodes.allows(inode, effective ? who : who.withFile(who.uid(), who.gid()), mode)
                ? Outcome.ZERO
                : Outcome.error(Errno.EACCES);
    }

    static Outcome readlink(Trap t, Call c) {
        return readLink(t, AT_FDCWD, UserMemory.path(t, c.a0()), c.a1(), c.a2());
    }

    static Outcome readlinkat(Trap t, Call c) {
        return readLink(t, (int) c.a0(), UserMemory.path(t, c.a1()), c.a2(), c.a3());
    }

    private static Outcome readLink(Trap t, int directory, String path, long address, long size) {
        if (size <= 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Inode inode = path.isEmpty() && directory != AT_FDCWD
                ? Inodes.get(t, Descriptors.get(t, directory).inode())
                : Paths.existing(t, directory, path, false);
        if (!(inode.content() instanceof Inode.Link link)) {
            return Outcome.error(path.isEmpty() ? Errno.ENOENT : Errno.EINVAL);
        }
        String target = link.target().substring(0, (int) Math.min(size, link.target().length()));
        UserMemory.write(t, address, new Bytes().putText(target).toArray());
        return Outcome.of(target.length());
    }

    static Outcome getdents64(Trap t, Call c) {
        return list(t, c, true);
    }

    static Outcome getdents(Trap t, Call c) {
        return list(t, c, false);
    }

    private static Outcome list(Trap t, Call c, boolean wide) {
        OpenFile file = Descriptors.usable(t, c.a0());
        Inode directory = Inodes.get(t, file.inode());
        if (!directory.isDirectory()) {
            return Outcome.error(Errno.ENOTDIR);
        }
        if (directory.links() == 0) {
            return Outcome.error(Errno.ENOENT);
        }
        OpenFile.OnListing listing;
        if (file.offset() > 0 && file.end() instanceof OpenFile.OnListing begun) {
            listing = begun;
        } else {
            List<String> names = new ArrayList<>(List.of(".", ".."));
            names.addAll(Inodes.entries(t, directory).keySet());
            listing = new OpenFile.OnListing(TreePVector.from(names));
        }
        Bytes out = new Bytes(1024);
        long limit = Math.min(c.a2() & 0xFFFFFFFFL, 1 << 20);
        long index = file.offset();
        boolean tooSmall = false;
        for (; index < listing.names().size(); index++) {
            String name = listing.names().get((int) index);
            int length = (wide ? 19 : 18) + name.length() + 1 + (wide ? 0 : 1);
            length = (length + 7) & ~7;
            if (out.length() + length > limit) {
                tooSmall = out.length() == 0;
                break;
            }
            long number = Inodes.lookup(t, directory, name);
            if (number != 0) {
                putEntry(t, out, name, number, index + 1, length, wide);
            }
        }
        if (tooSmall) {
            return Outcome.error(Errno.EINVAL);
        }
        UserMemory.write(t, c.a1(), out.toArray());
        t.put(file.withEnd(listing).withOffset(index));
        return Outcome.of(out.length());
    }

    private static void putEntry(Trap t, Bytes out, String name, long number, long next, int length, boolean wide) {
        int type;
        try {
            type = Inodes.get(t, number).type() >> 12;
        } catch (LinuxError e) {
            // A process that went away between listing and here: DT_UNKNOWN, as readdir may say.
            type = 0;
        }
        int start = out.length();
        out.put64(number).put64(next).put16(length);
        if (wide) {
            out.put8(type).putString(name).zeros(length - (out.length() - start));
        } else {
            out.putString(name).zeros(length - (out.length() - start) - 1).put8(type);
        }
    }
}
