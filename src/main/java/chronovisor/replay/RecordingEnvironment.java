package chronovisor.replay;

import chronovisor.environment.Environment;
import chronovisor.environment.ForwardingEnvironment;
import chronovisor.environment.Input;
import chronovisor.journal.Blob;
import chronovisor.journal.InputEvent;
import chronovisor.journal.Position;
import chronovisor.journal.Stamp;
import org.jspecify.annotations.Nullable;

/** A door that tells the mapper what comes through it. Runs without a journal use it too, so that they are the same runs. */
final class RecordingEnvironment extends ForwardingEnvironment {

    private final EventMapper mapper;
    private final OutputListener listener;
    private final Cuts cuts;
    private @Nullable Position nothingAt;

    RecordingEnvironment(Environment outside, EventMapper mapper, OutputListener listener, Cuts cuts) {
        super(outside);
        this.mapper = mapper;
        this.listener = listener;
        this.cuts = cuts;
    }

    private Stamp stamp() {
        return new Stamp(mapper.take(), mapper.currentCore(), null);
    }

    @Override
    public long bootTime_ns() {
        long time = super.bootTime_ns();
        mapper.tell(new InputEvent.BootTimeRead(stamp(), time));
        return time;
    }

    @Override
    public void entropy(byte[] destination) {
        super.entropy(destination);
        mapper.tell(new InputEvent.EntropyDrawn(stamp(), Blob.of(destination)));
    }

    /**
     * A position names an input only if asking twice at the same position gives the same: once there was nothing, there is
     * nothing until something happens.
     */
    @Override
    public @Nullable Input poll() {
        Position here = mapper.next();
        if (here.equals(nothingAt)) {
            return null;
        }
        Input input = super.poll();
        if (input == null) {
            nothingAt = here;
        } else {
            mapper.tell(Inputs.event(stamp(), input));
        }
        return input;
    }

    @Override
    public @Nullable Input await() {
        cuts.waiting();
        Input input = super.await();
        mapper.tell(input == null ? new InputEvent.InputsExhausted(stamp()) : Inputs.event(stamp(), input));
        return input;
    }

    @Override
    public void output(String stream, byte[] bytes, long tick) {
        super.output(stream, bytes, tick);
        listener.output(stream, bytes, tick);
    }

    @Override
    public void reached(long tick) {
        cuts.reached(tick);
        super.reached(tick);
    }

}
