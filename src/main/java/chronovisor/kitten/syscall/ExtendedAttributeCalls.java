package chronovisor.kitten.syscall;

import static chronovisor.kitten.abi.OpenFlags.AT_FDCWD;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.Mounts;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Paths;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.UserProcess.Credentials;
import java.nio.charset.StandardCharsets;
import java.util.function.BiFunction;

/** Extended attributes, xattr(7): the namespaces user, trusted and security; there are no ACLs, so nothing in system. */
final class ExtendedAttributeCalls {

    private static final int NAME_MAX = 255;
    private static final int VALUE_MAX = 65_536;
    private static final int CREATE = 1;
    private static final int REPLACE = 2;

    private ExtendedAttributeCalls() {}

    private static Inode path(Trap t, Call c, boolean follow) {
        return Paths.existing(t, AT_FDCWD, UserMemory.path(t, c.a0()), follow);
    }

    private static Inode open(Trap t, Call c) {
        return Inodes.get(t, Descriptors.usable(t, c.a0()).inode());
    }

    static Outcome set(Trap t, Call c) {
        return set(t, c, (trap, call) -> path(trap, call, true));
    }

    static Outcome setLink(Trap t, Call c) {
        return set(t, c, (trap, call) -> path(trap, call, false));
    }

    static Outcome setOpen(Trap t, Call c) {
        return set(t, c, ExtendedAttributeCalls::open);
    }

    static Outcome get(Trap t, Call c) {
        return get(t, c, path(t, c, true));
    }

    static Outcome getLink(Trap t, Call c) {
        return get(t, c, path(t, c, false));
    }

    static Outcome getOpen(Trap t, Call c) {
        return get(t, c, open(t, c));
    }

    static Outcome list(Trap t, Call c) {
        return list(t, c, path(t, c, true));
    }

    static Outcome listLink(Trap t, Call c) {
        return list(t, c, path(t, c, false));
    }

    static Outcome listOpen(Trap t, Call c) {
        return list(t, c, open(t, c));
    }

    static Outcome remove(Trap t, Call c) {
        return remove(t, c, path(t, c, true));
    }

    static Outcome removeLink(Trap t, Call c) {
        return remove(t, c, path(t, c, false));
    }

    static Outcome removeOpen(Trap t, Call c) {
        return remove(t, c, open(t, c));
    }

    private static Outcome set(Trap t, Call c, BiFunction<Trap, Call, Inode> target) {
        int flags = (int) c.a4();
        if ((flags & ~(CREATE | REPLACE)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        String name = name(t, c);
        if (Long.compareUnsigned(c.a3(), VALUE_MAX) > 0) {
            return Outcome.error(Errno.E2BIG);
        }
        String value = new String(UserMemory.read(t, c.a2(), (int) c.a3()), StandardCharsets.ISO_8859_1);
        Inode inode = target.apply(t, c);
        Mounts.requireWritable(t, inode.number());
        permit(t, inode, name, true);
        boolean there = inode.attributes().containsKey(name);
        if (there && (flags & CREATE) != 0) {
            return Outcome.error(Errno.EEXIST);
        }
        if (!there && (flags & REPLACE) != 0) {
            return Outcome.error(Errno.ENODATA);
        }
        t.put(inode.withAttributes(inode.attributes().plus(name, value), t.realtime_ns()));
        return Outcome.ZERO;
    }

    private static Outcome get(Trap t, Call c, Inode inode) {
        String name = name(t, c);
        permit(t, inode, name, false);
        String value = inode.attributes().get(name);
        return value == null ? Outcome.error(Errno.ENODATA) : give(t, c.a2(), c.a3(), value);
    }

    private static Outcome list(Trap t, Call c, Inode inode) {
        StringBuilder names = new StringBuilder();
        boolean all = t.process().credentials().can(Capabilities.SYS_ADMIN);
        for (String name : inode.attributes().keySet()) {
            if (all || !name.startsWith("trusted.")) {
                names.append(name).append('\0');
            }
        }
        return give(t, c.a1(), c.a2(), names.toString());
    }

    private static Outcome give(Trap t, long address, long size, String text) {
        if (size == 0) {
            return Outcome.of(text.length());
        }
        if (Long.compareUnsigned(size, text.length()) < 0) {
            return Outcome.error(Errno.ERANGE);
        }
        UserMemory.write(t, address, text.getBytes(StandardCharsets.ISO_8859_1));
        return Outcome.of(text.length());
    }

    private static Outcome remove(Trap t, Call c, Inode inode) {
        String name = name(t, c);
        Mounts.requireWritable(t, inode.number());
        permit(t, inode, name, true);
        if (!inode.attributes().containsKey(name)) {
            return Outcome.error(Errno.ENODATA);
        }
        t.put(inode.withAttributes(inode.attributes().minus(name), t.realtime_ns()));
        return Outcome.ZERO;
    }

    private static String name(Trap t, Call c) {
        String name = UserMemory.string(t, c.a1(), NAME_MAX + 1, Errno.ERANGE);
        if (name.isEmpty()) {
            throw new LinuxError(Errno.ERANGE);
        }
        return name;
    }

    /** Who may use which namespace, and what of: xattr(7). */
    private static void permit(Trap t, Inode inode, String name, boolean write) {
        Credentials who = t.process().credentials();
        int missing = write ? Errno.EPERM : Errno.ENODATA;
        if (name.startsWith("user.") && name.length() > 5) {
            if (!inode.isRegular() && !inode.isDirectory()) {
                throw new LinuxError(missing);
            }
            boolean sticky = inode.isDirectory() && (inode.mode() & FileMode.S_ISVTX) != 0;
            if (write && sticky && who.fsuid() != inode.uid() && !who.can(Capabilities.FOWNER)) {
                throw new LinuxError(Errno.EPERM);
            }
            Inodes.require(t, inode, write ? Inodes.MAY_WRITE : Inodes.MAY_READ);
        } else if (name.startsWith("trusted.") && name.length() > 8) {
            if (!who.can(Capabilities.SYS_ADMIN)) {
                throw new LinuxError(missing);
            }
        } else if (name.startsWith("security.") && name.length() > 9) {
            if (write && !who.can(Capabilities.SYS_ADMIN)) {
                throw new LinuxError(Errno.EPERM);
            }
        } else {
            boolean bare = name.equals("user.") || name.equals("trusted.") || name.equals("security.");
            throw new LinuxError(bare ? Errno.EINVAL : Errno.EOPNOTSUPP);
        }
    }
}
