package chronovisor.jit;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import chronovisor.isa.Condition;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/**
 * Flags in emitted code: what is pending at the place where code is being emitted, its aux word when it is needed, and conditions, which
 * often need none.
 */
final class FlagEmitter {
    private static final ClassDesc LONG = ConstantDescs.CD_Long;
    private static final ClassDesc INTEGER = ConstantDescs.CD_Integer;
    private static final MethodTypeDesc L_LLL = MethodTypeDesc.of(CD_long, CD_long, CD_long, CD_long);
    private static final MethodTypeDesc L_ILLL = MethodTypeDesc.of(CD_long, CD_int, CD_long, CD_long, CD_long);
    private static final MethodTypeDesc L_LL = MethodTypeDesc.of(CD_long, CD_long, CD_long);
    private static final MethodTypeDesc L_ILL = MethodTypeDesc.of(CD_long, CD_int, CD_long, CD_long);
    private static final MethodTypeDesc L_ILI = MethodTypeDesc.of(CD_long, CD_int, CD_long, CD_int);
    private static final MethodTypeDesc Z_LL = MethodTypeDesc.of(CD_boolean, CD_long, CD_long);
    private static final MethodTypeDesc Z_L = MethodTypeDesc.of(CD_boolean, CD_long);
    private static final MethodTypeDesc I_LL = MethodTypeDesc.of(CD_int, CD_long, CD_long);
    private static final MethodTypeDesc I_II = MethodTypeDesc.of(CD_int, CD_int, CD_int);

    private final CodeBuilder b;
    private Pending pending = Pending.NONE;

    FlagEmitter(CodeBuilder b) {
        this.b = b;
    }

    Pending pending() {
        return pending;
    }

    /** What is pending from here on. */
    void pending(Pending now) {
        pending = now;
    }

    /** Brings the aux word into its local: nothing is pending any more. */
    void settle() {
        settle(pending);
        pending = Pending.NONE;
    }

    /** Pushes the result word. */
    private CodeBuilder result() {
        return result(pending);
    }

    private CodeBuilder result(Pending kind) {
        if (!kind.tellsResult()) {
            return b.lload(Locals.RESULT);
        }
        b.lload(Locals.A);
        switch (kind) {
            case INC64, INC32, DEC64, DEC32 -> b.lconst_1();
            default -> b.lload(Locals.B);
        }
        switch (kind) {
            case ADD64, ADD32, ADD8, INC64, INC32 -> b.ladd();
            default -> b.lsub();
        }
        return switch (kind.bits()) {
            case 64 -> b;
            case 32 -> b.l2i().i2l();
            default -> b.l2i().i2b().i2l();
        };
    }

    /** As {@link #settle()}, where {@code kind} is pending. */
    void settle(Pending kind) {
        if (kind.tellsResult()) {
            result(kind).lstore(Locals.RESULT);
        }
        switch (kind) {
            case NONE -> {
                return;
            }
            case ADD64, ADC64 -> operands().lload(Locals.RESULT).invokestatic(Names.FLAGS, "addAux64", L_LLL);
            case SUB64, SBB64 -> operands().lload(Locals.RESULT).invokestatic(Names.FLAGS, "subAux64", L_LLL);
            case ADD32, ADC32, ADD8 -> sized("addAux", kind);
            case SUB32, SBB32, SUB8 -> sized("subAux", kind);
            case LOGIC -> b.lconst_0();
            case INC64 -> {
                b.lload(Locals.A).lconst_1().lload(Locals.RESULT).invokestatic(Names.FLAGS, "addAux64", L_LLL);
                keepCarry();
            }
            case DEC64 -> {
                b.lload(Locals.A).lconst_1().lload(Locals.RESULT).invokestatic(Names.FLAGS, "subAux64", L_LLL);
                keepCarry();
            }
            case INC32 -> {
                b.bipush(32).lload(Locals.A).lconst_1().lload(Locals.RESULT)
                        .invokestatic(Names.FLAGS, "addAux", L_ILLL);
                keepCarry();
            }
            case DEC32 -> {
                b.bipush(32).lload(Locals.A).lconst_1().lload(Locals.RESULT)
                        .invokestatic(Names.FLAGS, "subAux", L_ILLL);
                keepCarry();
            }
            case SHL64, SHL32 -> shifted("shlAux", kind);
            case SHR64, SHR32 -> shifted("shrAux", kind);
            case SAR64, SAR32 -> shifted("sarAux", kind);
            case IMUL64 -> {
                b.bipush(64);
                operands().lmul();
                operands().invokestatic(ClassDesc.of("java.lang.Math"), "multiplyHigh", L_LL)
                        .invokestatic(Names.MUL_DIV, "imulAux", L_ILL);
            }
            case IMUL32 -> b.bipush(32).lload(Locals.A).lload(Locals.A).bipush(32).lshr()
                    .invokestatic(Names.MUL_DIV, "imulAux", L_ILL);
        }
        b.lstore(Locals.AUX);
    }

