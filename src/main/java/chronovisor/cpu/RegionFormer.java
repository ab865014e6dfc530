package chronovisor.cpu;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the blocks around a hot one: what has been executed and can be reached from it by direct transfers, nearest first. Calls are
 * followed into the function and past it, so that whole loops over small functions become one unit.
 *
 * <p>A hot block inside of a loop leads to the loop's first block, from which the region is formed: whichever of its blocks is found hot, a
 * loop is translated once, and entered where it begins. An entry in its middle would make it a loop that HotSpot does little for.
 */
final class RegionFormer {
    /** Blocks of a region; an emitted method is to stay below what HotSpot compiles. */
    private static final int BLOCKS_MAX = 64;

    /** Instructions of a unit whose blocks are taken into another one's region: small functions are worth a copy, others a transfer. */
    private static final int COPIED_MAX = 40;

    private final JumpCache jumps;
    private final int instructionsMax;
    private final Map<Long, Node> chosen = new LinkedHashMap<>();

    /** Targets of backward transfers: where loops begin, and where execution goes on when a slice has ended in one. */
    private final TreeSet<Long> entries = new TreeSet<>();

    /** The first block of the innermost loop around the block that the region began with; that block itself when there is none. */
    private long loop;

    private final ArrayDeque<Node> waiting = new ArrayDeque<>();
    private int instructions;

    private RegionFormer(JumpCache jumps, int instructionsMax) {
        this.jumps = jumps;
        this.instructionsMax = instructionsMax;
    }

    /** The region around {@code hot}, which is in {@code jumps}; null when the block cannot be translated. */
    static @Nullable Region form(Node hot, JumpCache jumps, int instructionsMax, boolean recording) {
        if (!translatable(hot.code)) {
            return null;
        }
        RegionFormer around = new RegionFormer(jumps, instructionsMax).from(hot);
        Node first = around.chosen.get(around.loop);
        if (first == null || around.loop == hot.base) {
            return around.region(hot.base, recording);
        }
        RegionFormer whole = new RegionFormer(jumps, instructionsMax).from(first);
        return whole.chosen.containsKey(hot.base)
                ? whole.region(first.base, recording)
                : around.region(hot.base, recording);
    }

    private RegionFormer from(Node start) {
        choose(start);
        while (!waiting.isEmpty()) {
            follow(waiting.remove());
        }
        loop = innermostAround(start.base);
        return this;
    }

    /** Where the innermost loop begins that has {@code address} in it; {@code address} itself when none is known. */
    private long innermostAround(long address) {
        long found = Long.MIN_VALUE;
        for (Node from : chosen.values()) {
            int last = from.code.lastCode();
            boolean branches = last == Op.JMP || last >= Op.JO && last <= Op.JCC_STEP;
            long to = from.base + from.target;
            if (branches && from.base >= address && to <= address && to > found) {
                found = to;
            }
        }
        return found == Long.MIN_VALUE ? address : found;
    }

    private Region region(long first, boolean recording) {
        List<RegionBlock> blocks = new ArrayList<>();
        List<Integer> at = new ArrayList<>();
        at.add(0);
        returns();
        for (Node node : chosen.values()) {
            if (node.base != first && entries.contains(node.base)) {
                at.add(blocks.size());
            }
            blocks.add(RegionBlock.of(node));
        }
        return new Region(blocks, at.stream().mapToInt(Integer::intValue).toArray(), recording);
    }

    /** Where calls return to is entered from elsewhere, unless all of the function is here and calls nothing. */
    private void returns() {
        for (Node node : chosen.values()) {
            int last = node.code.lastCode();
            if (last == Op.CALL_R || last == Op.CALL && !isLeaf(node.base + node.target)) {
                entries.add(node.base + node.bytes);
            }
        }
    }

    private boolean isLeaf(long function) {
        Set<Long> seen = new HashSet<>();
        ArrayDeque<Long> open = new ArrayDeque<>(List.of(function));
        while (!open.isEmpty()) {
            long address = open.remove();
            if (!seen.add(address)) {
                continue;
            }
            Node node = chosen.get(address);
            if (node == null) {
                return false;
            }
            switch (node.code.lastCode()) {
                case Op.RET -> {
                    // Back.
                }
                case Op.CALL, Op.CALL_R, Op.JMP_R, Op.STOP, Op.SYSCALL -> {
                    return false;
                }
                case Op.JMP -> open.add(node.base + node.target);
                case Op.FALL -> open.add(node.base + node.bytes);
                default -> { // conditional branches
                    open.add(node.base + node.bytes);
                    open.add(node.base + node.target);
                }
            }
        }
        return true;
    }

    /** A transfer by a step may change privilege and address space: the interpreter does it. */
    static boolean translatable(CodeBlock code) {
        return code.valid && code.count > 0 && code.lastCode() != Op.JMP_STEP;
    }

    private void follow(Node node) {
        long next = node.base + node.bytes;
        long branch = node.base + node.target;
        switch (node.code.lastCode()) {
            case Op.JMP -> reach(node, branch);
            case Op.FALL -> reach(node, next);
            case Op.CALL -> {
                reach(node, branch);
                offer(next);
            }
            case Op.CALL_R -> offer(next);
            case Op.RET, Op.JMP_R, Op.STOP, Op.SYSCALL -> {
                // Nothing that is known to follow.
            }
            default -> { // conditional branches
                reach(node, next);
                reach(node, branch);
            }
        }
    }

    /** The target of a direct transfer. */
    private void reach(Node from, long address) {
        if (address <= from.base) {
            entries.add(address);
        }
        offer(address);
    }

    private void offer(long address) {
        Node node = jumps.at(address);
        if (node.unit != null && node.unit.valid && node.unit.translation.instructions > COPIED_MAX) {
            return;
        }
        if (node.base == address && !chosen.containsKey(address) && translatable(node.code)) {
            choose(node);
        }
    }

    private void choose(Node node) {
        if (chosen.isEmpty() || chosen.size() < BLOCKS_MAX && instructions + node.count <= instructionsMax) {
            instructions += (int) node.count;
            chosen.put(node.base, node);
            waiting.add(node);
        }
    }
}
