package chronovisor.analysis;

import chronovisor.journal.Position;
import chronovisor.timeline.Condition;
import chronovisor.timeline.Stop;
import chronovisor.timeline.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a program's allocator gave out and took back around some memory, seen by running again with breakpoints on the functions of
 * the C library's names. A program without symbols, or with an allocator of its own, has nothing to see here.
 */
final class Allocations {

    /** What happened to a block of memory. */
    enum What {
        GIVEN, FREED
    }

    /**
     * A call of the allocator.
     *
     * @param at
     *            the stop before its first instruction, or after its return for what was given
     * @param what
     *            which way
     * @param function
     *            the allocator's function
     * @param callers
     *            who called it, innermost first
     * @param start
     *            of the block
     * @param bytes
     *            that were asked for; of a block that is taken back what it was given with
     */
    record Block(Position at, What what, String function, List<String> callers, long start, long bytes) {

        /** Who called. */
        String caller() {
            return callers.isEmpty() ? function : callers.getFirst();
        }

        /** In words. */
        String words() {
            return at + "  " + Words.hex(start) + ", " + bytes + " bytes, "
                    + (what == What.GIVEN ? "given by " : "taken back by ") + function + " for "
                    + Words.list(callers.stream().limit(2).toList());
        }
    }

    private static final List<String> GIVERS = List.of("malloc", "calloc", "realloc", "memalign", "aligned_alloc",
            "posix_memalign");
    private static final String TAKER = "free";
    /** Functions of allocators; who faults in one of them has found its data broken. */
    static final List<String> FUNCTIONS = List.of("malloc", "calloc", "realloc", "free", "cfree", "__libc_free",
            "__libc_malloc", "__libc_realloc", "__libc_calloc", "_int_free", "_int_malloc", "malloc_printerr",
            "__malloc_alloc_meta", "nontrivial_free", "get_meta", "malloc_consolidate", "unlink_chunk", "memalign",
            "aligned_alloc", "default_malloc", "__libc_malloc_impl", "enframe", "alloc_slot");

    private static final int HITS_MAX = 20_000;
    private static final long TICKS_MAX = 400_000_000;
    private static final int RSP = 4;
    private static final int RDI = 7;
    private static final int RSI = 6;
    private static final int CALLERS_MAX = 4;

    private Allocations() {}

    /**
     * Everything that the allocator did with blocks that hold an address, in the run of a task's address space up to a position.
     *
     * @return none when there is no such allocator, or when too much was done to look at it all
     */
    static Optional<List<Block>> around(Scene scene, int task, long address, Position end) {
        Timeline timeline = scene.timeline();
        timeline.seekBefore(end);
        Map<Long, String> functions = new TreeMap<>();
        for (String name : GIVERS) {
            scene.symbols(task).address(name).ifPresent(at -> functions.putIfAbsent(at, name));
        }
        Optional<Long> free = scene.symbols(task).address(TAKER);
        if (functions.isEmpty() || free.isEmpty()) {
            return Optional.empty();
        }
        long root = scene.root(task);
        List<Condition> conditions = new ArrayList<>();
        functions.keySet().forEach(at -> conditions.add(new Condition.Address(at, root)));
        conditions.add(new Condition.Address(free.get(), root));
        timeline.seek(new Position(Math.max(timeline.first().tick(), end.tick() - TICKS_MAX), 0));
        List<Block> blocks = new ArrayList<>();
        for (int hits = 0; hits < HITS_MAX; hits++) {
            Stop stop = timeline.forward(end, conditions.toArray(Condition[]::new));
            if (!stop.met()) {
                return Optional.of(blocks);
            }
            int core = scene.view().currentCore();
            long[] general = scene.view().general(core);
            long rip = scene.view().rip(core);
            int caller = scene.view().taskOn(core);
            if (rip == free.get()) {
                freed(scene, caller, general[RDI], address, blocks);
            } else {
                Block given = given(scene, root, caller, functions.getOrDefault(rip, ""), general, address, end);
                if (given != null) {
                    blocks.add(given);
                }
            }
        }
        return Optional.empty();
    }

    /** A block that is taken back: known to hold the address when it was given with it, or when it begins there. */
    private static void freed(Scene scene, int task, long start, long address, List<Block> blocks) {
        long bytes = 0;
        for (Block block : blocks.reversed()) {
            if (block.start == start) {
                bytes = block.bytes;
                break;
            }
        }
        if (start != 0 && address >= start && address < start + Math.max(1, bytes)) {
            blocks.add(new Block(scene.timeline().position(), What.FREED, TAKER, callers(scene, task), start, bytes));
        }
    }

    private static @Nullable Block given(Scene scene, long root, int task, String function, long[] general,
            long address, Position end) {
        Timeline timeline = scene.timeline();
        long bytes = switch (function) {
            case "calloc" -> general[RDI] * general[RSI];
            case "malloc" -> general[RDI];
            default -> general[RSI];
        };
        Optional<Long> back = scene.word(task, general[RSP]);
        if (back.isEmpty() || bytes <= 0 || Long.compareUnsigned(bytes, 1L << 40) > 0) {
            return null;
        }
        Position entered = timeline.position();
        List<String> callers = null;
        while (timeline.forward(end, new Condition.Address(back.get(), root)).met()) {
            int core = scene.view().currentCore();
            long[] now = scene.view().general(core);
            if (now[RSP] == general[RSP] + 8) {
                long start = now[0];
                if (start == 0 || address < start || address >= start + bytes) {
                    break;
                }
                Position at = timeline.position();
                timeline.seek(entered);
                callers = callers(scene, task);
                timeline.seek(at);
                return new Block(at, What.GIVEN, function, callers, start, bytes);
            }
        }
        // Another block: the search goes on behind the call's first instruction, so that calls inside are seen as well.
        if (!function.equals("calloc") && !function.equals("malloc")) {
            timeline.seek(entered);
            timeline.turn();
        }
        return null;
    }

    private static List<String> callers(Scene scene, int task) {
        List<String> functions = scene.functions(task);
        List<String> callers = new ArrayList<>();
        // The first is the allocator's function itself, whatever else it is called.
        for (String function : functions.subList(Math.min(1, functions.size()), functions.size())) {
            if (!FUNCTIONS.contains(function) && callers.size() < CALLERS_MAX) {
                callers.add(function);
            }
        }
        return callers;
    }
}
