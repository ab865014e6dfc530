package chronovisor.replay;

import chronovisor.environment.Environment;
import chronovisor.journal.Blob;
import chronovisor.journal.FormatException;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalMap;
import chronovisor.journal.JournalWriter;
import chronovisor.journal.Position;
import chronovisor.journal.RecordType;
import chronovisor.kitten.KittenObserver;
import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import chronovisor.vmm.ConfigurationException;
import chronovisor.vmm.GuestKernel;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A machine that stands still, taken out of its run: all of its state and what it was made from. Any number of machines can go
 * on from it, each with inputs of its own, recorded into a journal that begins with the whole state. Twins share their frames
 * copy-on-write, so a twin costs the same however large the memory is.
 *
 * <p>
 * Kept in a folder, it is a journal that holds nothing but its beginning: it verifies, and another process can read it.
 *
 * <p>
 * It holds frames until it is closed. One thread at a time.
 */
public final class SavedMachine implements AutoCloseable {

    private static final String SAVED = "saved";

    private final MachineSetup setup;
    private final String journal;
    private final SessionState state;

    private SavedMachine(MachineSetup setup, String journal, SessionState state) {
        this.setup = setup;
        this.journal = journal;
        this.state = state;
    }

    /**
     * The machine of a session, between two runs; the session can go on.
     *
     * @param journal
     *            the name of its journal, which twins name as their parent
     */
    public static SavedMachine of(Session session, String journal) {
        return new SavedMachine(session.setup(), journal, session.capture());
    }

    SessionState state() {
        return state;
    }

    /** Its frames. What they hold is not to be changed; they may be shared with others. */
    public GuestMemory memory() {
        return state.machine().memory();
    }

    /** The journal that it comes from. */
    String journal() {
        return journal;
    }

    /** Where it stands. */
    public Position at() {
        return state.at();
    }

    /** What it was made from. */
    public MachineSetup setup() {
        return setup;
    }

    /** Its guest-physical frames that are there. */
    public long frames() {
        long[] count = {0};
        state.machine().memory().forEachFrame((gfn, host) -> count[0]++);
        return count[0];
    }

    /** A twin that shares its frames. The cost does not depend on the size of the memory. */
    public SavedMachine twin() {
        return new SavedMachine(setup, journal, new SessionState(
                state.machine().with(state.machine().memory().fork()), state.mapper(), state.cutPeriod()));
    }

    /** Has a session of the same setup and pool go on from here. */
    void into(Session session) {
        session.restore(state);
    }

    /** SHA-256 over the machine's state, in hexadecimal: equal machines have equal digests. */
    public String digest() {
        return Blob.of(state.machine().digest()).toHex();
    }

    /**
     * Keeps it in a new folder.
     *
     * @throws JournalException
     *             when the folder is there or cannot be written
     */
    public void write(Path folder) {
        TreeMap<String, String> properties = new TreeMap<>();
        properties.put(SAVED, journal);
        // What is written is the caller's state: the maker closes what it is given.
        SessionState twin = twin().state;
        try (CheckpointMaker maker = new CheckpointMaker();
                JournalWriter writer = JournalWriter.create(folder, header(properties, Fidelity.INPUTS))) {
            writer.checkpoint(setup.checkpoint());
            writer.append(out -> maker.write(twin, out));
        }
    }

    private JournalHeader header(SortedMap<String, String> properties, Fidelity fidelity) {
        // The chain of a journal that is still being written is not known.
        return setup.header(Recording.withOwn(properties, setup, fidelity),
                new JournalHeader.Parent(journal, at(), Blob.EMPTY));
    }

    /**
     * Reads what {@link #write} has written, or the beginning of a fork's journal.
     *
     * @param pool
     *            where its frames come from
     * @throws JournalException
     *             when there is none, it is damaged, or it is of another version of this program
     */
    public static SavedMachine read(Path folder, MachineParts parts, FramePool pool) {
        JournalMap map = JournalMap.of(folder, true);
        if (map.damage() != null) {
            throw new JournalException(folder + " is damaged: " + map.damage());
        }
        if (map.entries().size() < 2 || map.entries().get(1).type() != RecordType.CHECKPOINT) {
            throw new JournalException(folder + " holds no saved machine");
        }
        try {
            JournalHeader header = map.read(map.entries().get(0)).header();
            MachineSetup setup = MachineSetup.of(map.read(map.entries().get(1)).checkpoint());
            GuestKernel kernel = setup.kernel(parts, KittenObserver.NONE);
            JournalHeader.Parent parent = header.parent();
            try (CheckpointStore store = new CheckpointStore(map, pool, setup.configuration())) {
                if (parent == null || store.positions().isEmpty()) {
                    throw new JournalException(folder + " holds no saved machine, but a run from power-on");
                }
                return new SavedMachine(setup, parent.journal(), store.load(store.positions().getFirst(),
                        kernel == null ? null : kernel.form()));
            }
        } catch (FormatException | ConfigurationException | IllegalArgumentException e) {
            throw new JournalException("cannot read the machine saved in " + folder + ": " + e.getMessage(), e);
        }
    }

    /**
     * Begins a recording that goes on from here; this is not used up by it. The machine may be asked to pause and go on again,
     * see {@link Recording#session}.
     *
     * @param folder
     *            of its journal, which begins with the whole state
     */
    public Recording resume(Path folder, MachineParts parts, Fidelity fidelity, Environment environment,
            OutputListener listener, SortedMap<String, String> properties, CheckpointPlan checkpoints) {
        return Recording.begin(folder, setup, parts, header(properties, fidelity), JournalWriter.Limits.DEFAULT,
                checkpoints, state.machine().memory().pool(), state, null,
                (mapper, cuts) -> new RecordingEnvironment(environment, mapper, listener, cuts));
    }

    @Override
    public void close() {
        state.close();
    }
}
