package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.kernel.Futexes;
import chronovisor.kitten.kernel.Inheritance;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.SignalDelivery;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.WaitKey;
import java.util.ArrayList;
import java.util.List;

/** futex(2). */
final class FutexCalls {

    private static final int WAIT = 0;
    private static final int WAKE = 1;
    private static final int REQUEUE = 3;
    private static final int CMP_REQUEUE = 4;
    private static final int WAKE_OP = 5;
    private static final int UNLOCK_PI = 7;
    private static final int TRYLOCK_PI = 8;
    private static final int WAIT_BITSET = 9;
    private static final int WAKE_BITSET = 10;
    private static final int WAITERS = 0x8000_0000;
    private static final int OWNER_DIED = 0x4000_0000;
    private static final int OWNER = Inheritance.OWNER;
    private static final int PRIVATE = 128;
    private static final int CLOCK_REALTIME = 256;
    /** struct futex_waitv. */
    private static final int WAITER_BYTES = 24;
    private static final int WAITERS_MAX = 128;
    private static final int SIZE_U32 = 2;

    private FutexCalls() {}

    static Outcome futex(Trap t, Call c) {
        int operation = (int) c.a1() & ~(PRIVATE | CLOCK_REALTIME);
        if ((c.a0() & 3) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        int space = t.process().addressSpace();
        return switch (operation) {
            case WAIT -> wait(t, c, Futexes.ANY, false);
            case WAIT_BITSET -> wait(t, c, (int) c.a5(), true);
            case WAKE -> Outcome.of(Futexes.wake(t, space, c.a0(), atLeastOne(c.a2()), Futexes.ANY));
            case WAKE_BITSET -> (int) c.a5() == 0
                    ? Outcome.error(Errno.EINVAL)
                    : Outcome.of(Futexes.wake(t, space, c.a0(), atLeastOne(c.a2()), (int) c.a5()));
            case REQUEUE -> requeue(t, c, space);
            case CMP_REQUEUE -> UserMemory.read32(t, c.a0()) != (int) c.a5()
                    ? Outcome.error(Errno.EAGAIN)
                    : requeue(t, c, space);
            case WAKE_OP -> wakeOperation(t, c, space);
            case Inheritance.LOCK_PI -> lockOwned(t, c, true);
            case Inheritance.LOCK_PI2 -> lockOwned(t, c, (c.a1() & CLOCK_REALTIME) != 0);
            case TRYLOCK_PI -> tryLockOwned(t, c);
            case UNLOCK_PI -> unlockOwned(t, c, space);
            default -> Outcome.error(Errno.ENOSYS);
        };
    }

    /** Linux wakes one even when asked for none. */
    private static int atLeastOne(long count) {
        return (int) count <= 0 ? 1 : (int) count;
    }

    private static Outcome wait(Trap t, Call c, int bits, boolean absolute) {
        if (bits == 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Call.Progress before = c.progress();
        if (before.woken()) {
            return Outcome.ZERO;
        }
        long deadline_ns = before.deadline_ns();
        if (before.entered()) {
            if (deadline_ns <= t.now_ns()) {
                return Outcome.error(Errno.ETIMEDOUT);
            }
        } else {
            if (c.a3() != 0) {
                long time_ns = TimeCalls.loadTime(t, c.a3());
                long clock_ns = (c.a1() & CLOCK_REALTIME) != 0 ? t.realtime_ns() : t.now_ns();
                deadline_ns = TimeCalls.after(t, absolute ? Math.max(0, time_ns - clock_ns) : time_ns);
            }
            if (UserMemory.read32(t, c.a0()) != (int) c.a2()) {
                return Outcome.error(Errno.EAGAIN);
            }
            if (deadline_ns <= t.now_ns()) {
                return Outcome.error(Errno.ETIMEDOUT);
            }
        }
        WaitKey key = Futexes.key(t, t.process().addressSpace(), c.a0());
        return new Outcome.Block(List.of(key), new Call.Progress(true, 0, deadline_ns, bits, false),
                c.a3() != 0 ? -Errno.EINTR : SignalDelivery.RESTART, false);
    }

    /** futex_waitv(2): waits for several futexes at once, and tells which one woke it. */
    static Outcome waitForAny(Trap t, Call c) {
        Call.Progress before = c.progress();
        if (before.woken()) {
            return Outcome.of(before.done());
        }
        long count = c.a1() & 0xFFFFFFFFL;
        if ((int) c.a2() != 0 || count == 0 || count > WAITERS_MAX || c.a0() == 0
                || c.a3() != 0 && (int) c.a4() != 0 && (int) c.a4() != 1) {
            return Outcome.error(Errno.EINVAL);
        }
        long deadline_ns = before.deadline_ns();
        if (!before.entered() && c.a3() != 0) {
            long clock_ns = (int) c.a4() == 0 ? t.realtime_ns() : t.now_ns();
            deadline_ns = TimeCalls.after(t, Math.max(0, TimeCalls.loadTime(t, c.a3()) - clock_ns));
        }
        byte[] raw = UserMemory.read(t, c.a0(), (int) count * WAITER_BYTES);
        for (int at = 0; at < raw.length; at += WAITER_BYTES) {
            int flags = Bytes.get32(raw, at + 16);
            if ((flags & ~PRIVATE) != SIZE_U32 || Bytes.get32(raw, at + 20) != 0
                    || (Bytes.get64(raw, at + 8) & 3) != 0) {
                return Outcome.error(Errno.EINVAL);
            }
        }
        List<WaitKey> keys = new ArrayList<>();
        for (int at = 0; at < raw.length; at += WAITER_BYTES) {
            long address = Bytes.get64(raw, at + 8);
            if (!before.entered() && UserMemory.read32(t, address) != Bytes.get32(raw, at)) {
                return Outcome.error(Errno.EAGAIN);
            }
            keys.add(Futexes.key(t, t.process().addressSpace(), address));
        }
        if (deadline_ns <= t.now_ns()) {
            return Outcome.error(Errno.ETIMEDOUT);
        }
        return new Outcome.Block(keys, new Call.Progress(true, 0, deadline_ns, Futexes.ANY, false),
                SignalDelivery.RESTART, false);
    }

    /** A lock whose word is its owner's task id; the kernel hands it from owner to waiter. */
    private static Outcome lockOwned(Trap t, Call c, boolean realtime) {
        Call.Progress before = c.progress();
        int word = UserMemory.read32(t, c.a0());
        int self = t.current();
        if (before.entered() && (word & OWNER) == self) {
            return Outcome.ZERO;
        }
        if ((word & OWNER) == self) {
            return Outcome.error(Errno.EDEADLK);
        }
        if ((word & OWNER) == 0) {
            UserMemory.write32(t, c.a0(), word & (OWNER_DIED | WAITERS) | self);
            return Outcome.ZERO;
        }
        long deadline_ns = before.deadline_ns();
        if (!before.entered()) {
            if (t.findTask(word & OWNER) == null) {
                return Outcome.error(Errno.ESRCH);
            }
            if (c.a3() != 0) {
                long time_ns = TimeCalls.loadTime(t, c.a3());
                deadline_ns = TimeCalls.after(t, Math.max(0, time_ns - (realtime ? t.realtime_ns() : t.now_ns())));
            }
        }
        if (deadline_ns <= t.now_ns()) {
            Inheritance.giveBack(t, word & OWNER);
            return Outcome.error(Errno.ETIMEDOUT);
        }
        UserMemory.write32(t, c.a0(), word | WAITERS);
        Inheritance.lend(t, word & OWNER);
        WaitKey key = Futexes.key(t, t.process().addressSpace(), c.a0());
        return new Outcome.Block(List.of(key), new Call.Progress(true, 0, deadline_ns, Futexes.ANY, false),
                SignalDelivery.RESTART, false);
    }

    private static Outcome tryLockOwned(Trap t, Call c) {
        int word = UserMemory.read32(t, c.a0());
        if ((word & OWNER) == t.current()) {
            return Outcome.error(Errno.EDEADLK);
        }
        if ((word & OWNER) != 0) {
            return Outcome.error(Errno.EAGAIN);
        }
        UserMemory.write32(t, c.a0(), word & (OWNER_DIED | WAITERS) | t.current());
        return Outcome.ZERO;
    }

    private static Outcome unlockOwned(Trap t, Call c, int space) {
        int word = UserMemory.read32(t, c.a0());
        if ((word & OWNER) != t.current()) {
            return Outcome.error(Errno.EPERM);
        }
        int next = Futexes.handOver(t, space, c.a0());
        UserMemory.write32(t, c.a0(), next);
        if ((next & WAITERS) != 0) {
            Inheritance.settle(t, next & OWNER);
        }
        Inheritance.giveBack(t, t.current());
        return Outcome.ZERO;
    }

    private static Outcome requeue(Trap t, Call c, int space) {
        if ((int) c.a2() < 0 || (int) c.a3() < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        WaitKey from = Futexes.key(t, space, c.a0());
        WaitKey to = Futexes.key(t, space, c.a4());
        int woken = (int) c.a2() == 0 ? 0 : Futexes.wake(t, space, c.a0(), (int) c.a2(), Futexes.ANY);
        return Outcome.of(woken + Futexes.requeue(t, from, to, (int) c.a3()));
    }

    private static Outcome wakeOperation(Trap t, Call c, int space) {
        int code = (int) c.a5();
        int old = UserMemory.read32(t, c.a4());
        int operand = code << 8 >> 20;
        int compared = code << 20 >> 20;
        int argument = (code & 0x8000_0000) != 0 ? 1 << (operand & 31) : operand;
        int changed;
        switch (code >>> 28 & 7) {
            case 0 -> changed = argument;
            case 1 -> changed = old + argument;
            case 2 -> changed = old | argument;
            case 3 -> changed = old & ~argument;
            case 4 -> changed = old ^ argument;
            default -> {
                return Outcome.error(Errno.ENOSYS);
            }
        }
        boolean holds;
        switch (code >>> 24 & 15) {
            case 0 -> holds = old == compared;
            case 1 -> holds = old != compared;
            case 2 -> holds = old < compared;
            case 3 -> holds = old <= compared;
            case 4 -> holds = old > compared;
            case 5 -> holds = old >= compared;
            default -> {
                return Outcome.error(Errno.ENOSYS);
            }
        }
        UserMemory.write32(t, c.a4(), changed);
        int woken = Futexes.wake(t, space, c.a0(), atLeastOne(c.a2()), Futexes.ANY);
        if (holds) {
            woken += Futexes.wake(t, space, c.a4(), atLeastOne(c.a3()), Futexes.ANY);
        }
        return Outcome.of(woken);
    }
}
