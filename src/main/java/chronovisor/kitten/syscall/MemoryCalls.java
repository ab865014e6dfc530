package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.KernelLimits;
import chronovisor.kitten.kernel.Mappings;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Call;

/** The address space: brk, mmap and their relatives. */
final class MemoryCalls {

    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_SHARED_VALIDATE = 3;
    private static final int MAP_TYPE = 0xF;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_32BIT = 0x40;
    private static final int MAP_GROWSDOWN = 0x100;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int MAP_FIXED_NOREPLACE = 0x100000;
    private static final int MAP_LOCKED = 0x2000;
    private static final int MAP_POPULATE = 0x8000;
    /** What MAP_SHARED_VALIDATE lets pass. */
    private static final int MAP_KNOWN = 0x7F | MAP_GROWSDOWN | 0x800 | 0x1000 | MAP_LOCKED | MAP_NORESERVE
            | MAP_POPULATE | 0x1_0000 | 0x2_0000 | 0x4_0000 | MAP_FIXED_NOREPLACE;
    private static final int LIMIT_ADDRESS_SPACE = 9;
    private static final int LIMIT_DATA = 2;

    private MemoryCalls() {}

    static long pageUp(long bytes) {
        return (bytes + 4095) & -4096L;
    }

    static Outcome brk(Trap t, Call c) {
        AddressSpace space = t.space();
        long wanted = c.a0();
        if (wanted < space.heapStart()) {
            return Outcome.of(space.heapEnd());
        }
        long oldEnd = pageUp(space.heapEnd());
        long newEnd = pageUp(wanted);
        long limit = t.process().limit(LIMIT_DATA).soft();
        boolean tooMuch = (t.options.heap_bytes() > 0 && wanted - space.heapStart() > t.options.heap_bytes())
                || (limit >= 0 && wanted - space.heapStart() > limit);
        if (newEnd > oldEnd) {
            if (tooMuch || !space.isFree(oldEnd, newEnd + 4096) || overcommits(t, newEnd - oldEnd)) {
                return Outcome.of(space.heapEnd());
            }
            if (!LockedMemory.fits(t, newEnd - oldEnd, space.futureMarks())) {
                return Outcome.of(space.heapEnd());
            }
            Mappings.map(t, space.id(), new Region(oldEnd, newEnd, Protection.READ | Protection.WRITE, false, false, 0,
                    0, "[heap]", space.futureMarks()));
            LockedMemory.populate(t, space.id(), oldEnd, newEnd);
        } else if (newEnd < oldEnd) {
            Mappings.unmap(t, space.id(), newEnd, oldEnd);
        }
        t.put(t.space(space.id()).withHeap(space.heapStart(), wanted));
        return Outcome.of(wanted);
    }

    /** As Linux's heuristic: a single request that is more than all memory is refused. */
    private static boolean overcommits(Trap t, long bytes) {
        return bytes >>> 12 > t.framesTotal() || beyondLimit(t, bytes);
    }

    private static boolean beyondLimit(Trap t, long bytes) {
        long limit = t.process().limit(LIMIT_ADDRESS_SPACE).soft();
        return limit >= 0 && t.space().mapped_bytes() + bytes > limit;
    }

