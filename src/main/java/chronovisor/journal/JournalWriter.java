package chronovisor.journal;

import chronovisor.journal.chronicle.ChronicleSegment;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Writes a new journal. The caller appends records; a thread of the writer's own opens Chronicle, compresses, chains and
 * appends, so that neither Chronicle's start nor the disk is in the way of the machine. When it falls behind by
 * {@link Limits#queuedBytesMax} the caller waits.
 *
 * <p>
 * A failure (disk full, limit reached) stops the writing; the next {@link #append} or {@link #close} tells the caller. What
 * was written before stays a sound prefix.
 */
public final class JournalWriter implements AutoCloseable {

    private static final int ZSTD_LEVEL = 3;
    private static final int PACK_BYTES_MIN = 64;
    /** What a step batch has in a record besides its packets. */
    private static final int STEP_HEAD_BYTES_MAX = 32;

    /** A larger buffer for compressed bytes, as a guest's files need it once, is let go. */
    private static final int PACKED_BYTES_KEPT = 4 << 20;

    /** How much may wait in memory, and how large the journal may become. */
    public record Limits(int queuedBytesMax, long journalBytesMax) {

        /** 64 MiB in memory, no limit on disk. */
        public static final Limits DEFAULT = new Limits(64 << 20, Long.MAX_VALUE);
    }

    /** Takes records on the writer's own thread. */
    @FunctionalInterface
    public interface Appender {
        /** Appends a record. */
        void append(RecordType type, Position first, Position last, byte[] raw);
    }

    /** Makes records on the writer's own thread. */
    @FunctionalInterface
    public interface Job {
        /** Makes records and appends them. */
        void write(Appender out);
    }

    /** What waits: a record, of these bytes or of step batches, or a job; nothing of it at the end. */
    private record Work(@Nullable RecordType type, Position first, Position last, byte[] raw, List<StepRun> steps,
            @Nullable Job job, int permits) {}

    private final Path folder;
    private final Limits limits;
    private final LinkedBlockingQueue<Work> queue = new LinkedBlockingQueue<>();
    private final Semaphore room;
    private final Thread thread;
    private volatile @Nullable Throwable failure;
    private volatile long bytes;
    private byte[] chain = ExcerptHead.chainStart();
    private byte[] packedBytes = new byte[0];

    /** Step batches, put together for one record after the other: what the collector has to do for them would stop the machine. */
    private final ByteSink stepBytes = new ByteSink();
    private long number;
    private Position last = Position.START;
    private @Nullable JournalEnd ended;
    private boolean closed;

    private JournalWriter(Path folder, Limits limits) {
        this.folder = folder;
        this.limits = limits;
        this.room = new Semaphore(limits.queuedBytesMax);
        this.thread = new Thread(this::write, "journal-writer");
        thread.setDaemon(true);
    }

    /**
     * Begins a journal in a folder that does not exist yet or is empty.
     *
     * @throws JournalException
     *             when the folder holds something already or cannot be made or written
     */
    public static JournalWriter create(Path folder, JournalHeader header) {
        return create(folder, header, Limits.DEFAULT);
    }

    /** Begins a journal with limits; see {@link #create(Path, JournalHeader)}. */
    public static JournalWriter create(Path folder, JournalHeader header, Limits limits) {
        try {
            Files.createDirectories(folder);
            try (var files = Files.list(folder)) {
                if (files.findAny().isPresent()) {
                    throw new JournalException("the journal folder is not empty: " + folder);
                }
            }
        } catch (FileAlreadyExistsException e) {
            throw new JournalException("the journal folder is a file: " + folder, e);
        } catch (IOException e) {
            throw new JournalException("cannot make the journal folder " + folder + ": " + reason(e), e);
        }
        if (!Files.isWritable(folder)) {
            throw new JournalException("cannot write into the journal folder " + folder);
        }
        JournalWriter writer = new JournalWriter(folder, limits);
        writer.thread.start();
        writer.append(RecordType.HEADER, Position.START, Position.START, header.encode());
        return writer;
    }

    /** The folder. */
    public Path folder() {
        return folder;
    }

    /** Bytes in the segment so far. */
    public long bytes() {
        return bytes;
    }

    /** Appends a checkpoint. */
    public void checkpoint(Checkpoint checkpoint) {
        append(RecordType.CHECKPOINT, checkpoint.at(), checkpoint.at(), checkpoint.encode());
    }

    /** Appends a batch of events; an empty one is nothing. */
    public void events(List<GuestEvent> events) {
        if (!events.isEmpty()) {
            append(RecordType.EVENTS, events.getFirst().at(), events.getLast().at(), EventCodec.encode(events));
        }
    }

    /** Appends step batches; none is nothing. They are many bytes: the writer's thread puts them together. */
    public void steps(List<StepRun> runs) {
        if (!runs.isEmpty()) {
            long first = runs.stream().mapToLong(StepRun::firstTick).min().orElse(0);
            long last = runs.stream().mapToLong(StepRun::lastTick).max().orElse(0);
            long size = runs.stream().mapToLong(run -> run.packets().size() + STEP_HEAD_BYTES_MAX).sum();
            requireFits(size);
            int permits = (int) Math.min(limits.queuedBytesMax, 64 + size);
            add(new Work(RecordType.STEPS, new Position(first, 0), new Position(last, 0), new byte[0],
                    List.copyOf(runs),
                    null, permits));
        }
    }

    /** Appends the last record. {@link #close} then seals the journal. */
    public void end(JournalEnd end) {
        append(RecordType.END, end.at(), end.at(), end.encode());
        ended = end;
    }

    /**
     * Appends a record.
     *
     * @throws JournalException
     *             when the writer failed, now or before
     */
    public void append(RecordType type, Position first, Position last, byte[] raw) {
        requireFits(raw.length);
        int permits = Math.min(limits.queuedBytesMax, raw.length + 64);
        add(new Work(type, first, last, raw, List.of(), null, permits));
    }

    /**
     * Appends what a job makes, which runs on the writer's thread, in its turn. It counts as half of what may wait in memory:
     * while two jobs wait the caller waits.
     *
     * @throws JournalException
     *             when the writer failed before
     */
    public void append(Job job) {
        add(new Work(null, Position.START, Position.START, new byte[0], List.of(), job, limits.queuedBytesMax / 2));
    }

    private static void requireFits(long size) {
        if (size > ExcerptHead.RAW_BYTES_MAX) {
            throw new JournalException("a record of " + size + " bytes is too large for a journal");
        }
    }

    private void add(Work work) {
        if (closed || ended != null) {
            throw new IllegalStateException("the journal has ended: " + folder);
        }
        failFast();
        room.acquireUninterruptibly(work.permits);
        queue.add(work);
    }

    private void failFast() {
        Throwable failed = failure;
        if (failed != null) {
            throw new JournalException("cannot write the journal " + folder + ": " + reason(failed), failed);
        }
    }

    private static String reason(Throwable failed) {
        if (failed instanceof FileSystemException named && named.getReason() == null) {
            return switch (named) {
                case AccessDeniedException denied -> "permission denied: " + denied.getFile();
                case NoSuchFileException missing -> "no such folder: " + missing.getFile();
                case FileSystemException other -> other.getClass().getSimpleName() + ": " + other.getFile();
            };
        }
        String message = failed.getMessage();
        return message == null ? failed.getClass().getSimpleName() : message;
    }

    /**
     * Writes what waits and, when the end was appended, the seal.
     *
     * @throws JournalException
     *             when anything could not be written
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        queue.add(new Work(null, Position.START, Position.START, new byte[0], List.of(), null, 0));
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        failFast();
        JournalEnd over = ended;
        if (over != null) {
            try {
                Manifest.seal(folder, new Manifest.Totals(List.of(number), last, Blob.of(chain), over));
            } catch (IOException e) {
                throw new JournalException("cannot seal the journal " + folder + ": " + reason(e), e);
            }
        }
    }

    private void write() {
        try (ChronicleSegment segment = new ChronicleSegment(folder, 0); ZstdCompressCtx zstd = new ZstdCompressCtx()) {
            zstd.setLevel(ZSTD_LEVEL);
            zstd.setContentSize(true);
            while (true) {
                Work work = queue.take();
                RecordType type = work.type;
                Job job = work.job;
                if (type == null && job == null) {
                    return;
                }
                try {
                    if (job != null) {
                        write(segment, zstd, job);
                    } else if (type != null) {
                        write(segment, zstd, type, work.first, work.last, gather(work));
                    }
                } finally {
                    room.release(work.permits);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = e;
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        } finally {
            drain();
        }
    }

    /** After a failure the caller must not wait for room that nobody makes. */
    private void drain() {
        room.release(limits.queuedBytesMax);
    }

    private void write(ChronicleSegment segment, ZstdCompressCtx zstd, Job job) throws IOException {
        try {
            job.write((type, first, end, raw) -> {
                try {
                    write(segment, zstd, type, first, end, new Gathered(raw, raw.length));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The bytes of a record: so many of the first of an array. */
    private record Gathered(byte[] bytes, int length) {}

    private Gathered gather(Work work) {
        if (work.steps.isEmpty()) {
            return new Gathered(work.raw, work.raw.length);
        }
        stepBytes.clear();
        StepRun.encode(work.steps, stepBytes);
        return new Gathered(stepBytes.buffer(), stepBytes.size());
    }

    private void write(ChronicleSegment segment, ZstdCompressCtx zstd, RecordType type, Position first, Position end,
            Gathered raw) throws IOException {
        int packed = raw.length < PACK_BYTES_MIN ? raw.length : pack(zstd, raw);
        boolean smaller = packed < raw.length;
        byte[] stored = smaller ? packedBytes : raw.bytes;
        int storedBytes = smaller ? packed : raw.length;
        int codec = smaller ? ExcerptHead.CODEC_ZSTD : ExcerptHead.CODEC_NONE;
        int from = 0;
        do {
            int length = Math.min(ExcerptHead.STORED_BYTES_MAX, storedBytes - from);
            ExcerptHead head = new ExcerptHead(type, codec, from + length < storedBytes, number, first,
                    end, raw.length, length, chain, 0);
            byte[] excerpt = ExcerptHead.excerpt(head, chain, stored, from);
            if (segment.bytes() + excerpt.length > limits.journalBytesMax) {
                throw new IOException("it would become larger than its limit of " + limits.journalBytesMax + " bytes");
            }
            segment.append(excerpt);
            chain = Arrays.copyOfRange(excerpt, 48, 80);
            number++;
            last = end.compareTo(last) > 0 ? end : last;
            bytes = segment.bytes();
            from += length;
        } while (from < storedBytes);
        if (packedBytes.length > PACKED_BYTES_KEPT) {
            packedBytes = new byte[0];
        }
    }

    /** Compresses into {@link #packedBytes}; gives how many bytes that took. */
    private int pack(ZstdCompressCtx zstd, Gathered raw) {
        int bound = Math.toIntExact(Zstd.compressBound(raw.length));
        if (packedBytes.length < bound) {
            packedBytes = new byte[bound];
        }
        return zstd.compressByteArray(packedBytes, 0, bound, raw.bytes, 0, raw.length);
    }
}
