package chronovisor.replay;

import chronovisor.journal.FormatException;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalMap;
import chronovisor.journal.MachineCheckpoint;
import chronovisor.journal.PagePack;
import chronovisor.journal.Position;
import chronovisor.journal.RecordType;
import chronovisor.memory.FramePool;
import chronovisor.memory.FrameState;
import chronovisor.memory.GuestMemory;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.KernelForm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes states of a journal's checkpoints. It keeps the memory of the one that it made last and changes in it only what is
 * other in the next, so states made one after the other share frames. One thread.
 */
final class CheckpointStore implements AutoCloseable {

    /** Packs kept unpacked: 16 MiB. */
    private static final int PACKS_MAX = 64;

    /** A checkpoint and which record it is. */
    private record Place(Position at, int entry) {}

    /** What a checkpoint changes: frames, what they hold then, and what they held before. */
    private static final class Changes {
        private final long[] frames;
        private final long[] contents;
        private final long[] before;

        Changes(MachineCheckpoint read, Map<Long, Long> latest) {
            frames = read.frames();
            contents = read.contents();
            before = new long[frames.length];
            for (int i = 0; i < frames.length; i++) {
                Long old = latest.put(frames[i], contents[i]);
                before[i] = old == null ? MachineCheckpoint.ABSENT : old;
            }
        }
    }

    private final JournalMap map;
    private final List<Place> places = new ArrayList<>();
    private final List<Changes> changes = new ArrayList<>();
    /** First page of a pack to the record that it is in. */
    private final TreeMap<Long, Integer> packs = new TreeMap<>();
    private final LinkedHashMap<Long, PagePack> unpacked = new LinkedHashMap<>(16, 0.75f, true);
    private final GuestMemory memory;
    /** What the frames of the memory hold. */
    private final Map<Long, Long> contents = new HashMap<>();
    /** What they held at the last checkpoint that was learnt. */
    private final Map<Long, Long> latest = new HashMap<>();
    private int held = -1;

    /** The checkpoints of a journal, or of its index. */
    CheckpointStore(JournalMap map, FramePool pool, GuestConfiguration machine) {
        this.map = map;
        this.memory = new GuestMemory(pool, machine.memoryBytes(), machine.storageBytes());
        for (int i = 0; i < map.entries().size(); i++) {
            if (map.entries().get(i).type() == RecordType.STATE) {
                places.add(new Place(map.entries().get(i).last(), i));
            }
        }
    }

    /** Where there are checkpoints, in order. */
    List<Position> positions() {
        return places.stream().map(Place::at).toList();
    }

    /** Position of the last checkpoint at or before a position; null when there is none. */
    @Nullable
    Position floor(Position target) {
        int at = index(target);
        return at < 0 ? null : places.get(at).at;
    }

    private int index(Position target) {
        int at = places.size() - 1;
        while (at >= 0 && places.get(at).at.compareTo(target) > 0) {
            at--;
        }
        return at;
    }

    /**
     * The state of the checkpoint at a position.
     *
     * @throws JournalException
     *             when it is damaged, or of another version of this program
     */
    SessionState load(Position position, @Nullable KernelForm form) {
        int wanted = index(position);
        try {
            MachineCheckpoint checkpoint = map.read(map.entries().get(places.get(wanted).entry)).state();
            while (changes.size() <= wanted) {
                learn(changes.size());
            }
            become(wanted);
            return CheckpointMaker.read(checkpoint, memory.fork(), form);
        } catch (FormatException e) {
            throw new JournalException("the checkpoint at " + position + " of " + map.folder() + " is malformed: "
                    + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new JournalException("the checkpoint at " + position + " of " + map.folder()
                    + " is of another version of this program: " + e.getMessage(), e);
        }
    }

    /** Reads what a checkpoint changes and where its pages are. */
    private void learn(int checkpoint) {
        int entry = places.get(checkpoint).entry;
        MachineCheckpoint read = map.read(map.entries().get(entry)).state();
        if (read.whole() != (checkpoint == 0)) {
            throw new FormatException("only the first checkpoint is whole");
        }
        for (int pack = 0; pack < read.packs(); pack++) {
            int at = entry - read.packs() + pack;
            if (at < 0 || map.entries().get(at).type() != RecordType.PAGES) {
                throw new FormatException("it has no pages");
            }
            packs.put(read.pagesBefore() + (long) pack * PagePack.PAGES_MAX, at);
        }
        changes.add(new Changes(read, latest));
    }

    /** Makes the memory that of a checkpoint. */
    private void become(int wanted) {
        Map<Long, Long> target = new HashMap<>();
        for (int i = held + 1; i <= wanted; i++) {
            put(target, changes.get(i).frames, changes.get(i).contents);
        }
        for (int i = held; i > wanted; i--) {
            put(target, changes.get(i).frames, changes.get(i).before);
        }
        byte[] page = new byte[FramePool.FRAME_BYTES];
        target.entrySet().removeIf(frame -> contents.getOrDefault(frame.getKey(), MachineCheckpoint.ABSENT)
                .longValue() == frame.getValue());
        // In the order of the packs, so that each is unpacked once: frames that are neighbours were rarely written together.
        target.entrySet().stream().sorted(Map.Entry.comparingByValue())
                .forEach(frame -> put(frame.getKey(), frame.getValue(), page));
        held = wanted;
    }

    private static void put(Map<Long, Long> target, long[] frames, long[] contents) {
        for (int i = 0; i < frames.length; i++) {
            target.put(frames[i], contents[i]);
        }
    }

    private void put(long frame, long content, byte[] page) {
        if (frame >= (memory.sizeBytes() + memory.storageBytes()) / FramePool.FRAME_BYTES) {
            throw new FormatException("frame " + frame + " is outside the guest's memory");
        }
        FrameState state = CheckpointMaker.state(content);
        if (state == FrameState.PRIVATE) {
            pack(content - MachineCheckpoint.PAGE).read(content - MachineCheckpoint.PAGE, page);
        }
        memory.place(frame, state, page);
        if (content == MachineCheckpoint.ABSENT) {
            contents.remove(frame);
        } else {
            contents.put(frame, content);
        }
    }

    private PagePack pack(long page) {
        Map.Entry<Long, Integer> found = packs.floorEntry(page);
        if (found == null) {
            throw new FormatException("page " + page + " is in no pack");
        }
        PagePack known = unpacked.get(found.getKey());
        if (known == null) {
            known = map.read(map.entries().get(found.getValue())).pages();
            unpacked.put(found.getKey(), known);
            if (unpacked.size() > PACKS_MAX) {
                unpacked.remove(unpacked.keySet().iterator().next());
            }
        }
        return known;
    }

    @Override
    public void close() {
        memory.close();
    }
}
