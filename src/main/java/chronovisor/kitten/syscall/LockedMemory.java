package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.kernel.Mappings;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;

/** Memory that stays where it is (mlock(2)). There is nowhere else it could go; what is left is the account of it. */
final class LockedMemory {

    private static final int LIMIT = 8;
    private static final int ON_FAULT = 1;
    private static final int CURRENT = 1;
    private static final int FUTURE = 2;
    private static final int ALL_ON_FAULT = 4;
    private static final int MARKS = Region.LOCKED | Region.LOCKED_ON_FAULT;

    private LockedMemory() {}

    private static long limit(Trap t) {
        long soft = t.process().limit(LIMIT).soft();
        return soft < 0 || t.process().credentials().can(Capabilities.IPC_LOCK) ? Long.MAX_VALUE : soft;
    }

    /** Fails with EPERM for who may lock nothing at all. */
    static void require(Trap t) {
        if (limit(t) == 0) {
            throw new LinuxError(Errno.EPERM);
        }
    }

    /** Whether that much more may be mapped with these marks. */
    static boolean fits(Trap t, long bytes, int marks) {
        return (marks & Region.LOCKED) == 0 || t.space().locked_bytes() + bytes <= limit(t);
    }

    /** Makes the pages of locked regions in a range be there. */
    static void populate(Trap t, int space, long start, long end) {
        for (Region region : t.space(space).overlapping(start, end)) {
            if ((region.marks() & MARKS) == Region.LOCKED && region.protection() != Protection.NONE) {
                long from = Math.max(start, region.start());
                MemoryCalls.populate(t, from, Math.min(end, region.end()) - from);
            }
        }
    }

    static Outcome lock(Trap t, Call c) {
        return lock(t, c, Region.LOCKED);
    }

    static Outcome lock2(Trap t, Call c) {
        if ((c.a2() & ~ON_FAULT) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return lock(t, c, c.a2() != 0 ? MARKS : Region.LOCKED);
    }

    private static Outcome lock(Trap t, Call c, int marks) {
        require(t);
        long start = c.a0() & -4096L;
        long end = start + MemoryCalls.pageUp(c.a1() + (c.a0() & 4095));
        AddressSpace space = t.space();
        long already = 0;
        for (Region region : space.overlapping(start, end)) {
            if (region.marked(Region.LOCKED)) {
                already += Math.min(end, region.end()) - Math.max(start, region.start());
            }
        }
        if (space.locked_bytes() - already + (end - start) > limit(t)) {
            return Outcome.error(Errno.ENOMEM);
        }
        return apply(t, start, end, marks);
    }

    static Outcome unlock(Trap t, Call c) {
        long start = c.a0() & -4096L;
        return apply(t, start, start + MemoryCalls.pageUp(c.a1() + (c.a0() & 4095)), 0);
    }

    /** Up to the first hole it is done, whether there is one or not. */
    private static Outcome apply(Trap t, long start, long wanted, int marks) {
        if (Long.compareUnsigned(wanted, start) < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        // Nothing is mapped in the upper half of all addresses.
        long end = wanted < 0 ? Long.MAX_VALUE : wanted;
        int space = t.space().id();
        long covered = start;
        Region region = t.space().find(covered);
        while (region != null && covered < end) {
            covered = Math.min(end, region.end());
            region = t.space().find(covered);
        }
        Mappings.mark(t, space, start, covered, old -> old & ~MARKS | marks);
        populate(t, space, start, covered);
        return covered < end ? Outcome.error(Errno.ENOMEM) : Outcome.ZERO;
    }

    static Outcome lockAll(Trap t, Call c) {
        int flags = (int) c.a0();
        if (flags == 0 || (flags & ~(CURRENT | FUTURE | ALL_ON_FAULT)) != 0 || flags == ALL_ON_FAULT) {
            return Outcome.error(Errno.EINVAL);
        }
        require(t);
        AddressSpace space = t.space();
        if ((flags & CURRENT) != 0 && space.mapped_bytes() > limit(t)) {
            return Outcome.error(Errno.ENOMEM);
        }
        int marks = (flags & ALL_ON_FAULT) != 0 ? MARKS : Region.LOCKED;
        t.put(space.withFutureMarks((flags & FUTURE) != 0 ? marks : 0));
        if ((flags & CURRENT) != 0) {
            Mappings.mark(t, space.id(), 0, AddressSpace.USER_END, old -> old & ~MARKS | marks);
            populate(t, space.id(), 0, AddressSpace.USER_END);
        }
        return Outcome.ZERO;
    }

    static Outcome unlockAll(Trap t, Call c) {
        AddressSpace space = t.space();
        t.put(space.withFutureMarks(0));
        Mappings.mark(t, space.id(), 0, AddressSpace.USER_END, old -> old & ~MARKS);
        return Outcome.ZERO;
    }
}
