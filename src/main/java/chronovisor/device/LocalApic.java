package chronovisor.device;

/**
 * LAPIC: a core's local interrupt controller and timer (SDM vol. 3, chapter 12), as memory-mapped registers of 32 bits. The
 * timer counts virtual nanoseconds divided by its divide configuration. Inter-processor interrupts to other cores are not
 * sent yet; to itself they are.
 */
public final class LocalApic {

    /** Guest-physical address of the registers and their size. */
    public static final long BASE = 0xFEE0_0000L;
    public static final int SIZE = 0x1000;
    /** No timer is set. */
    public static final long NEVER = Long.MAX_VALUE;

    public static final int ID = 0x20;
    public static final int VERSION = 0x30;
    public static final int TPR = 0x80;
    public static final int PPR = 0xA0;
    public static final int EOI = 0xB0;
    public static final int LDR = 0xD0;
    public static final int DFR = 0xE0;
    public static final int SVR = 0xF0;
    public static final int ISR = 0x100;
    public static final int TMR = 0x180;
    public static final int IRR = 0x200;
    public static final int ESR = 0x280;
    public static final int ICR_LOW = 0x300;
    public static final int ICR_HIGH = 0x310;
    public static final int LVT_TIMER = 0x320;
    public static final int LVT_LINT0 = 0x350;
    public static final int INITIAL_COUNT = 0x380;
    public static final int CURRENT_COUNT = 0x390;
    public static final int DIVIDE = 0x3E0;

    private static final int MASKED = 1 << 16;
    private static final int PERIODIC = 1 << 17;
    private static final int ENABLED = 1 << 8;
    private static final int MODE_EXTERNAL = 7 << 8;
    /** LVT_TIMER, thermal, performance, LINT0, LINT1, error. */
    private static final int LVT_COUNT = 6;
    private static final int LINT0 = 3;

