package chronovisor.environment;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Another environment, and commands of an operator that come before its inputs. On the machine's thread. */
public final class OperatedEnvironment extends ForwardingEnvironment {

    private final ArrayDeque<Input> commands = new ArrayDeque<>();

    /** With no commands yet. */
    public OperatedEnvironment(Environment inner) {
        super(inner);
    }

    /** Comes next, when the machine looks for inputs. */
    public void command(String command) {
        commands.add(new Input.OperatorCommand(command));
    }

    @Override
    public @Nullable Input poll() {
        Input next = commands.poll();
        return next == null ? super.poll() : next;
    }

    @Override
    public @Nullable Input await() {
        Input next = commands.poll();
        return next == null ? super.await() : next;
    }
}
