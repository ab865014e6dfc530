package chronovisor.racket;

import chronovisor.racket.RacketObserver.Generation;
import chronovisor.racket.RacketObserver.Sizes;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A Racket runtime as its symbols tell it, and what each call of one of its functions means.
 *
 * <p>
 * Racket BC's collectors call back when they begin and end: {@code get_ready_for_GC}, {@code done_with_GC}, and the precise one (3m)
 * {@code inform_GC} with all sizes. Its futures write down what happens to them through {@code record_fevent_with_data}, its places through
 * {@code log_place_event}, whether anybody wants to read it or not. Racket CS has no symbols of its own: its collector and scheduler are
 * Scheme code in a boot image, and nothing of them can be seen from outside.
 */
final class RacketRuntime {

    /** What happens before the first instruction of a function. */
    @FunctionalInterface
    interface Meaning {
        void tell(Call call, RacketObserver observer);
    }

    private static final String BEGIN = "get_ready_for_GC";
    private static final String END = "done_with_GC";
    private static final String INFORM = "inform_GC";
    private static final String BARRIER = "fault_handler";
    private static final String USED_BEFORE = "gc_pre_used_bytes";
    private static final String USED = "mem_real_use";
    private static final String FUTURE = "record_fevent_with_data";
    private static final String FUTURE_WORDS = "fevent_strs";
    private static final String TOUCH = "touch";
    private static final String PLACE = "log_place_event";
    private static final String SEND = "place_async_send";
    private static final String RECEIVE = "place_async_try_receive_raw";

    /** Every symbol that is asked for. */
    static final Set<String> SYMBOLS = Set.of(BEGIN, END, INFORM, BARRIER, USED_BEFORE, USED, FUTURE, FUTURE_WORDS,
            TOUCH, PLACE, SEND, RECEIVE);

    private static final int SI_ADDR = 16;

    private RacketRuntime() {}

    /**
     * The functions to look at, by symbol.
     *
     * @param symbols
     *            addresses in memory of those of {@link #SYMBOLS} that there are
     * @return empty when this is no Racket runtime
     */
    static SortedMap<String, Meaning> meanings(Map<String, Long> symbols) {
        SortedMap<String, Meaning> meanings = new TreeMap<>();
        Set<String> there = symbols.keySet();
        if (!there.containsAll(Set.of(BEGIN, END))) {
            return meanings;
        }
        if (there.containsAll(Set.of(INFORM, BARRIER))) {
            meanings.put(INFORM, RacketRuntime::precise);
            meanings.put(BARRIER, RacketRuntime::barrier);
        } else if (there.containsAll(Set.of(USED_BEFORE, USED))) {
            long before = address(symbols, USED_BEFORE);
            long now = address(symbols, USED);
            meanings.put(END, (call, observer) -> conservative(call, observer, before, now));
        } else {
            return meanings;
        }
        meanings.put(BEGIN, (call, observer) -> observer.collectionStarted(call.core.index(), call.task));
        if (there.containsAll(Set.of(FUTURE, FUTURE_WORDS))) {
            long words = address(symbols, FUTURE_WORDS);
            meanings.put(FUTURE, (call, observer) -> future(call, observer, words));
            if (there.contains(TOUCH)) {
                meanings.put(TOUCH, (call, observer) -> observer.futureTouched(call.core.index(), call.task));
            }
        }
        if (there.containsAll(Set.of(PLACE, SEND, RECEIVE))) {
            meanings.put(SEND, (call, observer) -> observer.keep(call.task, call.argument(0)));
            meanings.put(RECEIVE, (call, observer) -> observer.keep(call.task, call.argument(0)));
            meanings.put(PLACE, RacketRuntime::place);
        }
        return meanings;
    }

    private static long address(Map<String, Long> symbols, String name) {
        Long address = symbols.get(name);
        if (address == null) {
            throw new IllegalStateException("no symbol " + name);
        }
        return address;
    }

    /** {@code inform_GC(master, major, incremental, before, after, administrative before, administrative after, children)}. */
    private static void precise(Call call, RacketObserver observer) {
        Generation generation = (int) call.argument(0) != 0
                ? Generation.MASTER
                : (int) call.argument(1) != 0
                        ? Generation.MAJOR
                        : (int) call.argument(2) != 0 ? Generation.INCREMENTAL : Generation.MINOR;
        observer.collectionEnded(call.core.index(), call.task, generation,
                new Sizes(call.argument(3), call.argument(4), call.argument(5), call.argument(6)));
    }

    /** {@code done_with_GC()} of the collector that knows no generations. */
    private static void conservative(Call call, RacketObserver observer, long before, long now) {
        observer.collectionEnded(call.core.index(), call.task, Generation.MAJOR,
                new Sizes(call.read64(before), call.read64(now), 0, 0));
    }

    /** {@code fault_handler(signal, siginfo, context)}. */
    private static void barrier(Call call, RacketObserver observer) {
        observer.writeBarrierFaulted(call.core.index(), call.task, call.read64(call.argument(1) + SI_ADDR));
    }

    /** {@code record_fevent_with_data(what, future, data)}; the runtime has a word for each kind, in a table. */
    private static void future(Call call, RacketObserver observer, long words) {
        String what = call.text(call.read64(words + 8 * (call.argument(0) & 0xFF)));
        int future = (int) call.argument(1);
        if (what.equals("create")) {
            observer.futureCreated(call.core.index(), call.task, (int) call.argument(2), future);
        } else {
            observer.futureProgressed(call.core.index(), call.task, future, what);
        }
    }

    /** {@code log_place_event(format, what, has amount, amount)}; the channel of a message is what the caller was called with. */
    private static void place(Call call, RacketObserver observer) {
        int core = call.core.index();
        int task = call.task;
        long amount = call.argument(3);
        switch (call.text(call.argument(1))) {
            case "create" -> observer.placeCreated(core, task, amount);
            case "enter" -> observer.placeEntered(core, task);
            case "exit" -> observer.placeExited(core, task);
            case "reap" -> observer.placeReaped(core, task, amount);
            case "put" -> observer.messageSent(core, task, observer.kept(task), amount);
            case "get" -> observer.messageReceived(core, task, observer.kept(task), amount);
            default -> {
                // A later Racket may write down more; what it means is not known here.
            }
        }
    }
}
