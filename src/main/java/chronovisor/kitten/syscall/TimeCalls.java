package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.SignalDelivery;
import chronovisor.kitten.kernel.Times;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.kernel.WallClock;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import java.util.List;

/** Clocks and sleeping, all in virtual time. */
final class TimeCalls {

    private static final long SECOND_NS = 1_000_000_000L;
    private static final long TICKS_PER_SECOND_NS = 10_000_000L;

    private TimeCalls() {}

    /** Nanoseconds on a clock, else EINVAL. */
    static long clock_ns(Trap t, long clock) {
        return switch ((int) clock) {
            case 0, 5, 11 -> t.realtime_ns();
            case 1, 4, 6, 7, 9 -> t.now_ns();
            case 8 -> t.realtime_ns();
            case 2 -> Times.process_ns(t, t.process());
            case 3 -> Times.task_ns(t, t.task());
            default -> cpuTime_ns(t, (int) clock);
        };
    }

    /** Negative ids name the CPU clock of any process, or of a thread of one's own (clock_getcpuclockid(3), pthread_getcpuclockid(3)). */
    private static long cpuTime_ns(Trap t, int clock) {
        int id = ~(clock >> 3);
        if (clock >= 0 || (clock & 3) == 3) {
            throw new LinuxError(Errno.EINVAL);
        }
        if ((clock & 4) != 0) {
            Task task = id == 0 ? t.task() : t.findTask(id);
            if (task == null || task.process() != t.task().process()) {
                throw new LinuxError(Errno.EINVAL);
            }
            return Times.task_ns(t, task);
        }
        UserProcess process = id == 0 ? t.process() : t.findProcess(id);
        if (process == null) {
            throw new LinuxError(Errno.EINVAL);
        }
        return Times.process_ns(t, process);
    }

    static void storeTime(Trap t, long address, long ns) {
        UserMemory.write(t, address,
                new Bytes(16).put64(Math.floorDiv(ns, SECOND_NS)).put64(Math.floorMod(ns, SECOND_NS)).toArray());
    }

    /** A struct timespec as nanoseconds; EINVAL when it is not one. Saturates. */
    static long loadTime(Trap t, long address) {
        byte[] raw = UserMemory.read(t, address, 16);
        return duration(Bytes.get64(raw, 0), Bytes.get64(raw, 8));
    }

    /** A struct timeval as nanoseconds. */
    static long loadMicroseconds(Trap t, long address) {
        byte[] raw = UserMemory.read(t, address, 16);
        long micros = Bytes.get64(raw, 8);
        if (micros < 0 || micros >= 1_000_000) {
            throw new LinuxError(Errno.EINVAL);
        }
        return duration(Bytes.get64(raw, 0), micros * 1000);
    }

    /** Seconds and nanoseconds as nanoseconds; EINVAL when they are none. Saturates. */
    static long duration(long seconds, long ns) {
        if (seconds < 0 || ns < 0 || ns >= SECOND_NS) {
            throw new LinuxError(Errno.EINVAL);
        }
        return seconds > Long.MAX_VALUE / SECOND_NS - 1 ? Long.MAX_VALUE : seconds * SECOND_NS + ns;
    }

    /** The moment {@code ns} from now; {@link Call.Progress#NEVER} when that is beyond all time. */
    static long after(Trap t, long ns) {
        return ns > Long.MAX_VALUE - t.now_ns() ? Call.Progress.NEVER : t.now_ns() + ns;
    }

    static Outcome clockGettime(Trap t, Call c) {
        storeTime(t, c.a1(), clock_ns(t, c.a0()));
        return Outcome.ZERO;
    }

    static Outcome clockGetres(Trap t, Call c) {
        long unused = clock_ns(t, c.a0());
        if (c.a1() != 0) {
            storeTime(t, c.a1(), c.a0() == 5 || c.a0() == 6 ? 4_000_000 : Math.min(1, Math.max(1, unused)));
        }
        return Outcome.ZERO;
    }

    static Outcome clockSettime(Trap t, Call c) {
        int clock = (int) c.a0();
        if (clock != 0) {
            // Others can be read only; those of other times cannot even be named.
            clock_ns(t, clock);
            return Outcome.error(Errno.EINVAL);
        }
        long wanted_ns = loadTime(t, c.a1());
        return setRealtime(t, wanted_ns);
    }

    /** Sets the wall clock of this machine's guest, and nobody else's. */
    private static Outcome setRealtime(Trap t, long wanted_ns) {
        SystemCalls.require(t, Capabilities.SYS_TIME);
        if (wanted_ns == Long.MAX_VALUE || wanted_ns < t.now_ns()) {
            // Linux refuses a time before the machine was switched on, and one beyond its range.
            return Outcome.error(Errno.EINVAL);
        }
        WallClock.move(t, wanted_ns - t.realtime_ns());
        return Outcome.ZERO;
    }

    /** settimeofday(2); the time zone is not kept. */
    static Outcome settimeofday(Trap t, Call c) {
        if (c.a0() == 0) {
            SystemCalls.require(t, Capabilities.SYS_TIME);
            return Outcome.ZERO;
        }
        return setRealtime(t, loadMicroseconds(t, c.a0()));
    }

    static Outcome gettimeofday(Trap t, Call c) {
        long ns = t.realtime_ns();
        if (c.a0() != 0) {
            UserMemory.write(t, c.a0(), new Bytes(16).put64(ns / SECOND_NS).put64(ns % SECOND_NS / 1000).toArray());
        }
        if (c.a1() != 0) {
            UserMemory.write64(t, c.a1(), 0);
        }
        return Outcome.ZERO;
    }

