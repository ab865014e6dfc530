package chronovisor.kitten.task;

import org.jspecify.annotations.Nullable;

/**
 * How a task is traced, ptrace(2).
 *
 * @param tracer
 *            the process that traces it
 * @param seized
 *            whether by PTRACE_SEIZE: then it was not stopped for that, and tells its stops apart
 * @param options
 *            PTRACE_O_ bits
 * @param mode
 *            what it stops for while it runs
 * @param stop
 *            why it is stopped, as in a wait status without its low byte: the signal, and the event above; 0 while it runs
 * @param told
 *            whether the tracer has waited for that
 * @param message
 *            what PTRACE_GETEVENTMSG tells
 * @param info
 *            the signal that it stopped for
 * @param phase
 *            where in a system call it is
 * @param call
 *            the number of that call
 * @param due
 *            stops that it makes as soon as it goes on: {@link #DUE_EXIT} and the others
 * @param signal
 *            what it is sent by the tracer, as it goes on
 * @param debug
 *            its debug registers
 */
public record Trace(int tracer, boolean seized, int options, Mode mode, int stop, boolean told, long message,
        @Nullable SignalInfo info, Phase phase, int call, int due, @Nullable SignalInfo signal,
        DebugRegisters debug) {

    /** PTRACE_EVENT_ numbers. */
    public static final int EVENT_FORK = 1;
    public static final int EVENT_VFORK = 2;
    public static final int EVENT_CLONE = 3;
    public static final int EVENT_EXEC = 4;
    public static final int EVENT_VFORK_DONE = 5;
    public static final int EVENT_EXIT = 6;
    public static final int EVENT_STOP = 128;

    /** PTRACE_O_TRACESYSGOOD; the options for events are 1 shifted by the event's number. */
    public static final int SYSCALLS_MARKED = 1;
    public static final int EXIT_KILL = 1 << 20;

    /** It comes back from a system call that its tracer wants to see. */
    public static final int DUE_EXIT = 1;
    /** Its tracer wants it to stop. */
    public static final int DUE_INTERRUPT = 2;
    /** It has told that it is about to end. */
    public static final int ENDING = 4;

    /** What a task stops for besides signals and events. */
    public enum Mode {
        NOTHING, SYSCALLS, STEPS
    }

    /** Where in a system call a task is, as its tracer sees it. */
    public enum Phase {
        /** In none. */
        OUTSIDE,
        /** Stopped before one. */
        ENTRY,
        /** In one. */
        INSIDE,
        /** Stopped after one. */
        EXIT,
        /** In one whose end the tracer was told already, because a signal came. */
        LEFT
    }

    /** The beginning. */
    public static Trace by(int tracer, boolean seized, int options) {
        return new Trace(tracer, seized, options, Mode.NOTHING, 0, false, 0, null, Phase.OUTSIDE, -1, 0, null,
                DebugRegisters.NONE);
    }

    public boolean stopped() {
        return stop != 0;
    }

    /** Whether the tracer is told of an event. */
    public boolean wants(int event) {
        return (options & 1 << event) != 0;
    }

    public boolean isDue(int stops) {
        return (due & stops) != 0;
    }

    public Trace withOptions(int changed) {
        return new Trace(tracer, seized, changed, mode, stop, told, message, info, phase, call, due, signal, debug);
    }

    /** Stopped, and not waited for yet. */
    public Trace stoppedFor(int why, @Nullable SignalInfo about) {
        return new Trace(tracer, seized, options, mode, why, false, message, about, phase, call, due, signal, debug);
    }

    public Trace withTold() {
        return new Trace(tracer, seized, options, mode, stop, true, message, info, phase, call, due, signal, debug);
    }

    public Trace withMessage(long changed) {
        return new Trace(tracer, seized, options, mode, stop, told, changed, info, phase, call, due, signal, debug);
    }

    public Trace withInfo(SignalInfo changed) {
        return new Trace(tracer, seized, options, mode, stop, told, message, changed, phase, call, due, signal, debug);
    }

    public Trace withPhase(Phase changed) {
        return new Trace(tracer, seized, options, mode, stop, told, message, info, changed, call, due, signal, debug);
    }

    public Trace withCall(int number) {
        return new Trace(tracer, seized, options, mode, stop, told, message, info, phase, number, due, signal, debug);
    }

    public Trace withDue(int changed) {
        return new Trace(tracer, seized, options, mode, stop, told, message, info, phase, call, changed, signal, debug);
    }

    public Trace withSignal(@Nullable SignalInfo changed) {
        return new Trace(tracer, seized, options, mode, stop, told, message, info, phase, call, due, changed, debug);
    }

    public Trace withDebug(DebugRegisters changed) {
        return new Trace(tracer, seized, options, mode, stop, told, message, info, phase, call, due, signal, changed);
    }

    /** Going on. */
    public Trace running(Mode next, @Nullable SignalInfo sent) {
        return new Trace(tracer, seized, options, next, 0, false, message, null, phase, call, due, sent, debug);
    }
}
