package chronovisor.device;

import org.jspecify.annotations.Nullable;

/**
 * LAPIC: a core's local interrupt controller and timer (SDM vol. 3, chapter 12), as memory-mapped registers of 32 bits. The
 * timer counts virtual nanoseconds divided by its divide configuration. What it tells other processors goes over the {@link ApicBus}.
 * Messages that are no interrupts of a vector (NMI, INIT, start-up) wait here until the core takes them.
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
    public static final int LVT_ERROR = 0x370;
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
    private static final int ERROR = 5;
    /** ESR: a message with a vector below 16 was sent, or received. */
    private static final int SENT_ILLEGAL = 0x20;
    private static final int RECEIVED_ILLEGAL = 0x40;
    /** No start-up message. */
    private static final int NO_PAGE = -1;

    /**
     * Registers.
     *
     * @param lvt
     *            timer, thermal, performance, LINT0, LINT1, error
     * @param timerStart_ns
     *            virtual time at which the count was started
     * @param timerNext_ns
     *            virtual time at which it fires next, {@link #NEVER} when it will not
     * @param errors
     *            what ESR will tell when it is written next
     * @param messages
     *            what waits for the core besides vectors
     */
    public record State(int id, int tpr, int ldr, int dfr, int svr, int esr, int icrLow, int icrHigh, int[] lvt,
            int[] isr, int[] tmr, int[] irr, int initialCount, int divide, long timerStart_ns, long timerNext_ns,
            int errors, Messages messages) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.i32(id).i32(tpr).i32(ldr).i32(dfr).i32(svr).i32(esr).i32(icrLow).i32(icrHigh).ints(lvt).ints(isr)
                    .ints(tmr).ints(irr).i32(initialCount).i32(divide).i64(timerStart_ns).i64(timerNext_ns).i32(errors);
            messages.writeTo(out);
        }

        static State read(StateReader in) {
            return new State(in.i32(), in.i32(), in.i32(), in.i32(), in.i32(), in.i32(), in.i32(), in.i32(),
                    table(in, 6), table(in, 8), table(in, 8), table(in, 8), in.i32(), in.i32(), in.i64(), in.i64(),
                    in.i32(), Messages.read(in));
        }

        private static int[] table(StateReader in, int length) {
            int[] table = in.ints();
            if (table.length != length) {
                throw new IllegalArgumentException("a local APIC's table of " + table.length);
            }
            return table;
        }
    }

    /**
     * Messages that are no interrupts of a vector.
     *
     * @param nmi
     *            whether an NMI waits
     * @param init
     *            whether an INIT waits
     * @param stopped
     *            whether the core does nothing but wait for a start-up message
     * @param page
     *            of the start-up message that waits, -1 for none
     */
    public record Messages(boolean nmi, boolean init, boolean stopped, int page) {

        static final Messages NONE = new Messages(false, false, false, NO_PAGE);

        void writeTo(StateWriter out) {
            out.bool(nmi).bool(init).bool(stopped).i32(page);
        }

        static Messages read(StateReader in) {
            return new Messages(in.bool(), in.bool(), in.bool(), in.i32());
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
    private int[] tmr = new int[8];
    private int[] irr = new int[8];
    private int initialCount;
    private int divide;
    private long timerStart_ns;
    private long timerNext_ns = NEVER;
    private int errors;
    private Messages messages = Messages.NONE;
    private @Nullable ApicBus bus;

    /** @param core number of the core; core 0 takes the PIC's interrupts on LINT0, as firmware leaves it */
    public LocalApic(int core) {
        id = core << 24;
        if (core == 0) {
            lvt[LINT0] = MODE_EXTERNAL;
        }
    }

    void connect(ApicBus newBus) {
        bus = newBus;
    }

    /** Its number, by which messages are addressed. */
    int number() {
        return id >>> 24;
    }

    /** Whether it is in a set of logical numbers: in the flat model a bit each, in the cluster model those of one cluster. */
    boolean isInSet(int destination) {
        int logical = ldr >>> 24;
        if (dfr >>> 28 == 0xF) {
            return (logical & destination) != 0;
        }
        int cluster = destination >>> 4;
        return (cluster == 0xF || cluster == logical >>> 4) && (logical & destination & 0xF) != 0;
    }

    /**
     * Its page of device memory at a time. Registers lie 16 bytes apart; they are written whole, and accesses elsewhere, which are undefined,
     * read zeros and write nothing.
     */
    public MemoryDevice memory(long now_ns) {
        return new MemoryDevice() {
            @Override
            public long read(int offset, int size) {
                int register = (offset & 0xC) == 0 ? LocalApic.this.read(offset, now_ns) : 0;
                return size == 8
                        ? Integer.toUnsignedLong(register)
                        : register >>> 8 * (offset & 3) & (1L << 8 * size) - 1;
            }

            @Override
            public void write(int offset, int size, long value) {
                if ((offset & 0xF) == 0 && size >= 4) {
                    LocalApic.this.write(offset, (int) value, now_ns);
                }
            }
        };
    }

    /** Reads a register. */
    public int read(int offset, long now_ns) {
        int register = offset & 0xFF0;
        if (register >= ISR && register < ESR) {
            int[] set = register < TMR ? isr : register < IRR ? tmr : irr;
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
            case EOI -> end();
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
            case ESR -> {
                esr = errors;
                errors = 0;
            }
            case ICR_LOW -> {
                icrLow = value & 0xC_CFFF;
                command();
            }
            case ICR_HIGH -> icrHigh = value & 0xFF00_0000;
            case INITIAL_COUNT -> startTimer(value, now_ns);
            case DIVIDE -> divide = value & 0xB;
            default -> {
                // Read-only or reserved.
            }
        }
    }

    private void command() {
        boolean hasVector = (icrLow >>> 8 & 7) <= ApicBus.LOWEST_PRIORITY;
        if (hasVector && (icrLow & 0xFF) < 16) {
            error(SENT_ILLEGAL);
        } else if (bus != null) {
            bus.command(this, icrLow, icrHigh);
        }
    }

    /** A message has come; whether it is taken. One that an APIC which is off gets is lost, unless it concerns the core itself. */
    boolean accept(int mode, int vector, boolean level) {
        Messages m = messages;
        switch (mode) {
            case ApicBus.FIXED, ApicBus.LOWEST_PRIORITY -> {
                if ((svr & ENABLED) == 0 || m.stopped) {
                    return false;
                }
                request(vector, level);
            }
            case ApicBus.NMI -> messages = new Messages(!m.stopped, m.init, m.stopped, m.page);
            case ApicBus.INIT -> messages = new Messages(false, true, m.stopped, NO_PAGE);
            // Only a core that has been told INIT and has not been started since listens.
            case ApicBus.STARTUP -> messages = m.init || m.stopped && m.page == NO_PAGE
                    ? new Messages(m.nmi, m.init, m.stopped, vector)
                    : m;
            default -> {
                // SMI: there is no system management mode. External: the PIC is wired to LINT0 of the first core.
                return false;
            }
        }
        return true;
    }

    /** Whether an NMI waits. */
    public boolean hasNmi() {
        return messages.nmi;
    }

    /** The core takes the NMI. */
    public void takeNmi() {
        messages = new Messages(false, messages.init, messages.stopped, messages.page);
    }

    /** Whether an INIT waits. */
    public boolean hasInit() {
        return messages.init;
    }

    /** The core takes the INIT: this is reset but for its number, and the core waits for a start-up message, or has had one already. */
    public void takeInit() {
        reset();
        messages = new Messages(false, false, true, messages.page);
    }

    /** The core waits for a start-up message, as all but the first do after power-on. */
    public void stop() {
        messages = new Messages(false, false, true, NO_PAGE);
    }

    /** Whether the core does nothing but wait for a start-up message. */
    public boolean isStopped() {
        return messages.stopped;
    }

    /** Whether that message has come. */
    public boolean hasStartup() {
        return messages.stopped && messages.page != NO_PAGE;
    }

    /** The core starts: at which page. */
    public int takeStartup() {
        int page = messages.page;
        messages = new Messages(messages.nmi, messages.init, false, NO_PAGE);
        return page;
    }

    private void reset() {
        tpr = 0;
        ldr = 0;
        dfr = -1;
        svr = 0xFF;
        esr = 0;
        errors = 0;
        icrLow = 0;
        icrHigh = 0;
        java.util.Arrays.fill(lvt, MASKED);
        java.util.Arrays.fill(isr, 0);
        java.util.Arrays.fill(tmr, 0);
        java.util.Arrays.fill(irr, 0);
        initialCount = 0;
        divide = 0;
        timerNext_ns = NEVER;
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
            request(lvt[0] & 0xFF, false);
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

    /** Requests an edge-triggered interrupt. Vectors below 16 are illegal and are told in ESR. */
    public void request(int vector) {
        request(vector, false);
    }

    private void request(int vector, boolean level) {
        if (vector < 16) {
            error(RECEIVED_ILLEGAL);
            return;
        }
        int bit = 1 << vector;
        irr[vector >>> 5] |= bit;
        tmr[vector >>> 5] = level ? tmr[vector >>> 5] | bit : tmr[vector >>> 5] & ~bit;
    }

    private void error(int bit) {
        boolean first = (errors & bit) == 0;
        errors |= bit;
        // An error vector that is illegal itself must not come back here for ever.
        if (first && (lvt[ERROR] & MASKED) == 0) {
            request(lvt[ERROR] & 0xFF, false);
        }
    }

    private void end() {
        int vector = highest(isr);
        if (vector >= 0) {
            isr[vector >>> 5] &= ~(1 << vector);
            if ((tmr[vector >>> 5] >>> vector & 1) != 0 && bus != null) {
                bus.end(vector);
            }
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

    int processorPriority() {
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

    /** All state. */
    public State capture() {
        return new State(id, tpr, ldr, dfr, svr, esr, icrLow, icrHigh, lvt.clone(), isr.clone(), tmr.clone(),
                irr.clone(), initialCount, divide, timerStart_ns, timerNext_ns, errors, messages);
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
        tmr = state.tmr().clone();
        irr = state.irr().clone();
        initialCount = state.initialCount();
        divide = state.divide();
        timerStart_ns = state.timerStart_ns();
        timerNext_ns = state.timerNext_ns();
        errors = state.errors();
        messages = state.messages();
    }
}
