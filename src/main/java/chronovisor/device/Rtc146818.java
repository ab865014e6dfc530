package chronovisor.device;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;

/**
 * The real-time clock and its battery-backed memory (Motorola MC146818A; NVRAM in Palacios): an index port and a data port. The clock is the
 * machine's wall clock, set off by what the guest has set. BCD and binary, 12 and 24 hours, alarm, periodic and update flags; its
 * interrupt request 8 is not raised, so a guest has to ask.
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
    private static final long DAY_S = 86_400;

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
     *            when the flags were read last
     */
    public record State(int index, byte[] memory, long offset_s, long asked_ns) implements DeviceState {
        @Override
        public void writeTo(StateWriter out) {
            out.u8(index).bytes(memory).i64(offset_s).i64(asked_ns);
        }

        static State read(StateReader in) {
            State state = new State(in.u8(), in.bytes(), in.i64(), in.i64());
            if (state.memory.length != BYTES || state.index >= BYTES) {
                throw in.broken("the memory of a clock that cannot be");
            }
            return state;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof State state && index == state.index && Arrays.equals(memory, state.memory)
                    && offset_s == state.offset_s && asked_ns == state.asked_ns;
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(memory);
        }
    }

    private final byte[] memory = new byte[BYTES];
    private int index;
    private long offset_s;
    private long asked_ns;
    private long now_ns;

    /**
     * A clock that has been set.
     *
     * @param memoryBytes
     *            of the machine, which a PC's firmware notes here
     */
    public Rtc146818(long memoryBytes) {
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
            case C -> flags();
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
    private int flags() {
        int flags = 0;
        long before_s = Math.floorDiv(asked_ns, SECOND_NS) + offset_s;
        int rate = memory[A] & 0xF;
        if (rate != 0) {
            // Rates 1 and 2 are those of 8 and 9; else 32,768 Hz, halved so often.
            long period_ns = (SECOND_NS << (rate < 3 ? rate + 6 : rate - 1)) / 32_768;
            flags |= now_ns / period_ns != asked_ns / period_ns ? PERIODIC : 0;
        }
        if (!isSet() && now_s() > before_s) {
            flags |= UPDATED | (alarmWithin(before_s, now_s()) ? ALARM : 0);
        }
        asked_ns = now_ns;
        return flags | ((flags & memory[B] & (PERIODIC | ALARM | UPDATED)) != 0 ? REQUEST : 0);
    }

    private boolean alarmWithin(long after_s, long until_s) {
        for (long second = Math.max(after_s + 1, until_s - DAY_S + 1); second <= until_s; second++) {
            LocalDateTime time = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
            if (matches(SECONDS_ALARM, coded(time.getSecond())) && matches(MINUTES_ALARM, coded(time.getMinute()))
                    && matches(HOURS_ALARM, hours(time.getHour()))) {
                return true;
            }
        }
        return false;
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
    }

    private void controlB(int value) {
        boolean was = isSet();
        if (!was && (value & SET) != 0) {
            hold();
        }
        memory[B] = (byte) value;
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
        return new State(index, memory.clone(), offset_s, asked_ns);
    }

    /** Puts a state back. */
    public void restore(State state) {
        System.arraycopy(state.memory(), 0, memory, 0, BYTES);
        index = state.index();
        offset_s = state.offset_s();
        asked_ns = state.asked_ns();
    }
}
