package chronovisor.debug;

import chronovisor.kitten.file.Inode;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.PageTable;
import chronovisor.kitten.memory.Region;
import chronovisor.memory.PageTables;
import chronovisor.timeline.View;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The memory of an address space as its owner would see it, including pages that it has not touched yet and pages whose
 * protection allows nothing. Nothing is faulted in: the pages come from where the kernel would take them.
 */
final class GuestSpace {

    private static final int PAGE = 4096;

    private final View view;
    private final AddressSpace space;

    GuestSpace(View view, AddressSpace space) {
        this.view = view;
        this.space = space;
    }

    /** As many bytes as are mapped from the address on, at most so many. */
    byte[] read(long address, int lengthMax) {
        byte[] bytes = new byte[lengthMax];
        int done = 0;
        while (done < lengthMax) {
            long at = address + done;
            int part = (int) Math.min(lengthMax - done, PAGE - (at & PAGE - 1));
            byte[] found = page(at, part);
            if (found.length < part) {
                break;
            }
            System.arraycopy(found, 0, bytes, done, part);
            done += part;
        }
        return done == lengthMax ? bytes : Arrays.copyOf(bytes, done);
    }

    private byte[] page(long at, int length) {
        Long physical = physical(at);
        if (physical != null && physical >= 0 && physical <= view.memoryBytes() - length) {
            return view.physical(physical, length);
        }
        Region region = space.find(at);
        if (region == null) {
            return new byte[0];
        }
        if (region.anonymous()) {
            return new byte[length];
        }
        return view.kernel().map(state -> state.inodes().get(region.inode()))
                .map(inode -> file(inode, region.offset() + (at - region.start()), length)).orElse(new byte[0]);
    }

    /** What the mapped page of a file would hold: zeros behind the file's end, nothing on pages after that. */
    private byte[] file(Inode inode, long offset, int length) {
        return (offset & -PAGE) >= inode.size()
                ? new byte[0]
                : Arrays.copyOf(GuestFiles.read(view, inode, offset, length), length);
    }

    /** Where a page is, also when its entry is not present for the processor but keeps its frame; null when it is nowhere. */
    private @Nullable Long physical(long at) {
        Long mapped = view.translate(space.root(), at).orElse(null);
        if (mapped != null) {
            return mapped;
        }
        PageTables.Walk walk = view.walk(space.root(), at);
        return walk.pageBytes() == PAGE && (walk.entry() & PageTable.HELD) != 0 ? (Long) walk.physical(at) : null;
    }
}
