package chronovisor.analysis;

import chronovisor.journal.Position;
import chronovisor.timeline.Condition;
import chronovisor.timeline.Stop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A program that failed inside its allocator: whether what it gave back last was its to give. */
final class HeapCase {

    private final Evidence evidence;
    private final Scene scene;

    HeapCase(Evidence evidence) {
        this.evidence = evidence;
        this.scene = evidence.scene;
    }

    /** Whether a task was in its allocator. */
    static boolean in(List<String> functions) {
        return functions.stream().anyMatch(Allocations.FUNCTIONS::contains);
    }

    /** Looks at the last block that was given back before a failure. */
    void look(int task, Position failure, String caller) {
        scene.before(failure);
        Optional<Long> free = scene.symbols(task).address("free");
        if (free.isPresent()) {
            Stop stop = scene.timeline().backward(new Condition.Address(free.get(), scene.root(task)));
            if (stop.met() && again(task, scene.view().general(scene.view().currentCore())[Numbers.RDI], failure)) {
                return;
            }
        }
        evidence.suspect(new Suspect("heap", "the allocator has found its data broken, called by " + caller, 50,
                failure, List.of(), null));
    }

    private boolean again(int task, long block, Position failure) {
        Optional<List<Allocations.Block>> found = Allocations.around(scene, task, block, failure);
        if (found.isEmpty() || found.get().isEmpty()) {
            return false;
        }
        List<Allocations.Block> blocks = found.get();
        List<String> lines = new ArrayList<>();
        blocks.forEach(each -> lines.add(each.words()));
        evidence.find("what the allocator did with " + Words.hex(block), lines);
        Allocations.Block last = blocks.getLast();
        Allocations.Block before = blocks.size() < 2 ? null : blocks.get(blocks.size() - 2);
        if (last.what() != Allocations.What.FREED) {
            return false;
        }
        if (before == null) {
            evidence.suspect(new Suspect("bad-free", "memory is given back that was never given: free("
                    + Words.hex(block) + ") at " + last.at() + " by " + last.caller(), 128, last.at(), List.of(),
                    null));
            return true;
        }
        if (before.what() != Allocations.What.FREED) {
            return false;
        }
        evidence.suspect(new Suspect("double-free", "memory is given back twice: the block at " + Words.hex(block)
                + " was freed at " + before.at() + " by " + before.caller() + ", and again at " + last.at() + " by "
                + last.caller(), 132, last.at(), List.of(before.at()), null));
        return true;
    }
}
