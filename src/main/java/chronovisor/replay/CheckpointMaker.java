package chronovisor.replay;

import chronovisor.journal.Blob;
import chronovisor.journal.ByteSink;
import chronovisor.journal.ByteSource;
import chronovisor.journal.JournalWriter;
import chronovisor.journal.MachineCheckpoint;
import chronovisor.journal.PagePack;
import chronovisor.journal.RecordType;
import chronovisor.memory.FramePool;
import chronovisor.memory.FrameState;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.HostMemory;
import chronovisor.vmm.KernelForm;
import chronovisor.vmm.MachineState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes the checkpoints of one journal of captured states: the difference of each from the one before. It takes states over
 * and closes them. One thread, not necessarily the machine's.
 */
final class CheckpointMaker implements AutoCloseable {

    /** States that may be held at once besides the running machine: the last one, the one at work, one that waits. */
    static final int STATES_HELD = 3;

    static final String MACHINE = "machine";
    static final String MAPPER = "mapper";
    static final String SESSION = "session";

    private final MessageDigest sha256;
    private final PageNumbers numbers = new PageNumbers();
    private final byte[] page = new byte[FramePool.FRAME_BYTES];
    /** New pages that are in no record yet, {@link #packed} of them. */
    private final byte[] pack = new byte[PagePack.PAGES_MAX * FramePool.FRAME_BYTES];
    private int packed;
    private @Nullable SessionState previous;
    private long pages;

    CheckpointMaker() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Takes new pages in order. */
    @FunctionalInterface
    private interface Pages {
        void add(byte[] contents);
    }

    /** Appends a state to its journal. */
    void write(SessionState state, JournalWriter.Appender out) {
        packed = 0;
        MachineCheckpoint made = make(state, contents -> {
            System.arraycopy(contents, 0, pack, packed++ * contents.length, contents.length);
            if (packed == PagePack.PAGES_MAX) {
                appendPack(state, out);
            }
        });
        if (packed > 0) {
            appendPack(state, out);
        }
        out.append(RecordType.STATE, made.at(), made.at(), made.encode());
    }

    private void appendPack(SessionState state, JournalWriter.Appender out) {
        out.append(RecordType.PAGES, state.at(), state.at(), PagePack.encode(pages - packed, packed, pack));
        packed = 0;
    }

    /** What a checkpoint of the state has as its digest. */
    Blob digest(SessionState state) {
        return make(state, contents -> {}).digest();
    }

    private MachineCheckpoint make(SessionState state, Pages added) {
        SortedMap<String, Blob> sections = sections(state);
        MessageDigest digest = fresh();
        sections.forEach((name, bytes) -> digest
                .update(new ByteSink(bytes.size() + 64).text(name).blob(bytes).toByteArray()));
        SessionState before = previous;
        long pagesBefore = pages;
        Changes changes = new Changes();
        GuestMemory memory = state.machine().memory();
        ByteBuffer head = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);
        memory.forEachChange(before == null ? null : before.machine().memory(), (gfn, host) -> {
            long content = content(memory.state(gfn));
            head.clear().putLong(gfn).put((byte) content);
            digest.update(head.array());
            if (content == MachineCheckpoint.PAGE) {
                HostMemory.read(host, page, 0, page.length);
                byte[] hash = sha256.digest(page);
                digest.update(hash);
                long number = numbers.number(hash, pages);
                if (number == pages) {
                    pages++;
                    added.add(page);
                }
                content += number;
            }
            changes.add(gfn, content);
        });
        if (before != null) {
            before.close();
        }
        previous = state;
        return new MachineCheckpoint(state.at(), before == null, pagesBefore, pages - pagesBefore, sections,
                changes.frames(), changes.contents(), Blob.of(digest.digest()));
    }

    private static MessageDigest fresh() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static long content(FrameState state) {
        return switch (state) {
            case ABSENT -> MachineCheckpoint.ABSENT;
            case ZERO -> MachineCheckpoint.ZERO;
            case BALLOONED -> MachineCheckpoint.BALLOONED;
            case PRIVATE, SHARED -> MachineCheckpoint.PAGE;
        };
    }

    /** The state of a frame with such contents. */
    static FrameState state(long content) {
        return content == MachineCheckpoint.ABSENT
                ? FrameState.ABSENT
                : content == MachineCheckpoint.ZERO
                        ? FrameState.ZERO
                        : content == MachineCheckpoint.BALLOONED ? FrameState.BALLOONED : FrameState.PRIVATE;
    }

    private static SortedMap<String, Blob> sections(SessionState state) {
        SortedMap<String, Blob> sections = new TreeMap<>();
        sections.put(MACHINE, Blob.of(state.machine().canonicalBytes()));
        sections.put(MAPPER, Blob.of(state.mapper().encode()));
        sections.put(SESSION, Blob.of(new ByteSink().zigzag(state.cutPeriod()).toByteArray()));
        return sections;
    }

    /**
     * The state that a checkpoint was made of.
     *
     * @param memory
     *            its memory
     * @throws IllegalArgumentException
     *             when its sections are no state of this program's
     */
    static SessionState read(MachineCheckpoint checkpoint, GuestMemory memory, @Nullable KernelForm form) {
        ByteSource session = new ByteSource(checkpoint.section(SESSION).toByteArray());
        long cutPeriod = session.zigzag();
        session.end();
        return new SessionState(MachineState.read(checkpoint.section(MACHINE).toByteArray(), memory, form),
                MapperState.decode(checkpoint.section(MAPPER).toByteArray()), cutPeriod);
    }

    /** Growing arrays. */
    private static final class Changes {
        private long[] frames = new long[256];
        private long[] contents = new long[256];
        private int count;

        void add(long gfn, long content) {
            if (count == frames.length) {
                frames = Arrays.copyOf(frames, count * 2);
                contents = Arrays.copyOf(contents, count * 2);
            }
            frames[count] = gfn;
            contents[count++] = content;
        }

        long[] frames() {
            return Arrays.copyOf(frames, count);
        }

        long[] contents() {
            return Arrays.copyOf(contents, count);
        }
    }

    @Override
    public void close() {
        SessionState last = previous;
        previous = null;
        if (last != null) {
            last.close();
        }
    }
}
