package chronovisor.jit;

import static java.lang.constant.ConstantDescs.CD_long;

import chronovisor.cpu.Op;
import chronovisor.isa.Operand;
import java.lang.classfile.CodeBuilder;

/** Slots of packed operations in emitted code: local variables, constants, or elements of the processor's array. */
final class Places {
    private static final int SLOT_BLOCK = 16;
    private static final int SLOT_ZERO = 17;
    private static final int SLOT_TEMPORARY = 18;

    static final long M32 = 0xFFFF_FFFFL;

    private final CodeBuilder b;
    private long base;

    Places(CodeBuilder b) {
        this.b = b;
    }

    /** Blocks start here from now on: what RIP-relative addresses are relative to. */
    void base(long linear) {
        base = linear;
    }

    long base() {
        return base;
    }

    /** Pushes the processor's array of registers. */
    static CodeBuilder registers(CodeBuilder b) {
        return b.aload(Locals.CPU).getfield(Names.CPU, "gpr", CD_long.arrayType());
    }

    /** Pushes a slot. */
    CodeBuilder get(int slot) {
        return switch (slot) {
            case SLOT_BLOCK -> b.loadConstant(base);
            case SLOT_ZERO -> b.lconst_0();
            case SLOT_TEMPORARY -> b.lload(Locals.TEMPORARY);
            default -> slot < 16
                    ? b.lload(Locals.register(slot))
                    : registers(b).bipush(slot).laload(); // segment bases
        };
    }

    /** Pops into a register or the temporary slot. */
    CodeBuilder set(int slot) {
        if (slot == SLOT_TEMPORARY) {
            return b.lstore(Locals.TEMPORARY);
        }
        if (slot >= 16) {
            throw new IllegalArgumentException("slot " + slot + " is not written by packed operations");
        }
        return b.lstore(Locals.register(slot));
    }

    /** Pushes the effective linear address of an operation. */
    void address(long w, long displacement) {
        address(Op.base(w), Op.index(w), Op.scale(w), displacement);
    }

    private void address(int at, int index, int scale, long displacement) {
        long constant = displacement;
        boolean any = false;
        if (at == SLOT_BLOCK) {
            constant += base;
        } else if (at != SLOT_ZERO) {
            get(at);
            any = true;
        }
        if (index != SLOT_ZERO) {
            get(index);
            if (scale != 0) {
                b.bipush(scale).lshl();
            }
            if (any) {
                b.ladd();
            }
            any = true;
        }
        if (!any) {
            b.loadConstant(constant);
        } else if (constant != 0) {
            b.loadConstant(constant).ladd();
        }
    }

    /**
     * Pushes the effective linear address of a memory operand of 64-bit address size and without a segment.
     *
     * @param next offset from the block's start to the next instruction: what RIP is relative to
     */
    void address(Operand o, int next) {
        boolean relative = o.base() == Operand.RIP;
        int from = relative ? SLOT_BLOCK : o.base() < 0 ? SLOT_ZERO : o.base();
        int index = o.index() < 0 ? SLOT_ZERO : o.index();
        address(from, index, Integer.numberOfTrailingZeros(Math.max(1, o.scale())),
                relative ? o.displacement() + next : o.displacement());
    }

    /** The low half of the long on the stack, sign-extended. */
    CodeBuilder low32() {
        return b.l2i().i2l();
    }

    /** The low half of the long on the stack, zero-extended. */
    CodeBuilder unsigned32() {
        return b.loadConstant(M32).land();
    }
}
