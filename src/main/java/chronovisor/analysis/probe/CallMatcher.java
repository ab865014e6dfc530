package chronovisor.analysis.probe;

import chronovisor.journal.Position;
import chronovisor.journal.ProbeEvent;
import chronovisor.journal.Stamp;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of hits: numbers those of a tick, and finds for each return the call that it is of. A call returns where its return
 * address is executed with the stack as it was before the call; calls above it that have not returned by then (longjmp) never do.
 */
final class CallMatcher implements Consumer<ProbeHit> {

    /** The oldest open calls of a deeper stack are forgotten. */
    private static final int DEPTH_MAX = 1 << 16;

    private record Open(String function, long address, long returnAddress, long rsp, @Nullable Position at) {

        boolean isReturnedBy(ProbeHit.Reached reached) {
            return returnAddress == reached.address() && rsp + Long.BYTES == reached.registers().rsp();
        }
    }

    private final Consumer<ProbeEvent> sink;
    private final Map<Integer, Deque<Open>> calls = new HashMap<>();
    private Position last = Position.START;
    private long events;

    CallMatcher(Consumer<ProbeEvent> sink) {
        this.sink = sink;
    }

    @Override
    public void accept(ProbeHit hit) {
        switch (hit) {
            case ProbeHit.Gone gone -> calls.remove(gone.task());
            case ProbeHit.Accessed accessed -> tell(accessed.write()
                    ? new ProbeEvent.MemoryWritten(stamp(accessed.tick(), accessed.core(), null), accessed.task(),
                            accessed.address(), accessed.bytes(), accessed.rip())
                    : new ProbeEvent.MemoryRead(stamp(accessed.tick(), accessed.core(), null), accessed.task(),
                            accessed.address(), accessed.bytes(), accessed.rip()));
            case ProbeHit.Reached reached -> {
                returned(reached);
                if (!reached.function().isEmpty()) {
                    entered(reached);
                }
            }
        }
    }

    private void returned(ProbeHit.Reached reached) {
        Deque<Open> open = calls.get(reached.task());
        if (open == null) {
            return;
        }
        int above = 0;
        for (Open call : open) {
            if (call.isReturnedBy(reached)) {
                for (int i = 0; i < above; i++) {
                    open.pop();
                }
                returned(open, reached);
                return;
            }
            above++;
        }
    }

    /** A function whose last act was a jump to another one has the frame that the other one has, and returns with it. */
    private void returned(Deque<Open> open, ProbeHit.Reached reached) {
        Set<Long> told = new HashSet<>();
        for (Open call = open.peek(); call != null && call.isReturnedBy(reached); call = open.peek()) {
            open.pop();
            // The same function in the same frame: the earlier call was left by a jump (longjmp) and made again.
            if (told.add(call.address)) {
                tell(new ProbeEvent.FunctionReturned(stamp(reached.tick(), reached.core(), call.at), reached.task(),
                        call.function, call.address, reached.registers().rax()));
            }
        }
    }

    private void entered(ProbeHit.Reached reached) {
        ProbeHit.Registers r = reached.registers();
        // A call of which only the return is wanted is no event that could be its cause.
        Position at = null;
        if (reached.entry()) {
            Stamp stamp = stamp(reached.tick(), reached.core(), null);
            at = stamp.at();
            tell(new ProbeEvent.FunctionEntered(stamp, reached.task(), reached.function(), reached.address(), r.a0(),
                    r.a1(), r.a2(), r.a3(), r.a4(), r.a5(), r.rsp(), r.atStack()));
        }
        if (reached.exit()) {
            Deque<Open> open = calls.computeIfAbsent(reached.task(), _ -> new ArrayDeque<>());
            open.push(new Open(reached.function(), reached.address(), r.atStack(), r.rsp(), at));
            if (open.size() > DEPTH_MAX) {
                open.removeLast();
            }
        }
    }

    private Stamp stamp(long tick, int core, @Nullable Position cause) {
        boolean same = events > 0 && last.tick() == tick;
        return new Stamp(new Position(tick, same ? last.sequence() + 1 : 0), core, cause);
    }

    private void tell(ProbeEvent event) {
        if (event.at().compareTo(last) < 0) {
            throw new IllegalStateException("a probe's events are out of order: " + event + " after " + last);
        }
        events++;
        last = event.at();
        sink.accept(event);
    }

    /** How many events there were. */
    long events() {
        return events;
    }

    /** The position of the last one. */
    Position last() {
        return last;
    }
}
