package chronovisor.kitten.kernel;

import chronovisor.kitten.file.Inode;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.PageTable;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import org.jspecify.annotations.Nullable;

/** Page faults: giving an address its page, or saying why there is none. */
public final class Faults {

    /** A stack keeps this far away from the mapping below it. */
    private static final long STACK_GAP_BYTES = 256 * 4096L;
    /** How much of a file a read fault maps at most. */
    private static final long AROUND_BYTES = 16 * 4096L;

    /** How a fault ended. */
    public enum Resolution {
        ANONYMOUS, FILE, COPY, WRITABLE, STACK, SPURIOUS,
        /** Nothing is mapped there: SIGSEGV, SEGV_MAPERR. */
        UNMAPPED,
        /** The mapping does not allow it: SIGSEGV, SEGV_ACCERR. */
        PROTECTION,
        /** The file ends before: SIGBUS, BUS_ADRERR. */
        BUS;

        /** Whether the access can be tried again. */
        public boolean resolved() {
            return ordinal() < UNMAPPED.ordinal();
        }
    }

    private Faults() {}

    /** Makes a page accessible if its region allows {@code access} (one {@link Protection} bit). */
    public static Resolution resolve(Trap t, int spaceId, long address, int access) {
        AddressSpace space = t.space(spaceId);
        Region region = space.find(address);
        boolean grown = false;
        if (region == null) {
            region = grow(t, space, address);
            if (region == null) {
                return Resolution.UNMAPPED;
            }
            grown = true;
            space = t.space(spaceId);
        }
        boolean allowed = access == Protection.READ ? region.protection() != Protection.NONE : region.allows(access);
        if (!allowed) {
            return Resolution.PROTECTION;
        }
        long page = address & -4096L;
        long at = PageTable.find(t.memory(), space.root(), page);
        long entry = at == 0 ? 0 : t.memory().read64(at);
        if (entry != 0) {
            return upgrade(t, space, region, page, at, entry, access);
        }
        Resolution resolution = populate(t, space, region, page, access);
        return grown ? Resolution.STACK : resolution;
    }

    /**
     * Guest-physical address of a user address, for a tracer's write: also where the program may not write, as long as the page is its
     * own. Negative when there is nothing to write to.
     */
    public static long forWriting(Trap t, int spaceId, long address) {
        Region region = address < 0 || address >= AddressSpace.USER_END ? null : t.space(spaceId).find(address);
        if (region == null || region.shared() && !region.allows(Protection.WRITE)) {
            return -1;
        }
        if (region.allows(Protection.WRITE)) {
            return resolve(t, spaceId, address, Protection.WRITE).resolved()
                    ? UserMemory.translate(t, spaceId, address, Protection.WRITE)
                    : -1;
        }
        AddressSpace space = t.space(spaceId);
        Region writable = region.withProtection(region.protection() | Protection.WRITE | Protection.READ);
        t.put(space.withRegions(space.regions().plus(region.start(), writable)));
        boolean resolved = resolve(t, spaceId, address, Protection.WRITE).resolved();
        t.put(t.space(spaceId).withRegions(t.space(spaceId).regions().plus(region.start(), region)));
        if (!resolved) {
            return -1;
        }
        long page = address & -4096L;
        long at = PageTable.find(t.memory(), space.root(), page);
        long frame = PageTable.frame(t.memory().read64(at));
        // The program's own rights are what they were; a page without any is absent to it and only kept.
        t.memory().write64(at, PageTable.entry(frame, region.protection(), false));
        Mappings.flush(t, spaceId, page);
        return frame + (address & 4095);
    }

