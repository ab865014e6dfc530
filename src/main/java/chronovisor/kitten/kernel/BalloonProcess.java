package chronovisor.kitten.kernel;

import chronovisor.kitten.memory.FrameAllocator;
import chronovisor.vmm.Hypercalls;
import java.util.Map;
import org.pcollections.TreePMap;

/**
 * The paper's balloon process (7.2): takes frames that nobody needs from the kernel's allocator and tells the VMM, which uses them
 * elsewhere. It wakes when the VMM wants another size, and when the kernel runs out of frames: then it lets some go, whatever the VMM
 * wants, so a balloon never costs a program its memory.
 *
 * <p>
 * It has no task of its own: what it does is done at once, in the interrupt or the allocation that wakes it.
 */
final class BalloonProcess {

    /** The PIC's line that says that another size is wanted. */
    static final int LINE = 10;

    /** Kept free, so that what runs next need not wake the process: 1 MB. */
    private static final long KEPT_FRAMES = 256;
    /** Let go at once when the kernel has run out: 1 MB. */
    private static final long RELIEF_FRAMES = 256;

    private BalloonProcess() {}

    /** Listens, where there is a balloon. */
    static void initialize(Trap t) {
        if (t.machine.hasBalloon()) {
            Boot.openLine(t.machine, LINE);
        }
    }

    /** The VMM wants another size. */
    static void wanted(Trap t) {
        long answer = t.machine.hypercall(Hypercalls.BALLOON_QUERY, 0, 0);
        if (answer >= 0) {
            long requested = answer >>> 32;
            long allocated = answer & 0xFFFF_FFFFL;
            if (requested > allocated) {
                inflate(t, requested - allocated);
            } else {
                deflate(t, allocated - requested);
            }
            t.machine.hypercall(Hypercalls.BALLOON_DONE, t.framesFree(), 0);
        }
    }

    /** The kernel has run out of frames: lets some go, and says whether there were any. */
    static boolean relieve(Trap t) {
        if (t.balloon().isEmpty()) {
            return false;
        }
        deflate(t, RELIEF_FRAMES);
        return true;
    }

    /** Free frames, and those that would be let go when they are needed. */
    static long framesAvailable(Trap t) {
        return t.framesFree() + t.balloon().values().stream().mapToLong(Long::longValue).sum();
    }

    private static void inflate(Trap t, long frames) {
        long left = Math.min(frames, t.framesFree() - KEPT_FRAMES);
        while (left > 0) {
            FrameAllocator.Run run = t.frames().take(left);
            if (run == null) {
                return;
            }
            t.put(t.balloon().plus(run.first(), run.count()), run.rest());
            t.machine.hypercall(Hypercalls.BALLOON_GIVE, run.first(), run.count());
            left -= run.count();
        }
    }

    private static void deflate(Trap t, long frames) {
        long left = frames;
        while (left > 0 && !t.balloon().isEmpty()) {
            Map.Entry<Long, Long> last = t.balloon().lastEntry();
            long count = Math.min(left, last.getValue());
            long first = last.getKey() + last.getValue() - count;
            TreePMap<Long, Long> rest = count == last.getValue()
                    ? t.balloon().minus(last.getKey())
                    : t.balloon().plus(last.getKey(), last.getValue() - count);
            t.machine.hypercall(Hypercalls.BALLOON_TAKE, first, count);
            t.put(rest, t.frames().give(first, count));
            left -= count;
        }
    }
}
