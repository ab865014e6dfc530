package chronovisor.memory;

import static chronovisor.memory.FramePool.FRAME_BYTES;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.zip.CRC32C;

/**
 * Which memories have which frames of a pool, and how to have more or fewer of them in common. The memories stand still meanwhile: none
 * of them runs, and all have the same pool.
 */
public final class FrameSharing {

    /**
     * Frames of some memories; the frame of zeros counts nowhere.
     *
     * @param resident
     *            frames that they have, each counted in every memory that has it
     * @param shared
     *            those of them that more than one reference leads to
     * @param distinct
     *            frames of the host that hold them
     */
    public record Count(long resident, long shared, long distinct) {

        /** Shared frames in percent of the resident ones. */
        public double sharedPercent() {
            return resident == 0 ? 0 : 100.0 * shared / resident;
        }
    }

    /** A frame, as one memory has it. */
    private record Held(GuestMemory memory, long gfn, long host) {}

    private FrameSharing() {}

    /** Counts the frames of some memories. What other memories have, such as a checkpoint's, makes a frame shared, too. */
    public static Count count(Collection<GuestMemory> memories) {
        long[] counts = new long[2];
        Set<Long> distinct = new HashSet<>();
        for (GuestMemory memory : memories) {
            FramePool pool = memory.pool();
            memory.forEachFrame((gfn, host) -> {
                if (host != pool.zeroFrame()) {
                    counts[0]++;
                    counts[1] += memory.isOnly(gfn, host) ? 0 : 1;
                    distinct.add(host);
                }
            });
        }
        return new Count(counts[0], counts[1], distinct.size());
    }

    /**
     * Gives a twin frames of its own for all that are not to be shared.
     *
     * @param sharable
     *            of a guest frame number
     * @return how many frames were copied
     * @throws OutOfFramesException
     *             when the host's budget is used up
     */
    public static long copyAllBut(LongPredicate sharable, GuestMemory twin) {
        List<Long> own = new ArrayList<>();
        twin.forEachFrame((gfn, host) -> {
            if (host != twin.pool().zeroFrame() && !sharable.test(gfn)) {
                own.add(gfn);
            }
        });
        long copied = 0;
        for (long gfn : own) {
            copied += twin.make(gfn, true) ? 1 : 0;
        }
        return copied;
    }

    /**
     * Finds frames that hold the same bytes, in whatever memory and at whatever place, and has them use one of them. Guests see nothing of
     * it. A frame of zeros that a guest has written stays a frame, so that its exits do not change.
     *
     * @return how many frames of memories were given another's
     */
    public static long shareIdentical(Collection<GuestMemory> memories) {
        Map<Long, List<Held>> byHash = new HashMap<>();
        byte[] bytes = new byte[FRAME_BYTES];
        long joined = 0;
        for (GuestMemory memory : memories) {
            FramePool pool = memory.pool();
            List<Held> frames = new ArrayList<>();
            memory.forEachFrame((gfn, host) -> {
                if (host != pool.zeroFrame()) {
                    frames.add(new Held(memory, gfn, host));
                }
            });
            for (Held frame : frames) {
                HostMemory.read(frame.host, bytes, 0, FRAME_BYTES);
                CRC32C hash = new CRC32C();
                hash.update(bytes);
                List<Held> alike = byHash.computeIfAbsent(hash.getValue(), _ -> new ArrayList<>(1));
                joined += join(frame, alike) ? 1 : 0;
            }
        }
        return joined;
    }

    /** Has a frame use the host memory of one of the others, if one holds the same. */
    private static boolean join(Held frame, List<Held> alike) {
        for (Held other : alike) {
            if (other.host == frame.host) {
                return false;
            }
            if (HostMemory.equal(other.host, frame.host, FRAME_BYTES)) {
                // The other one must not be written in place any more, either.
                other.memory.share(other.gfn, other.host);
                frame.memory.share(frame.gfn, other.host);
                return true;
            }
        }
        alike.add(frame);
        return false;
    }
}
