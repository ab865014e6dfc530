package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.FileData;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.Mappings;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.PageTable;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Call;
import java.util.List;

/** What is told to and asked from memory that is mapped already: madvise, mincore, msync, readahead. */
final class AdviceCalls {

    /** madvise(2)'s advice that does something or has conditions. */
    private static final int DONTNEED = 4;
    private static final int FREE = 8;
    private static final int REMOVE = 9;
    private static final int DONTFORK = 10;
    private static final int DOFORK = 11;
    private static final int WIPEONFORK = 18;
    private static final int KEEPONFORK = 19;
    private static final int COLD = 20;
    private static final int PAGEOUT = 21;
    private static final int POPULATE_READ = 22;
    private static final int POPULATE_WRITE = 23;
    private static final int DONTNEED_LOCKED = 24;

    /** Memory that mincore looks at at a time: a page of its vector. */
    private static final long CORE_PART_BYTES = 4096L << 12;

    private AdviceCalls() {}

    static Outcome madvise(Trap t, Call c) {
        int advice = (int) c.a2();
        long start = c.a0();
        long length = MemoryCalls.pageUp(c.a1());
        if (!known(advice) || (start & 4095) != 0 || (length == 0) != (c.a1() == 0) || start + length < start) {
            return Outcome.error(Errno.EINVAL);
        }
        long end = start + length;
        if (advice == POPULATE_READ || advice == POPULATE_WRITE) {
            return touch(t, start, end, advice == POPULATE_READ ? Protection.READ : Protection.WRITE);
        }
        // What is mapped of the range is advised in order, and holes are told at the end.
        for (Region region : t.space().overlapping(start, end)) {
            advise(t, region, Math.max(start, region.start()), Math.min(end, region.end()), advice);
        }
        return covered(t, start, end);
    }

    private static boolean known(int advice) {
        return advice >= 0 && advice <= DONTNEED || advice >= FREE && advice <= DOFORK
                || advice >= 14 && advice <= DONTNEED_LOCKED;
    }

    private static Outcome covered(Trap t, long start, long end) {
        return t.space().covers(start, end) ? Outcome.ZERO : Outcome.error(Errno.ENOMEM);
    }

    private static void advise(Trap t, Region region, long from, long to, int advice) {
        int space = t.space().id();
        switch (advice) {
            case DONTNEED -> {
                requireUnlocked(region);
                Mappings.dropPages(t, space, from, to);
            }
            case DONTNEED_LOCKED -> Mappings.dropPages(t, space, from, to);
            case FREE -> {
                if (!region.anonymous()) {
                    throw new LinuxError(Errno.EINVAL);
                }
            }
            case COLD, PAGEOUT -> requireUnlocked(region);
            case REMOVE -> remove(t, region, from, to);
            case DONTFORK -> Mappings.mark(t, space, from, to, old -> old | Region.NOT_FORKED);
            case DOFORK -> Mappings.mark(t, space, from, to, old -> old & ~Region.NOT_FORKED);
            case WIPEONFORK -> {
                if (!region.anonymous()) {
                    throw new LinuxError(Errno.EINVAL);
                }
                Mappings.mark(t, space, from, to, old -> old | Region.WIPED_ON_FORK);
            }
            case KEEPONFORK -> Mappings.mark(t, space, from, to, old -> old & ~Region.WIPED_ON_FORK);
            default -> {
                // Everything else is advice about speed.
            }
        }
    }

    private static void requireUnlocked(Region region) {
        if (region.marked(Region.LOCKED)) {
            throw new LinuxError(Errno.EINVAL);
        }
    }

