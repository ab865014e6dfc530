package chronovisor.device;

/**
 * A counter of the 8254. It keeps when it was started and how, and works out what it shows from the time, so nothing has to happen at its
 * ticks. A counter that nobody has programmed stands still with its output high.
 */
final class PitCounter {

    /** No edge will come. */
    static final long NEVER = Long.MAX_VALUE;

    private static final int LATCH_LOW = 1;
    private static final int BOTH = 3;
    private static final long STOPPED = -1;
    private static final int EMPTY = -1;

    /**
     * All state.
     *
     * @param mode
     *            0 to 5
     * @param access
     *            which bytes are read and written: 1 low, 2 high, 3 both
     * @param reload
     *            what it counts down from; 0 when it has not been programmed
     * @param start
     *            the tick at which it began; -1 while it has not
     * @param paused
     *            ticks that had gone when the gate stopped it; -1 while it is not stopped
     * @param low
     *            the low byte that waits for its high one, else -1
     * @param latched
     *            the count that was latched, else -1
     * @param status
     *            the status that was latched, else -1
     */
    record State(int mode, boolean bcd, int access, int reload, long start, long paused, boolean gate, int low,
            int latched, int status, boolean highNext) {
        void writeTo(StateWriter out) {
            out.u8(mode).bool(bcd).u8(access).i32(reload).i64(start).i64(paused).bool(gate).i32(low).i32(latched)
                    .i32(status).bool(highNext);
        }

        static State read(StateReader in) {
            State state = new State(in.u8(), in.bool(), in.u8(), in.i32(), in.i64(), in.i64(), in.bool(), in.i32(),
                    in.i32(), in.i32(), in.bool());
            if (state.mode > 5 || state.access < 1 || state.access > BOTH || state.reload < 0
                    || state.reload > 0x10000) {
                throw in.broken("a counter of a timer that cannot be");
            }
            return state;
        }
    }

    private int mode;
    private boolean bcd;
    private int access = BOTH;
    private int reload;
    private long start = STOPPED;
    private long paused = STOPPED;
    private boolean gate;
    private int low = EMPTY;
    private int latched = EMPTY;
    private int status = EMPTY;
    private boolean highNext;

    PitCounter(boolean gate) {
        this.gate = gate;
    }

    private int period() {
        return bcd ? 10_000 : 0x10000;
    }

    /** A control word without its counter bits: access, mode, BCD; access 0 latches the count. */
    void control(int word, long tick) {
        if (word >>> 4 == 0) {
            latch(tick);
            return;
        }
        access = word >>> 4;
        int wanted = word >>> 1 & 7;
        mode = wanted > 5 ? wanted - 4 : wanted;
        bcd = (word & 1) != 0;
        reload = 0;
        start = STOPPED;
        paused = STOPPED;
        low = EMPTY;
        latched = EMPTY;
        status = EMPTY;
        highNext = false;
    }

    private void latch(long tick) {
        if (latched == EMPTY) {
            latched = count(tick);
        }
    }

    void readBack(boolean count, boolean wantsStatus, long tick) {
        if (count) {
            latch(tick);
        }
        if (wantsStatus && status == EMPTY) {
            // Bit 6: what was written has not got into the counter yet.
            status = (isHigh(tick) ? 0x80 : 0) | (start == STOPPED ? 0x40 : 0) | access << 4 | mode << 1
                    | (bcd ? 1 : 0);
        }
    }

    int read(long tick) {
        if (status != EMPTY) {
            int value = status;
            status = EMPTY;
            return value;
        }
        int value = latched != EMPTY ? latched : count(tick);
        boolean high = access == 2 || access == BOTH && highNext;
        if (access == BOTH) {
            highNext = !highNext;
        }
        if (access != BOTH || !highNext) {
            latched = EMPTY;
        }
        return high ? value >>> 8 & 0xFF : value & 0xFF;
    }

    void write(int value, long tick) {
        switch (access) {
            case LATCH_LOW -> load(value, tick);
            case 2 -> load(value << 8, tick);
            default -> {
                if (low == EMPTY) {
                    low = value;
                    if (mode == 0) {
                        // The first byte stops the counting.
                        start = STOPPED;
                    }
                } else {
                    int whole = value << 8 | low;
                    low = EMPTY;
                    load(whole, tick);
                }
            }
        }
    }

    private void load(int written, long tick) {
        int value = bcd ? fromBcd(written) : written;
        reload = value == 0 ? period() : value;
        boolean byGate = mode == 1 || mode == 5;
        // In modes 2 and 3 a new count would wait for the end of the period; a counter that runs is started anew here.
        if (!byGate) {
            start = tick;
            paused = gate ? STOPPED : 0;
        }
    }

    /** The gate's input. */
    void gate(boolean high, long tick) {
        boolean rises = high && !gate;
        boolean falls = !high && gate;
        gate = high;
        if (reload == 0) {
            return;
        }
        if (mode == 1 || mode == 5) {
            if (rises) {
                start = tick;
            }
        } else if (falls && start != STOPPED) {
            paused = tick - start;
        } else if (rises && paused != STOPPED) {
            start = mode == 2 || mode == 3 ? tick : tick - paused;
            paused = STOPPED;
        }
    }

    private long elapsed(long tick) {
        return paused != STOPPED ? paused : tick - start;
    }

    private int count(long tick) {
        if (start == STOPPED) {
            return shown(reload);
        }
        long gone = elapsed(tick);
        return switch (mode) {
            case 2 -> shown((int) (reload - gone % reload));
            case 3 -> shown((int) (reload - 2 * (gone % Math.max(1, reload / 2))));
            default -> shown((int) Math.floorMod(reload - gone, (long) period()));
        };
    }

    private int shown(int value) {
        int whole = value % period();
        return bcd ? toBcd(whole) : whole;
    }

    private static int fromBcd(int value) {
        return (value >>> 12 & 0xF) * 1000 + (value >>> 8 & 0xF) * 100 + (value >>> 4 & 0xF) * 10 + (value & 0xF);
    }

    private static int toBcd(int value) {
        return value / 1000 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 | value % 10;
    }

    /** The output. */
    boolean isHigh(long tick) {
        if (start == STOPPED) {
            return mode != 0 || reload == 0;
        }
        long gone = elapsed(tick);
        return switch (mode) {
            case 0, 1 -> gone >= reload;
            case 2 -> paused != STOPPED || gone % reload != reload - 1;
            case 3 -> paused != STOPPED || gone % reload < (reload + 1) / 2;
            default -> gone != reload;
        };
    }

    /** The first tick after {@code tick} at which the output rises; {@link #NEVER} when it will not by itself. */
    long nextRise(long tick) {
        if (start == STOPPED || paused != STOPPED) {
            return NEVER;
        }
        return switch (mode) {
            case 2, 3 -> start + (Math.max(0, tick - start) / reload + 1) * reload;
            case 0, 1 -> tick < start + reload ? start + reload : NEVER;
            default -> tick < start + reload + 1 ? start + reload + 1 : NEVER;
        };
    }

    /** The last tick up to {@code tick} at which the output rose, given one of them. */
    long lastRise(long known, long tick) {
        return mode == 2 || mode == 3 ? known + (tick - known) / reload * reload : known;
    }

    State capture() {
        return new State(mode, bcd, access, reload, start, paused, gate, low, latched, status, highNext);
    }

    void restore(State state) {
        mode = state.mode;
        bcd = state.bcd;
        access = state.access;
        reload = state.reload;
        start = state.start;
        paused = state.paused;
        gate = state.gate;
        low = state.low;
        latched = state.latched;
        status = state.status;
        highNext = state.highNext;
    }
}