    /**
     * Registers.
     *
     * @param lvt
     *            timer, thermal, performance, LINT0, LINT1, error
     * @param timerStart_ns
     *            virtual time at which the count was started
     * @param timerNext_ns
     *            virtual time at which it fires next, {@link #NEVER} when it will not
     */
    public record State(int id, int tpr, int ldr, int dfr, int svr, int esr, int icrLow, int icrHigh, int[] lvt,
            int[] isr, int[] irr, int initialCount, int divide, long timerStart_ns,
            long timerNext_ns) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.i32(id).i32(tpr).i32(ldr).i32(dfr).i32(svr).i32(esr).i32(icrLow).i32(icrHigh).ints(lvt).ints(isr)
                    .ints(irr).i32(initialCount).i32(divide).i64(timerStart_ns).i64(timerNext_ns);
        }

        static State read(StateReader in) {
            return new State(in.i32(), in.i32(), in.i32(), in.i32(), in.i32(), in.i32(), in.i32(), in.i32(),
                    table(in, 6), table(in, 8), table(in, 8), in.i32(), in.i32(), in.i64(), in.i64());
        }

        private static int[] table(StateReader in, int length) {
            int[] table = in.ints();
            if (table.length != length) {
                throw new IllegalArgumentException("a local APIC's table of " + table.length);
            }
            return table;
        }
    }

    private int id;
    private int tpr;
    private int ldr;
    private int dfr = -1;
    private int svr = 0xFF;
    private int esr;
    private int icrLow;
    private int icrHigh;
    private int[] lvt = {MASKED, MASKED, MASKED, MASKED, MASKED, MASKED};
    private int[] isr = new int[8];
    private int[] irr = new int[8];
    private int initialCount;
    private int divide;
    private long timerStart_ns;
    private long timerNext_ns = NEVER;

    /** @param core number of the core; core 0 takes the PIC's interrupts on LINT0, as firmware leaves it */
    public LocalApic(int core) {
        id = core << 24;
        if (core == 0) {
            lvt[LINT0] = MODE_EXTERNAL;
        }
    }

    /** Reads a register. */
    public int read(int offset, long now_ns) {
        int register = offset & 0xFF0;
        if (register >= ISR && register < ESR) {
            int[] set = register < TMR ? isr : register < IRR ? new int[8] : irr;
            return set[register >>> 4 & 7];
        }
        if (register >= LVT_TIMER && register < INITIAL_COUNT) {
            return lvt[(register - LVT_TIMER) / 16];
        }
        return switch (register) {
            case ID -> id;
            case VERSION -> 0x14 | LVT_COUNT - 1 << 16;
            case TPR -> tpr;
            case PPR -> processorPriority();
            case LDR -> ldr;
            case DFR -> dfr;
            case SVR -> svr;
            case ESR -> esr;
            case ICR_LOW -> icrLow;
            case ICR_HIGH -> icrHigh;
            case INITIAL_COUNT -> initialCount;
            case CURRENT_COUNT -> currentCount(now_ns);
            case DIVIDE -> divide;
            default -> 0;
        };
    }

    /** Writes a register. */
    public void write(int offset, int value, long now_ns) {
        int register = offset & 0xFF0;
        if (register >= LVT_TIMER && register < INITIAL_COUNT) {
            int index = (register - LVT_TIMER) / 16;
            // A disabled APIC keeps its table masked (SDM vol. 3, 12.4.7.2).
            lvt[index] = value & 0x1F7FF | (index == 0 ? value & PERIODIC : 0) | ((svr & ENABLED) == 0 ? MASKED : 0);
            return;
        }
        switch (register) {
            case ID -> id = value & 0xFF00_0000;
            case TPR -> tpr = value & 0xFF;
            case EOI -> clearHighest(isr);
            case LDR -> ldr = value & 0xFF00_0000;
            case DFR -> dfr = value | 0x0FFF_FFFF;
            case SVR -> {
                svr = value & 0x3FF;
                if ((svr & ENABLED) == 0) {
                    for (int i = 0; i < LVT_COUNT; i++) {
                        lvt[i] |= MASKED;
                    }
                }
            }
            case ESR -> esr = 0;
            case ICR_LOW -> {
                icrLow = value & ~0x1000;
                boolean toSelf = (value >>> 18 & 3) == 1 || (value >>> 18 & 3) == 0 && icrHigh == id;
                if (toSelf && (value & 0x700) == 0) {
                    request(value & 0xFF);
                }
            }
            case ICR_HIGH -> icrHigh = value & 0xFF00_0000;
            case INITIAL_COUNT -> startTimer(value, now_ns);
            case DIVIDE -> divide = value & 0xB;
            default -> {
                // Read-only or reserved.
            }
        }
    }

    private void startTimer(int count, long now_ns) {
        initialCount = count;
        timerStart_ns = now_ns;
        timerNext_ns = count == 0 ? NEVER : now_ns + period_ns();
    }

    private long period_ns() {
        return Integer.toUnsignedLong(initialCount) * divisor();
    }

    /** SDM vol. 3, figure 12-10: bits 3, 1 and 0; 111 divides by one. */
    private int divisor() {
        int code = divide & 3 | divide >>> 1 & 4;
        return code == 7 ? 1 : 2 << code;
    }

    private int currentCount(long now_ns) {
        if (initialCount == 0 || timerNext_ns == NEVER) {
            return 0;
        }
        long left = Math.max(0, timerNext_ns - now_ns);
        return (int) ((left + divisor() - 1) / divisor());
    }

    /** Virtual time at which the timer fires next, {@link #NEVER} when it will not or would not be seen. */
    public long deadline_ns() {
        return (lvt[0] & MASKED) != 0 ? NEVER : timerNext_ns;
    }

    /** Lets the timer fire if its time has come. */
    public void advance(long now_ns) {
        if (timerNext_ns > now_ns) {
            return;
        }
        if ((lvt[0] & MASKED) == 0) {
            request(lvt[0] & 0xFF);
        }
        if ((lvt[0] & PERIODIC) != 0) {
            long period = Math.max(1, period_ns());
            timerStart_ns += (now_ns - timerStart_ns) / period * period;
            timerNext_ns = timerStart_ns + period;
        } else {
            timerNext_ns = NEVER;
        }
    }

    /** Whether the PIC's interrupts reach the core: through LINT0, or around an APIC that is off. */
    public boolean passesExternal() {
        return (svr & ENABLED) == 0 || (lvt[LINT0] & (MASKED | 0x700)) == MODE_EXTERNAL;
    }

    /** Requests an interrupt. Vectors below 16 are illegal and are told in ESR. */
    public void request(int vector) {
        if (vector < 16) {
            esr |= 0x40;
        } else {
            irr[vector >>> 5] |= 1 << vector;
        }
    }

    /** The vector that would be delivered now, or -1. */
    public int pending() {
        int vector = (svr & ENABLED) == 0 ? -1 : highest(irr);
        return vector >>> 4 > processorPriority() >>> 4 && vector >= 0 ? vector : -1;
    }

    /** The processor takes the pending vector. */
    public int acknowledge() {
        int vector = pending();
        if (vector < 0) {
            return svr & 0xFF;
        }
        irr[vector >>> 5] &= ~(1 << vector);
        isr[vector >>> 5] |= 1 << vector;
        return vector;
    }

    private int processorPriority() {
        int service = Math.max(0, highest(isr));
        return tpr >>> 4 >= service >>> 4 ? tpr : service & 0xF0;
    }

    private static int highest(int[] set) {
        for (int i = 7; i >= 0; i--) {
            if (set[i] != 0) {
                return 32 * i + 31 - Integer.numberOfLeadingZeros(set[i]);
            }
        }
        return -1;
    }

    private static void clearHighest(int[] set) {
        int vector = highest(set);
        if (vector >= 0) {
            set[vector >>> 5] &= ~(1 << vector);
        }
    }

    /** All state. */
    public State capture() {
        return new State(id, tpr, ldr, dfr, svr, esr, icrLow, icrHigh, lvt.clone(), isr.clone(), irr.clone(),
                initialCount, divide, timerStart_ns, timerNext_ns);
    }

    /** Puts a state back. */
    public void restore(State state) {
        id = state.id();
        tpr = state.tpr();
        ldr = state.ldr();
        dfr = state.dfr();
        svr = state.svr();
        esr = state.esr();
        icrLow = state.icrLow();
        icrHigh = state.icrHigh();
        lvt = state.lvt().clone();
        isr = state.isr().clone();
        irr = state.irr().clone();
        initialCount = state.initialCount();
        divide = state.divide();
        timerStart_ns = state.timerStart_ns();
        timerNext_ns = state.timerNext_ns();
    }
}