    private CodeBuilder operands() {
        return b.lload(Locals.A).lload(Locals.B);
    }

    private void sized(String name, Pending kind) {
        b.bipush(kind.bits());
        operands().lload(Locals.RESULT).invokestatic(Names.FLAGS, name, L_ILLL);
    }

    private void shifted(String name, Pending kind) {
        b.bipush(kind.bits());
        operands().l2i().invokestatic(Names.SHIFTS, name, L_ILI);
    }

    private void keepCarry() {
        b.lload(Locals.AUX).invokestatic(Names.FLAGS, "keepCarry", L_LL);
    }

    /** An operation follows that leaves CF alone: the aux word's local gets the carry. */
    void settleCarry() {
        switch (pending) {
            case INC64, INC32, DEC64, DEC32 -> {
                // It is there from before them.
            }
            default -> settle();
        }
    }

    /** Pushes CF as 0 or 1. */
    void carry() {
        if (pending == Pending.LOGIC) {
            b.lconst_0();
            return;
        }
        settleCarry();
        b.lload(Locals.AUX).bipush(63).lushr();
    }

    /** Jumps when a condition holds, else goes on. Changes what is pending only by settling it. */
    void branch(Condition condition, Label label) {
        boolean positive = (condition.ordinal() & 1) == 0;
        switch (condition) {
            case E, NE -> zero(positive, label);
            case S, NS -> sign(positive, label);
            case P, NP -> parity(positive, label);
            case O, NO -> overflow(positive, label);
            case B, AE -> below(positive, label);
            case BE, A -> belowOrEqual(positive, label);
            case L, GE -> less(positive, label);
            case LE, G -> lessOrEqual(positive, label);
        }
    }

    private static Opcode either(boolean positive, Opcode whenPositive, Opcode whenNot) {
        return positive ? whenPositive : whenNot;
    }

    private void compareResult(Opcode branch, Label label) {
        result().lconst_0().lcmp().branch(branch, label);
    }

    private void zero(boolean positive, Label label) {
        switch (pending) {
            case SUB64 -> operands().lcmp().branch(either(positive, Opcode.IFEQ, Opcode.IFNE), label);
            case SUB32 -> {
                narrow();
                b.branch(either(positive, Opcode.IF_ICMPEQ, Opcode.IF_ICMPNE), label);
            }
            default -> compareResult(either(positive, Opcode.IFEQ, Opcode.IFNE), label);
        }
    }

    private void sign(boolean positive, Label label) {
        if (pending != Pending.NONE) {
            compareResult(either(positive, Opcode.IFLT, Opcode.IFGE), label);
        } else {
            asked("sign", positive, label);
        }
    }

    private void parity(boolean positive, Label label) {
        result();
        if (pending != Pending.NONE) {
            b.lconst_0();
        } else {
            b.lload(Locals.AUX);
        }
        b.invokestatic(Names.FLAGS, "parity", Z_LL).branch(either(positive, Opcode.IFNE, Opcode.IFEQ), label);
    }

    private void overflow(boolean positive, Label label) {
        if (pending == Pending.LOGIC) {
            always(!positive, label);
            return;
        }
        settle();
        b.lload(Locals.AUX).invokestatic(Names.FLAGS, "overflow", Z_L)
                .branch(either(positive, Opcode.IFNE, Opcode.IFEQ), label);
    }

