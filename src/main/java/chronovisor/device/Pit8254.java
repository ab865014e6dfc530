package chronovisor.device;

/**
 * 8254 programmable interval timer (Intel 231164): three counters at 1.193182 MHz behind four ports, and the two bits of system control
 * port B (0x61) that gate the third. Counter 0 drives interrupt request 0. All six modes, binary and BCD, both latches.
 */
public final class Pit8254 {

    /** Ports of the counters and the control word. */
    public static final int PORTS = 4;
    /** Of the counters' clock: a third of the NTSC colour subcarrier. */
    public static final long CLOCK_HZ = 1_193_182;

    private static final int COUNTERS = 3;
    private static final int READ_BACK = 3;
    private static final long REFRESH_NS = 15_085;
    private static final int GATE_2 = 1;
    private static final int SPEAKER = 2;
    private static final int REFRESH = 0x10;
    private static final int OUT_2 = 0x20;

    /** All state: of each counter its own, and port B. */
    public record State(PitCounter.State first, PitCounter.State second, PitCounter.State third, int control,
            long edges_tick) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            first.writeTo(out);
            second.writeTo(out);
            third.writeTo(out);
            out.u8(control).i64(edges_tick);
        }

        static State read(StateReader in) {
            return new State(PitCounter.State.read(in), PitCounter.State.read(in), PitCounter.State.read(in), in.u8(),
                    in.i64());
        }
    }

    private final InterruptLine line;
    private final PitCounter[] counters = new PitCounter[COUNTERS];
    private final PortDevice ports = new Ports();
    private final PortDevice portB = new PortB();
    private int control;
    private long now_ns;
    /** Up to here, rising edges of counter 0's output have been told. */
    private long edgesTick;

    /** A timer whose counters have not been programmed. */
    public Pit8254(InterruptLine line) {
        this.line = line;
        for (int i = 0; i < COUNTERS; i++) {
            counters[i] = new PitCounter(i < 2);
        }
    }

    /** Ports 0x40 to 0x43. */
    public PortDevice ports() {
        return ports;
    }

    /** Port 0x61. */
    public PortDevice portB() {
        return portB;
    }

    /** It is so late; what has fallen due meanwhile happens. */
    public void advance(long time_ns) {
        now_ns = time_ns;
        long tick = tick(time_ns);
        long edge = counters[0].nextRise(edgesTick);
        if (edge <= tick) {
            // Several that were missed are one: the request stays until it is served.
            line.set(false);
            line.set(true);
            edgesTick = counters[0].lastRise(edge, tick);
        }
    }

    /** When the next interrupt is due; {@link LocalApic#NEVER} when none will be. */
    public long deadline_ns() {
        long edge = counters[0].nextRise(edgesTick);
        return edge == PitCounter.NEVER ? LocalApic.NEVER : ns(edge);
    }

    private static long tick(long ns) {
        return ns / 1_000_000_000 * CLOCK_HZ + ns % 1_000_000_000 * CLOCK_HZ / 1_000_000_000;
    }

    /** The first nanosecond of a tick. */
    private static long ns(long tick) {
        return tick / CLOCK_HZ * 1_000_000_000 + (tick % CLOCK_HZ * 1_000_000_000 + CLOCK_HZ - 1) / CLOCK_HZ;
    }

    private final class Ports implements PortDevice {

        @Override
        public int in(int offset, int size) {
            return offset < COUNTERS ? counters[offset].read(tick(now_ns)) : 0xFF;
        }

        @Override
        public void out(int offset, int size, int value) {
            long tick = tick(now_ns);
            int word = value & 0xFF;
            if (offset < COUNTERS) {
                counters[offset].write(word, tick);
            } else if (word >>> 6 == READ_BACK) {
                for (int i = 0; i < COUNTERS; i++) {
                    if ((word & 2 << i) != 0) {
                        counters[i].readBack((word & 0x20) == 0, (word & 0x10) == 0, tick);
                    }
                }
            } else {
                counters[word >>> 6].control(word & 0x3F, tick);
            }
            edgesTick = tick;
        }
    }

    private final class PortB implements PortDevice {

        @Override
        public int in(int offset, int size) {
            return control | ((now_ns / REFRESH_NS & 1) != 0 ? REFRESH : 0)
                    | (counters[2].isHigh(tick(now_ns)) ? OUT_2 : 0);
        }

        @Override
        public void out(int offset, int size, int value) {
            control = value & (GATE_2 | SPEAKER | 0xC);
            counters[2].gate((value & GATE_2) != 0, tick(now_ns));
        }
    }

    /** All state. */
    public State capture() {
        return new State(counters[0].capture(), counters[1].capture(), counters[2].capture(), control, edgesTick);
    }

    /** Puts a state back; its interrupt is the interrupt controller's. */
    public void restore(State state) {
        counters[0].restore(state.first());
        counters[1].restore(state.second());
        counters[2].restore(state.third());
        control = state.control();
        edgesTick = state.edges_tick();
    }
}
