package chronovisor.replay;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import chronovisor.journal.Stamp;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where probes tell what they see. What they have to remember from one sight to the next is kept here, too, so that it is saved and
 * restored with the machine, and a replay from its middle tells the same events.
 */
public interface ProbeSink {

    /** Tells an event, which gets the next position, and returns that. */
    Position tell(int core, @Nullable Position cause, Function<Stamp, GuestEvent> event);

    /** Where a signal was last delivered to a task. */
    @Nullable
    Position delivery(int task);

    /** A task stands at an address; whether it has not stood there already, without {@link #leaves} since. */
    boolean arrives(int task, long address);

    /** A task has gone on from the address where it stood. */
    void leaves(int task);

    /** A number that is kept of a task; 0 when none is. */
    long kept(int task);

    /** Keeps a number of a task. */
    void keep(int task, long value);

    /** Keeps a position under a name, behind others of that name. */
    void mark(String name, Position at);

    /** Takes the first position kept under a name. */
    @Nullable
    Position take(String name);
}
