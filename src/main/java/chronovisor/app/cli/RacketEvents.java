package chronovisor.app.cli;

import chronovisor.journal.Position;
import chronovisor.journal.RacketEvent;
import chronovisor.racket.RacketObserver;
import chronovisor.replay.ProbeSink;
import java.util.Locale;

/** What Racket does, as events; and which of them caused which. */
final class RacketEvents implements RacketObserver {

    private final ProbeSink sink;

    RacketEvents(ProbeSink sink) {
        this.sink = sink;
    }

    private static String name(String kind, long number) {
        return kind + " " + number;
    }

    /** Messages of one size leave a channel in the order in which they came. */
    private static String message(long channel, long bytes) {
        return name("channel " + channel + " bytes", bytes);
    }

    @Override
    public boolean arrives(int task, long address) {
        return sink.arrives(task, address);
    }

    @Override
    public void leaves(int task) {
        sink.leaves(task);
    }

    @Override
    public long kept(int task) {
        return sink.kept(task);
    }

    @Override
    public void keep(int task, long value) {
        sink.keep(task, value);
    }

    @Override
    public void collectionStarted(int core, int task) {
        // One that never ended (the program failed in it) causes nothing.
        sink.take(name("gc", task));
        sink.mark(name("gc", task), sink.tell(core, null, stamp -> new RacketEvent.GcStarted(stamp, task)));
    }

    @Override
    public void collectionEnded(int core, int task, Generation generation, Sizes sizes) {
        Position start = sink.take(name("gc", task));
        sink.tell(core, start, stamp -> new RacketEvent.GcEnded(stamp, task, generation.name().toLowerCase(Locale.ROOT),
                sizes.before_bytes(), sizes.after_bytes(), sizes.administrativeBefore_bytes(),
                sizes.administrativeAfter_bytes()));
    }

    @Override
    public void writeBarrierFaulted(int core, int task, long address) {
        sink.tell(core, sink.delivery(task), stamp -> new RacketEvent.WriteBarrierFaulted(stamp, task, address));
    }

    @Override
    public void placeCreated(int core, int task, long place) {
        sink.mark(name("place", place),
                sink.tell(core, null, stamp -> new RacketEvent.PlaceCreated(stamp, task, place)));
    }

    @Override
    public void placeEntered(int core, int task) {
        sink.mark(name("entered", task), sink.tell(core, null, stamp -> new RacketEvent.PlaceEntered(stamp, task)));
    }

    @Override
    public void placeExited(int core, int task) {
        sink.tell(core, sink.take(name("entered", task)), stamp -> new RacketEvent.PlaceExited(stamp, task));
    }

    @Override
    public void placeReaped(int core, int task, long place) {
        sink.tell(core, sink.take(name("place", place)),
                stamp -> new RacketEvent.PlaceReaped(stamp, task, place));
    }

    @Override
    public void messageSent(int core, int task, long channel, long bytes) {
        sink.mark(message(channel, bytes),
                sink.tell(core, null, stamp -> new RacketEvent.PlaceMessageSent(stamp, task, channel, bytes)));
    }

    @Override
    public void messageReceived(int core, int task, long channel, long bytes) {
        sink.tell(core, sink.take(message(channel, bytes)),
                stamp -> new RacketEvent.PlaceMessageReceived(stamp, task, channel, bytes));
    }

    @Override
    public void futureCreated(int core, int task, int future, int parent) {
        sink.tell(core, null, stamp -> new RacketEvent.FutureCreated(stamp, task, future, parent));
    }

    @Override
    public void futureTouched(int core, int task) {
        sink.tell(core, null, stamp -> new RacketEvent.FutureTouched(stamp, task));
    }

    @Override
    public void futureProgressed(int core, int task, int future, String what) {
        sink.tell(core, null, stamp -> new RacketEvent.FutureProgressed(stamp, task, future, what));
    }
}
