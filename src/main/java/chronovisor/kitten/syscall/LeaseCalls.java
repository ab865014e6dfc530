package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.FileOwner;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Lease;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.FileOwners;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.Leases;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.SignalDelivery;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** fcntl(2) about leases, and what opens and truncates a file that somebody has a lease on. */
final class LeaseCalls {

    static final int F_SETLEASE = 1024;
    static final int F_GETLEASE = 1025;

    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int UNLOCK = 2;

    private LeaseCalls() {}

    /** F_GETLEASE: what its holder should come to, when it is in somebody's way. */
    static Outcome type(Trap t, OpenFile file) {
        Lease lease = Leases.of(t, file.id());
        if (lease == null || lease.breaking() && !lease.keepsRead()) {
            return Outcome.of(UNLOCK);
        }
        return Outcome.of(lease.write() && !lease.breaking() ? WRITE : READ);
    }

    /** F_SETLEASE. */
    static Outcome set(Trap t, Call c, OpenFile file) {
        int type = (int) c.a2();
        Lease held = Leases.of(t, file.id());
        if (type == UNLOCK) {
            if (held == null) {
                return Outcome.error(Errno.EAGAIN);
            }
            Leases.remove(t, held);
            return Outcome.ZERO;
        }
        if (type != READ && type != WRITE) {
            return Outcome.error(Errno.EINVAL);
        }
        Inode inode = Inodes.get(t, file.inode());
        UserProcess.Credentials who = t.process().credentials();
        if (who.fsuid() != inode.uid() && !who.can(Capabilities.LEASE)) {
            return Outcome.error(Errno.EACCES);
        }
        if (!inode.isRegular()) {
            return Outcome.error(Errno.EINVAL);
        }
        requireFree(t, file, held, type == WRITE);
        Leases.put(t, new Lease(file.id(), inode.number(), type == WRITE, (int) c.a0(), 0, false));
        FileOwner owner = FileOwners.of(t, file.id());
        if (owner.id() == 0) {
            t.put(t.attachments()
                    .with(new FileOwner(file.id(), FileOwner.PROCESS, t.process().id(), owner.signal())));
        }
        return Outcome.ZERO;
    }

    /** Fails with EAGAIN when somebody has the file open in a way that the lease would be told of. */
    private static void requireFree(Trap t, OpenFile file, @Nullable Lease held, boolean write) {
        boolean inUse = t.files().values().stream()
                .filter(other -> other.inode() == file.inode() && (other.flags() & OpenFlags.O_PATH) == 0)
                .anyMatch(other -> write ? other.id() != file.id() : other.writable());
        boolean others = Leases.others(t, file.inode(), file.id(), !write);
        boolean breaking = Leases.breaking(t, file.inode()) && (held == null || write || !held.keepsRead());
        if (inUse || others || breaking) {
            throw new LinuxError(Errno.EAGAIN);
        }
    }

    /** What a call that opens or truncates has to wait for, or null. */
    static @Nullable Outcome stopped(Trap t, Inode inode, boolean writes, boolean mayWait) {
        long until_ns = inode.isRegular() ? Leases.stop_ns(t, inode.number(), writes) : 0;
        if (until_ns == 0) {
            return null;
        }
        if (!mayWait) {
            return Outcome.error(Errno.EAGAIN);
        }
        return new Outcome.Block(List.of(new WaitKey(WaitKey.Kind.LOCK, inode.number())),
                new Call.Progress(true, 0, until_ns, 0, false), SignalDelivery.RESTART, false);
    }
}
