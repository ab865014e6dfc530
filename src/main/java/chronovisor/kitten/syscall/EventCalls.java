package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.SignalSender;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.IntervalTimer;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.WaitKey;
import org.jspecify.annotations.Nullable;

/** Events as descriptors: eventfd, timerfd, signalfd. */
final class EventCalls {

    private static final int SIGNAL_BYTES = 128;
    private static final int SET_BYTES = 8;
    private static final int SEMAPHORE = 1;
    private static final int ABSOLUTE = 1;
    private static final int CANCEL_ON_SET = 2;
    private static final long NEVER_TAKEN = Signals.bit(Signals.SIGKILL) | Signals.bit(Signals.SIGSTOP);

    private EventCalls() {}

    /** An open file on an inode without a name. */
    static OpenFile anonymous(Trap t, String name, int flags, OpenFile.End end) {
        Inode inode = Inode.create(t.nextInode(), 0600, 0, 0, Inode.Data.EMPTY, t.realtime_ns());
        t.put(inode.withLinks(0, t.realtime_ns()));
        return Descriptors.open(t, inode.number(), OpenFlags.O_RDWR | flags & OpenFlags.O_NONBLOCK,
                "anon_inode:" + name, end);
    }

    static Outcome eventfd(Trap t, Call c) {
        return makeCounter(t, c.a0(), 0);
    }

