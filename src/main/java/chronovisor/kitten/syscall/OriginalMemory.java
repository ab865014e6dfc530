package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Mappings;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Call;

/**
 * Memory as the Kitten of 2012 has it: one heap, from the bottom by brk and from the top by anonymous mmap, which gives
 * nothing back. All of it is mapped already.
 */
final class OriginalMemory {

    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x20;

    private OriginalMemory() {}

    static Outcome brk(Trap t, Call c) {
        AddressSpace space = t.space();
        if (Long.compareUnsigned(c.a0(), space.heapStart()) >= 0
                && Long.compareUnsigned(c.a0(), space.mapTop()) < 0) {
            t.put(space.withHeap(space.heapStart(), c.a0()));
        }
        return Outcome.of(t.space().heapEnd());
    }

    static Outcome mmap(Trap t, Call c) {
        long length = c.a1();
        if ((length & 4095) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if ((c.a3() & MAP_PRIVATE) != 0 && (c.a3() & MAP_ANONYMOUS) == 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if ((c.a3() & MAP_ANONYMOUS) == 0) {
            Descriptors.get(t, c.a4());
            return Outcome.error(Errno.ENODEV);
        }
        AddressSpace space = t.space();
        long at = space.mapTop() - length;
        if (Long.compareUnsigned(at, space.heapEnd()) <= 0 || Long.compareUnsigned(at, space.mapTop()) >= 0) {
            return Outcome.error(Errno.ENOMEM);
        }
        t.put(space.withMapTop(at));
        clear(t, at, length);
        t.observer.memoryMapped(t.core(), t.current(), "map", at, at + length, Protection.ALL);
        return Outcome.of(at);
    }

    /** Clears what may have been used before: frames that were never touched hold zeros and stay untouched. */
    private static void clear(Trap t, long start, long length) {
        int space = t.process().addressSpace();
        for (long at = start; at < start + length; at += 4096) {
            long gpa = UserMemory.translate(t, space, at, Protection.WRITE);
            switch (t.memory().state(gpa >>> 12)) {
                case PRIVATE, SHARED, BALLOONED -> t.memory().fill(gpa, 4096, (byte) 0);
                case ABSENT, ZERO -> {
                    // Zeros already.
                }
            }
        }
    }

    /** Removes a region that is exactly the range; anonymous memory is part of the heap, so it never comes back. */
    static Outcome munmap(Trap t, Call c) {
        Region region = t.space().regions().get(c.a0());
        if (region != null && region.end() == c.a0() + c.a1()) {
            Mappings.unmap(t, t.space().id(), region.start(), region.end());
        }
        return Outcome.ZERO;
    }
}