    /** MADV_REMOVE: the bytes of the file are gone, for everybody who maps it. */
    private static void remove(Trap t, Region region, long from, long to) {
        requireUnlocked(region);
        if (region.anonymous()) {
            throw new LinuxError(Errno.EINVAL);
        }
        if (!region.shared() || !region.allows(Protection.WRITE) && region.marked(Region.NEVER_WRITABLE)) {
            throw new LinuxError(Errno.EACCES);
        }
        Inode inode = Inodes.get(t, region.inode());
        long offset = region.offset() + (from - region.start());
        FileData.punch(t, inode.number(), offset, offset + (to - from));
        for (AddressSpace space : List.copyOf(t.spaces().values())) {
            for (Region other : space.regions().values()) {
                if (other.inode() == inode.number() && other.shared()) {
                    long moved = other.start() - other.offset();
                    Mappings.dropPages(t, space.id(), Math.max(other.start(), offset + moved),
                            Math.min(other.end(), offset + (to - from) + moved));
                }
            }
        }
    }

    /** MADV_POPULATE_READ and _WRITE. */
    private static Outcome touch(Trap t, long start, long end, int access) {
        for (long at = start; at < end; at += 4096) {
            Region region = t.space().find(at);
            if (region == null) {
                return Outcome.error(Errno.ENOMEM);
            }
            if (!region.allows(access)) {
                return Outcome.error(Errno.EINVAL);
            }
            if (UserMemory.accessible(t, at, 1, access) == 0) {
                return Outcome.error(Errno.EFAULT);
            }
        }
        return Outcome.ZERO;
    }

    static Outcome mincore(Trap t, Call c) {
        long start = c.a0();
        long length = MemoryCalls.pageUp(c.a1());
        if ((start & 4095) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (length < 0 || start < 0 || start > AddressSpace.USER_END - length
                || !t.space().covers(start, start + length)) {
            return Outcome.error(Errno.ENOMEM);
        }
        // A part at a time: the range may be larger than all memory, and then the vector ends before it.
        for (long done = 0; done < length; done += CORE_PART_BYTES) {
            long from = start + done;
            UserMemory.write(t, c.a2() + (done >>> 12),
                    inCore(t, from, Math.min(start + length, from + CORE_PART_BYTES)));
        }
        return Outcome.ZERO;
    }

    /** A byte for each page of a range: 1 when it is there. */
    private static byte[] inCore(Trap t, long start, long end) {
        byte[] pages = new byte[(int) (end - start >>> 12)];
        PageTable.visit(t.memory(), t.space().root(), start, end,
                (address, at, entry) -> pages[(int) (address - start >>> 12)] = 1);
        for (Region region : t.space().overlapping(start, end)) {
            Inode inode = region.anonymous() ? null : t.findInode(region.inode());
            long to = Math.min(end, region.end());
            for (long at = Math.max(start, region.start()); inode != null && at < to; at += 4096) {
                if (FileData.page(inode, region.offset() + (at - region.start()) >>> 12) != null) {
                    pages[(int) (at - start >>> 12)] = 1;
                }
            }
        }
        return pages;
    }

    static Outcome msync(Trap t, Call c) {
        boolean invalidates = (c.a2() & 2) != 0;
        if ((c.a0() & 4095) != 0 || (c.a2() & ~7) != 0 || (c.a2() & 5) == 5) {
            return Outcome.error(Errno.EINVAL);
        }
        long end = c.a0() + MemoryCalls.pageUp(c.a1());
        List<Region> regions = t.space().overlapping(c.a0(), end);
        if (invalidates && regions.stream().anyMatch(region -> region.marked(Region.LOCKED))) {
            return Outcome.error(Errno.EBUSY);
        }
        return covered(t, c.a0(), end);
    }

    /** Everything is in memory already. */
    static Outcome readahead(Trap t, Call c) {
        OpenFile file = Descriptors.usable(t, c.a0());
        if (!file.readable()) {
            return Outcome.error(Errno.EBADF);
        }
        return Inodes.get(t, file.inode()).isRegular() && file.end() instanceof OpenFile.OnInode && c.a1() >= 0
                ? Outcome.ZERO
                : Outcome.error(Errno.EINVAL);
    }

    static Outcome syncRange(Trap t, Call c) {
        OpenFile file = Descriptors.usable(t, c.a0());
        if ((c.a3() & ~7) != 0 || c.a1() < 0 || c.a2() < 0 || c.a1() + c.a2() < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return file.end() instanceof OpenFile.OnInode ? Outcome.ZERO : Outcome.error(Errno.ESPIPE);
    }
}