    static Outcome mmap(Trap t, Call c) {
        long address = c.a0();
        long length = pageUp(c.a1());
        int flags = (int) c.a3();
        int protection = protection(t, c, flags);
        int type = flags & MAP_TYPE;
        if ((c.a5() & 4095) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if ((flags & MAP_ANONYMOUS) == 0) {
            // A bad descriptor is found before a bad length.
            Descriptors.usable(t, c.a4());
        }
        boolean known = type == MAP_SHARED || type == MAP_PRIVATE
                || (type == MAP_SHARED_VALIDATE && (flags & MAP_ANONYMOUS) == 0);
        if (c.a1() == 0 || !known) {
            return Outcome.error(Errno.EINVAL);
        }
        if (t.space().regions().size() >= KernelLimits.of(t, KernelLimits.MAPPINGS)) {
            return Outcome.error(Errno.ENOMEM);
        }
        if (length <= 0 || length > AddressSpace.USER_END) {
            return Outcome.error(Errno.ENOMEM);
        }
        if (type == MAP_SHARED_VALIDATE && (flags & ~MAP_KNOWN) != 0) {
            return Outcome.error(Errno.EOPNOTSUPP);
        }
        boolean shared = type == MAP_SHARED || type == MAP_SHARED_VALIDATE;
        Backing backing = backing(t, c, flags, shared, protection, length);
        boolean counts = (flags & MAP_NORESERVE) == 0 && (protection & Protection.WRITE) != 0 && !shared;
        if ((counts && overcommits(t, length)) || beyondLimit(t, length)) {
            return Outcome.error(Errno.ENOMEM);
        }
        AddressSpace space = t.space();
        int marks = backing.marks() | space.futureMarks();
        if ((flags & MAP_LOCKED) != 0) {
            LockedMemory.require(t);
            marks |= Region.LOCKED;
        }
        if (!LockedMemory.fits(t, length, marks)) {
            return Outcome.error(Errno.EAGAIN);
        }
        long at = place(space, address, length, flags);
        if (at < 0) {
            return Outcome.of(at);
        }
        if ((flags & MAP_FIXED) != 0) {
            Mappings.unmap(t, space.id(), at, at + length);
        }
        Mappings.map(t, space.id(), new Region(at, at + length, protection, shared, (flags & MAP_GROWSDOWN) != 0,
                backing.inode(), backing.inode() == 0 ? 0 : backing.offset(), backing.name(), marks));
        if ((flags & MAP_POPULATE) != 0 && protection != Protection.NONE) {
            populate(t, at, length);
        }
        LockedMemory.populate(t, space.id(), at, at + length);
        return Outcome.of(at);
    }

    /** Where mprotect does nothing, anonymous memory has all rights from the start, as Kitten's heap: none could be given later. */
    private static int protection(Trap t, Call c, int flags) {
        boolean heap = !t.options.has("mprotect") && (flags & MAP_ANONYMOUS) != 0;
        return heap ? Protection.ALL : (int) c.a2() & Protection.ALL;
    }

    static void populate(Trap t, long start, long length) {
        Region region = t.space().find(start);
        int access = region != null && region.allows(Protection.WRITE) && !region.shared()
                ? Protection.WRITE
                : Protection.READ;
        UserMemory.accessible(t, start, (int) Math.min(length, 1 << 30), access);
    }

    private record Backing(long inode, long offset, String name, int marks) {}

    private static Backing backing(Trap t, Call c, int flags, boolean shared, int protection, long length) {
        if ((flags & MAP_ANONYMOUS) != 0) {
            return shared
                    ? new Backing(Mappings.sharedMemory(t, length).number(), 0, "/dev/zero (deleted)", 0)
                    : new Backing(0, 0, "", 0);
        }
        OpenFile file = Descriptors.usable(t, c.a4());
        if (file.end() instanceof OpenFile.OnMemoryDevice device && device.name().equals("zero")) {
            return shared
                    ? new Backing(Mappings.sharedMemory(t, length).number(), 0, "/dev/zero",
                            file.writable() ? 0 : Region.NEVER_WRITABLE)
                    : new Backing(0, 0, "", 0);
        }
        Inode inode = Inodes.get(t, file.inode());
        if (!inode.isRegular() || !(inode.content() instanceof Inode.Data)
                || !(file.end() instanceof OpenFile.OnInode)) {
            throw new LinuxError(Errno.ENODEV);
        }
        if (!file.readable() || (shared && (protection & Protection.WRITE) != 0 && !file.writable())) {
            throw new LinuxError(Errno.EACCES);
        }
        requireOffset(c.a5(), length);
        boolean sealed = AllocationCalls.requireMappable(inode, shared, protection);
        Transfer.accessed(t, file, inode);
        return new Backing(inode.number(), c.a5(), file.path(),
                shared && (sealed || !file.writable()) ? Region.NEVER_WRITABLE : 0);
    }

    /** Fails with EOVERFLOW for what lies behind the last byte that a file may have. */
    private static void requireOffset(long offset, long length) {
        if (offset < 0 || offset > Long.MAX_VALUE - length) {
            throw new LinuxError(Errno.EOVERFLOW);
        }
    }

    /** Where a mapping goes, or a negative errno. */
    private static long place(AddressSpace space, long address, long length, int flags) {
        if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0) {
            if ((address & 4095) != 0) {
                return -Errno.EINVAL;
            }
            if (address < 0 || address > AddressSpace.USER_END - length) {
                return -Errno.ENOMEM;
            }
            if (address < AddressSpace.USER_START) {
                return -Errno.EPERM;
            }
            if ((flags & MAP_FIXED) == 0 && !space.isFree(address, address + length)) {
                return -Errno.EEXIST;
            }
            return address;
        }
        long hint = pageUp(address);
        if (hint >= AddressSpace.USER_START && hint <= AddressSpace.USER_END - length
                && space.isFree(hint, hint + length)) {
            return hint;
        }
        if ((flags & MAP_32BIT) != 0) {
            for (long at = 0x4000_0000L; at + length <= 0x8000_0000L;) {
                var blocking = space.overlapping(at, at + length);
                if (blocking.isEmpty()) {
                    return at;
                }
                at = blocking.get(blocking.size() - 1).end();
            }
            return -Errno.ENOMEM;
        }
        long found = space.findFree(length);
        return found < 0 ? -Errno.ENOMEM : found;
    }

