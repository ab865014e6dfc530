package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Mount;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.ProcFiles;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;

/** Files by handles that outlive names: name_to_handle_at(2) and open_by_handle_at(2). A handle is the inode's number. */
final class HandleCalls {

    private static final int HEAD_BYTES = 8;
    private static final int HANDLE_BYTES = 8;
    private static final int HANDLE_BYTES_MAX = 128;
    /** FILEID_INO32_GEN is 1; this is a kind of its own, as file systems have them. */
    private static final int TYPE = 0x4b;
    /** AT_HANDLE_FID: for comparing only. */
    private static final int FOR_COMPARISON = 0x200;

    private HandleCalls() {}

    static Outcome nameToHandle(Trap t, Call c) {
        int flags = (int) c.a4();
        if ((flags & ~(OpenFlags.AT_SYMLINK_FOLLOW | OpenFlags.AT_EMPTY_PATH | FOR_COMPARISON)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        boolean follows = (flags & OpenFlags.AT_SYMLINK_FOLLOW) != 0;
        Inode inode = StatCalls.find(t, (int) c.a0(), c.a1(),
                flags & OpenFlags.AT_EMPTY_PATH | (follows ? 0 : OpenFlags.AT_SYMLINK_NOFOLLOW));
        long given = UserMemory.read32(t, c.a2()) & 0xFFFF_FFFFL;
        if (given > HANDLE_BYTES_MAX) {
            return Outcome.error(Errno.EINVAL);
        }
        if (ProcFiles.owns(inode.number())) {
            return Outcome.error(Errno.EOPNOTSUPP);
        }
        UserMemory.write32(t, c.a3(), (int) Mount.systemOf(inode.number()) + 1);
        if (given < HANDLE_BYTES) {
            UserMemory.write32(t, c.a2(), HANDLE_BYTES);
            return Outcome.error(Errno.EOVERFLOW);
        }
        UserMemory.write(t, c.a2(),
                new Bytes(HEAD_BYTES + HANDLE_BYTES).put32(HANDLE_BYTES).put32(TYPE).put64(inode.number()).toArray());
        return Outcome.ZERO;
    }

    static Outcome openByHandle(Trap t, Call c) {
        long place = (int) c.a0() == OpenFlags.AT_FDCWD
                ? t.process().directory()
                : Descriptors.get(t, c.a0()).inode();
        SystemCalls.require(t, Capabilities.DAC_READ_SEARCH);
        byte[] head = UserMemory.read(t, c.a1(), HEAD_BYTES);
        long bytes = Bytes.get32(head, 0) & 0xFFFF_FFFFL;
        if (bytes == 0 || bytes > HANDLE_BYTES_MAX) {
            return Outcome.error(Errno.EINVAL);
        }
        byte[] handle = UserMemory.read(t, c.a1() + HEAD_BYTES, (int) bytes);
        Inode inode = bytes == HANDLE_BYTES && Bytes.get32(head, 4) == TYPE
                ? t.findInode(Bytes.get64(handle, 0))
                : null;
        // A handle means nothing in another file system than its own.
        if (inode == null || inode.links() == 0 || !stored(t, place)
                || Mount.systemOf(place) != Mount.systemOf(inode.number())) {
            return Outcome.error(Errno.ESTALE);
        }
        return Outcome.of(FileCalls.openInode(t, Inodes.get(t, inode.number()), (int) c.a2()));
    }

    /** Whether an inode is one of a file system: not of /proc, no pipe or socket without a name, no terminal. */
    private static boolean stored(Trap t, long number) {
        Inode inode = t.findInode(number);
        return inode != null && (inode.isRegular() || inode.isDirectory() || inode.isLink());
    }
}
