package chronovisor.replay;

import chronovisor.environment.Environment;
import chronovisor.memory.FrameSharing;
import chronovisor.memory.FrameState;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.OutOfFramesException;
import chronovisor.vmm.RunResult;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/**
 * Clones of one machine that go on from where it stands, one after the other, each with inputs of its own, and the frames that they
 * have together when all have run. On the caller's thread.
 */
public final class CloneFleet {

    /** The inputs and outputs of a clone. */
    public interface Doors {

        /** Where a clone's inputs come from. */
        Environment inputs(int clone);

        /** What it shows goes there. */
        OutputListener output(int clone);

        /** How it ended. */
        void ended(int clone, RunResult result);
    }

    /**
     * What came of a fleet under a policy.
     *
     * @param sharable
     *            frames of the origin that the policy shares, of those that are there
     * @param copiedAtOnce
     *            frames copied when clones were made
     * @param exits
     *            writes to shared frames, each an exit of its clone under hardware's nested paging
     * @param copiedOnWrite
     *            frames that those copied
     * @param made_ns
     *            host time that making the clones took
     * @param firstOutput_ns
     *            host time from a clone that is there to the first byte that it shows, in order; of those that show something
     * @param frames
     *            of all clones, when they have run
     */
    public record Report(String policy, int clones, long sharable, long copiedAtOnce, long exits, long copiedOnWrite,
            long made_ns, List<Long> firstOutput_ns, FrameSharing.Count frames) {

        /** So many in a hundred of the clones showed something within this time; 0 when none did. */
        public long firstOutput_ns(int percent) {
            return firstOutput_ns.isEmpty() ? 0 : firstOutput_ns.get((firstOutput_ns.size() - 1) * percent / 100);
        }
    }

    private final MachineParts parts;
    private final Consumer<SharingEvent> events;

    /**
     * A maker of fleets.
     *
     * @param events
     *            is told what is shared and what ends it
     */
    public CloneFleet(MachineParts parts, Consumer<SharingEvent> events) {
        this.parts = parts;
        this.events = events;
    }

    /**
     * Makes so many clones under a policy, runs each to its end, and counts.
     *
     * @throws OutOfFramesException
     *             when the host's memory does not suffice for making them
     */
    public Report run(SavedMachine origin, SharingPolicy policy, int clones, Doors doors) {
        List<SavedMachine> fleet = new ArrayList<>();
        List<SavedMachine> ended = new ArrayList<>();
        long[] counts = new long[2];
        List<Long> first_ns = new ArrayList<>();
        try {
            LongPredicate sharable = policy.sharable(origin.state().machine());
            long shared = 0;
            long copied = 0;
            long start_ns = System.nanoTime();
            for (int i = 0; i < clones; i++) {
                SavedMachine clone = origin.twin();
                fleet.add(clone);
                copied += FrameSharing.copyAllBut(sharable, clone.memory());
            }
            long made_ns = System.nanoTime() - start_ns;
            for (int i = 0; i < clones; i++) {
                shared = tellShared(i, fleet.get(i).memory());
            }
            for (int i = 0; i < clones; i++) {
                try (SavedMachine clone = fleet.get(i)) {
                    ended.add(ran(clone, i, doors, counts, first_ns));
                }
            }
            List<GuestMemory> memories = ended.stream().map(SavedMachine::memory).toList();
            first_ns.sort(null);
            return new Report(policy.name(), clones, shared, copied, counts[0], counts[1], made_ns, first_ns,
                    FrameSharing.count(memories));
        } finally {
            fleet.subList(ended.size(), fleet.size()).forEach(SavedMachine::close);
            ended.forEach(SavedMachine::close);
        }
    }

    /** Runs of frames that are shared, told and counted. */
    private long tellShared(int clone, GuestMemory memory) {
        long[] run = {-1, 0, 0, 0}; // first, length, all shared, all own
        memory.forEachFrame((gfn, host) -> {
            if (host == memory.pool().zeroFrame()) {
                return;
            }
            if (memory.state(gfn) != FrameState.SHARED) {
                run[3]++;
                return;
            }
            run[2]++;
            if (run[0] + run[1] == gfn) {
                run[1]++;
            } else {
                tell(clone, run);
                run[0] = gfn;
                run[1] = 1;
            }
        });
        tell(clone, run);
        if (run[3] > 0) {
            events.accept(new SharingEvent.FramesCopied(clone, run[3]));
        }
        return run[2];
    }

    private void tell(int clone, long[] run) {
        if (run[1] > 0) {
            events.accept(new SharingEvent.FramesShared(clone, run[0], run[1]));
        }
    }

    /** Runs a clone to its end and gives what it is then. */
    private SavedMachine ran(SavedMachine clone, int number, Doors doors, long[] counts,
            List<Long> first_ns) {
        Environment inputs = doors.inputs(number);
        OutputListener shown = doors.output(number);
        long start_ns = System.nanoTime();
        int before = first_ns.size();
        OutputListener output = (stream, bytes, tick) -> {
            if (first_ns.size() == before) {
                first_ns.add(System.nanoTime() - start_ns);
            }
            shown.output(stream, bytes, tick);
        };
        try (Session session = Session.live(clone.setup(), parts, inputs, output, clone.memory().pool())) {
            clone.into(session);
            session.onFrameUnshared((core, gfn, copied) -> {
                counts[0]++;
                counts[1] += copied ? 1 : 0;
                events.accept(new SharingEvent.FrameBroken(number, session.vm().tick(), core, gfn, copied));
            });
            // Its own reference to the frames would make each write a copy.
            clone.close();
            doors.ended(number, session.run());
            return SavedMachine.of(session, clone.journal());
        }
    }
}
