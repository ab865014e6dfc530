package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.kernel.ForeignMemory;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.SignalDelivery;
import chronovisor.kitten.kernel.SignalSender;
import chronovisor.kitten.kernel.Tracing;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.DebugRegisters;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.Trace;
import chronovisor.kitten.task.UserProcess;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** ptrace(2): what a tracer asks of the tasks that it traces. */
final class TraceCalls {

    // Requests.
    private static final int TRACE_ME = 0;
    private static final int PEEK_TEXT = 1;
    private static final int PEEK_DATA = 2;
    private static final int PEEK_USER = 3;
    private static final int POKE_TEXT = 4;
    private static final int POKE_DATA = 5;
    private static final int POKE_USER = 6;
    private static final int CONT = 7;
    private static final int KILL = 8;
    private static final int SINGLE_STEP = 9;
    private static final int GET_REGS = 12;
    private static final int SET_REGS = 13;
    private static final int GET_FP_REGS = 14;
    private static final int SET_FP_REGS = 15;
    private static final int ATTACH = 16;
    private static final int DETACH = 17;
    private static final int SYSCALL = 24;
    private static final int SET_OPTIONS = 0x4200;
    private static final int GET_EVENT_MESSAGE = 0x4201;
    private static final int GET_SIGNAL_INFO = 0x4202;
    private static final int SET_SIGNAL_INFO = 0x4203;
    private static final int GET_REGISTER_SET = 0x4204;
    private static final int SET_REGISTER_SET = 0x4205;
    private static final int SEIZE = 0x4206;
    private static final int INTERRUPT = 0x4207;
    private static final int LISTEN = 0x4208;
    private static final int GET_SIGNAL_MASK = 0x420A;
    private static final int SET_SIGNAL_MASK = 0x420B;
    private static final int GET_SYSCALL_INFO = 0x420E;

    private static final int OPTIONS = 0x30_00FF;
    private static final int STATUS_REGISTERS = 1;
    private static final int FLOATING_POINT = 2;
    private static final int EXTENDED = 0x202;
    private static final int ARCHITECTURE = 0xC000_003E;
    /** struct user: what is between the registers and the debug registers is told as zeros. */
    private static final int USER_BYTES = 912;
    private static final int DEBUG_REGISTERS = 848;
    /** What a tracer may set in DR7: enables, kinds and lengths. */
    private static final long CONTROL = 0xFFFF_03FFL;

    private TraceCalls() {}

    static Outcome ptrace(Trap t, Call c) {
        int request = (int) c.a0();
        if (request == TRACE_ME) {
            return traceMe(t);
        }
        Task task = t.findTask((int) c.a1());
        if (task == null || t.process(task.process()).exit().ended()) {
            // The kernel's own process is nobody's to trace.
            return Outcome.error((int) c.a1() == 1 && t.initProcess() != 1 ? Errno.EPERM : Errno.ESRCH);
        }
        if (request == ATTACH || request == SEIZE) {
            return attach(t, c, task, request == SEIZE);
        }
        Trace trace = task.trace();
        if (trace == null || trace.tracer() != t.process().id()) {
            return Outcome.error(Errno.ESRCH);
        }
        if (request == KILL) {
            SignalSender.toTask(t, task.id(), SignalInfo.kernel(Signals.SIGKILL));
            return Outcome.ZERO;
        }
        if (request == INTERRUPT) {
            if (!trace.seized()) {
                return Outcome.error(Errno.EIO);
            }
            Tracing.interrupt(t, task);
            return Outcome.ZERO;
        }
        return task.run() instanceof Run.Held ? held(t, c, task, trace) : Outcome.error(Errno.ESRCH);
    }

    private static Outcome traceMe(Trap t) {
        UserProcess parent = t.findProcess(t.process().parent());
        if (t.task().trace() != null || parent == null) {
            return Outcome.error(Errno.EPERM);
        }
        t.put(t.task().withTrace(Trace.by(parent.id(), false, 0)));
        return Outcome.ZERO;
    }

    private static Outcome attach(Trap t, Call c, Task task, boolean seizes) {
        if (seizes && (c.a2() != 0 || (c.a3() & ~OPTIONS) != 0)) {
            return Outcome.error(Errno.EIO);
        }
        if (task.process() == t.process().id() || task.trace() != null) {
            return Outcome.error(Errno.EPERM);
        }
        Tracing.requireAccess(t, t.process(task.process()));
        t.put(task.withTrace(Trace.by(t.process().id(), seizes, seizes ? (int) c.a3() : 0)));
        if (seizes) {
            return Outcome.ZERO;
        }
        if (task.run() instanceof Run.Stopped stopped) {
            // It is stopped already, and only has to say so.
            t.put(t.task(task.id()).withRun(new Run.Held(stopped.before()))
                    .withTrace(Trace.by(t.process().id(), false, 0).stoppedFor(Signals.SIGSTOP, null)));
            return Outcome.ZERO;
        }
        SignalSender.toTask(t, task.id(), SignalInfo.user(Signals.SIGSTOP, Signals.SI_USER, t.process().id(), 0));
        return Outcome.ZERO;
    }

