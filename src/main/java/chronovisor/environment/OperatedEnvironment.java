package chronovisor.environment;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Another environment, and commands of an operator that come before its inputs. On the machine's thread. */
public final class OperatedEnvironment implements Environment {

    private final Environment inner;
    private final ArrayDeque<Input> commands = new ArrayDeque<>();

    /** With no commands yet. */
    public OperatedEnvironment(Environment inner) {
        this.inner = inner;
    }

    /** Comes next, when the machine looks for inputs. */
    public void command(String command) {
        commands.add(new Input.OperatorCommand(command));
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
        Input next = commands.poll();
        return next == null ? inner.poll() : next;
    }

    @Override
    public @Nullable Input await() {
        Input next = commands.poll();
        return next == null ? inner.await() : next;
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
