package chronovisor.replay;

import chronovisor.environment.Environment;
import chronovisor.environment.ForwardingEnvironment;
import chronovisor.environment.Input;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.Position;
import java.util.ArrayDeque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The door of a fork: the parent's inputs, for as long as there are any. While the fork does what its parent did, each comes
 * at exactly its position, so nothing differs. Once one has not come so, the fork has a future of its own: what was typed or
 * commanded comes at its tick or, when the machine is idle, at once; entropy is drawn from the seed.
 */
final class ForkEnvironment extends ForwardingEnvironment {

    private final ExpectedRun parent;
    private final EventMapper mapper;
    private final Map<Position, InputEvent> edits;
    private final ArrayDeque<Input> typed;
    private boolean same;

    /**
     * @param parent
     *            what the parent tells from the position of the fork on
     * @param own
     *            gives what the parent does not: entropy, and inputs when its are used up
     * @param changes
     *            what is different
     */
    ForkEnvironment(ExpectedRun parent, EventMapper mapper, Environment own, Fork.Changes changes) {
        super(own);
        this.parent = parent;
        this.mapper = mapper;
        this.edits = changes.edits();
        this.typed = new ArrayDeque<>(changes.typed());
        this.same = changes.seed() == null && typed.isEmpty();
    }

    /** The parent's next input, as it was or as it was edited. */
    private @Nullable InputEvent next() {
        for (GuestEvent event = parent.peekEvent(); event != null; event = parent.peekEvent()) {
            if (event instanceof InputEvent input) {
                return edits.getOrDefault(input.at(), input);
            }
            parent.removeEvent();
        }
        return null;
    }

    private @Nullable InputEvent nextHere() {
        InputEvent next = next();
        if (!same || next == null) {
            return null;
        }
        int order = next.at().compareTo(mapper.next());
        same = order >= 0;
        return order == 0 ? next : null;
    }

    @Override
    public long bootTime_ns() {
        throw new IllegalStateException("a fork has booted before it was made");
    }

    @Override
    public void entropy(byte[] destination) {
        InputEvent next = nextHere();
        if (next instanceof InputEvent.EntropyDrawn drawn && drawn.bytes().size() == destination.length) {
            System.arraycopy(drawn.bytes().toByteArray(), 0, destination, 0, destination.length);
            parent.removeEvent();
        } else {
            same = false;
            super.entropy(destination);
        }
    }

    @Override
    public @Nullable Input poll() {
        if (!typed.isEmpty()) {
            return typed.remove();
        }
        if (same) {
            InputEvent here = nextHere();
            Input input = here == null ? null : Inputs.input(here);
            if (input != null) {
                parent.removeEvent();
            }
            return input;
        }
        InputEvent due = due();
        if (due == null) {
            return next() == null ? super.poll() : null;
        }
        return due.at().tick() <= mapper.next().tick() ? taken(due) : null;
    }

    /** The parent's next input that is no answer to a question, which a fork with a future of its own does not ask alike. */
    private @Nullable InputEvent due() {
        InputEvent next = next();
        while (next != null && Inputs.input(next) == null) {
            parent.removeEvent();
            next = next();
        }
        return next;
    }

    private @Nullable Input taken(InputEvent event) {
        parent.removeEvent();
        return Inputs.input(event);
    }

    @Override
    public @Nullable Input await() {
        if (!typed.isEmpty()) {
            return typed.remove();
        }
        InputEvent here = nextHere();
        if (here != null) {
            parent.removeEvent();
            return Inputs.input(here);
        }
        same = false;
        InputEvent due = due();
        return due == null ? super.await() : taken(due);
    }

}
