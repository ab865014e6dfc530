package chronovisor.debug;

import chronovisor.environment.SeededEnvironment;
import chronovisor.journal.Position;
import chronovisor.kitten.task.UserProcess;
import chronovisor.replay.Session;
import chronovisor.timeline.Timeline;
import chronovisor.timeline.View;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A recorded run that the client may change: the first change begins a diversion, a throwaway run from there on that nothing is kept of. It
 * goes forward only, and ends when the client goes back to the recording, which has not changed.
 *
 * <pre>
 *   recording ──────●────────────▶ end         a change at ● begins the diversion;
 *                    └─ diversion ─▶           monitor undo, monitor seek and run end it
 * </pre>
 */
final class DivertedTarget implements Target {

    private static final String HELP = """
            undo              leave what was changed: back to the recording
            """;

    private final Timeline timeline;
    private final GdbServer.Forks forks;
    private final TimelineTarget recording;
    private @Nullable Diversion diversion;

    /** The machine that is changed. */
    private record Diversion(Session session, DebugDoor door, LiveTarget target, Position from) {

        void close() {
            target.close();
            session.close();
            door.close();
        }
    }

    /** Takes the timeline over, and closes it. */
    DivertedTarget(Timeline timeline, GdbServer.Forks forks) {
        this.timeline = timeline;
        this.forks = forks;
        this.recording = new TimelineTarget(timeline, forks);
    }

    private Target now() {
        Diversion in = diversion;
        return in == null ? recording : in.target;
    }

    private Diversion divert() throws Refused {
        Diversion in = diversion;
        if (in != null) {
            return in;
        }
        if (timeline.atEnd()) {
            throw new Refused("the run is over at " + timeline.position() + ": there is nothing to change any more");
        }
        Position from = timeline.position();
        // Inputs are those of the recording and then none, so nothing ever waits at this door.
        DebugDoor door = new DebugDoor(new SeededEnvironment(0, 0, List.of()));
        Session session = forks.divert(timeline);
        LiveTarget target = new LiveTarget(session, door, false);
        Optional<UserProcess> process = recording.inferior().process();
        if (process.isPresent()) {
            target.inferior().choose(process.get().id());
        }
        Diversion begun = new Diversion(session, door, target, from);
        diversion = begun;
        return begun;
    }

    private void leave() {
        Diversion in = diversion;
        diversion = null;
        if (in != null) {
            in.close();
        }
    }

    @Override
    public View view() {
        return now().view();
    }

    @Override
    public Position position() {
        return now().position();
    }

    @Override
    public Inferior inferior() {
        return now().inferior();
    }

    @Override
    public void places(Set<Place> places, CaughtSyscalls syscalls) {
        recording.places(places, syscalls);
        Diversion in = diversion;
        if (in != null) {
            in.target.places(places, syscalls);
        }
    }

    @Override
    public Halt resume(Plan plan, Client client) throws Refused {
        if (diversion != null
                && (plan.way() == Plan.Way.REVERSE_CONTINUE || plan.way() == Plan.Way.REVERSE_STEP)) {
            throw new Refused("a diversion goes forward only: 'monitor undo' leads back to the recording");
        }
        return now().resume(plan, client);
    }

    @Override
    public boolean reverses() {
        return recording.reverses();
    }

    @Override
    public void write(int task, long address, byte[] bytes) throws Refused {
        boolean first = diversion == null;
        try {
            divert().target.write(task, address, bytes);
        } catch (Refused e) {
            if (first) {
                leave();
            }
            throw e;
        }
    }

    @Override
    public void write(int task, RegisterFile registers) throws Refused {
        boolean first = diversion == null;
        try {
            divert().target.write(task, registers);
        } catch (Refused e) {
            if (first) {
                leave();
            }
            throw e;
        }
    }

    @Override
    public String note() {
        Diversion in = diversion;
        return in == null
                ? ""
                : "This is a diversion from " + in.from + ", where something was changed; it is not recorded. "
                        + "'monitor undo' leads back.";
    }

    @Override
    public String command(String name, String argument) throws Refused {
        Diversion in = diversion;
        if (name.equals("undo")) {
            if (in == null) {
                throw new Refused("nothing was changed: this is the recording");
            }
            leave();
            return "back in the recording, at " + timeline.position() + "\n";
        }
        if (in != null && !name.equals("seek") && !name.equals("marks")) {
            throw new Refused(
                    "in a diversion there is no '" + name + "': nothing of it is recorded; 'monitor undo' leads back");
        }
        if (name.equals("seek")) {
            leave();
        }
        return recording.command(name, argument);
    }

    @Override
    public String help() {
        return recording.help() + HELP;
    }

    @Override
    public void left() {
        leave();
    }

    @Override
    public void kill() {
        leave();
        recording.kill();
    }

    @Override
    public void close() {
        leave();
        recording.close();
    }
}
