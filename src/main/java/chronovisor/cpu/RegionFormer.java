package chronovisor.cpu;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the blocks around a hot one: what has been executed and can be reached from it by direct transfers, nearest first. Calls are
 * followed into the function and past it, so that whole loops over small functions become one unit.
 */
final class RegionFormer {
    /** Blocks of a region; an emitted method is to stay below what HotSpot compiles. */
    private static final int BLOCKS_MAX = 64;

    /** Instructions of a unit whose blocks are taken into another one's region: small functions are worth a copy, others a transfer. */
    private static final int COPIED_MAX = 40;

    private final JumpCache jumps;
    private final int instructionsMax;
    private final Map<Long, Node> chosen = new LinkedHashMap<>();
    private final TreeSet<Long> entries = new TreeSet<>();
    private final ArrayDeque<Node> waiting = new ArrayDeque<>();
    private int instructions;

    private RegionFormer(JumpCache jumps, int instructionsMax) {
        this.jumps = jumps;
        this.instructionsMax = instructionsMax;
    }

    /** The region around {@code hot}, which is in {@code jumps}; null when the block cannot be translated. */
    static @Nullable Region form(Node hot, JumpCache jumps, int instructionsMax, boolean recording) {
        RegionFormer former = new RegionFormer(jumps, instructionsMax);
        if (!translatable(hot.code)) {
            return null;
        }
        former.choose(hot);
        while (!former.waiting.isEmpty()) {
            former.follow(former.waiting.remove());
        }
        return former.region(hot.base, recording);
    }

    private Region region(long hot, boolean recording) {
        List<RegionBlock> blocks = new ArrayList<>();
        List<Integer> at = new ArrayList<>();
        at.add(0);
        for (Node node : chosen.values()) {
            if (node.base != hot && entries.contains(node.base)) {
                at.add(blocks.size());
            }
            blocks.add(RegionBlock.of(node));
        }
        return new Region(blocks, at.stream().mapToInt(Integer::intValue).toArray(), recording);
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
                enter(next);
            }
            case Op.CALL_R -> enter(next);
            case Op.RET, Op.JMP_R, Op.STOP, Op.SYSCALL -> {
                // Nothing that is known to follow.
            }
            default -> { // conditional branches
                reach(node, next);
                reach(node, branch);
            }
        }
    }

    /** The target of a direct transfer. A backward one closes a loop, where execution goes on when a slice has ended in it. */
    private void reach(Node from, long address) {
        if (address <= from.base) {
            entries.add(address);
        }
        offer(address);
    }

    private void enter(long address) {
        entries.add(address);
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
