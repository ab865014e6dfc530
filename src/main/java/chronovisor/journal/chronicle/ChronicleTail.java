package chronovisor.journal.chronicle;

import java.nio.file.Path;
import java.util.Objects;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/** Reads the documents of a queue in order, also while it is being written. One thread; changes nothing on disk. */
public final class ChronicleTail implements AutoCloseable {

    private final ChronicleQueue queue;
    private final ExcerptTailer tailer;

    /** Begins at the first document of a folder. */
    public ChronicleTail(Path folder) {
        queue = SingleChronicleQueueBuilder.binary(folder).readOnly(true).blockSize(ChronicleSegment.BLOCK_BYTES)
                .rollCycle(ChronicleSegment.ROLL).build();
        tailer = queue.createTailer();
    }

    /** The next document, or null when there is none yet. */
    public byte @Nullable [] next() {
        try (DocumentContext context = tailer.readingDocument()) {
            if (!context.isPresent()) {
                return null;
            }
            return Objects.requireNonNull(context.wire()).bytes().toByteArray();
        }
    }

    @Override
    public void close() {
        tailer.close();
        queue.close();
    }
}