    /** Requests about a task that is held. */
    private static Outcome held(Trap t, Call c, Task task, Trace trace) {
        return switch ((int) c.a0()) {
            case PEEK_TEXT, PEEK_DATA -> peek(t, c, task);
            case POKE_TEXT, POKE_DATA -> poke(t, c, task);
            case PEEK_USER -> peekUser(t, c, task);
            case POKE_USER -> pokeUser(t, c, task);
            case CONT -> goOn(t, c, task, trace, Trace.Mode.NOTHING);
            case SINGLE_STEP -> goOn(t, c, task, trace, Trace.Mode.STEPS);
            case SYSCALL -> goOn(t, c, task, trace, Trace.Mode.SYSCALLS);
            case DETACH -> {
                Tracing.detach(t, task, signal(t, trace, c.a3()));
                yield Outcome.ZERO;
            }
            case GET_REGS -> tell(t, c.a3(), TraceRegisters.encode(task));
            case SET_REGS -> put(t, TraceRegisters.decode(task, UserMemory.read(t, c.a3(), TraceRegisters.BYTES)));
            case GET_FP_REGS -> tell(t, c.a3(), TraceRegisters.vectors(task, false));
            case SET_FP_REGS -> put(t, TraceRegisters.withVectors(task, UserMemory.read(t, c.a3(), 512)));
            case SET_OPTIONS -> {
                if ((c.a3() & ~OPTIONS) != 0) {
                    yield Outcome.error(Errno.EINVAL);
                }
                yield put(t, task.withTrace(trace.withOptions((int) c.a3())));
            }
            case GET_EVENT_MESSAGE -> tell(t, c.a3(), new Bytes(8).put64(trace.message()).toArray());
            case GET_SIGNAL_INFO -> trace.info() == null
                    ? Outcome.error(Errno.EINVAL)
                    : tell(t, c.a3(), SignalDelivery.describe(trace.info()));
            case SET_SIGNAL_INFO -> setInfo(t, c, task, trace);
            case GET_REGISTER_SET -> registerSet(t, c, task, false);
            case SET_REGISTER_SET -> registerSet(t, c, task, true);
            case LISTEN -> listen(t, task, trace);
            case GET_SIGNAL_MASK -> c.a2() != 8
                    ? Outcome.error(Errno.EINVAL)
                    : tell(t, c.a3(), new Bytes(8).put64(task.signals().mask()).toArray());
            case SET_SIGNAL_MASK -> c.a2() != 8
                    ? Outcome.error(Errno.EINVAL)
                    : put(t, task.withSignals(task.signals().withMask(UserMemory.read64(t, c.a3())
                            & ~(Signals.bit(Signals.SIGKILL) | Signals.bit(Signals.SIGSTOP)))));
            case GET_SYSCALL_INFO -> callInfo(t, c, task, trace);
            default -> Outcome.error(Errno.EIO);
        };
    }

    private static Outcome tell(Trap t, long address, byte[] bytes) {
        UserMemory.write(t, address, bytes);
        return Outcome.ZERO;
    }

    private static Outcome put(Trap t, Task changed) {
        t.put(changed);
        return Outcome.ZERO;
    }

    private static Outcome peek(Trap t, Call c, Task task) {
        byte[] word = ForeignMemory.read(t, t.process(task.process()).addressSpace(), c.a2(), Long.BYTES);
        return word.length == Long.BYTES ? tell(t, c.a3(), word) : Outcome.error(Errno.EIO);
    }

    private static Outcome poke(Trap t, Call c, Task task) {
        byte[] word = new Bytes(Long.BYTES).put64(c.a3()).toArray();
        int done = ForeignMemory.write(t, t.process(task.process()).addressSpace(), c.a2(), word);
        return done == word.length ? Outcome.ZERO : Outcome.error(Errno.EIO);
    }

    private static Outcome peekUser(Trap t, Call c, Task task) {
        long at = c.a2();
        if (at < 0 || at % 8 != 0 || at >= USER_BYTES) {
            return Outcome.error(Errno.EIO);
        }
        byte[] registers = TraceRegisters.encode(task);
        int debug = (int) (at - DEBUG_REGISTERS) / 8;
        long value = at < registers.length
                ? Bytes.get64(registers, (int) at)
                : debug >= 0 && task.trace() != null ? task.trace().debug().get(debug) : 0;
        return tell(t, c.a3(), new Bytes(8).put64(value).toArray());
    }

    private static Outcome pokeUser(Trap t, Call c, Task task) {
        long at = c.a2();
        if (at >= DEBUG_REGISTERS && at < USER_BYTES && at % 8 == 0 && task.trace() != null) {
            return pokeDebug(t, task, task.trace(), (int) (at - DEBUG_REGISTERS) / 8, c.a3());
        }
        if (at < 0 || at % 8 != 0 || at >= TraceRegisters.BYTES) {
            return Outcome.error(Errno.EIO);
        }
        byte[] registers = TraceRegisters.encode(task);
        Bytes.set64(registers, (int) at, c.a3());
        return put(t, TraceRegisters.decode(task, registers));
    }