    static Outcome eventfd2(Trap t, Call c) {
        if ((c.a1() & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK | SEMAPHORE)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return makeCounter(t, c.a0(), (int) c.a1());
    }

    private static Outcome makeCounter(Trap t, long initial, int flags) {
        OpenFile file = anonymous(t, "[eventfd]", flags,
                new OpenFile.OnCounter(initial & 0xFFFFFFFFL, (flags & SEMAPHORE) != 0));
        return Outcome.of(Descriptors.install(t, file, (flags & OpenFlags.O_CLOEXEC) != 0, 0));
    }

    static Outcome timerfdCreate(Trap t, Call c) {
        int flags = (int) c.a1();
        IntervalTimer.Clock clock = switch ((int) c.a0()) {
            case 0, 8 -> IntervalTimer.Clock.REALTIME;
            case 1 -> IntervalTimer.Clock.MONOTONIC;
            case 7, 9 -> IntervalTimer.Clock.BOOTTIME;
            default -> throw new LinuxError(Errno.EINVAL);
        };
        if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (c.a0() >= 8) {
            // The alarm clocks wake a sleeping machine.
            SystemCalls.require(t, Capabilities.WAKE_ALARM);
        }
        OpenFile file = anonymous(t, "[timerfd]", flags, new OpenFile.OnTimer());
        int number = Descriptors.install(t, file, (flags & OpenFlags.O_CLOEXEC) != 0, 0);
        t.put(new IntervalTimer(file.id(), clock, 0, 0, false, 0, new IntervalTimer.ToFile(file.id())));
        return Outcome.of(number);
    }

    private static OpenFile timerFile(Trap t, long descriptor) {
        OpenFile file = Descriptors.usable(t, descriptor);
        if (!(file.end() instanceof OpenFile.OnTimer)) {
            throw new LinuxError(Errno.EINVAL);
        }
        return file;
    }

    private static IntervalTimer timer(Trap t, OpenFile file) {
        IntervalTimer timer = t.timers().get(file.id());
        if (timer == null) {
            throw new IllegalStateException("open file " + file.id() + " has no timer");
        }
        return timer;
    }

    static Outcome timerfdSettime(Trap t, Call c) {
        byte[] raw = UserMemory.read(t, c.a2(), TimerCalls.VALUE_BYTES);
        if ((c.a1() & ~(ABSOLUTE | CANCEL_ON_SET)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        long interval_ns = TimerCalls.interval(raw);
        long value_ns = TimerCalls.value(raw);
        OpenFile file = timerFile(t, c.a0());
        IntervalTimer timer = timer(t, file);
        if (c.a3() != 0) {
            UserMemory.write(t, c.a3(), TimerCalls.left(t, timer));
        }
        boolean absolute = (c.a1() & ABSOLUTE) != 0;
        t.put(timer.toDate(absolute).withTime(TimerCalls.expiry(t, timer, value_ns, absolute), interval_ns));
        // Readers that wait have another moment to wait for.
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.COUNTER, file.id()));
        return Outcome.ZERO;
    }

    static Outcome timerfdGettime(Trap t, Call c) {
        UserMemory.write(t, c.a1(), TimerCalls.left(t, timer(t, timerFile(t, c.a0()))));
        return Outcome.ZERO;
    }

    /** How often the timer of a file has expired since it was read. */
    static long expirations(Trap t, OpenFile file) {
        return timer(t, file).expirations(t.now_ns());
    }

    static byte @Nullable [] readTimer(Trap t, OpenFile file, int length) {
        if (length < 8) {
            throw new LinuxError(Errno.EINVAL);
        }
        long count = expirations(t, file);
        if (count == 0) {
            return null;
        }
        t.put(timer(t, file).forwarded(t.now_ns()));
        return new Bytes(8).put64(count).toArray();
    }

    static Outcome signalfd(Trap t, Call c) {
        return signals(t, c, 0);
    }

    static Outcome signalfd4(Trap t, Call c) {
        return signals(t, c, (int) c.a3());
    }

    private static Outcome signals(Trap t, Call c, int flags) {
        if (c.a2() != SET_BYTES) {
            return Outcome.error(Errno.EINVAL);
        }
        long set = UserMemory.read64(t, c.a1()) & ~NEVER_TAKEN;
        if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if ((int) c.a0() == -1) {
            OpenFile file = anonymous(t, "[signalfd]", flags, new OpenFile.OnSignals(set));
            return Outcome.of(Descriptors.install(t, file, (flags & OpenFlags.O_CLOEXEC) != 0, 0));
        }
        OpenFile file = Descriptors.usable(t, c.a0());
        if (!(file.end() instanceof OpenFile.OnSignals)) {
            return Outcome.error(Errno.EINVAL);
        }
        t.put(file.withEnd(new OpenFile.OnSignals(set)));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.SIGNAL, t.process().id()));
        return Outcome.of(c.a0());
    }

    /** As many struct signalfd_siginfo as fit. */
    static byte @Nullable [] readSignals(Trap t, OpenFile.OnSignals end, int length) {
        if (length < SIGNAL_BYTES) {
            throw new LinuxError(Errno.EINVAL);
        }
        Bytes out = new Bytes(SIGNAL_BYTES);
        while (out.length() + SIGNAL_BYTES <= length) {
            SignalInfo info = SignalSender.take(t, end.set());
            if (info == null) {
                break;
            }
            describe(out, info);
        }
        return out.length() == 0 ? null : out.toArray();
    }

    private static void describe(Bytes out, SignalInfo info) {
        int start = out.length();
        boolean child = info.signal() == Signals.SIGCHLD && info.code() > 0;
        boolean timer = info.code() == Signals.SI_TIMER;
        boolean sent = info.code() <= 0 && !timer;
        boolean fault = !child && !sent && !timer && info.trap() != 0;
        out.put32(info.signal()).put32(0).put32(info.code());
        out.put32(sent || child ? info.sender() : 0).put32(sent || child ? info.uid() : 0).put32(0);
        out.put32(timer ? info.sender() : 0).put32(0).put32(timer ? info.uid() : 0).put32(info.trap());
        out.put32(child ? (int) info.address() : 0);
        out.put32(sent || timer ? (int) info.address() : 0).put64(sent || timer ? info.address() : 0);
        out.put64(0).put64(0).put64(fault ? info.address() : 0);
        out.zeros(SIGNAL_BYTES - (out.length() - start));
    }
}
