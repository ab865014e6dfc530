package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.SignalAction;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.SignalState;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import org.jspecify.annotations.Nullable;

/** Acting on pending signals before a task returns to user mode. */
public final class SignalDelivery {

    /** Result of an interrupted call: restarted if the handler says SA_RESTART, else EINTR. */
    public static final long RESTART = -512;
    /** Result of an interrupted call: EINTR if there is a handler, restarted if none ran. */
    public static final long RESTART_NO_HANDLER = -514;

    private static final int RAX = 0;
    private static final int SYSCALL_BYTES = 2;

    private SignalDelivery() {}

    /**
     * Delivers what is pending for the current task.
     *
     * @param interrupted
     *            the call that a signal broke off, or null
     * @param result
     *            what that call would return: an errno or one of the restart results
     * @return whether the task is still on the core
     */
    public static boolean deliver(Trap t, @Nullable Call interrupted, long result) {
        Call call = interrupted;
        while (true) {
            if (Tracing.stopsOnTheWay(t, call, result)) {
                return false;
            }
            SignalInfo info = Tracing.sent(t);
            Task task = t.task();
            if (info == null) {
                info = SignalSender.next(t, task);
                if (info == null) {
                    finishWithoutHandler(t, call, result);
                    return true;
                }
                info = SignalSender.consume(t, task, info);
                if (Tracing.stopsFor(t, info, call)) {
                    return false;
                }
            }
            UserProcess process = t.process();
            SignalAction action = process.action(info.signal());
            if (action.handler() == SignalAction.IGNORE) {
                continue;
            }
            if (action.handler() == SignalAction.DEFAULT) {
                if (Signals.ignoredByDefault(info.signal())) {
                    continue;
                }
                boolean stops = Signals.stopsByDefault(info.signal());
                if (stops && info.signal() != Signals.SIGSTOP && JobControl.orphaned(t, process.group(), 0)) {
                    continue;
                }
                t.observer.signalDelivered(t.core(), task.id(), info.signal(), 0);
                if (stops) {
                    Run next = call == null ? new Run.Ready() : new Run.Resuming(call);
                    if (!Tracing.stopsWithGroup(t, info.signal(), next)) {
                        JobControl.stop(t, info.signal(), next);
                    }
                    return false;
                }
                Exits.exitGroup(t, 0, info.signal());
                return false;
            }
            if (call != null) {
                breakOff(t, call, result, action);
                call = null;
            }
            if (!handle(t, info, action)) {
                if (info.signal() == Signals.SIGSEGV) {
                    Exits.exitGroup(t, 0, Signals.SIGSEGV);
                    return false;
                }
                // A stack that cannot take the frame is a fault, which may have a handler with another stack.
                SignalSender.force(t, SignalInfo.kernel(Signals.SIGSEGV));
            }
        }
    }

    private static void breakOff(Trap t, Call call, long result, SignalAction action) {
        Tracing.brokenOff(t);
        if (result == RESTART && action.has(Signals.SA_RESTART)) {
            rewind(t, call);
        } else {
            long value = result <= RESTART ? -Errno.EINTR : result;
            t.machine.register(RAX, value);
            t.observer.syscallReturned(t.core(), t.current(), call.number(), value);
        }
    }

    private static void finishWithoutHandler(Trap t, @Nullable Call call, long result) {
        Task task = t.task();
        if (task.signals().restore()) {
            t.put(task.withSignals(
                    task.signals().withMask(task.signals().restoreMask()).withRestore(false, 0)));
        }
        if (call != null) {
            Tracing.brokenOff(t);
            if (result <= RESTART) {
                rewind(t, call);
            } else {
                t.machine.register(RAX, result);
                t.observer.syscallReturned(t.core(), t.current(), call.number(), result);
            }
        }
    }

    /** Lets the program execute its SYSCALL instruction again. */
    private static void rewind(Trap t, Call call) {
        Registers r = t.machine.save();
        long[] general = r.general();
        general[RAX] = call.number();
        t.machine
                .load(new Registers(general, r.rip() - SYSCALL_BYTES, r.rflags(), r.fsBase(), r.gsBase(), r.selectors(),
                        r.fpu()));
        t.observer.syscallReturned(t.core(), t.current(), call.number(), RESTART);
    }

    private static boolean handle(Trap t, SignalInfo info, SignalAction action) {
        Task task = t.task();
        SignalState signals = task.signals();
        RestartableSequences.resumed(t);
        long oldMask = signals.restore() ? signals.restoreMask() : signals.mask();
        if (!SignalFrames.enter(t, info, action, oldMask)) {
            return false;
        }
        long mask = signals.mask() | action.mask() | (action.has(Signals.SA_NODEFER) ? 0 : Signals.bit(info.signal()));
        t.put(t.task().withSignals(t.task().signals().withMask(mask).withRestore(false, 0)));
        if (action.has(Signals.SA_RESETHAND)) {
            UserProcess process = t.process();
            t.put(process.withActions(process.actions().plus(info.signal(),
                    new SignalAction(SignalAction.DEFAULT, action.flags(), action.restorer(), action.mask()))));
        }
        t.observer.signalDelivered(t.core(), task.id(), info.signal(), action.handler());
        return true;
    }

    /** siginfo_t of a signal. */
    public static byte[] describe(SignalInfo info) {
        return SignalFrames.siginfo(info);
    }

    /** rt_sigreturn(2). */
    public static boolean sigreturn(Trap t) {
        return SignalFrames.leave(t);
    }
}
