package chronovisor.kitten.memory;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * Which frames of guest memory are free. A value: allocating gives a new allocator.
 *
 * @param next
 *            first frame of the extent that is being handed out
 * @param limit
 *            first frame after that extent
 * @param extents
 *            the other free extents: first frame to number of frames, never adjacent
 * @param shares
 *            how many owners a frame has, for frames with more than one
 * @param fresh
 *            frames from here on were never used since boot, so they hold zeros
 * @param free_frames
 *            number of free frames
 */
public record FrameAllocator(long next, long limit, TreePMap<Long, Long> extents, TreePMap<Long, Integer> shares,
        long fresh, long free_frames) {

    /** A frame and the allocator without it; {@code dirty} when it must be cleared before use. */
    public record Allocation(FrameAllocator rest, long gfn, boolean dirty) {}

    /** An allocator over the frames {@code first} (inclusive) to {@code end} (exclusive), all fresh. */
    public static FrameAllocator over(long first, long end) {
        return new FrameAllocator(first, end, TreePMap.empty(), TreePMap.empty(), first, Math.max(0, end - first));
    }

    /** The next frame, or null when memory is used up. */
    public @Nullable Allocation allocate() {
        if (next < limit) {
            return new Allocation(new FrameAllocator(next + 1, limit, extents, shares, Math.max(fresh, next + 1),
                    free_frames - 1), next, next < fresh);
        }
        Map.Entry<Long, Long> first = extents.isEmpty() ? null : extents.firstEntry();
        if (first == null) {
            return null;
        }
        return new FrameAllocator(first.getKey(), first.getKey() + first.getValue(), extents.minus(first.getKey()),
                shares, fresh, free_frames).allocate();
    }

    /** Adjacent frames and the allocator without them. */
    public record Run(FrameAllocator rest, long first, long count) {}

    /**
     * Takes adjacent free frames, at most so many: first those that were in use before and may hold something, as giving those away frees
     * memory of the host; then fresh ones.
     *
     * @return null when none is free
     */
    public @Nullable Run take(long max) {
        Map.Entry<Long, Long> first = extents.isEmpty() ? null : extents.firstEntry();
        long used = Math.min(limit, fresh) - next;
        if (first != null && (first.getKey() < fresh || used <= 0 && next >= limit)) {
            long count = Math.min(max, first.getValue());
            TreePMap<Long, Long> left = extents.minus(first.getKey());
            if (count < first.getValue()) {
                left = left.plus(first.getKey() + count, first.getValue() - count);
            }
            return new Run(new FrameAllocator(next, limit, left, shares, fresh, free_frames - count), first.getKey(),
                    count);
        }
        if (used > 0) {
            long count = Math.min(max, used);
            return new Run(new FrameAllocator(next + count, limit, extents, shares, fresh, free_frames - count), next,
                    count);
        }
        if (next < limit) {
            // From the end, so that what is handed out next stays in one piece.
            long count = Math.min(max, limit - next);
            return new Run(new FrameAllocator(next, limit - count, extents, shares, fresh, free_frames - count),
                    limit - count, count);
        }
        return null;
    }

    /** Frees adjacent frames that {@link #take} gave. */
    public FrameAllocator give(long first, long count) {
        FrameAllocator result = this;
        for (long gfn = first; gfn < first + count; gfn++) {
            result = result.release(gfn);
        }
        return result;
    }

    /** One more owner of a frame. */
    public FrameAllocator share(long gfn) {
        return new FrameAllocator(next, limit, extents, shares.plus(gfn, owners(gfn) + 1), fresh, free_frames);
    }

    /** How many owners an allocated frame has. */
    public int owners(long gfn) {
        return shares.getOrDefault(gfn, 1);
    }

    /** One owner less; the frame becomes free with the last. */
    public FrameAllocator release(long gfn) {
        int owners = owners(gfn);
        if (owners > 1) {
            return new FrameAllocator(next, limit, extents,
                    owners == 2 ? shares.minus(gfn) : shares.plus(gfn, owners - 1), fresh, free_frames);
        }
        if (gfn + 1 == next) {
            return new FrameAllocator(gfn, limit, extents, shares, fresh, free_frames + 1);
        }
        TreePMap<Long, Long> changed = extents;
        long start = gfn;
        long count = 1;
        Map.Entry<Long, Long> before = changed.lowerEntry(gfn);
        if (before != null && before.getKey() + before.getValue() == gfn) {
            start = before.getKey();
            count += before.getValue();
        }
        Long after = changed.get(gfn + 1);
        if (after != null) {
            count += after;
            changed = changed.minus(gfn + 1);
        }
        return new FrameAllocator(next, limit, changed.plus(start, count), shares, fresh, free_frames + 1);
    }
}
