package chronovisor.device;

/**
 * LNX_VIRTIO_BALLOON: how many frames the host wants back, and how many the guest's balloon process has given. The guest asks by
 * hypercalls, as Palacios's has them; an interrupt says that there is something to ask. Frames are 4 KiB.
 */
public final class Balloon {

    /**
     * All state.
     *
     * @param requested_frames
     *            what the host wants
     * @param allocated_frames
     *            what the guest has given and not taken back
     * @param free_frames
     *            what the guest said it has free, when it was asked last
     * @param answers
     *            how often the guest said that it has done what it can
     */
    public record State(long requested_frames, long allocated_frames, long free_frames, long answers)
            implements
                DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.i64(requested_frames).i64(allocated_frames).i64(free_frames).i64(answers);
        }

        static State read(StateReader in) {
            return new State(in.i64(), in.i64(), in.i64(), in.i64());
        }
    }

    private final InterruptLine line;
    private State state = new State(0, 0, 0, 0);

    /** A balloon with nothing in it. */
    public Balloon(InterruptLine line) {
        this.line = line;
    }

    /** What the host wants from now on; the guest is told at once. */
    public void request(long frames) {
        state = new State(Math.max(0, frames), state.allocated_frames, state.free_frames, state.answers);
        line.set(false);
        line.set(true);
    }

    /** The guest asks what is wanted: that ends the interrupt. */
    public void asked() {
        line.set(false);
    }

    /** The guest has given frames, or has taken some back when the number is negative. */
    public void given(long frames) {
        state = new State(state.requested_frames, Math.max(0, state.allocated_frames + frames), state.free_frames,
                state.answers);
    }

    /** The guest has done what it can, and has so many frames free. */
    public void answered(long freeFrames) {
        state = new State(state.requested_frames, state.allocated_frames, freeFrames, state.answers + 1);
    }

    /** All state. */
    public State capture() {
        return state;
    }

    /** Puts a state back. */
    public void restore(State saved) {
        state = saved;
    }
}
