package chronovisor.device;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;

/**
 * The real-time clock and its battery-backed memory (Motorola MC146818A; NVRAM in Palacios): an index port and a data port. The clock is the
 * machine's wall clock, set off by what the guest has set. BCD and binary, 12 and 24 hours; alarm, periodic and update-ended interrupts,
 * which are one request that is high until register C is read.
 */
public final class Rtc146818 implements PortDevice {

    /** Index and data. */
    public static final int PORTS = 2;

    private static final int BYTES = 128;
    private static final int SECONDS = 0;
    private static final int SECONDS_ALARM = 1;
    private static final int MINUTES = 2;
    private static final int MINUTES_ALARM = 3;
    private static final int HOURS = 4;
    private static final int HOURS_ALARM = 5;
    private static final int DAY_OF_WEEK = 6;
    private static final int DAY = 7;
    private static final int MONTH = 8;
    private static final int YEAR = 9;
    private static final int A = 10;
    private static final int B = 11;
    private static final int C = 12;
    private static final int D = 13;
    private static final int CENTURY = 0x32;

    private static final int UPDATING = 0x80;
    private static final int SET = 0x80;
    private static final int BINARY = 4;
    private static final int HOURS_24 = 2;
    private static final int PM = 0x80;
    private static final int REQUEST = 0x80;
    private static final int PERIODIC = 0x40;
    private static final int ALARM = 0x20;
    private static final int UPDATED = 0x10;
    private static final int VALID = 0x80;
    private static final int ANY = 0xC0;
    private static final long SECOND_NS = 1_000_000_000;
    /** The time is not to be read in the last part of each second. */
    private static final long UPDATE_NS = 244_000;
    private static final long UNKNOWN = Long.MIN_VALUE;
    private static final long DAY_S = 86_400;
    /** The bits of B that enable the flags of C. */
    private static final int ENABLES = PERIODIC | ALARM | UPDATED;

