package chronovisor.vmm;

import chronovisor.device.Balloon;
import chronovisor.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * What a guest's kernel can ask of the VMM. Palacios's two calls of the balloon and three more, by which its pages come and go: Palacios
 * never took them. A call that is not there, or makes no sense, answers -1.
 */
public final class Hypercalls {

    /** Palacios: sets the size that is wanted of the balloon, in frames. */
    public static final long BALLOON_SET = 0xBA00;
    /** Palacios: asks for {@code requested << 32 | allocated}, in frames, and ends the balloon's interrupt. */
    public static final long BALLOON_QUERY = 0xBA01;
    /** Gives {@code count} frames from {@code gfn} on to the host. What was in them is lost. */
    public static final long BALLOON_GIVE = 0xBA02;
    /** Takes such frames back; they hold zeros. */
    public static final long BALLOON_TAKE = 0xBA03;
    /** Says that as much was given or taken as could be, and how many frames are free. */
    public static final long BALLOON_DONE = 0xBA04;

    private static final long REFUSED = -1;

    private final GuestMemory memory;
    private final @Nullable Balloon balloon;

    Hypercalls(GuestMemory memory, @Nullable Balloon balloon) {
        this.memory = memory;
        this.balloon = balloon;
    }

    /** The answer to a call with two arguments. */
    long call(long number, long a, long b) {
        Balloon asked = balloon;
        if (asked == null) {
            return REFUSED;
        }
        if (number == BALLOON_SET) {
            asked.request(a);
            return 0;
        } else if (number == BALLOON_QUERY) {
            asked.asked();
            Balloon.State state = asked.capture();
            return state.requested_frames() << 32 | state.allocated_frames();
        } else if (number == BALLOON_GIVE) {
            return isMemory(a, b) ? give(asked, a, b) : REFUSED;
        } else if (number == BALLOON_TAKE) {
            if (!isMemory(a, b)) {
                return REFUSED;
            }
            // Nothing is there until it is touched.
            asked.given(-b);
            return b;
        } else if (number == BALLOON_DONE) {
            asked.answered(a);
            return 0;
        }
        return REFUSED;
    }

    private boolean isMemory(long gfn, long count) {
        long frames = memory.sizeBytes() >>> 12;
        return gfn >= 0 && count >= 0 && gfn < frames && count <= frames - gfn;
    }

    private long give(Balloon asked, long gfn, long count) {
        for (long frame = gfn; frame < gfn + count; frame++) {
            memory.balloon(frame);
        }
        asked.given(count);
        return count;
    }
}
