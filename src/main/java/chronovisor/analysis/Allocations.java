package chronovisor.analysis;

import chronovisor.journal.Position;
import chronovisor.timeline.Condition;
import chronovisor.timeline.Stop;
import chronovisor.timeline.Symbols;
import chronovisor.timeline.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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
    /** No program asks for so much in earnest. */
    private static final long BYTES_MAX = 1L << 40;
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
        Map<Long, String> functions = givers(scene.symbols(task));
        Optional<Long> free = scene.symbols(task).address(TAKER);
        if (functions.isEmpty()) {
            return Optional.empty();
        }
        long root = scene.root(task);
        List<Condition> conditions = new ArrayList<>();
        functions.keySet().forEach(at -> conditions.add(new Condition.Address(at, root)));
        // A static program that only reallocates has no free.
        free.ifPresent(at -> conditions.add(new Condition.Address(at, root)));
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
            String giver = functions.get(rip);
            if (giver == null) {
                freed(timeline.position(), TAKER, callers(scene, caller), general[Numbers.RDI], address, blocks);
            } else {
                given(scene, root, caller, giver, general, address, end, blocks);
            }
        }
        return Optional.empty();
    }

    /** A block that is taken back: known to hold the address when it was given with it, or when it begins there. */
    private static void freed(Position at, String function, List<String> callers, long start, long address,
            List<Block> blocks) {
        long bytes = 0;
        for (Block block : blocks.reversed()) {
            if (block.start == start) {
                bytes = block.bytes;
                break;
            }
        }
        if (start != 0 && address >= start && address < start + Math.max(1, bytes)) {
            blocks.add(new Block(at, What.FREED, function, callers, start, bytes));
        }
    }

    private static void given(Scene scene, long root, int task, String function, long[] general, long address,
            Position end, List<Block> blocks) {
        Timeline timeline = scene.timeline();
        Position entered = timeline.position();
        Given given = give(scene, root, task, function, general, end);
        boolean holds = given.start != 0 && address >= given.start && address < given.start + given.bytes;
        boolean moved = moves(function, general, given.start);
        if (holds || moved) {
            Position at = timeline.position();
            timeline.seek(entered);
            List<String> callers = callers(scene, task);
            timeline.seek(at);
            if (moved) {
                freed(at, function, callers, general[Numbers.RDI], address, blocks);
            }
            if (holds) {
                blocks.add(new Block(at, What.GIVEN, function, callers, given.start, given.bytes));
            }
        }
    }

    // The allocator's functions, as the C library defines them.

    /** Addresses of those that give memory out. */
    static Map<Long, String> givers(Symbols symbols) {
        Map<Long, String> functions = new TreeMap<>();
        for (String name : GIVERS) {
            symbols.address(name).ifPresent(at -> functions.putIfAbsent(at, name));
        }
        return functions;
    }

    /** The bytes that a call asks for, by the registers at its entry; 0 for none, or for more than there can be. */
    private static long asked(String function, long[] general) {
        long bytes = switch (function) {
            case "malloc" -> general[Numbers.RDI];
            case "calloc" -> general[Numbers.RDI] * general[Numbers.RSI];
            case "posix_memalign" -> general[Numbers.RDX];
            default -> general[Numbers.RSI];
        };
        return bytes < 0 || bytes > BYTES_MAX ? 0 : bytes;
    }

    /** Whether a call has taken the memory back that it was given: realloc that has moved, or was asked for nothing. */
    static boolean moves(String function, long[] general, long start) {
        long old = general[Numbers.RDI];
        return function.equals("realloc") && old != 0 && start != old && (start != 0 || general[Numbers.RSI] == 0);
    }

    /** Runs a call on from its entry to its return: the memory that it gave, 0 for none. What it gives to itself is not seen. */
    private static long returned(Scene scene, long root, int task, String function, long[] general, Position end) {
        Optional<Long> back = scene.word(task, general[Numbers.RSP]);
        if (back.isEmpty()) {
            return 0;
        }
        while (scene.timeline().forward(end, new Condition.Address(back.get(), root)).met()) {
            long[] now = scene.view().general(scene.view().currentCore());
            if (now[Numbers.RSP] == general[Numbers.RSP] + 8) {
                // This one gives its error, and the memory where its first argument points to.
                return !function.equals("posix_memalign")
                        ? now[Numbers.RAX]
                        : (int) now[Numbers.RAX] == 0 ? scene.word(task, general[Numbers.RDI]).orElse(0L) : 0;
            }
        }
        return 0;
    }

    /** Memory that a call has given out; {@code start} is 0 for none. */
    record Given(long start, long bytes) {}

    /** Runs a call on from its entry to its return. */
    static Given give(Scene scene, long root, int task, String function, long[] general, Position end) {
        return new Given(returned(scene, root, task, function, general, end), asked(function, general));
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
