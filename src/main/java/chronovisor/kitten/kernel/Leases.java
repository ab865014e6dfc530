package chronovisor.kitten.kernel;

import chronovisor.kitten.file.Lease;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Leases on files: who is in whose way, and for how long. As long as there are none they cost a look at an empty table. */
public final class Leases {

    private static final long SECOND_NS = 1_000_000_000L;

    private Leases() {}

    /** The lease of an open file, or null. */
    public static @Nullable Lease of(Trap t, long file) {
        return t.attachments().leases().get(file);
    }

    /** Whether an open file other than {@code except} has a lease on an inode, one for writing or any. */
    public static boolean others(Trap t, long inode, long except, boolean write) {
        return t.attachments().leases().values().stream()
                .anyMatch(lease -> lease.inode() == inode && lease.file() != except && (lease.write() || !write));
    }

    /** Whether a lease on an inode is being broken. */
    public static boolean breaking(Trap t, long inode) {
        return t.attachments().leases().values().stream()
                .anyMatch(lease -> lease.inode() == inode && lease.breaking());
    }

    /** Takes a lease, or changes the one that the open file has. */
    public static void put(Trap t, Lease lease) {
        t.put(t.attachments().with(lease));
        wake(t, lease.inode());
    }

    /** Gives a lease up. */
    public static void remove(Trap t, Lease lease) {
        t.put(t.attachments().withoutLease(lease.file()));
        wake(t, lease.inode());
    }

    private static void wake(Trap t, long inode) {
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.LOCK, inode), Integer.MAX_VALUE);
    }

    /** An open file was closed: its lease goes with it. */
    static void closed(Trap t, OpenFile file) {
        Lease lease = of(t, file.id());
        if (lease != null) {
            remove(t, lease);
        }
    }

    /**
     * Somebody is about to open a file, or to truncate it: holders of leases that this is against are told, once.
     *
     * @return the virtual time to wait until; 0 when nothing stands in the way
     */
    public static long stop_ns(Trap t, long inode, boolean writes) {
        long until_ns = 0;
        if (t.attachments().leases().isEmpty()) {
            return until_ns;
        }
        for (Lease lease : List.copyOf(t.attachments().leases().values())) {
            if (lease.inode() != inode || !lease.write() && !writes) {
                continue;
            }
            if (lease.breaking() && lease.deadline_ns() <= t.now_ns()) {
                expire(t, lease);
                continue;
            }
            // Who reads lets it stay as a read lease; a writer after that does not, which is told again.
            if (!lease.breaking() || writes && lease.keepsRead()) {
                long limit_ns = KernelLimits.of(t, KernelLimits.LEASE_BREAK_S) * SECOND_NS;
                t.put(t.attachments().with(lease.withBreaking(t.now_ns() + limit_ns, !writes)));
                FileOwners.leaseBroken(t, lease);
            }
            Lease now = of(t, lease.file());
            until_ns = Math.max(until_ns, now == null ? 0 : now.deadline_ns());
        }
        return until_ns;
    }

    private static void expire(Trap t, Lease lease) {
        if (lease.write() && lease.keepsRead()) {
            put(t, new Lease(lease.file(), lease.inode(), false, lease.descriptor(), 0, false));
        } else {
            remove(t, lease);
        }
    }
}