    private void always(boolean taken, Label label) {
        b.iconst_0().branch(either(taken, Opcode.IFEQ, Opcode.IFNE), label);
    }

    private void below(boolean positive, Label label) {
        switch (pending) {
            case LOGIC -> always(!positive, label);
            case SUB64, SUB32, SUB8 -> unsigned(either(positive, Opcode.IFLT, Opcode.IFGE), label);
            case ADD64 -> result().lload(Locals.A).invokestatic(LONG, "compareUnsigned", I_LL)
                    .branch(either(positive, Opcode.IFLT, Opcode.IFGE), label);
            case ADD32 -> result().l2i().lload(Locals.A).l2i()
                    .invokestatic(INTEGER, "compareUnsigned", I_II)
                    .branch(either(positive, Opcode.IFLT, Opcode.IFGE), label);
            default -> {
                settleCarry();
                b.lload(Locals.AUX).lconst_0().lcmp().branch(either(positive, Opcode.IFLT, Opcode.IFGE), label);
            }
        }
    }

    private void belowOrEqual(boolean positive, Label label) {
        switch (pending) {
            case LOGIC -> zero(positive, label);
            case SUB64, SUB32, SUB8 -> unsigned(either(positive, Opcode.IFLE, Opcode.IFGT), label);
            default -> {
                settle();
                either("carry", positive, label);
            }
        }
    }

    private void less(boolean positive, Label label) {
        switch (pending) {
            case LOGIC -> compareResult(either(positive, Opcode.IFLT, Opcode.IFGE), label);
            case SUB64, SUB32, SUB8 -> signed(either(positive, Opcode.IFLT, Opcode.IFGE),
                    either(positive, Opcode.IF_ICMPLT, Opcode.IF_ICMPGE), label);
            default -> {
                settle();
                asked("less", positive, label);
            }
        }
    }

    private void lessOrEqual(boolean positive, Label label) {
        switch (pending) {
            case LOGIC -> compareResult(either(positive, Opcode.IFLE, Opcode.IFGT), label);
            case SUB64, SUB32, SUB8 -> signed(either(positive, Opcode.IFLE, Opcode.IFGT),
                    either(positive, Opcode.IF_ICMPLE, Opcode.IF_ICMPGT), label);
            default -> {
                settle();
                either("less", positive, label);
            }
        }
    }

    /** Zero, or what {@code name} says; nothing is pending. */
    private void either(String name, boolean positive, Label label) {
        if (positive) {
            zero(true, label);
            asked(name, true, label);
            return;
        }
        Label no = b.newLabel();
        zero(true, no);
        asked(name, false, label);
        b.labelBinding(no);
    }

    private void asked(String name, boolean positive, Label label) {
        if (name.equals("carry")) {
            b.lload(Locals.AUX).invokestatic(Names.FLAGS, name, Z_L);
        } else {
            b.lload(Locals.RESULT).lload(Locals.AUX).invokestatic(Names.FLAGS, name, Z_LL);
        }
        b.branch(either(positive, Opcode.IFNE, Opcode.IFEQ), label);
    }

    private void unsigned(Opcode branch, Label label) {
        switch (pending.bits()) {
            case 64 -> operands().invokestatic(LONG, "compareUnsigned", I_LL).branch(branch, label);
            case 32 -> {
                narrow();
                b.invokestatic(INTEGER, "compareUnsigned", I_II).branch(branch, label);
            }
            default -> {
                b.lload(Locals.A).l2i().sipush(0xFF).iand().lload(Locals.B).l2i().sipush(0xFF).iand().isub();
                b.branch(branch, label);
            }
        }
    }

    private void signed(Opcode wide, Opcode narrow, Label label) {
        switch (pending.bits()) {
            case 64 -> operands().lcmp().branch(wide, label);
            case 32 -> {
                narrow();
                b.branch(narrow, label);
            }
            default -> b.lload(Locals.A).l2i().i2b().lload(Locals.B).l2i().i2b().branch(narrow, label);
        }
    }

    private void narrow() {
        b.lload(Locals.A).l2i().lload(Locals.B).l2i();
    }
}