    /** Other pages of the same file at an address, as mmap would put them there. */
    static Outcome remapFilePages(Trap t, Call c) {
        long start = c.a0() & -4096L;
        long length = c.a1() & -4096L;
        if (c.a2() != 0 || start + length <= start || c.a3() + (length >>> 12) < c.a3() || c.a3() < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        AddressSpace space = t.space();
        Region region = space.find(start);
        if (region == null || region.anonymous() || !region.shared() || start + length > region.end()) {
            return Outcome.error(Errno.EINVAL);
        }
        requireOffset(c.a3() > Long.MAX_VALUE >>> 12 ? -1 : c.a3() << 12, length);
        Region other = new Region(start, start + length, region.protection(), true, false, region.inode(),
                c.a3() << 12, region.name(), region.marks());
        t.put(space.without(start, start + length).rest());
        Mappings.dropPages(t, space.id(), start, start + length);
        Mappings.map(t, space.id(), other);
        return Outcome.ZERO;
    }

    static Outcome munmap(Trap t, Call c) {
        long length = pageUp(c.a1());
        if ((c.a0() & 4095) != 0 || length <= 0 || c.a0() < 0 || c.a0() > AddressSpace.USER_END - length) {
            return Outcome.error(Errno.EINVAL);
        }
        Region first = t.space().find(c.a0());
        boolean splits = first != null && first.start() < c.a0() && first.end() > c.a0() + length;
        if (splits && t.space().regions().size() >= KernelLimits.of(t, KernelLimits.MAPPINGS)) {
            return Outcome.error(Errno.ENOMEM);
        }
        Mappings.unmap(t, t.space().id(), c.a0(), c.a0() + length);
        return Outcome.ZERO;
    }

    static Outcome mprotect(Trap t, Call c) {
        if ((c.a0() & 4095) != 0 || (c.a2() & ~(Protection.ALL | 0x03000000L)) != 0
                || (c.a2() & 0x03000000L) == 0x03000000L) {
            return Outcome.error(Errno.EINVAL);
        }
        long length = pageUp(c.a1());
        if (length == 0) {
            return Outcome.ZERO;
        }
        if (length < 0 || c.a0() < 0 || c.a0() > AddressSpace.USER_END - length) {
            return Outcome.error(Errno.ENOMEM);
        }
        if (t.options.has("mprotect")) {
            long start = c.a0();
            if ((c.a2() & 0x01000000L) != 0) {
                Region region = t.space().find(start);
                if (region != null && region.growsDown()) {
                    length += start - region.start();
                    start = region.start();
                }
            }
            Mappings.protect(t, t.space().id(), start, start + length, (int) c.a2() & Protection.ALL);
        }
        return Outcome.ZERO;
    }

    static Outcome mremap(Trap t, Call c) {
        long old = c.a0();
        long oldLength = pageUp(c.a1());
        long length = pageUp(c.a2());
        boolean mayMove = (c.a3() & 1) != 0;
        boolean fixed = (c.a3() & 2) != 0;
        if ((old & 4095) != 0 || length <= 0 || (c.a3() & ~3) != 0 || (fixed && !mayMove)
                || (fixed && (c.a4() & 4095) != 0)) {
            return Outcome.error(Errno.EINVAL);
        }
        AddressSpace space = t.space();
        Region region = space.find(old);
        if (region == null || oldLength > region.end() - old) {
            return Outcome.error(Errno.EFAULT);
        }
        if (length > oldLength && !LockedMemory.fits(t, length - oldLength, region.marks())) {
            return Outcome.error(Errno.EAGAIN);
        }
        if (length > oldLength && beyondLimit(t, length - oldLength)) {
            return Outcome.error(Errno.ENOMEM);
        }
        if (!fixed) {
            if (length <= oldLength) {
                if (length < oldLength) {
                    Mappings.unmap(t, space.id(), old + length, old + oldLength);
                }
                return Outcome.of(old);
            }
            if (old + oldLength == region.end() && space.isFree(region.end(), old + length)) {
                Region more = new Region(region.end(), old + length, region.protection(), region.shared(), false,
                        region.inode(), region.inode() == 0 ? 0 : region.offset() + region.bytes(), region.name(),
                        region.marks());
                Mappings.map(t, space.id(), more);
                LockedMemory.populate(t, space.id(), more.start(), more.end());
                return Outcome.of(old);
            }
            if (!mayMove) {
                return Outcome.error(Errno.ENOMEM);
            }
        }
        long to;
        if (fixed) {
            to = c.a4();
            if (to < AddressSpace.USER_START || to > AddressSpace.USER_END - length
                    || (to < old + oldLength && old < to + length)) {
                return Outcome.error(Errno.EINVAL);
            }
            Mappings.unmap(t, space.id(), to, to + length);
        } else {
            to = space.findFree(length);
            if (to < 0) {
                return Outcome.error(Errno.ENOMEM);
            }
        }
        Region source = region.part(old, old + Math.min(oldLength, length));
        Mappings.map(t, space.id(), new Region(to, to + length, region.protection(), region.shared(), false,
                region.inode(), source.offset(), region.name(), region.marks()));
        Mappings.movePages(t, space.id(), old, Math.min(oldLength, length), to);
        Mappings.unmap(t, space.id(), old, old + oldLength);
        return Outcome.of(to);
    }
}
