package chronovisor.vmm;

import chronovisor.memory.FramePool;
import chronovisor.memory.HostMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** One number for all of a machine: equal machines have equal digests, whatever the host shares or has not touched. */
final class StateDigest {

    private StateDigest() {}

    static byte[] of(MachineState state) {
        MessageDigest sha256 = sha256();
        sha256.update(state.canonicalBytes());
        byte[] frame = new byte[8 + FramePool.FRAME_BYTES];
        ByteBuffer number = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        state.memory().forEachFrame((gfn, host) -> {
            // A frame of zeros is the same as none: whether it was touched shows in later exits only.
            if (!HostMemory.isZero(host, FramePool.FRAME_BYTES)) {
                number.putLong(0, gfn);
                HostMemory.read(host, frame, 8, FramePool.FRAME_BYTES);
                sha256.update(frame);
            }
        });
        return sha256.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
