package chronovisor.app.cli;

import chronovisor.environment.ForwardingEnvironment;
import chronovisor.environment.Input;
import chronovisor.environment.LiveEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * The live door, with the host's side of standard output in step: what the guest wrote is flushed before the machine waits
 * for input, and now and then; when the reader of standard output has gone the operator stops the machine, as SIGPIPE would
 * stop a process.
 */
final class PassingEnvironment extends ForwardingEnvironment {

    private final GuestOutput output;
    private boolean stopped;

    PassingEnvironment(LiveEnvironment door, GuestOutput output) {
        super(door);
        this.output = output;
    }

    @Override
    public @Nullable Input poll() {
        if (output.isBroken() && !stopped) {
            stopped = true;
            return new Input.OperatorCommand("stop");
        }
        return super.poll();
    }

    @Override
    public @Nullable Input await() {
        output.flush();
        return super.await();
    }

    @Override
    public void reached(long tick) {
        output.reached(tick);
        super.reached(tick);
    }

}
