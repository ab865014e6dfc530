package chronovisor.journal;

import com.github.luben.zstd.ZstdDecompressCtx;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Zstandard contexts, of which there are as many as threads ever unpacked at once: making one costs as much as unpacking a small record. */
final class Unpacking {

    private static final ConcurrentLinkedQueue<ZstdDecompressCtx> IDLE = new ConcurrentLinkedQueue<>();

    private Unpacking() {}

    /**
     * Unpacks one frame.
     *
     * @return how many bytes it has
     * @throws com.github.luben.zstd.ZstdException
     *             when it is none, or {@code raw} is too small for it
     */
    static int unpack(byte[] stored, byte[] raw) {
        ZstdDecompressCtx idle = IDLE.poll();
        ZstdDecompressCtx context = idle == null ? new ZstdDecompressCtx() : idle;
        try {
            return context.decompressByteArray(raw, 0, raw.length, stored, 0, stored.length);
        } finally {
            // A context is reset by each frame, also after one that does not unpack.
            IDLE.add(context);
        }
    }
}
