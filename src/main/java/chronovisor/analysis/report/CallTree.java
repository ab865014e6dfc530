package chronovisor.analysis.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who called whom, with the instructions that retired in each: a tree of calling contexts. Node 0 is the root, which is the whole run.
 * A node is a number; its function is an index into {@link #names}.
 */
final class CallTree {

    /** More contexts than this are folded into the ones that they were called from. */
    static final int NODES_MAX = 4_000_000;

    private int[] functions = new int[1024];
    private int[] parents = new int[1024];
    private long[] self = new long[1024];
    private long[] calls = new long[1024];
    private int nodes = 1;
    private long folded;
    private final Map<Long, Integer> children = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> byName = new HashMap<>();

    CallTree() {
        parents[0] = -1;
        functions[0] = name("all");
    }

    /** The number of a name. */
    int name(String text) {
        return byName.computeIfAbsent(text, _ -> {
            names.add(text);
            return names.size() - 1;
        });
    }

    /** The node of a function called from a node. */
    int child(int node, int function) {
        long key = (long) node << 32 | function;
        Integer known = children.get(key);
        if (known != null) {
            return known;
        }
        if (nodes == NODES_MAX) {
            folded++;
            return node;
        }
        if (nodes == functions.length) {
            functions = Arrays.copyOf(functions, nodes * 2);
            parents = Arrays.copyOf(parents, nodes * 2);
            self = Arrays.copyOf(self, nodes * 2);
            calls = Arrays.copyOf(calls, nodes * 2);
        }
        functions[nodes] = function;
        parents[nodes] = node;
        children.put(key, nodes);
        return nodes++;
    }

    void count(int node) {
        self[node]++;
    }

    void called(int node) {
        calls[node]++;
    }

    int size() {
        return nodes;
    }

    int parent(int node) {
        return parents[node];
    }

    int function(int node) {
        return functions[node];
    }

    String nameOf(int node) {
        return names.get(functions[node]);
    }

    long self(int node) {
        return self[node];
    }

    long calls(int node) {
        return calls[node];
    }

    List<String> names() {
        return names;
    }

    /** How often a context was folded into its caller's because there are too many. */
    long folded() {
        return folded;
    }

    /** Instructions of each node and all below it. A child has a higher number than its parent. */
    long[] totals() {
        long[] totals = Arrays.copyOf(self, nodes);
        for (int node = nodes - 1; node > 0; node--) {
            totals[parents[node]] += totals[node];
        }
        return totals;
    }

    /** The children of each node, in the order in which they were first called. */
    List<List<Integer>> children() {
        List<List<Integer>> lists = new ArrayList<>();
        for (int node = 0; node < nodes; node++) {
            lists.add(new ArrayList<>(2));
            if (node > 0) {
                lists.get(parents[node]).add(node);
            }
        }
        return lists;
    }
}
