package chronovisor.analysis.report;

import chronovisor.analysis.steps.GuestPrograms;
import chronovisor.analysis.steps.TaskSteps;
import chronovisor.replay.MachineParts;
import chronovisor.replay.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where the instructions of a run went: every one counted, at its function and in the context of its calls. */
public final class Profile {

    /**
     * A function's share.
     *
     * @param self
     *            instructions that retired in it
     * @param total
     *            those and all that retired in what it called, counted once where it called itself
     * @param calls
     *            how often it was called
     */
    public record Function(String name, long self, long total, long calls) {}

    private final CallTree tree;
    private final long steps;
    private final String trouble;

    private Profile(CallTree tree, long steps, String trouble) {
        this.tree = tree;
        this.steps = steps;
        this.trouble = trouble;
    }

    /**
     * Counts the instructions of a journal.
     *
     * @param parts
     *            to replay the run with, for names of functions; null for addresses
     * @throws chronovisor.journal.JournalException
     *             when the journal was recorded without steps
     */
    public static Profile of(Path journal, @Nullable MachineParts parts, Consumer<Progress> progress) {
        GuestPrograms programs = GuestPrograms.of(journal, parts);
        CallTree tree = new CallTree();
        long steps = TaskSteps.forEach(journal, new CallStacks(programs, tree), progress);
        return new Profile(tree, steps, programs.trouble());
    }

    /** All instructions. */
    public long steps() {
        return steps;
    }

    /** Why functions have no names; empty when they have. */
    public String trouble() {
        return trouble;
    }

    /** Contexts of calls that are told apart; a call that would make another one is counted in the context that it was made from. */
    public static final int CONTEXTS_MAX = CallTree.NODES_MAX;

    /** How many calls were counted so because there are too many contexts. */
    public long folded() {
        return tree.folded();
    }

    CallTree tree() {
        return tree;
    }

    /** The functions that retired instructions, those with the most first. */
    public List<Function> functions() {
        int names = tree.names().size();
        long[] self = new long[names];
        long[] total = new long[names];
        long[] calls = new long[names];
        long[] totals = tree.totals();
        for (int node = 0; node < tree.size(); node++) {
            int function = tree.function(node);
            self[function] += tree.self(node);
            calls[function] += tree.calls(node);
            if (!isWithinItself(node)) {
                total[function] += totals[node];
            }
        }
        List<Function> functions = new ArrayList<>();
        for (int i = 0; i < names; i++) {
            if (self[i] > 0) {
                functions.add(new Function(tree.names().get(i), self[i], total[i], calls[i]));
            }
        }
        functions.sort(Comparator.comparingLong(Function::self).reversed().thenComparing(Function::name));
        return functions;
    }

    /** Whether a node lies below another one of the same function. */
    private boolean isWithinItself(int node) {
        for (int at = tree.parent(node); at > 0; at = tree.parent(at)) {
            if (tree.function(at) == tree.function(node)) {
                return true;
            }
        }
        return false;
    }

    /** A line of the call tree. */
    public record Line(int depth, String name, long self, long total, long calls) {}

    /** The call tree from the root down, the greatest first, without what has less than a share of all instructions. */
    public List<Line> lines(double shareMin) {
        List<Line> lines = new ArrayList<>();
        long[] totals = tree.totals();
        List<List<Integer>> children = tree.children();
        record Open(int node, int depth) {}
        ArrayList<Open> stack = new ArrayList<>(List.of(new Open(0, 0)));
        while (!stack.isEmpty()) {
            Open open = stack.removeLast();
            int node = open.node;
            lines.add(new Line(open.depth, tree.nameOf(node), tree.self(node), totals[node], tree.calls(node)));
            List<Integer> below = new ArrayList<>(children.get(node));
            below.removeIf(child -> totals[child] < Math.max(1, shareMin * totals[0]));
            // Pushed in this order, the greatest comes off first.
            below.sort(Comparator.<Integer>comparingLong(child -> totals[child])
                    .thenComparing(tree::nameOf, Comparator.reverseOrder()));
            below.forEach(child -> stack.add(new Open(child, open.depth + 1)));
        }
        return lines;
    }
}
