package chronovisor.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The fixed head of an excerpt, 84 bytes, little endian:
 *
 * <pre>
 *    0  "CVJ1"             16  first tick        32  first sequence     44  stored length
 *    4  version            24  last tick         36  last sequence      48  chain (SHA-256)
 *    5  type               40  raw length of the whole record           80  CRC32C of head and stored bytes
 *    6  codec: 0 none, 1 zstd
 *    7  1 when the record goes on in the next excerpt
 *    8  number of the excerpt, from 0
 * </pre>
 *
 * The chain is SHA-256 over the chain before, the first 48 bytes and the stored bytes. The excerpt is padded with
 * zeros to a multiple of four, the alignment of Chronicle's documents, so that no byte of a segment is unaccounted for.
 */
record ExcerptHead(RecordType type, int codec, boolean goesOn, long number, Position first, Position last,
        int rawLength, int storedLength, byte[] chain, int crc) {

    static final int SIZE = 84;
    static final int VERSION = 1;
    static final int MAGIC = 0x314A5643; // "CVJ1"
    static final int CODEC_NONE = 0;
    static final int CODEC_ZSTD = 1;

    /** Chronicle takes a quarter of its block at most; the writer's block is 4 MiB. */
    static final int STORED_BYTES_MAX = 1_000_000;
    /** Bounds what a hostile journal can make us allocate for one record. */
    static final int RAW_BYTES_MAX = 512 << 20;

    private static final int CHAINED = 48;
    private static final int CRC_AT = 80;

    /** The chain before the first excerpt. */
    static byte[] chainStart() {
        return new byte[32];
    }

    /** Bytes of the whole excerpt with its padding. */
    int excerptBytes() {
        return SIZE + storedLength + 3 & ~3;
    }

    /** Builds the bytes of an excerpt; its chain is at offset 48. */
    static byte[] excerpt(ExcerptHead head, byte[] chainBefore, byte[] stored, int from) {
        byte[] bytes = new byte[head.excerptBytes()];
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(MAGIC).put((byte) VERSION).put((byte) head.type.id()).put((byte) head.codec)
                .put((byte) (head.goesOn ? 1 : 0)).putLong(head.number).putLong(head.first.tick())
                .putLong(head.last.tick()).putInt(head.first.sequence()).putInt(head.last.sequence())
                .putInt(head.rawLength).putInt(head.storedLength);
        System.arraycopy(stored, from, bytes, SIZE, head.storedLength);
        MessageDigest sha = sha256();
        sha.update(chainBefore);
        sha.update(bytes, 0, CHAINED);
        sha.update(bytes, SIZE, head.storedLength);
        out.put(sha.digest());
        out.putInt(crc(bytes, head.storedLength));
        return bytes;
    }

    /** Reads a head; null when the bytes cannot be one. The CRC is not yet checked. */
    static @Nullable ExcerptHead parse(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < SIZE || in.getInt() != MAGIC || in.get() != VERSION) {
            return null;
        }
        RecordType type = RecordType.withId(in.get());
        int codec = in.get();
        int flags = in.get();
        long number = in.getLong();
        long firstTick = in.getLong();
        long lastTick = in.getLong();
        int firstSequence = in.getInt();
        int lastSequence = in.getInt();
        int rawLength = in.getInt();
        int storedLength = in.getInt();
        byte[] chain = new byte[32];
        in.get(chain);
        if (type == null || codec < CODEC_NONE || codec > CODEC_ZSTD || flags < 0 || flags > 1 || number < 0
                || firstTick < 0 || firstSequence < 0 || lastTick < 0 || lastSequence < 0 || rawLength < 0
                || rawLength > RAW_BYTES_MAX || storedLength < 0 || storedLength > STORED_BYTES_MAX) {
            return null;
        }
        return new ExcerptHead(type, codec, flags == 1, number, new Position(firstTick, firstSequence),
                new Position(lastTick, lastSequence), rawLength, storedLength, chain, in.getInt());
    }

    /** Whether a whole excerpt agrees with the CRC in its head and its padding is zero. */
    boolean agrees(byte[] excerpt) {
        if (excerpt.length < SIZE + storedLength || crc(excerpt, storedLength) != crc) {
            return false;
        }
        for (int i = SIZE + storedLength; i < excerpt.length; i++) {
            if (excerpt[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** The chain that an excerpt must carry after {@code chainBefore}. */
    static byte[] chainOf(byte[] chainBefore, byte[] excerpt, int storedLength) {
        MessageDigest sha = sha256();
        sha.update(chainBefore);
        sha.update(excerpt, 0, CHAINED);
        sha.update(excerpt, SIZE, storedLength);
        return sha.digest();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static int crc(byte[] excerpt, int storedLength) {
        CRC32C crc = new CRC32C();
        crc.update(excerpt, 0, CRC_AT);
        crc.update(excerpt, SIZE, storedLength);
        return (int) crc.getValue();
    }
}
