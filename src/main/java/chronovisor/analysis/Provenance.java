package chronovisor.analysis;

import chronovisor.isa.Disassembler;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import chronovisor.timeline.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a value came from: back through the instructions that moved it, from register to memory and, by the memory's last writer, to
 * the register it was stored from, and so on. Where a value was computed from several the way ends, or follows the first.
 */
final class Provenance {

    /** How a hop got the value. */
    enum Kind {
        /** An instruction loaded it from memory. */
        LOADED,
        /** An instruction stored it there. */
        STORED,
        /** The kernel wrote it there. */
        KERNEL,
        /** Nothing has written there since the machine booted. */
        UNWRITTEN,
        /** It is a constant of an instruction. */
        CONSTANT,
        /** An instruction made it of others. */
        COMPUTED,
        /** It is older than what was looked at. */
        OLDER
    }

    /**
     * One step on the way back.
     *
     * @param at
     *            the stop before the instruction
     * @param task
     *            whose instruction, or for whom the kernel wrote
     * @param address
     *            of the memory that was loaded or stored, else 0
     * @param base
     *            the register that {@code address} was formed from, or -1
     * @param baseValue
     *            what was in it
     * @param event
     *            what the kernel did, where it wrote
     */
    record Hop(Kind kind, Position at, int task, long rip, String code, long address, int bytes, int base,
            long baseValue, @Nullable GuestEvent event) {}

    private static final int HOPS_MAX = 10;
    private static final long[] WINDOWS = {256, 4096, 65_536, 1 << 18};
    private static final int KEPT = 1 << 16;

    private final Scene scene;
    /** Whether the way ends where the value was computed of others, instead of following the first of them. */
    private final boolean exact;
    private final List<Hop> hops = new ArrayList<>();

    private Provenance(Scene scene, boolean exact) {
        this.scene = scene;
        this.exact = exact;
    }

    /** Where the value that a register of a task has at a position came from, nearest first. */
    static List<Hop> ofRegister(Scene scene, int task, int register, Position at) {
        Provenance way = new Provenance(scene, false);
        way.register(task, register, at);
        return List.copyOf(way.hops);
    }

    /** The same of a number that is no pointer: back to where it was computed. */
    static List<Hop> ofNumber(Scene scene, int task, int register, Position at) {
        Provenance way = new Provenance(scene, true);
        way.register(task, register, at);
        return List.copyOf(way.hops);
    }

    /** Who gave memory of a task the value that it has at a position. */
    static List<Hop> ofMemory(Scene scene, int task, long address, int bytes, Position at) {
        Provenance way = new Provenance(scene, false);
        way.memory(task, address, bytes, at);
        return List.copyOf(way.hops);
    }

    private void register(int task, int register, Position at) {
        int wanted = register;
        for (long window : WINDOWS) {
            Steps steps = Steps.before(scene, task, at, window, KEPT);
            scene.timeline().seek(at);
            long value = scene.view().registersOf(task).map(saved -> saved.general(register)).orElse(0L);
            if (follow(task, steps, steps.size(), wanted, value)) {
                return;
            }
            if (window >= at.tick()) {
                break;
            }
        }
        add(new Hop(Kind.OLDER, at, task, 0, "", 0, 0, -1, 0, null));
    }

    /** Follows a register within some steps; false when the way leads out of them. */
    private boolean follow(int task, Steps steps, int from, int register, long valueThere) {
        int before = from;
        int wanted = register;
        long value = valueThere;
        while (true) {
            int at = steps.writerOf(wanted, before, value);
            if (at < 0) {
                return false;
            }
            Steps.Step step = steps.get(at);
            Instruction instruction = step.instruction();
            if (instruction != null && instruction.operation() == Operation.CMOVCC
                    && !moved(step, instruction, wanted, value)) {
                before = at;
                continue;
            }
            if (instruction == null) {
                add(hop(Kind.COMPUTED, task, step, null, 0, 0));
                return true;
            }
            Operand source = source(instruction, wanted);
            switch (instruction.operation()) {
                case POP -> {
                    load(task, step, null, step.general()[Numbers.RSP], 8);
                    return true;
                }
                case MOV, MOVZX, MOVSX, MOVSXD, CMOVCC, XCHG -> {
                    if (source != null && source.isMemory()) {
                        long address = scene.address(instruction, source, step.rip(), step.general(), task);
                        load(task, step, source, address, Math.max(1, source.bits() / 8));
                        return true;
                    }
                    if (source == null || source.kind() != Operand.Kind.GPR) {
                        add(hop(source == null ? Kind.COMPUTED : Kind.CONSTANT, task, step, null, 0, 0));
                        return true;
                    }
                    wanted = source.register();
                }
                case LEA -> {
                    Operand memory = instruction.memory();
                    boolean constant = memory == null || memory.base() < 0 || memory.base() == Operand.RIP;
                    if (memory == null || constant || exact) {
                        add(hop(constant ? Kind.CONSTANT : Kind.COMPUTED, task, step, null, 0, 0));
                        return true;
                    }
                    wanted = memory.base();
                }
                case ADD, SUB, INC, DEC, AND, OR -> {
                    // What it was before, a little further on.
                    if (exact || source != null && source.isMemory()) {
                        add(hop(Kind.COMPUTED, task, step, null, 0, 0));
                        return true;
                    }
                }
                default -> {
                    boolean zero = instruction.operation() == Operation.XOR && source != null
                            && source.isGpr(wanted);
                    add(hop(zero ? Kind.CONSTANT : Kind.COMPUTED, task, step, null, 0, 0));
                    return true;
                }
            }
            before = at;
            value = step.general()[wanted];
        }
    }

