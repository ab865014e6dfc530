package chronovisor.analysis;

import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.kitten.abi.Signals;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of signals: sent, delivered or not, to a handler that returned or did not. A handler runs from its delivery to the
 * rt_sigreturn that leaves it; one that jumps out of itself looks as if it never ended.
 */
final class SignalHistory {

    /** A signal from its sending on. */
    static final class Signal {
        final KittenEvent.SignalSent sent;
        KittenEvent.@Nullable SignalDelivered delivered;
        @Nullable
        Position returned;

        private Signal(KittenEvent.SignalSent sent) {
            this.sent = sent;
        }

        /** The kernel's own, for what an instruction did. */
        boolean fault() {
            return sent.code() > 0 && sent.cause() != null && FAULTS.contains(sent.signal());
        }

        /** Delivered to a handler. */
        boolean handled() {
            KittenEvent.SignalDelivered to = delivered;
            return to != null && to.handler() != 0;
        }

        /** Delivered to a handler that has not returned. */
        boolean open() {
            return handled() && returned == null;
        }
    }

    /** What instructions are punished with. */
    private static final List<Integer> FAULTS = List.of(Signals.SIGILL, Signals.SIGTRAP, Signals.SIGBUS,
            Signals.SIGFPE, Signals.SIGSEGV);
    /** Signals of a kind that wait for one task, and handlers that it is in: older ones are forgotten. */
    private static final int WAITING_MAX = 4096;

    private final History history;
    private final Recent<Signal> all = new Recent<>();
    private final Map<Long, Deque<Signal>> pending = new HashMap<>();
    private final Map<Integer, Deque<Signal>> handlers = new HashMap<>();

    SignalHistory(History history) {
        this.history = history;
    }

    /** Every signal, oldest first. */
    Recent<Signal> all() {
        return all;
    }

    /** The handlers that a task was in at a position, innermost first. */
    List<Signal> handlersAt(int task, Position at) {
        List<Signal> in = new ArrayList<>();
        for (Signal signal : all.newestFirst()) {
            KittenEvent.SignalDelivered to = signal.delivered;
            Position end = signal.returned;
            if (to != null && to.task() == task && to.handler() != 0 && to.at().compareTo(at) < 0
                    && (end == null || end.compareTo(at) > 0)) {
                in.add(signal);
            }
        }
        return in;
    }

    /** The signal that killed: the last that was delivered by its default action before a task's end. */
    @Nullable
    Signal killer(KittenEvent.TaskExited exit) {
        for (Signal signal : all.newestFirst()) {
            KittenEvent.SignalDelivered to = signal.delivered;
            if (to != null && to.handler() == 0 && to.signal() == exit.signal() && to.at().compareTo(exit.at()) <= 0
                    && history.processOf(to.task()) == history.processOf(exit.task())) {
                return signal;
            }
        }
        // A handler's frame that does not fit the stack kills without a delivery; so does the kernel's own SIGKILL.
        for (Signal signal : all.newestFirst()) {
            if (signal.sent.signal() == exit.signal() && signal.sent.at().compareTo(exit.at()) <= 0
                    && history.processOf(signal.sent.task()) == history.processOf(exit.task())) {
                return signal;
            }
        }
        return null;
    }

    void accept(KittenEvent event) {
        switch (event) {
            case KittenEvent.SignalSent sent -> {
                Signal signal = new Signal(sent);
                all.add(signal);
                Deque<Signal> queue = pending.computeIfAbsent(key(sent.task(), sent.signal()), _ -> new ArrayDeque<>());
                queue.addLast(signal);
                // One that is ignored stays for ever.
                if (queue.size() > WAITING_MAX) {
                    queue.removeFirst();
                }
            }
            case KittenEvent.SignalDelivered delivered -> {
                Signal signal = taken(delivered);
                if (signal != null) {
                    signal.delivered = delivered;
                    if (delivered.handler() != 0) {
                        Deque<Signal> stack = handlers.computeIfAbsent(delivered.task(), _ -> new ArrayDeque<>());
                        stack.push(signal);
                        if (stack.size() > WAITING_MAX) {
                            stack.removeLast();
                        }
                    }
                }
            }
            case KittenEvent.SyscallEntered entered when entered.number() == Numbers.SIGRETURN -> {
                Deque<Signal> stack = handlers.get(entered.task());
                if (stack != null && !stack.isEmpty()) {
                    stack.pop().returned = entered.at();
                }
            }
            case KittenEvent.ProgramLoaded loaded -> handlers.remove(loaded.task());
            case KittenEvent other -> {
                // No business of signals.
            }
        }
    }

    private @Nullable Signal taken(KittenEvent.SignalDelivered delivered) {
        Position cause = delivered.cause();
        Deque<Signal> own = pending.get(key(delivered.task(), delivered.signal()));
        if (own == null || own.isEmpty()) {
            own = pending.get(key(history.processOf(delivered.task()), delivered.signal()));
        }
        if (own == null || own.isEmpty()) {
            return null;
        }
        for (Signal signal : own) {
            if (signal.sent.at().equals(cause)) {
                own.remove(signal);
                return signal;
            }
        }
        return own.removeFirst();
    }

    private static long key(int task, int signal) {
        return (long) task << 32 | signal;
    }
}