    /**
     * All state.
     *
     * @param index
     *            the byte that the data port is
     * @param memory
     *            what is kept; the time as it was set while it is being set
     * @param offset_s
     *            what the guest's clock is ahead of the machine's
     * @param asked_ns
     *            until when the flags are known
     * @param flags
     *            that were up then and have not been read
     */
    public record State(int index, byte[] memory, long offset_s, long asked_ns, int flags) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.u8(index).bytes(memory).i64(offset_s).i64(asked_ns).u8(flags);
        }

        static State read(StateReader in) {
            State state = new State(in.u8(), in.bytes(), in.i64(), in.i64(), in.u8());
            if (state.memory.length != BYTES || state.index >= BYTES) {
                throw in.broken("the memory of a clock that cannot be");
            }
            return state;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof State state && index == state.index && Arrays.equals(memory, state.memory)
                    && offset_s == state.offset_s && asked_ns == state.asked_ns && flags == state.flags;
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(memory);
        }
    }

    private final InterruptLine line;
    private final byte[] memory = new byte[BYTES];
    private int index;
    private long offset_s;
    private long asked_ns;
    private int flags;
    private long now_ns;
    private long due_ns = UNKNOWN;

    /**
     * A clock that has been set.
     *
     * @param memoryBytes
     *            of the machine, which a PC's firmware notes here
     * @param line
     *            its interrupt request, 8 on a PC
     */
    public Rtc146818(long memoryBytes, InterruptLine line) {
        this.line = line;
        memory[A] = 0x26;
        memory[B] = HOURS_24;
        memory[D] = (byte) VALID;
        long extended_kb = Math.clamp((memoryBytes >> 10) - 1024, 0, 0xFFFF);
        word(0x15, 640);
        word(0x17, extended_kb);
        word(0x30, extended_kb);
        word(0x34, Math.clamp((memoryBytes >> 16) - 256, 0, 0xFFFF));
    }

    private void word(int at, long value) {
        memory[at] = (byte) value;
        memory[at + 1] = (byte) (value >>> 8);
    }

    /** It is so late, in nanoseconds since the epoch. */
    public void advance(long wallClock_ns) {
        now_ns = wallClock_ns;
        interrupt();
    }

    /** The request is high while an enabled flag is up. */
    private void interrupt() {
        line.set((memory[B] & ENABLES) != 0 && now_ns >= due_ns());
    }

    /** When it interrupts next, in nanoseconds since the epoch; {@link LocalApic#NEVER} when it will not, or does now. */
    public long deadline_ns() {
        return (memory[B] & ENABLES) == 0 || now_ns >= due_ns() ? LocalApic.NEVER : due_ns();
    }

    /** When the first enabled flag is up. It follows from what has been written and read, however often the time is told. */
    private long due_ns() {
        if (due_ns == UNKNOWN) {
            due_ns = firstDue();
        }
        return due_ns;
    }

    private long firstDue() {
        int enabled = memory[B] & ENABLES;
        if ((flags & enabled) != 0) {
            return asked_ns;
        }
        long next = LocalApic.NEVER;
        long period_ns = period_ns();
        if ((enabled & PERIODIC) != 0 && period_ns != 0) {
            next = (Math.floorDiv(asked_ns, period_ns) + 1) * period_ns;
        }
        long second = Math.floorDiv(asked_ns, SECOND_NS);
        if ((enabled & UPDATED) != 0 && !isSet()) {
            next = Math.min(next, (second + 1) * SECOND_NS);
        }
        for (long after = 1; (enabled & ALARM) != 0 && !isSet() && after <= DAY_S; after++) {
            if (isAlarm(second + offset_s + after)) {
                return Math.min(next, (second + after) * SECOND_NS);
            }
        }
        return next;
    }

    private long now_s() {
        return Math.floorDiv(now_ns, SECOND_NS) + offset_s;
    }

    private boolean isSet() {
        return (memory[B] & SET) != 0;
    }

    private LocalDateTime time() {
        return LocalDateTime.ofInstant(Instant.ofEpochSecond(Math.clamp(now_s(), -62_000_000_000L, 253_000_000_000L)),
                ZoneOffset.UTC);
    }

    @Override
    public int in(int offset, int size) {
        if (offset == 0) {
            return 0xFF;
        }
        return switch (index) {
            case SECONDS, MINUTES, HOURS, DAY_OF_WEEK, DAY, MONTH, YEAR, CENTURY ->
                isSet() ? memory[index] & 0xFF : shown(time(), index);
            case A -> memory[A] & 0x7F | (!isSet() && now_ns % SECOND_NS >= SECOND_NS - UPDATE_NS ? UPDATING : 0);
            case C -> readFlags();
            default -> memory[index] & 0xFF;
        };
    }

    private int shown(LocalDateTime time, int register) {
        return switch (register) {
            case SECONDS -> coded(time.getSecond());
            case MINUTES -> coded(time.getMinute());
            case HOURS -> hours(time.getHour());
            case DAY_OF_WEEK -> time.getDayOfWeek().getValue() % 7 + 1;
            case DAY -> coded(time.getDayOfMonth());
            case MONTH -> coded(time.getMonthValue());
            case YEAR -> coded(time.getYear() % 100);
            default -> coded(time.getYear() / 100);
        };
    }

    private int hours(int hour) {
        if ((memory[B] & HOURS_24) != 0) {
            return coded(hour);
        }
        return coded((hour + 11) % 12 + 1) | (hour >= 12 ? PM : 0);
    }

    private int coded(int value) {
        return (memory[B] & BINARY) != 0 ? value : value / 10 << 4 | value % 10;
    }

    private int decoded(int value) {
        return (memory[B] & BINARY) != 0 ? value : (value >>> 4) * 10 + (value & 0xF);
    }

    /** Register C: what has happened since it was read last. */
    private int readFlags() {
        note();
        int read = flags | ((flags & memory[B] & ENABLES) != 0 ? REQUEST : 0);
        flags = 0;
        due_ns = UNKNOWN;
        interrupt();
        return read;
    }

    /** Rates 1 and 2 are those of 8 and 9; else 32,768 Hz, halved so often. 0 for none. */
    private long period_ns() {
        int rate = memory[A] & 0xF;
        return rate == 0 ? 0 : (SECOND_NS << (rate < 3 ? rate + 6 : rate - 1)) / 32_768;
    }

    /** Notes which flags have come up since they were noted last: before they are read, and before what they come from is changed. */
    private void note() {
        long period_ns = period_ns();
        if (period_ns != 0 && Math.floorDiv(now_ns, period_ns) != Math.floorDiv(asked_ns, period_ns)) {
            flags |= PERIODIC;
        }
        long before_s = Math.floorDiv(asked_ns, SECOND_NS) + offset_s;
        if (!isSet() && now_s() > before_s) {
            flags |= UPDATED | (alarmWithin(before_s, now_s()) ? ALARM : 0);
        }
        asked_ns = now_ns;
        due_ns = UNKNOWN;
    }

    private boolean alarmWithin(long after_s, long until_s) {
        for (long second = Math.max(after_s + 1, until_s - DAY_S + 1); second <= until_s; second++) {
            if (isAlarm(second)) {
                return true;
            }
        }
        return false;
    }

    private boolean isAlarm(long second) {
        int inDay = (int) Math.floorMod(second, DAY_S);
        return matches(SECONDS_ALARM, coded(inDay % 60)) && matches(MINUTES_ALARM, coded(inDay / 60 % 60))
                && matches(HOURS_ALARM, hours(inDay / 3600));
    }

    private boolean matches(int alarm, int value) {
        int wanted = memory[alarm] & 0xFF;
        return wanted >= ANY || wanted == value;
    }

    @Override
    public void out(int offset, int size, int value) {
        if (offset == 0) {
            // Bit 7 masks the NMI, which this machine does not have.
            index = value & 0x7F;
            return;
        }
        note();
        switch (index) {
            case C, D -> {
                // Read only.
            }
            case A -> memory[A] = (byte) (value & 0x7F);
            case B -> controlB(value);
            case SECONDS, MINUTES, HOURS, DAY_OF_WEEK, DAY, MONTH, YEAR, CENTURY -> {
                if (isSet()) {
                    memory[index] = (byte) value;
                } else {
                    hold();
                    memory[index] = (byte) value;
                    take();
                }
            }
            default -> memory[index] = (byte) value;
        }
        interrupt();
    }

    private void controlB(int value) {
        boolean was = isSet();
        if (!was && (value & SET) != 0) {
            hold();
        }
        // Setting the time disables the interrupt that its updates end with.
        memory[B] = (byte) ((value & SET) != 0 ? value & ~UPDATED : value);
        if (was && (value & SET) == 0) {
            take();
        }
    }

    /** The time stands still in the registers while it is set. */
    private void hold() {
        LocalDateTime time = time();
        for (int register : new int[]{SECONDS, MINUTES, HOURS, DAY_OF_WEEK, DAY, MONTH, YEAR, CENTURY}) {
            memory[register] = (byte) shown(time, register);
        }
    }

    /** The clock goes on from what the registers say; what is no time is not taken. */
    private void take() {
        int hour = memory[HOURS] & 0xFF;
        if ((memory[B] & HOURS_24) == 0) {
            hour = decoded(hour & ~PM) % 12 + ((hour & PM) != 0 ? 12 : 0);
        } else {
            hour = decoded(hour);
        }
        try {
            LocalDateTime set = LocalDateTime.of(decoded(memory[CENTURY] & 0xFF) * 100 + decoded(memory[YEAR] & 0xFF),
                    decoded(memory[MONTH] & 0xFF), decoded(memory[DAY] & 0xFF), hour, decoded(memory[MINUTES] & 0xFF),
                    decoded(memory[SECONDS] & 0xFF));
            offset_s = set.toEpochSecond(ZoneOffset.UTC) - Math.floorDiv(now_ns, SECOND_NS);
        } catch (DateTimeException e) {
            // The chip would count on from it in its own way; this one keeps the time that it had.
            hold();
        }
    }

    /** All state. */
    public State capture() {
        return new State(index, memory.clone(), offset_s, asked_ns, flags);
    }

    /** Puts a state back. */
    public void restore(State state) {
        System.arraycopy(state.memory(), 0, memory, 0, BYTES);
        index = state.index();
        offset_s = state.offset_s();
        asked_ns = state.asked_ns();
        flags = state.flags();
        due_ns = UNKNOWN;
    }
}
