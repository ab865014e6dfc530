package chronovisor.replay;

import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import org.jspecify.annotations.Nullable;

/** Another environment, to be spoiled by a test. */
class PassingEnvironment implements Environment {

    private final Environment inner;

    PassingEnvironment(Environment inner) {
        this.inner = inner;
    }

    @Override
    public long bootTime_ns() {
        return inner.bootTime_ns();
    }

    @Override
    public void entropy(byte[] destination) {
        inner.entropy(destination);
    }

    @Override
    public @Nullable Input poll() {
        return inner.poll();
    }

    @Override
    public @Nullable Input await() {
        return inner.await();
    }

    @Override
    public void output(String stream, byte[] bytes, long tick) {
        inner.output(stream, bytes, tick);
    }

    @Override
    public void reached(long tick) {
        inner.reached(tick);
    }

    @Override
    public void holdBack(String stream, boolean hold) {
        inner.holdBack(stream, hold);
    }
}
