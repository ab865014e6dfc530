package chronovisor.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * CHAR_STREAM: the host's end of a guest's serial port, found by name. Bytes for the guest wait here until its UART takes
 * them; bytes from the guest go to the consumers at once.
 */
public final class CharStream implements SerialBackend {

    /** Palacios's ring: with so many bytes waiting the stream asks for no more. */
    public static final int RING_BYTES = 4096;

    /**
     * @param waiting
     *            bytes that the UART has not taken
     * @param ended
     *            whether none will follow them
     */
    public record State(byte[] waiting, boolean ended) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.bytes(waiting).bool(ended);
        }

        static State read(StateReader in) {
            return new State(in.bytes(), in.bool());
        }
    }

    private final String name;
    private final List<StreamConsumer> consumers = new ArrayList<>();
    private Runnable onInput = () -> {};
    private byte[] waiting = new byte[0];
    private int taken;
    private boolean ended;

    public CharStream(String name) {
        this.name = name;
    }

    /** The name of the configuration's device element. */
    public String name() {
        return name;
    }

    /** Adds a consumer of what the guest writes. */
    public void onOutput(StreamConsumer consumer) {
        consumers.add(consumer);
    }

    /** Whether enough bytes wait for now. */
    public boolean isFull() {
        return waiting.length - taken >= RING_BYTES;
    }

    /** Whether input that is there could not be taken yet. */
    public boolean hasWaiting() {
        return waiting.length > taken;
    }

    /** Bytes from the host for the guest. */
    public void input(byte[] bytes) {
        byte[] all = Arrays.copyOfRange(waiting, taken, waiting.length + bytes.length);
        System.arraycopy(bytes, 0, all, waiting.length - taken, bytes.length);
        waiting = all;
        taken = 0;
        onInput.run();
    }

    /** No more bytes will come from the host. */
    public void end() {
        ended = true;
        onInput.run();
    }

    void onInput(Runnable listener) {
        onInput = listener;
    }

    @Override
    public int take() {
        return taken < waiting.length ? waiting[taken++] & 0xFF : -1;
    }

    @Override
    public boolean hungUp() {
        return ended && taken == waiting.length;
    }

    @Override
    public void put(byte[] bytes, int from, int length) {
        for (StreamConsumer consumer : consumers) {
            consumer.accept(Arrays.copyOfRange(bytes, from, from + length));
        }
    }

    /** All state. */
    public State capture() {
        return new State(Arrays.copyOfRange(waiting, taken, waiting.length), ended);
    }

    /** Puts a state back. */
    public void restore(State state) {
        waiting = state.waiting().clone();
        taken = 0;
        ended = state.ended();
    }
}
