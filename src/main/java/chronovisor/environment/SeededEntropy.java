package chronovisor.environment;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** An endless stream of bytes that is a function of a seed: SHA-256 of seed and counter. The same on every JDK. */
final class SeededEntropy {

    private final MessageDigest sha256;
    private final long seed;
    private long counter;
    private byte[] block = new byte[0];
    private int used;

    SeededEntropy(long seed) {
        this.seed = seed;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    void fill(byte[] destination) {
        for (int i = 0; i < destination.length; i++) {
            if (used == block.length) {
                block = sha256.digest(ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(seed)
                        .putLong(counter++).array());
                used = 0;
            }
            destination[i] = block[used++];
        }
    }
}
