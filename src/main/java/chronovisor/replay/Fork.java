package chronovisor.replay;

import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.journal.InputEvent;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalWriter;
import chronovisor.journal.Position;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.Schedule;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs of their own that begin in the middle of another one. Each is recorded into a journal that names its parent and the
 * position, begins with the whole state there, and needs the parent no more.
 */
public final class Fork {

    /**
     * What is different from the parent. With nothing different the fork does what its parent did.
     *
     * @param setup
     *            the machine with other switches; the same cores, memory and devices
     * @param seed
     *            of the entropy from here on; null for the parent's as long as it fits
     * @param typed
     *            inputs that come at once
     * @param edits
     *            inputs of the parent, by position, and what comes instead
     */
    public record Changes(MachineSetup setup, @Nullable Long seed, List<Input> typed,
            Map<Position, InputEvent> edits) {

        /** Keeps unmodifiable copies. */
        public Changes {
            typed = List.copyOf(typed);
            edits = Collections.unmodifiableMap(new TreeMap<>(edits));
        }

        /** Nothing. */
        public static Changes none(MachineSetup setup) {
            return new Changes(setup, null, List.of(), Map.of());
        }
    }

    private Fork() {}

    /**
     * Makes a fork where a replay stands. {@link Recording#run} continues it.
     *
     * @param folder
     *            of its journal
     * @param parts
     *            what its machine is put together from
     * @param properties
     *            further header properties: what is different, for people
     * @throws IllegalArgumentException
     *             when the parent's run is over there, or the machine would be another one
     */
    public static Recording start(ReplaySession parent, Changes changes, Path folder, MachineParts parts,
            OutputListener listener, SortedMap<String, String> properties, CheckpointPlan checkpoints) {
        requireGoing(parent, changes);
        Position at = parent.position();
        SortedMap<String, String> all = Recording.withOwn(properties, changes.setup(),
                Fidelity.parse(parent.header().property(Replay.FIDELITY)));
        Path name = parent.map().folder().getFileName();
        JournalHeader header = changes.setup().header(all, new JournalHeader.Parent(
                name == null ? parent.map().folder().toString() : name.toString(), at, parent.map().chainAt(at)));
        try (SessionState state = begun(parent, changes)) {
            return Recording.begin(folder, changes.setup(), parts, header, JournalWriter.Limits.DEFAULT, checkpoints,
                    null, state, null, door(parent, at, changes, listener));
        }
    }

    /**
     * Makes a fork where a replay stands that nothing is kept of: to see what would have become of it. The caller runs and
     * closes it.
     *
     * @throws IllegalArgumentException
     *             when the parent's run is over there, or the machine would be another one
     */
    public static Session attempt(ReplaySession parent, Changes changes, MachineParts parts) {
        requireGoing(parent, changes);
        Session session = new Session(changes.setup(), parts, RunSink.NONE, false,
                door(parent, parent.position(), changes, OutputListener.NONE));
        try (SessionState state = begun(parent, changes); SessionState own = state.copy(session.pool())) {
            session.restore(own);
            return session;
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private static void requireGoing(ReplaySession parent, Changes changes) {
        if (parent.over()) {
            throw new IllegalArgumentException("the run is over at " + parent.position());
        }
        requireSameMachine(parent.setup().configuration(), changes.setup().configuration());
    }

    private static Session.Door door(ReplaySession parent, Position at, Changes changes, OutputListener listener) {
        long seed = changes.seed() == null ? at.tick() * 31 + at.sequence() : changes.seed();
        Environment own = new SeededEnvironment(0, seed, List.of());
        return (mapper, cuts) -> new RecordingEnvironment(
                new ForkEnvironment(ExpectedRun.from(parent.map(), at), mapper, own, changes), mapper, listener, cuts);
    }

    /** What is typed at the fork comes there, so the machine has to look; and so it has to for another schedule. */
    private static SessionState begun(ReplaySession parent, Changes changes) {
        SessionState state = parent.captureState();
        Schedule schedule = changes.setup().configuration().schedule();
        if (!schedule.equals(parent.setup().configuration().schedule())) {
            return new SessionState(state.machine().withSchedule(schedule), state.mapper(), state.cutPeriod());
        }
        return changes.typed().isEmpty()
                ? state
                : new SessionState(state.machine().withPollNow(), state.mapper(), state.cutPeriod());
    }

    private static void requireSameMachine(GuestConfiguration parent, GuestConfiguration fork) {
        GuestConfiguration alike = fork.withSchedule(parent.schedule());
        if (!alike.equals(parent)) {
            throw new IllegalArgumentException(
                    "a fork keeps its parent's memory, cores, processor and devices: only the schedule can be another");
        }
    }
}
