package chronovisor.cpu;

import chronovisor.cpu.x87.X87Pointers;
import chronovisor.isa.Decoded;
import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import chronovisor.isa.Support;
import chronovisor.isa.Undecoded;
import chronovisor.memory.HostMemory;
import java.util.Arrays;

/** Decodes the code at the processor's RIP into a block, or finds it decoded. */
final class BlockBuilder {
    /** Longest block; an operation's word counts to 255. */
    private static final int INSTRUCTIONS_MAX = 64;

    private static final int INSTRUCTION_BYTES_MAX = 15;

    private BlockBuilder() {}

    /**
     * The block at RIP.
     *
     * @param single one instruction only
     */
    static CodeBlock block(Cpu cpu, BlockCache blocks, boolean single) {
        return block(cpu, blocks, cpu.rip, single);
    }

    /** The block at {@code rip}, see {@link #block(Cpu, BlockCache, boolean)}. */
    static CodeBlock block(Cpu cpu, BlockCache blocks, long rip, boolean single) {
        long gpa = cpu.mmu.translateExecute(rip);
        CodeBlock found = single ? blocks.findSingle(gpa) : blocks.find(gpa);
        if (found != null) {
            return found;
        }
        int inPage = 4096 - ((int) gpa & 0xFFF);
        int limit = Math.min(inPage, single ? INSTRUCTION_BYTES_MAX : INSTRUCTIONS_MAX * INSTRUCTION_BYTES_MAX);
        byte[] code = new byte[limit];
        read(blocks, gpa, code, 0, limit);
        CodeBlock block = build(cpu.model, code, limit, single ? 1 : INSTRUCTIONS_MAX);
        if (block.count == 0) {
            return straddler(cpu, blocks, rip, gpa, code);
        }
        if (single) {
            blocks.putSingle(gpa, block);
        } else {
            blocks.put(gpa, block);
        }
        return block;
    }

    private static void read(BlockCache blocks, long gpa, byte[] to, int offset, int count) {
        HostMemory.read(blocks.memory().hostForRead(gpa >>> 12) + (gpa & 0xFFF), to, offset, count);
    }

    private static boolean truncated(Decoded d) {
        return d instanceof Undecoded u && u.reason() == Undecoded.Reason.TRUNCATED;
    }

    /** One instruction whose tail is in the next page. That page's absence is a fault at its first byte. */
    private static CodeBlock straddler(Cpu cpu, BlockCache blocks, long rip, long gpa, byte[] head) {
        long secondGpa = cpu.mmu.translateExecute(rip + head.length);
        byte[] code = Arrays.copyOf(head, INSTRUCTION_BYTES_MAX);
        read(blocks, secondGpa, code, head.length, INSTRUCTION_BYTES_MAX - head.length);
        CodeBlock block = build(cpu.model, code, code.length, 1);
        blocks.putStraddler(gpa, secondGpa, block);
        return block;
    }

    /** Decodes what lies within the limit; no instruction when already the first one goes on behind it. */
    private static CodeBlock build(CpuModel model, byte[] code, int limit, int most) {
        Emitter e = new Emitter();
        int at = 0;
        int count = 0;
        boolean open = true;
        boolean floating = false;
        while (open && count < most) {
            Decoded d = decode(model, code, at, limit);
            if (truncated(d)) {
                break;
            }
            e.instruction(at, d.length(), count);
            open = d instanceof Instruction i ? instruction(i, code, at, e) : undecoded((Undecoded) d, e);
            floating |= d instanceof Instruction i && FloatingPointGate.guards(i);
            at += d.length();
            count++;
        }
        // A block whose last instruction may have changed how to go on does not flow into the next: the interpreter looks again.
        if (open || !e.transfers()) {
            e.instruction(at, 0, count);
            e.op(open ? Op.FALL : Op.STOP, 0, 0, 0);
        }
        return new CodeBlock(e.ops(), e.steps(), e.uses(), count, Arrays.copyOf(code, at), e.target, floating);
    }

    /**
     * What the model takes the bytes for. An instruction that is still to be written stops the machine whether the model has it or not:
     * nobody shall take our gap for a processor's #UD.
     */
    private static Decoded decode(CpuModel model, byte[] code, int at, int limit) {
        Decoded d = Decoder.decode(code, at, limit);
        boolean other = d instanceof Instruction i && !i.row().existsWith(model.features())
                && i.row().support() != Support.MISSING;
        return other ? Decoder.decode(code, at, limit, model.features()) : d;
    }

    private static boolean undecoded(Undecoded u, Emitter e) {
        Step step = switch (u.reason()) {
            case INVALID -> cpu -> {
                throw cpu.raise(Vector.UD, 0);
            };
            case TOO_LONG -> cpu -> {
                throw cpu.raise(Vector.GP, 0);
            };
            case UNSUPPORTED, TRUNCATED -> SystemSteps.without(u.support());
        };
        e.step(Op.STEP, step);
        return false;
    }

    /** The operand whose address a step is to be given: LEA computes without the segment's base, gathers once for each element. */
    private static Operand addressed(Operation operation, Operand m) {
        return switch (operation) {
            case LEA -> new Operand(m.kind(), m.register(), m.bits(), m.base(), m.index(), m.scale(), Operand.NONE,
                    m.value());
            case VPGATHERDD, VPGATHERDQ, VPGATHERQD, VPGATHERQQ, VGATHERDPS, VGATHERDPD, VGATHERQPS, VGATHERQPD ->
                new Operand(m.kind(), m.register(), m.bits(), m.base(), Cpu.SLOT_TEMPORARY, m.scale(), m.segment(),
                        m.value());
            default -> m;
        };
    }

    /** Emits one instruction; false when it ends the block. */
    private static boolean instruction(Instruction i, byte[] code, int at, Emitter e) {
        if (FlowForms.emit(i, e)) {
            return false;
        }
        if (FastForms.emit(i, e)) {
            return true;
        }
        Operand memory = i.memory();
        AddressForm address = memory == null
                ? null
                : Addresses.bind(addressed(i.operation(), memory), i.addressSize(), e.next());
        Step step = Steps.bind(i, address);
        if (step == null) {
            step = SystemSteps.without(i.row().support());
        } else if (X87Pointers.isTracked(i)) {
            step = X87Pointers.tracked(step, address, e.start(), X87Pointers.opcode(code, at));
        }
        e.step(Op.STEP, step, StepUse.of(i));
        return !SystemSteps.endsBlock(i);
    }
}
