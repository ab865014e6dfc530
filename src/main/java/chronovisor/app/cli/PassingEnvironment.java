package chronovisor.app.cli;

import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import chronovisor.environment.LiveEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * The live door, with the host's side of standard output in step: what the guest wrote is flushed before the machine waits
 * for input, and now and then; when the reader of standard output has gone the operator stops the machine, as SIGPIPE would
 * stop a process.
 */
final class PassingEnvironment implements Environment {

    private final LiveEnvironment door;
    private final GuestOutput output;
    private boolean stopped;

    PassingEnvironment(LiveEnvironment door, GuestOutput output) {
        this.door = door;
        this.output = output;
    }

    @Override
    public long bootTime_ns() {
        return door.bootTime_ns();
    }

    @Override
    public void entropy(byte[] destination) {
        door.entropy(destination);
    }

    @Override
    public @Nullable Input poll() {
        if (output.isBroken() && !stopped) {
            stopped = true;
            return new Input.OperatorCommand("stop");
        }
        return door.poll();
    }

    @Override
    public @Nullable Input await() {
        output.flush();
        return door.await();
    }

    @Override
    public void output(String stream, byte[] bytes, long tick) {
        door.output(stream, bytes, tick);
    }

    @Override
    public void reached(long tick) {
        output.reached(tick);
        door.reached(tick);
    }

    @Override
    public void holdBack(String stream, boolean hold) {
        door.holdBack(stream, hold);
    }
}