    /** Whether a conditional move moved, by what its register has behind it. */
    private static boolean moved(Steps.Step step, Instruction instruction, int register, long after) {
        if (step.general()[register] != after) {
            return true;
        }
        Operand source = source(instruction, register);
        // Of memory it is not known; the value was there before, so that it stays the same one.
        return source != null && source.kind() == Operand.Kind.GPR && step.general()[source.register()] == after;
    }

    private static @Nullable Operand source(Instruction instruction, int register) {
        if (instruction.operandCount() < 2) {
            return null;
        }
        boolean swapped = instruction.operation() == Operation.XCHG && instruction.operand(1).isGpr(register);
        return instruction.operand(swapped ? 0 : 1);
    }

    private void load(int task, Steps.Step step, @Nullable Operand operand, long address, int bytes) {
        add(hop(Kind.LOADED, task, step, operand, address, bytes));
        if (hops.size() < HOPS_MAX) {
            memory(task, address, bytes, step.before());
        }
    }

    private Hop hop(Kind kind, int task, Steps.Step step, @Nullable Operand operand, long address, int bytes) {
        int base = operand == null || operand.base() < 0 || operand.base() == Operand.RIP ? -1 : operand.base();
        return new Hop(kind, step.before(), task, step.rip(), text(step.instruction(), step.rip()), address, bytes,
                base, base < 0 ? 0 : step.general()[base], null);
    }

    private static String text(@Nullable Instruction instruction, long rip) {
        return instruction == null ? "" : Disassembler.intel(instruction, rip);
    }

    private void memory(int task, long address, int bytes, Position before) {
        scene.timeline().seek(before);
        Optional<Access> found = scene.timeline().lastWriter(scene.root(task), address, bytes, before);
        if (found.isEmpty()) {
            add(new Hop(Kind.UNWRITTEN, before, task, 0, "", address, bytes, -1, 0, null));
            return;
        }
        Access access = found.get();
        scene.timeline().seek(access.before());
        int writer = scene.view().taskOn(access.core());
        long[] general = scene.view().general(access.core());
        Instruction instruction = scene.instruction(writer, access.rip());
        Steps.Step step = new Steps.Step(access.before(), access.rip(), instruction, general);
        if (access.kernel() != null || instruction == null) {
            Hop hop = hop(Kind.KERNEL, writer, step, null, address, bytes);
            add(new Hop(hop.kind, hop.at, hop.task, hop.rip, hop.code, address, bytes, -1, 0, access.kernel()));
            return;
        }
        add(hop(Kind.STORED, writer, step, null, address, bytes));
        if (hops.size() >= HOPS_MAX) {
            return;
        }
        switch (instruction.operation()) {
            case MOV, XCHG -> {
                Operand source = instruction.operand(1);
                if (source.kind() == Operand.Kind.GPR) {
                    register(writer, source.register(), access.before());
                }
            }
            case PUSH -> {
                if (instruction.operand(0).kind() == Operand.Kind.GPR) {
                    register(writer, instruction.operand(0).register(), access.before());
                }
            }
            case MOVS ->
                memory(writer, general[Numbers.RSI] + (address - general[Numbers.RDI]), bytes, access.before());
            default -> {
                // A block copy, a fill, a computation: told by its function.
            }
        }
    }

    private void add(Hop hop) {
        if (hops.size() < HOPS_MAX) {
            hops.add(hop);
        }
    }
}