    private static Outcome pokeDebug(Trap t, Task task, Trace trace, int number, long value) {
        if (number == 4 || number == 5) {
            return Outcome.error(Errno.EIO);
        }
        DebugRegisters changed = trace.debug().with(number, number == 7 ? value & CONTROL : value);
        boolean outside = number < DebugRegisters.COUNT
                && Long.compareUnsigned(value, AddressSpace.USER_END) >= 0;
        if (outside || !changed.valid(AddressSpace.USER_END)) {
            return Outcome.error(Errno.EINVAL);
        }
        return put(t, task.withTrace(trace.withDebug(changed)));
    }

    /** The signal that a task goes on with: the one it stopped for, as it came, or another one from its tracer. */
    private static @Nullable SignalInfo signal(Trap t, Trace trace, long number) {
        if (number < 0 || number > Signals.LAST) {
            throw new LinuxError(Errno.EIO);
        }
        SignalInfo info = trace.info();
        // Only a task that stopped for a signal, or beside a system call, can be sent one like this.
        if (number == 0 || trace.stop() >= 0x100) {
            return null;
        }
        return info != null && info.signal() == number && trace.stop() == number
                ? info
                : SignalInfo.user((int) number, Signals.SI_USER, t.process().id(), t.process().credentials().uid());
    }

    private static Outcome goOn(Trap t, Call c, Task task, Trace trace, Trace.Mode mode) {
        Tracing.resume(t, task, mode, signal(t, trace, c.a3()));
        return Outcome.ZERO;
    }

    private static Outcome setInfo(Trap t, Call c, Task task, Trace trace) {
        byte[] raw = UserMemory.read(t, c.a3(), 128);
        SignalInfo info = trace.info();
        if (info == null) {
            return Outcome.error(Errno.EINVAL);
        }
        return put(t, task.withTrace(trace.withInfo(new SignalInfo(Bytes.get32(raw, 0), Bytes.get32(raw, 8),
                Bytes.get32(raw, 16), Bytes.get32(raw, 20), Bytes.get64(raw, 24), info.trap(), info.errorCode()))));
    }

    private static Outcome registerSet(Trap t, Call c, Task task, boolean set) {
        long base = UserMemory.read64(t, c.a3());
        long length = UserMemory.read64(t, c.a3() + 8);
        byte[] now = switch ((int) c.a2()) {
            case STATUS_REGISTERS -> TraceRegisters.encode(task);
            case FLOATING_POINT -> TraceRegisters.vectors(task, false);
            case EXTENDED -> TraceRegisters.vectors(task, true);
            default -> throw new LinuxError(Errno.EINVAL);
        };
        if (length < 0 || length % 8 != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        int count = (int) Math.min(length, now.length);
        if (set) {
            System.arraycopy(UserMemory.read(t, base, count), 0, now, 0, count);
            t.put((int) c.a2() == STATUS_REGISTERS
                    ? TraceRegisters.decode(task, now)
                    : TraceRegisters.withVectors(task, now));
        } else {
            UserMemory.write(t, base, Arrays.copyOf(now, count));
        }
        UserMemory.write64(t, c.a3() + 8, count);
        return Outcome.ZERO;
    }

    /** PTRACE_LISTEN: it stays stopped as its process is, until that is continued. */
    private static Outcome listen(Trap t, Task task, Trace trace) {
        if (!trace.seized() || trace.stop() >>> 8 != Trace.EVENT_STOP || !(task.run() instanceof Run.Held held)) {
            return Outcome.error(Errno.EIO);
        }
        return put(t, task.withRun(new Run.Stopped(held.before()))
                .withTrace(trace.running(Trace.Mode.NOTHING, null).withDue(trace.due() | Trace.DUE_INTERRUPT)));
    }

    /** PTRACE_GET_SYSCALL_INFO: struct ptrace_syscall_info, as much as there is room for; returns how much there is. */
    private static Outcome callInfo(Trap t, Call c, Task task, Trace trace) {
        Registers r = TraceRegisters.of(task);
        boolean entry = trace.phase() == Trace.Phase.ENTRY;
        boolean exit = trace.phase() == Trace.Phase.EXIT;
        Bytes out = new Bytes(88).put8(entry ? 1 : exit ? 2 : 0).put8(0).put16(0).put32(ARCHITECTURE)
                .put64(r.rip()).put64(r.general(4));
        if (entry) {
            out.put64(trace.call()).put64(r.general(7)).put64(r.general(6)).put64(r.general(2)).put64(r.general(10))
                    .put64(r.general(8)).put64(r.general(9));
        } else if (exit) {
            long value = r.general(0);
            out.put64(value).put8(value < 0 && value >= -4095 ? 1 : 0);
        }
        byte[] all = out.toArray();
        UserMemory.write(t, c.a3(), Arrays.copyOf(all, (int) Math.min(Math.max(c.a2(), 0), all.length)));
        return Outcome.of(all.length);
    }
}
