package chronovisor.replay;

import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import chronovisor.journal.EventJson;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.Position;
import chronovisor.journal.Stamp;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A door through which a journal's causes come, each at exactly its position. */
final class ReplayingEnvironment implements Environment {

    private final Checker checker;
    private final EventMapper mapper;
    private final OutputListener listener;
    private final Cuts cuts;

    ReplayingEnvironment(Checker checker, EventMapper mapper, OutputListener listener, Cuts cuts) {
        this.checker = checker;
        this.mapper = mapper;
        this.listener = listener;
        this.cuts = cuts;
    }

    /** The next cause, if the journal tells one for this position; it is then told like any other event. */
    private @Nullable InputEvent take() {
        GuestEvent next = checker.next();
        if (next instanceof InputEvent input && next.at().equals(mapper.next())) {
            mapper.take();
            return input;
        }
        return null;
    }

    @Override
    public long bootTime_ns() {
        if (take() instanceof InputEvent.BootTimeRead read) {
            mapper.tell(read);
            return read.time_ns();
        }
        if (checker.next() == null && !checker.sealed()) {
            return 0;
        }
        throw wrong("the boot time is read");
    }

    @Override
    public void entropy(byte[] destination) {
        if (take() instanceof InputEvent.EntropyDrawn drawn && drawn.bytes().size() == destination.length) {
            System.arraycopy(drawn.bytes().toByteArray(), 0, destination, 0, destination.length);
            mapper.tell(drawn);
        } else if (checker.next() == null && !checker.sealed()) {
            Arrays.fill(destination, (byte) 0);
        } else {
            throw wrong(destination.length + " random bytes are drawn");
        }
    }

    @Override
    public @Nullable Input poll() {
        InputEvent event = peek();
        Input input = event == null ? null : Inputs.input(event);
        if (event != null && input != null) {
            mapper.take();
            mapper.tell(event);
        }
        return input;
    }

    private @Nullable InputEvent peek() {
        return checker.next() instanceof InputEvent input && input.at().equals(mapper.next()) ? input : null;
    }

    @Override
    public @Nullable Input await() {
        cuts.waiting();
        InputEvent event = take();
        if (event != null) {
            mapper.tell(event);
            if (event instanceof InputEvent.InputsExhausted) {
                return null;
            }
            Input input = Inputs.input(event);
            if (input != null) {
                return input;
            }
        }
        if (checker.next() == null && !checker.sealed()) {
            // The recorder was killed while its machine waited: the replay ends where the recording did.
            mapper.tell(new InputEvent.InputsExhausted(new Stamp(mapper.take(), mapper.currentCore(), null)));
            return null;
        }
        throw wrong("the idle machine waits for input");
    }

    private DivergenceException wrong(String actual) {
        GuestEvent next = checker.next();
        Position here = mapper.next();
        return checker.diverged(here, next == null ? "the end of the run" : EventJson.text(next), here + " " + actual);
    }

    @Override
    public void output(String stream, byte[] bytes, long tick) {
        listener.output(stream, bytes, tick);
    }

    @Override
    public void reached(long tick) {
        // The journal's inputs come by position; only batches are cut here.
        cuts.reached(tick);
    }

    @Override
    public void holdBack(String stream, boolean hold) {
        // What was held back is in the journal where it came.
    }
}
