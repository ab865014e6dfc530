package chronovisor.journal.chronicle;

import java.nio.file.Path;
import java.util.Objects;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads the documents of a queue in order, also while it is being written; changes nothing on disk. Any thread may ask
 * or close: a stream's rounds come on several, and who cancels it is yet another.
 */
public final class ChronicleTail implements AutoCloseable {

    private final ChronicleQueue queue;
    private final ExcerptTailer tailer;
    private boolean closed;

    /** Begins at the first document of a folder. */
    public ChronicleTail(Path folder) {
        queue = SingleChronicleQueueBuilder.binary(folder).readOnly(true).blockSize(ChronicleSegment.BLOCK_BYTES)
                .rollCycle(ChronicleSegment.ROLL).build();
        tailer = queue.createTailer();
        // Chronicle would refuse a second thread, which is right where nothing else keeps them apart; here the lock does.
        tailer.singleThreadedCheckDisabled(true);
    }

    /** The next document, or null when there is none yet, or when this is closed. */
    public synchronized byte @Nullable [] next() {
        if (closed) {
            return null;
        }
        try (DocumentContext context = tailer.readingDocument()) {
            if (!context.isPresent()) {
                return null;
            }
            return Objects.requireNonNull(context.wire()).bytes().toByteArray();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        tailer.close();
        queue.close();
    }
}