    static Outcome time(Trap t, Call c) {
        long seconds = t.realtime_ns() / SECOND_NS;
        if (c.a0() != 0) {
            UserMemory.write64(t, c.a0(), seconds);
        }
        return Outcome.of(seconds);
    }

    static Outcome nanosleep(Trap t, Call c) {
        long deadline_ns = c.progress().entered() ? c.progress().deadline_ns() : after(t, loadTime(t, c.a0()));
        return sleep(t, c, deadline_ns, c.a1());
    }

    static Outcome clockNanosleep(Trap t, Call c) {
        switch ((int) c.a0()) {
            // Clocks that can be read but not waited on.
            case 3, 4, 5, 6 -> {
                return Outcome.error(Errno.EOPNOTSUPP);
            }
            default -> clock_ns(t, c.a0());
        }
        boolean absolute = (c.a1() & 1) != 0;
        long deadline_ns = c.progress().deadline_ns();
        if (!c.progress().entered()) {
            long request = loadTime(t, c.a2());
            long current = clock_ns(t, c.a0());
            deadline_ns = absolute ? after(t, Math.max(0, request - current)) : after(t, request);
        }
        return sleep(t, c, deadline_ns, absolute ? 0 : c.a3());
    }

    private static Outcome sleep(Trap t, Call c, long deadline_ns, long remaining) {
        if (t.now_ns() >= deadline_ns) {
            return Outcome.ZERO;
        }
        if (c.progress().entered() && remaining != 0) {
            storeTime(t, remaining, deadline_ns - t.now_ns());
        }
        return new Outcome.Block(List.of(), new Call.Progress(true, 0, deadline_ns, 0, false),
                remaining == 0 ? SignalDelivery.RESTART_NO_HANDLER : -Errno.EINTR, false);
    }

    static Outcome times(Trap t, Call c) {
        UserProcess process = t.process();
        if (c.a0() != 0) {
            UserMemory.write(t, c.a0(), new Bytes(32).put64(Times.process_ns(t, process) / TICKS_PER_SECOND_NS)
                    .put64(0).put64(process.children_ns() / TICKS_PER_SECOND_NS).put64(0).toArray());
        }
        return Outcome.of(t.now_ns() / TICKS_PER_SECOND_NS);
    }

    static Outcome getrusage(Trap t, Call c) {
        long ns = switch ((int) c.a0()) {
            case 0 -> Times.process_ns(t, t.process());
            case -1 -> t.process().children_ns();
            case 1 -> Times.task_ns(t, t.task());
            default -> throw new LinuxError(Errno.EINVAL);
        };
        UserMemory.write(t, c.a1(), usage(ns, t.space().resident() * 4));
        return Outcome.ZERO;
    }

    /** A struct rusage. */
    static byte[] usage(long cpu_ns, long resident_kb) {
        return new Bytes(144).put64(cpu_ns / SECOND_NS).put64(cpu_ns % SECOND_NS / 1000).put64(0).put64(0)
                .put64(resident_kb).zeros(104).toArray();
    }

    static Outcome setitimer(Trap t, Call c) {
        UserProcess process = t.process();
        if (c.a0() < 0 || c.a0() > 2) {
            return Outcome.error(Errno.EINVAL);
        }
        long interval_ns = 0;
        long value_ns = 0;
        if (c.a1() != 0) {
            interval_ns = loadMicroseconds(t, c.a1());
            value_ns = loadMicroseconds(t, c.a1() + 16);
        }
        if (c.a2() != 0) {
            storeTimer(t, c.a2(), (int) c.a0());
        }
        if (c.a0() == 0) {
            t.put(process.withAlarm(value_ns == 0 ? 0 : after(t, value_ns), interval_ns));
        } else {
            int which = (int) c.a0();
            t.put(process.withCpuTimers(value_ns == 0
                    ? process.cpuTimers().minus(which)
                    : process.cpuTimers().plus(which,
                            new UserProcess.Timer(Times.process_ns(t, process) + value_ns, interval_ns))));
        }
        return Outcome.ZERO;
    }

    static Outcome getitimer(Trap t, Call c) {
        if (c.a0() < 0 || c.a0() > 2) {
            return Outcome.error(Errno.EINVAL);
        }
        storeTimer(t, c.a1(), (int) c.a0());
        return Outcome.ZERO;
    }

    private static void storeTimer(Trap t, long address, int which) {
        UserProcess process = t.process();
        UserProcess.Timer timer = which == 0
                ? new UserProcess.Timer(process.alarm_ns(), process.alarmInterval_ns())
                : process.cpuTimers().getOrDefault(which, new UserProcess.Timer(0, 0));
        long clock_ns = which == 0 ? t.now_ns() : Times.process_ns(t, process);
        long left_ns = timer.at_ns() == 0 ? 0 : Math.max(1000, timer.at_ns() - clock_ns);
        long interval_ns = timer.interval_ns();
        UserMemory.write(t, address, new Bytes(32).put64(interval_ns / SECOND_NS).put64(interval_ns % SECOND_NS / 1000)
                .put64(left_ns / SECOND_NS).put64(left_ns % SECOND_NS / 1000).toArray());
    }

    static Outcome alarm(Trap t, Call c) {
        UserProcess process = t.process();
        long left_ns = process.alarm_ns() == 0 ? 0 : process.alarm_ns() - t.now_ns();
        long seconds = c.a0() & 0xFFFFFFFFL;
        t.put(process.withAlarm(seconds == 0 ? 0 : after(t, seconds * SECOND_NS), 0));
        return Outcome.of((left_ns + SECOND_NS - 1) / SECOND_NS);
    }
}
