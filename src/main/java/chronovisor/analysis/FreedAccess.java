package chronovisor.analysis;

import chronovisor.journal.Position;
import chronovisor.timeline.Access;
import chronovisor.timeline.Condition;
import chronovisor.timeline.Stop;
import chronovisor.timeline.Timeline;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Accesses to memory that was freed and not given out again, in a run that failed without a fault: it is run again with watchpoints on
 * the newest freed blocks. What the allocator itself does with them does not count.
 */
final class FreedAccess {

    private static final int BLOCKS_MAX = 48;
    private static final int HITS_MAX = 4000;
    private static final long TICKS_MAX = 50_000_000;

    private final Evidence evidence;
    private final Scene scene;
    /** What was freed: start to bytes and where. */
    private final LinkedHashMap<Long, Freed> freed = new LinkedHashMap<>();
    private final Map<Long, Long> sizes = new HashMap<>();

    private record Freed(long bytes, Position at, String caller) {}

    FreedAccess(Evidence evidence) {
        this.evidence = evidence;
        this.scene = evidence.scene;
    }

    /** Runs up to a failure and tells the first such access. */
    void look(int task, Position failure) {
        Timeline timeline = scene.timeline();
        scene.before(failure);
        if (task < 0 || scene.view().process(task).isEmpty()) {
            return;
        }
        Map<Long, String> givers = Allocations.givers(scene.symbols(task));
        Optional<Long> free = scene.symbols(task).address("free");
        if (givers.isEmpty()) {
            return;
        }
        long root = scene.root(task);
        timeline.seek(new Position(Math.max(timeline.first().tick(), failure.tick() - TICKS_MAX), 0));
        for (int hits = 0; hits < HITS_MAX; hits++) {
            List<Condition> conditions = new ArrayList<>();
            // A static program that only reallocates has no free.
            free.ifPresent(at -> conditions.add(new Condition.Address(at, root)));
            givers.keySet().forEach(at -> conditions.add(new Condition.Address(at, root)));
            freed.forEach((start, block) -> conditions
                    .add(new Condition.Memory(root, start, (int) Math.min(block.bytes, 1 << 16), true)));
            Stop stop = timeline.forward(failure, conditions.toArray(Condition[]::new));
            if (!stop.met()) {
                return;
            }
            Access access = stop.access();
            if (access != null) {
                if (stop.condition() instanceof Condition.Memory memory && told(memory, access)) {
                    return;
                }
                continue;
            }
            int core = scene.view().currentCore();
            long[] general = scene.view().general(core);
            int caller = scene.view().taskOn(core);
            String giver = givers.get(scene.view().rip(core));
            if (giver == null) {
                freed(caller, general[Numbers.RDI]);
            } else {
                given(root, caller, giver, general, failure);
            }
        }
    }

    private void freed(int task, long start) {
        Long bytes = sizes.remove(start);
        if (bytes == null || bytes <= 0) {
            return;
        }
        List<String> functions = scene.functions(task);
        String caller = functions.stream().filter(name -> !Allocations.FUNCTIONS.contains(name)).findFirst()
                .orElse("?");
        freed.put(start, new Freed(bytes, scene.timeline().position(), caller));
        if (freed.size() > BLOCKS_MAX) {
            freed.remove(freed.keySet().iterator().next());
        }
    }

    private void given(long root, int task, String function, long[] general, Position end) {
        Allocations.Given given = Allocations.give(scene, root, task, function, general, end);
        if (Allocations.moves(function, general, given.start())) {
            freed(task, general[Numbers.RDI]);
        }
        if (given.start() != 0 && given.bytes() > 0) {
            freed.entrySet().removeIf(block -> block.getKey() < given.start() + given.bytes()
                    && given.start() < block.getKey() + block.getValue().bytes);
            sizes.put(given.start(), given.bytes());
        }
    }

    private boolean told(Condition.Memory memory, Access access) {
        Freed block = freed.get(memory.address());
        Position after = scene.timeline().position();
        scene.timeline().seek(access.before());
        int task = scene.view().taskOn(access.core());
        List<String> functions = scene.functions(task);
        String code = scene.code(task, access.rip());
        List<String> stack = scene.backtrace(task);
        scene.timeline().seek(after);
        if (block == null || access.kernel() != null || HeapCase.in(functions)) {
            return false;
        }
        List<String> lines = new ArrayList<>();
        lines.add(block.at + "  " + block.caller + " freed the " + block.bytes + " bytes at "
                + Words.hex(memory.address()));
        lines.add(access.before() + "  " + (access.write() ? "written" : "read") + " by " + code);
        stack.stream().limit(8).forEach(line -> lines.add("  " + line));
        evidence.find("an access to freed memory", lines);
        evidence.suspect(new Suspect("use-after-free", "freed memory is used: the block at "
                + Words.hex(memory.address()) + " was freed at " + block.at + " by " + block.caller + ", and "
                + functions.stream().filter(name -> !name.startsWith("_")).findFirst().orElse("?")
                + (access.write() ? " still writes to it at " : " still reads it at ") + access.before(), 118,
                block.at, List.of(access.before()), null));
        return true;
    }
}
