package chronovisor.cpu;

import chronovisor.cpu.trace.StepTrace;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs units of translated code where there are some, and lets the interpreter run up to a sample where there are none: blocks that samples
 * meet often are hot, and a translation of what is around them is asked for. Sampling costs the interpreter's loop nothing, and finds what
 * takes time, not what is counted. Where samples fall and when translations come changes nothing that a guest can see.
 */
final class UnitRunner {
    private static final int ASKED_MAX = 2048;

    private final Translator translator;
    private final Translations known;

    private final Heat heat;
    /** Blocks of translations that have been asked for and are not here yet. */
    private final Set<Long> asked = new HashSet<>();

    /** Instructions that the interpreter is still to run before the next sample, in however many pieces. */
    private long untilSample;

    UnitRunner(Translator translator, Translations known, Heat heat) {
        this.translator = translator;
        this.known = known;
        this.heat = heat;
    }

    /** Runs on from {@code node}, which is at RIP and fits into the slice. */
    int advance(Cpu cpu, BlockCache blocks, Node node, long deadline, StepTrace trace) {
        if (node.unit != null) {
            if (node.unit.valid) {
                return chain(cpu, node, node.unit, deadline);
            }
            node.detach();
        }
        long from = cpu.retired;
        long sample = Math.min(deadline, from + node.count + untilSample);
        JumpCache jumps = cpu.jumps;
        int exit = Dispatch.loop(cpu, node, sample, trace, jumps);
        untilSample -= cpu.retired - from;
        if (exit == Dispatch.NEXT && cpu.retired < deadline) {
            Node next = jumps.at(cpu.rip);
            boolean interpreted = next.base == cpu.rip && next.unit == null;
            if (interpreted && cpu.retired + next.count > sample) {
                sampled(cpu, blocks, next, trace);
            } else if (!interpreted && untilSample <= 0) {
                // It fell into what was run: often a block between units, which would never be met where it ends.
                sampled(cpu, blocks, node, trace);
            }
        }
        if (untilSample <= 0) {
            untilSample = heat.sample();
        }
        return exit;
    }

    /** From unit to unit. */
    private int chain(Cpu cpu, Node first, Unit start, long deadline) {
        JumpCache jumps = cpu.jumps;
        int stretch = heat.stretch();
        Node node = first;
        Unit unit = start;
        while (true) {
            long until = Math.min(deadline, cpu.retired + node.count + stretch);
            int exit = unit.run(cpu, until, node.entry);
            if (exit != Dispatch.NEXT) {
                return exit == Unit.LOOK ? Dispatch.NEXT : exit;
            }
            node = jumps.at(cpu.rip);
            Unit next = node.unit;
            if (node.base != cpu.rip || next == null || !next.valid || cpu.retired + node.count > deadline) {
                return Dispatch.NEXT;
            }
            unit = next;
        }
    }

    private void sampled(Cpu cpu, BlockCache blocks, Node node, StepTrace trace) {
        for (Translation t = translator.poll(); t != null; t = translator.poll()) {
            for (long base : t.bases) {
                asked.remove(base);
            }
            attach(cpu, blocks, t, trace);
        }
        if (node.unit == null && !attachKnown(cpu, blocks, node, trace) && ++node.heat == heat.hot()) {
            Region region = RegionFormer.form(node, cpu.jumps, heat.instructions(), trace.recording());
            if (region != null && !ask(cpu, region)) {
                node.heat = 0;
            }
        }
    }

    /** Asks for a translation; false when it is to be seen first what comes of one that has been asked for, or when too many wait already. */
    private boolean ask(Cpu cpu, Region region) {
        long first = region.blocks().getFirst().base();
        Node there = cpu.jumps.at(first);
        if (there.base == first && there.unit != null && there.unit.valid) {
            return true;
        }
        if (asked.contains(first) || !translator.translate(region)) {
            return false;
        }
        if (asked.size() >= ASKED_MAX) {
            asked.clear(); // some never come
        }
        region.blocks().forEach(block -> asked.add(block.base()));
        return true;
    }

    private boolean attachKnown(Cpu cpu, BlockCache blocks, Node node, StepTrace trace) {
        List<Translation> here = known.at(node.base);
        for (int i = here.size() - 1; i >= 0; i--) {
            if (attach(cpu, blocks, here.get(i), trace)) {
                return true;
            }
        }
        return false;
    }

    /** Makes the blocks of a translation run in it, if all of them are where it wants them, and a reader of the trace knows them. */
    private static boolean attach(Cpu cpu, BlockCache blocks, Translation t, StepTrace trace) {
        if (t.recording != trace.recording()) {
            return false;
        }
        CodeBlock[] found = new CodeBlock[t.bases.length];
        for (int i = 0; i < found.length; i++) {
            CodeBlock code = present(cpu, blocks, t, i, trace);
            if (code == null) {
                return false;
            }
            found[i] = code;
        }
        Unit unit = found[0].unitOf(t);
        if (unit == null || !java.util.Arrays.equals(unit.blocks, found)) {
            unit = t.unit(found);
            for (CodeBlock code : found) {
                code.joins(unit);
            }
        }
        JumpCache jumps = cpu.jumps;
        for (int i = 0; i < found.length; i++) {
            jumps.hold(t.bases[i], found[i], cpu.mmu);
        }
        for (int i = 0; i < t.entries.length; i++) {
            Node node = jumps.at(t.entry(i));
            if (node.base != t.entry(i) || node.code != found[t.entries[i]]) {
                node = new Node(found[t.entries[i]], t.entry(i));
                jumps.put(node, cpu.mmu);
            }
            if (i == 0 || node.unit == null || !node.unit.valid) {
                node.attach(unit, i);
            }
        }
        return true;
    }

    private static @Nullable CodeBlock present(Cpu cpu, BlockCache blocks, Translation t, int i, StepTrace trace) {
        long base = t.bases[i];
        Node node = cpu.jumps.at(base);
        if (node.base == base && node.code.valid) {
            return t.isOf(i, node.code) ? node.code : null;
        }
        // Nothing a guest can see may happen for the sake of a unit: no fault, no accessed bit.
        if (cpu.mmu.fetched(base) == -1 || cpu.mmu.fetched(base + t.code[i].length - 1) == -1) {
            return null;
        }
        CodeBlock code = BlockBuilder.block(cpu, blocks, base, false);
        boolean fits = t.isOf(i, code) && trace.knows(cpu.cr3, base, code.bytes)
                && !(cpu.disabled != 0 && code.floating) && !cpu.stops.within(base, code.bytes.length);
        return fits ? code : null;
    }
}
