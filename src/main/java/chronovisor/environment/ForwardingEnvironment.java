package chronovisor.environment;

import org.jspecify.annotations.Nullable;

/** Another environment: what is not overridden is asked of it and told to it. */
public abstract class ForwardingEnvironment implements Environment {

    private final Environment inner;

    /** Stands before another one. */
    protected ForwardingEnvironment(Environment inner) {
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
