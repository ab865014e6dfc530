package chronovisor.cpu;

import chronovisor.cpu.trace.StepTrace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs units of translated code where there are some, and lets the interpreter run up to a sample where there are none: blocks that samples
 * meet often are hot, and a translation of what is around them is asked for. Sampling costs the interpreter's loop nothing, and finds what
 * takes time, not what is counted. Where samples fall and when translations come changes nothing that a guest can see.
 */
final class UnitRunner {
    private static final int TRANSLATIONS_MAX = 4096;

    private final Translator translator;
    private final Map<Long, List<Translation>> byEntry = new HashMap<>();

    private final Heat heat;
    private int kept;

    /** Instructions that the interpreter is still to run before the next sample, in however many pieces. */
    private long untilSample;

    UnitRunner(Translator translator, Heat heat) {
        this.translator = translator;
        this.heat = heat;
    }

    /** Runs on from {@code node}, which is at RIP and fits into the slice. */
    int advance(Cpu cpu, BlockCache blocks, Node node, long deadline, StepTrace trace) {
        if (node.unit != null) {
            if (node.unit.valid) {
                return chain(cpu, node, node.unit, deadline, trace);
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
            if (next.base == cpu.rip && next.unit == null && cpu.retired + next.count > sample) {
                sampled(cpu, blocks, next, trace);
            }
        }
        if (untilSample <= 0) {
            untilSample = heat.sample();
        }
        return exit;
    }

    /** From unit to unit. */
    private int chain(Cpu cpu, Node first, Unit start, long deadline, StepTrace trace) {
        JumpCache jumps = cpu.jumps;
        int stretch = heat.stretch();
        Node node = first;
        Unit unit = start;
        while (true) {
            long until = Math.min(deadline, cpu.retired + node.count + stretch);
            int exit = unit.run(cpu, cpu.gpr, cpu.mmu, trace, jumps, until, node.entry);
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
            keep(t);
            attach(cpu, blocks, t, trace);
        }
        if (node.unit == null && !attachKnown(cpu, blocks, node, trace) && ++node.heat == heat.hot()) {
            Region region = RegionFormer.form(node, cpu.jumps, heat.instructions(), trace.recording());
            if (region != null && !translator.translate(region)) {
                node.heat = 0;
            }
        }
    }

    /** Remembers a translation, for when the same code is found again. When there are too many, those in use stay where they are used. */
    private void keep(Translation t) {
        if (++kept > TRANSLATIONS_MAX) {
            byEntry.clear();
            kept = 1;
        }
        for (int i = 0; i < t.entries.length; i++) {
            byEntry.computeIfAbsent(t.entry(i), _ -> new ArrayList<>(1)).add(t);
        }
    }

    private boolean attachKnown(Cpu cpu, BlockCache blocks, Node node, StepTrace trace) {
        List<Translation> known = byEntry.get(node.base);
        if (known == null) {
            return false;
        }
        for (int i = known.size() - 1; i >= 0; i--) {
            if (attach(cpu, blocks, known.get(i), trace)) {
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
