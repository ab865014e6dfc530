package chronovisor.device;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** OS_DEBUG (port 0xC0C0) and BOCHS_DEBUG (0xE9): bytes written come out as lines, for kernel developers. Write only. */
public final class DebugPort implements PortDevice {

    /** A line longer than this is cut, so that a guest that never ends its line takes no memory. */
    private static final int LINE_BYTES_MAX = 4096;

    /** The line that is not finished. */
    public record State(byte[] line) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.bytes(line);
        }

        static State read(StateReader in) {
            return new State(in.bytes());
        }
    }

    private final List<StreamConsumer> consumers = new ArrayList<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /** Adds a consumer of whole lines, with their newline. */
    public void onLine(StreamConsumer consumer) {
        consumers.add(consumer);
    }

    @Override
    public int in(int offset, int size) {
        return 0xFF;
    }

    @Override
    public void out(int offset, int size, int value) {
        line.write(value);
        if ((value & 0xFF) == '\n' || line.size() >= LINE_BYTES_MAX) {
            byte[] whole = line.toByteArray();
            line.reset();
            consumers.forEach(consumer -> consumer.accept(whole.clone()));
        }
    }

    /** All state. */
    public State capture() {
        return new State(line.toByteArray());
    }

    /** Puts a state back. */
    public void restore(State state) {
        line.reset();
        line.writeBytes(state.line());
    }
}
