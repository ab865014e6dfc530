package chronovisor.kitten.kernel;

import chronovisor.cpu.ExtendedState;
import chronovisor.kitten.abi.Bytes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Extended state in a signal frame, as Linux has it (asm/sigcontext.h): the FXSAVE image alone, or the XSAVE image with
 * a description of itself in bytes that FXSAVE leaves to software, and a second magic number behind it.
 *
 * <pre>
 *   464  magic 1, size with magic 2, features, size of the image
 *   512  XSAVE header
 *   832  magic 2
 * </pre>
 */
final class FramedState {

    private static final int MAGIC_1 = 0x46505853;
    private static final int MAGIC_2 = 0x46505845;
    private static final int SOFTWARE = 464;
    private static final int IMAGE_MIN_BYTES = 576;
    private static final int MXCSR = 24;
    private static final long LEGACY = ExtendedState.X87_STATE | ExtendedState.SSE_STATE;

    private FramedState() {}

    /** Bytes it takes in a frame. */
    static int bytes(boolean extended) {
        return extended ? ExtendedState.BYTES + 4 : ExtendedState.LEGACY_BYTES;
    }

    /** What goes into the frame for the state of a task. The legacy components are always told to be there. */
    static byte[] of(byte[] image) {
        if (image.length == ExtendedState.LEGACY_BYTES) {
            return image;
        }
        byte[] framed = Arrays.copyOf(image, bytes(true));
        Bytes.set64(framed, ExtendedState.XSTATE_BV, Bytes.get64(image, ExtendedState.XSTATE_BV) | LEGACY);
        Bytes.set32(framed, SOFTWARE, MAGIC_1);
        Bytes.set32(framed, SOFTWARE + 4, framed.length);
        Bytes.set64(framed, SOFTWARE + 8, ExtendedState.ALL);
        Bytes.set32(framed, SOFTWARE + 16, ExtendedState.BYTES);
        Bytes.set32(framed, ExtendedState.BYTES, MAGIC_2);
        return framed;
    }

    /**
     * The state that a frame restores. Without the magic numbers it is an FXSAVE image, and what that does not have gets its initial
     * values. Null when the processor would refuse to load it.
     */
    static byte @Nullable [] read(Trap t, long at) {
        byte[] legacy = UserMemory.read(t, at, ExtendedState.LEGACY_BYTES);
        if ((Bytes.get32(legacy, MXCSR) & ~ExtendedState.MXCSR_MASK) != 0) {
            return null;
        }
        int size = Bytes.get32(legacy, SOFTWARE + 16);
        boolean described = t.machine.extendedState() && Bytes.get32(legacy, SOFTWARE) == MAGIC_1
                && size >= IMAGE_MIN_BYTES && size <= ExtendedState.BYTES
                && size <= Bytes.get32(legacy, SOFTWARE + 4)
                && Bytes.get32(UserMemory.read(t, at + size, 4), 0) == MAGIC_2;
        if (!described) {
            return legacy;
        }
        byte[] image = Arrays.copyOf(UserMemory.read(t, at, size), ExtendedState.BYTES);
        long present = Bytes.get64(image, ExtendedState.XSTATE_BV);
        boolean legal = (present & ~ExtendedState.ALL) == 0 && Bytes.get64(image, ExtendedState.XSTATE_BV + 8) == 0
                && Bytes.get64(image, ExtendedState.XSTATE_BV + 16) == 0;
        if (!legal) {
            return null;
        }
        Bytes.set64(image, ExtendedState.XSTATE_BV, present & Bytes.get64(legacy, SOFTWARE + 8));
        return image;
    }
}