    private static @Nullable Region grow(Trap t, AddressSpace space, long address) {
        Region stack = space.above(address);
        if (stack == null || !stack.growsDown() || address < AddressSpace.USER_START) {
            return null;
        }
        long start = address & -4096L;
        long limit = t.current() < 0 ? t.options.stack_bytes() : t.process().limit(3).soft();
        if (limit >= 0 && stack.end() - start > limit) {
            return null;
        }
        var below = space.regions().lowerEntry(stack.start());
        if (below != null && start - below.getValue().end() < STACK_GAP_BYTES
                && below.getValue().protection() != Protection.NONE) {
            return null;
        }
        Region grown = stack.at(start, stack.end());
        t.put(space.withRegions(space.regions().minus(stack.start()).plus(start, grown)));
        return grown;
    }

    private static Resolution upgrade(Trap t, AddressSpace space, Region region, long page, long at, long entry,
            int access) {
        boolean write = access == Protection.WRITE;
        long gfn = PageTable.frame(entry) >>> 12;
        Resolution resolution = Resolution.SPURIOUS;
        long frame = gfn << 12;
        boolean writable = (entry & PageTable.WRITABLE) != 0;
        if (write && !writable) {
            resolution = Resolution.WRITABLE;
            if (!region.shared() && t.frameOwners(gfn) > 1) {
                frame = copyOf(t, frame);
                t.releaseFrame(gfn);
                resolution = Resolution.COPY;
            }
            writable = true;
        }
        t.memory().write64(at, PageTable.entry(frame, region.protection(), writable));
        Mappings.flush(t, space.id(), page);
        return resolution;
    }

    private static Resolution populate(Trap t, AddressSpace space, Region region, long page, int access) {
        boolean write = access == Protection.WRITE;
        long frame;
        boolean writable = true;
        Resolution resolution = Resolution.ANONYMOUS;
        if (region.anonymous()) {
            frame = t.allocateFrame() << 12;
        } else {
            resolution = Resolution.FILE;
            Inode inode = t.findInode(region.inode());
            long offset = region.offset() + (page - region.start());
            if (inode == null || offset >= inode.size()) {
                return Resolution.BUS;
            }
            Long have = FileData.page(inode, offset >>> 12);
            if (region.shared()) {
                frame = FileData.makePage(t, inode.number(), offset >>> 12) << 12;
                t.shareFrame(frame >>> 12);
            } else if (have == null) {
                frame = t.allocateFrame() << 12;
            } else if (write) {
                frame = copyOf(t, have << 12);
            } else {
                frame = have << 12;
                t.shareFrame(have);
                writable = false;
            }
        }
        long at = PageTable.make(t.memory(), space.root(), page, () -> t.allocateFrame() << 12);
        t.memory().write64(at, PageTable.entry(frame, region.protection(), writable));
        AddressSpace now = t.space(space.id());
        t.put(now.withResident(now.resident() + 1));
        if (resolution == Resolution.FILE && !writable) {
            mapAround(t, now, region, page);
        }
        return resolution;
    }

    /** Maps the file pages around a faulting one that are there already, as Linux does: fewer faults at start. */
    private static void mapAround(Trap t, AddressSpace space, Region region, long page) {
        Inode inode = t.findInode(region.inode());
        long start = Math.max(region.start(), page & -AROUND_BYTES);
        long end = Math.min(region.end(), (page & -AROUND_BYTES) + AROUND_BYTES);
        int added = 0;
        for (long address = start; inode != null && address < end; address += 4096) {
            Long gfn = FileData.page(inode, region.offset() + (address - region.start()) >>> 12);
            long at = PageTable.make(t.memory(), space.root(), address, () -> t.allocateFrame() << 12);
            if (gfn != null && t.memory().read64(at) == 0) {
                t.shareFrame(gfn);
                t.memory().write64(at, PageTable.entry(gfn << 12, region.protection(), false));
                added++;
            }
        }
        AddressSpace now = t.space(space.id());
        t.put(now.withResident(now.resident() + added));
    }

    private static long copyOf(Trap t, long frame) {
        byte[] bytes = new byte[4096];
        t.memory().read(frame, bytes, 0, bytes.length);
        long copy = t.allocateFrame() << 12;
        t.memory().write(copy, bytes, 0, bytes.length);
        return copy;
    }
}
