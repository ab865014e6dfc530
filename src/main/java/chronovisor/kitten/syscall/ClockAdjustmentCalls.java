package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.kernel.ClockAdjustment;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.kernel.WallClock;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;

/** adjtimex(2) and clock_adjtime(2). Offsets that a real kernel makes up for little by little are made up for at once. */
final class ClockAdjustmentCalls {

    private static final int TIMEX_BYTES = 208;
    private static final int OFFSET = 0x0001;
    private static final int FREQUENCY = 0x0002;
    private static final int ERROR_MAX = 0x0004;
    private static final int ERROR_ESTIMATED = 0x0008;
    private static final int STATUS = 0x0010;
    private static final int CONSTANT = 0x0020;
    private static final int TAI = 0x0080;
    private static final int SET_OFFSET = 0x0100;
    private static final int MICRO = 0x1000;
    private static final int NANO = 0x2000;
    private static final int TICK = 0x4000;
    private static final int ADJTIME = 0x8000;

    private static final int STATUS_PLL = 0x0001;
    private static final int STATUS_READ_ONLY = 0xFF00;
    private static final int STATUS_NANO = 0x2000;
    private static final int STATE_ERROR = 5;
    private static final long TOLERANCE = 500L << 16;
    private static final long ERROR_US_MAX = 16_000_000;
    private static final long TICK_US_MIN = 9_000;
    private static final long TICK_US_MAX = 11_000;
    private static final int CONSTANT_MAX = 10;
    private static final long OFFSET_US_MAX = 500_000;

    private ClockAdjustmentCalls() {}

    static Outcome adjtimex(Trap t, Call c) {
        return adjust(t, c.a0());
    }

    static Outcome clockAdjtime(Trap t, Call c) {
        UserMemory.read(t, c.a1(), TIMEX_BYTES);
        if ((int) c.a0() != 0) {
            TimeCalls.clock_ns(t, c.a0());
            return Outcome.error(Errno.EOPNOTSUPP);
        }
        return adjust(t, c.a1());
    }

    private static Outcome adjust(Trap t, long address) {
        byte[] raw = UserMemory.read(t, address, TIMEX_BYTES);
        int modes = Bytes.get32(raw, 0);
        validate(t, raw, modes);
        boolean single = (modes & ADJTIME) != 0;
        if ((modes & SET_OFFSET) != 0) {
            long unit_ns = (modes & NANO) != 0 ? 1 : 1000;
            WallClock.move(t, Bytes.get64(raw, 72) * 1_000_000_000L + Bytes.get64(raw, 80) * unit_ns);
        }
        if (single) {
            if ((modes & NANO) == 0) {
                WallClock.move(t, Bytes.get64(raw, 8) * 1000);
            }
        } else if (modes != 0) {
            t.put(t.settings().withClock(changed(t, t.settings().clock(), raw, modes)));
        }
        ClockAdjustment now = t.settings().clock();
        UserMemory.write(t, address, store(t, now, modes, single ? 0 : now.offset()));
        return Outcome.of((now.status() & ClockAdjustment.UNSYNCHRONIZED) != 0 ? STATE_ERROR : 0);
    }

    private static void validate(Trap t, byte[] raw, int modes) {
        if ((modes & ADJTIME) != 0) {
            if ((modes & OFFSET) == 0) {
                throw new LinuxError(Errno.EINVAL);
            }
            if ((modes & NANO) == 0) {
                SystemCalls.require(t, Capabilities.SYS_TIME);
            }
        } else if (modes != 0) {
            SystemCalls.require(t, Capabilities.SYS_TIME);
            long tick = Bytes.get64(raw, 88);
            if ((modes & TICK) != 0 && (tick < TICK_US_MIN || tick > TICK_US_MAX)) {
                throw new LinuxError(Errno.EINVAL);
            }
        }
        if ((modes & SET_OFFSET) != 0) {
            SystemCalls.require(t, Capabilities.SYS_TIME);
            long part = Bytes.get64(raw, 80);
            if (part < 0 || part >= ((modes & NANO) != 0 ? 1_000_000_000 : 1_000_000)) {
                throw new LinuxError(Errno.EINVAL);
            }
        }
        long frequency = Bytes.get64(raw, 16);
        if ((modes & FREQUENCY) != 0
                && (frequency > Long.MAX_VALUE / 65_536_000 || frequency < Long.MIN_VALUE / 65_536_000)) {
            throw new LinuxError(Errno.EINVAL);
        }
    }

    private static ClockAdjustment changed(Trap t, ClockAdjustment old, byte[] raw, int modes) {
        int status = old.status();
        if ((modes & STATUS) != 0) {
            status = status & STATUS_READ_ONLY | Bytes.get32(raw, 40) & ~STATUS_READ_ONLY;
        }
        status = (modes & NANO) != 0 ? status | STATUS_NANO : (modes & MICRO) != 0 ? status & ~STATUS_NANO : status;
        long frequency = (modes & FREQUENCY) != 0
                ? clamp(Bytes.get64(raw, 16), -TOLERANCE, TOLERANCE)
                : old.frequency();
        long max = (modes & ERROR_MAX) != 0 ? clamp(Bytes.get64(raw, 24), 0, ERROR_US_MAX) : old.errorMax_us();
        long estimated = (modes & ERROR_ESTIMATED) != 0
                ? clamp(Bytes.get64(raw, 32), 0, ERROR_US_MAX)
                : old.errorEstimated_us();
        long constant = old.constant();
        if ((modes & CONSTANT) != 0) {
            constant = clamp(Bytes.get64(raw, 48), 0, CONSTANT_MAX);
            if ((status & STATUS_NANO) == 0) {
                constant = Math.min(CONSTANT_MAX, constant + 4);
            }
        }
        int tai = (modes & TAI) != 0 && Bytes.get64(raw, 48) >= 0 ? (int) Bytes.get64(raw, 48) : old.tai_s();
        long offset = old.offset();
        if ((modes & OFFSET) != 0 && (status & STATUS_PLL) != 0) {
            long unit_ns = (status & STATUS_NANO) != 0 ? 1 : 1000;
            offset = clamp(Bytes.get64(raw, 8), -OFFSET_US_MAX * 1000 / unit_ns, OFFSET_US_MAX * 1000 / unit_ns);
            WallClock.move(t, offset * unit_ns);
        }
        long tick = (modes & TICK) != 0 ? Bytes.get64(raw, 88) : old.tick_us();
        return new ClockAdjustment(offset, frequency, max, estimated, status, constant, tick, tai);
    }

    private static long clamp(long value, long least, long most) {
        return Math.max(least, Math.min(most, value));
    }

    private static byte[] store(Trap t, ClockAdjustment now, int modes, long offset) {
        long unit_ns = (now.status() & STATUS_NANO) != 0 ? 1 : 1000;
        long time_ns = t.realtime_ns();
        Bytes out = new Bytes(TIMEX_BYTES).put32(modes).put32(0).put64(offset).put64(now.frequency());
        out.put64(now.errorMax_us()).put64(now.errorEstimated_us()).put32(now.status()).put32(0).put64(now.constant());
        out.put64(1).put64(TOLERANCE).put64(time_ns / 1_000_000_000L).put64(time_ns % 1_000_000_000L / unit_ns);
        out.put64(now.tick_us()).zeros(64).put32(now.tai_s());
        return out.zeros(TIMEX_BYTES - out.length()).toArray();
    }
}
