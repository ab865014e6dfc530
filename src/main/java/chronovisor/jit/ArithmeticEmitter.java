package chronovisor.jit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import chronovisor.cpu.Op;
import chronovisor.isa.Condition;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/** Packed operations on registers: what {@code Packed} says of them, with flags left pending. */
final class ArithmeticEmitter {
    private static final MethodTypeDesc L_L = MethodTypeDesc.of(CD_long, CD_long);
    private static final MethodTypeDesc L_LI = MethodTypeDesc.of(CD_long, CD_long, CD_int);
    private static final MethodTypeDesc I_II = MethodTypeDesc.of(CD_int, CD_int, CD_int);
    private static final MethodTypeDesc ROTATED = MethodTypeDesc.of(CD_long, CD_int, CD_long, CD_long,
            ConstantDescs.CD_boolean, CD_long);
    private static final int RCX = 1;

    private final CodeBuilder b;
    private final Places places;
    private final FlagEmitter flags;

    ArithmeticEmitter(CodeBuilder b, Places places, FlagEmitter flags) {
        this.b = b;
        this.places = places;
        this.flags = flags;
    }

    /** Emits an operation; false when it is none of these. */
    boolean emit(long w, long x) {
        int code = (int) w & Op.CODE;
        int d = Op.destination(w);
        int s = Op.source(w);
        switch (code) {
            case Op.ADD_RR64, Op.SUB_RR64, Op.ADC_RR64, Op.SBB_RR64 -> add(code, d, 64, () -> places.get(s));
            case Op.ADD_RI64, Op.SUB_RI64, Op.ADC_RI64, Op.SBB_RI64 ->
                add(code - 1, d, 64, () -> b.loadConstant(x));
            case Op.ADD_RR32, Op.SUB_RR32, Op.ADC_RR32, Op.SBB_RR32 -> add(code - Op.TO_32, d, 32, () -> places.get(s));
            case Op.ADD_RI32, Op.SUB_RI32, Op.ADC_RI32, Op.SBB_RI32 ->
                add(code - Op.TO_32 - 1, d, 32, () -> b.loadConstant(x));
            case Op.ADD_RR8, Op.SUB_RR8 -> add8(code == Op.ADD_RR8, d, () -> places.get(s));
            case Op.ADD_RI8, Op.SUB_RI8 -> add8(code == Op.ADD_RI8, d, () -> b.loadConstant(x));
            case Op.AND_RR64, Op.OR_RR64, Op.XOR_RR64 -> logic(code, d, 64, () -> places.get(s));
            case Op.AND_RI64, Op.OR_RI64, Op.XOR_RI64 -> logic(code - 1, d, 64, () -> b.loadConstant(x));
            case Op.AND_RR32, Op.OR_RR32, Op.XOR_RR32 -> logic(code - Op.TO_32, d, 32, () -> places.get(s));
            case Op.AND_RI32, Op.OR_RI32, Op.XOR_RI32 -> logic(code - Op.TO_32 - 1, d, 32, () -> b.loadConstant(x));
            case Op.AND_RR8, Op.OR_RR8, Op.XOR_RR8 -> logic8(code, d, () -> places.get(s));
            case Op.AND_RI8, Op.OR_RI8, Op.XOR_RI8 -> logic8(code - 1, d, () -> b.loadConstant(x));
            case Op.CMP_RR64 -> compare(d, Pending.SUB64, () -> places.get(s));
            case Op.CMP_RI64 -> compare(d, Pending.SUB64, () -> b.loadConstant(x));
            case Op.CMP_RR32 -> compare(d, Pending.SUB32, () -> places.get(s));
            case Op.CMP_RI32 -> compare(d, Pending.SUB32, () -> b.loadConstant(x));
            case Op.CMP_RR8 -> compare(d, Pending.SUB8, () -> places.get(s));
            case Op.CMP_RI8 -> compare(d, Pending.SUB8, () -> b.loadConstant(x));
            case Op.TEST_RR64 -> test(d, 64, () -> places.get(s));
            case Op.TEST_RI64 -> test(d, 64, () -> b.loadConstant(x));
            case Op.TEST_RR32 -> test(d, 32, () -> places.get(s));
            case Op.TEST_RI32 -> test(d, 32, () -> b.loadConstant(x));
            case Op.TEST_RR8 -> test(d, 8, () -> places.get(s));
            case Op.TEST_RI8 -> test(d, 8, () -> b.loadConstant(x));
            case Op.INC64 -> increment(d, 64, Pending.INC64);
            case Op.INC32 -> increment(d, 32, Pending.INC32);
            case Op.DEC64 -> increment(d, 64, Pending.DEC64);
            case Op.DEC32 -> increment(d, 32, Pending.DEC32);
            case Op.NEG64 -> negate(d, 64);
            case Op.NEG32 -> negate(d, 32);
            case Op.NOT64 -> {
                places.get(d).loadConstant(-1L).lxor();
                places.set(d);
            }
            case Op.NOT32 -> {
                places.get(d).loadConstant(-1L).lxor();
                places.unsigned32();
                places.set(d);
            }
            case Op.IMUL_RR64 -> multiply64(d, () -> places.get(d), () -> places.get(s));
            case Op.IMUL_RRI64 -> multiply64(d, () -> places.get(s), () -> b.loadConstant(x));
            case Op.IMUL_RR32 -> multiply32(d, () -> places.get(d), () -> places.get(s));
            case Op.IMUL_RRI32 -> multiply32(d, () -> places.get(s), () -> b.loadConstant(x));
            case Op.SETCC -> set(d, Condition.of(s));
            case Op.CMOV64 -> move64(d, s, Condition.of((int) x));
            case Op.CMOV32 -> move32(d, s, Condition.of((int) x));
            default -> {
                return shift(code, d, x) || move(code, d, s, x);
            }
        }
        return true;
    }

    /** An operation has left its result on the stack: to the destination and to the flags, which are left pending. */
    private void result(int d, int bits, Pending kind) {
        keep(bits, kind);
        switch (bits) {
            case 64 -> {
                // As it is.
            }
            case 32 -> places.unsigned32();
            default -> {
                b.loadConstant(0xFFL).land();
                places.get(d).loadConstant(~0xFFL).land().lor();
            }
        }
        places.set(d);
        flags.pending(kind);
    }

    /** Makes a result word of the result on the stack and leaves it there; keeps it where the operands do not tell it. */
    private void keep(int bits, Pending kind) {
        if (!kind.tellsResult()) {
            narrow(bits);
            b.dup2().lstore(Locals.RESULT);
        }
    }

    private void narrow(int bits) {
        switch (bits) {
            case 64 -> {
                // As it is.
            }
            case 32 -> places.low32();
            default -> b.l2i().i2b().i2l();
        }
    }

    /** @param code the 64-bit register form */
    private void add(int code, int d, int bits, Runnable second) {
        boolean carries = code == Op.ADC_RR64 || code == Op.SBB_RR64;
        boolean adds = code == Op.ADD_RR64 || code == Op.ADC_RR64;
        if (carries) {
            flags.carry();
            b.lstore(Locals.OTHER);
        }
        places.get(d).lstore(Locals.A);
        second.run();
        b.lstore(Locals.B).lload(Locals.A).lload(Locals.B);
        b.with(OperatorInstruction.of(adds ? Opcode.LADD : Opcode.LSUB));
        if (carries) {
            b.lload(Locals.OTHER);
            b.with(OperatorInstruction.of(adds ? Opcode.LADD : Opcode.LSUB));
        }
        result(d, bits, bits == 64
                ? adds ? carries ? Pending.ADC64 : Pending.ADD64 : carries ? Pending.SBB64 : Pending.SUB64
                : adds ? carries ? Pending.ADC32 : Pending.ADD32 : carries ? Pending.SBB32 : Pending.SUB32);
    }

    private void add8(boolean adds, int d, Runnable second) {
        places.get(d).lstore(Locals.A);
        second.run();
        b.lstore(Locals.B).lload(Locals.A).lload(Locals.B);
        b.with(OperatorInstruction.of(adds ? Opcode.LADD : Opcode.LSUB));
        result(d, 8, adds ? Pending.ADD8 : Pending.SUB8);
    }

    /** @param code the register form of 64 or 8 bits */
    private void combine(int code) {
        switch (code) {
            case Op.AND_RR64, Op.AND_RR8 -> b.land();
            case Op.OR_RR64, Op.OR_RR8 -> b.lor();
            default -> b.lxor();
        }
    }

    private void logic(int code, int d, int bits, Runnable second) {
        places.get(d);
        second.run();
        combine(code);
        result(d, bits, Pending.LOGIC);
    }

    private void logic8(int code, int d, Runnable second) {
        places.get(d);
        second.run();
        combine(code);
        result(d, 8, Pending.LOGIC);
    }

    private void compare(int d, Pending kind, Runnable second) {
        places.get(d).lstore(Locals.A);
        second.run();
        b.lstore(Locals.B);
        flags.pending(kind);
    }

    private void test(int d, int bits, Runnable second) {
        places.get(d);
        second.run();
        b.land();
        narrow(bits);
        b.lstore(Locals.RESULT);
        flags.pending(Pending.LOGIC);
    }

    private void increment(int d, int bits, Pending kind) {
        flags.settleCarry();
        places.get(d).dup2().lstore(Locals.A).lconst_1();
        if (kind == Pending.INC64 || kind == Pending.INC32) {
            b.ladd();
        } else {
            b.lsub();
        }
        result(d, bits, kind);
    }

    private void negate(int d, int bits) {
        b.lconst_0().lstore(Locals.A);
        places.get(d).dup2().lstore(Locals.B).lneg();
        result(d, bits, bits == 64 ? Pending.SUB64 : Pending.SUB32);
    }

    private void multiply64(int d, Runnable first, Runnable second) {
        first.run();
        b.lstore(Locals.A);
        second.run();
        b.dup2().lstore(Locals.B).lload(Locals.A).lmul().dup2();
        places.set(d);
        b.invokestatic(Names.MUL_DIV, "flagResult", L_L).lstore(Locals.RESULT);
        flags.pending(Pending.IMUL64);
    }

    private void multiply32(int d, Runnable first, Runnable second) {
        first.run();
        places.low32();
        second.run();
        places.low32().lmul().dup2().lstore(Locals.A).dup2();
        places.unsigned32();
        places.set(d);
        places.low32().invokestatic(Names.MUL_DIV, "flagResult", L_L).lstore(Locals.RESULT);
        flags.pending(Pending.IMUL32);
    }

    private boolean shift(int code, int d, long x) {
        switch (code) {
            case Op.SHL_RI64 -> shifted(d, 64, x, Pending.SHL64, b::lshl);
            case Op.SHL_RI32 -> shifted(d, 32, x, Pending.SHL32, b::lshl);
            case Op.SHR_RI64 -> shifted(d, 64, x, Pending.SHR64, b::lushr);
            case Op.SHR_RI32 -> shifted(d, 32, x, Pending.SHR32, b::lushr);
            case Op.SAR_RI64 -> shifted(d, 64, x, Pending.SAR64, b::lshr);
            case Op.SAR_RI32 -> shifted(d, 32, x, Pending.SAR32, b::lshr);
            case Op.SHL_CL64 -> shiftedByCl(d, 64, Pending.SHL64, b::lshl);
            case Op.SHL_CL32 -> shiftedByCl(d, 32, Pending.SHL32, b::lshl);
            case Op.SHR_CL64 -> shiftedByCl(d, 64, Pending.SHR64, b::lushr);
            case Op.SHR_CL32 -> shiftedByCl(d, 32, Pending.SHR32, b::lushr);
            case Op.SAR_CL64 -> shiftedByCl(d, 64, Pending.SAR64, b::lshr);
            case Op.SAR_CL32 -> shiftedByCl(d, 32, Pending.SAR32, b::lshr);
            case Op.ROL_RI64 -> rotated(d, 64, (int) x, "rotateLeft", "rolAux");
            case Op.ROL_RI32 -> rotated(d, 32, (int) x, "rotateLeft", "rolAux");
            case Op.ROR_RI64 -> rotated(d, 64, (int) x, "rotateRight", "rorAux");
            case Op.ROR_RI32 -> rotated(d, 32, (int) x, "rotateRight", "rorAux");
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Pushes the operand of a shift, as the shift's aux word wants it, and keeps it in A. */
    private void operand(int d, int bits) {
        places.get(d);
        if (bits == 32) {
            places.unsigned32();
        }
        b.dup2().lstore(Locals.A);
    }

    private void shifted(int d, int bits, long count, Pending kind, Runnable operation) {
        operand(d, bits);
        b.loadConstant(count).lstore(Locals.B);
        if (kind == Pending.SAR32) {
            places.low32();
        }
        b.bipush((int) count);
        operation.run();
        result(d, bits, kind);
    }

    /** A count of 0 leaves value and flags, but at 32 bits clears the upper half. */
    private void shiftedByCl(int d, int bits, Pending kind, Runnable operation) {
        flags.settle();
        Label zero = b.newLabel();
        Label done = b.newLabel();
        places.get(RCX).loadConstant(bits - 1L).land().dup2().lstore(Locals.B).lconst_0().lcmp().ifeq(zero);
        operand(d, bits);
        if (kind == Pending.SAR32) {
            places.low32();
        }
        b.lload(Locals.B).l2i();
        operation.run();
        result(d, bits, kind);
        flags.settle();
        b.goto_(done);
        b.labelBinding(zero);
        if (bits == 32) {
            places.get(d);
            places.unsigned32();
            places.set(d);
        }
        b.labelBinding(done);
    }

    private void rotated(int d, int bits, int count, String rotate, String aux) {
        flags.settle();
        operand(d, bits);
        if (bits == 64) {
            b.bipush(count).invokestatic(ConstantDescs.CD_Long, rotate, L_LI);
        } else {
            b.l2i().bipush(count).invokestatic(ConstantDescs.CD_Integer, rotate, I_II).i2l();
            places.unsigned32();
        }
        b.dup2().lstore(Locals.B);
        places.set(d);
        b.bipush(bits).lload(Locals.A).lload(Locals.B);
        b.loadConstant(count != 1 ? 1 : 0);
        b.lload(Locals.AUX).invokestatic(Names.SHIFTS, aux, ROTATED).lstore(Locals.AUX);
    }

    private void set(int d, Condition condition) {
        Label yes = b.newLabel();
        Label done = b.newLabel();
        flags.branch(condition, yes);
        b.lconst_0().goto_(done).labelBinding(yes).lconst_1().labelBinding(done);
        places.get(d).loadConstant(~0xFFL).land().lor();
        places.set(d);
    }

    private void move64(int d, int s, Condition condition) {
        Label no = b.newLabel();
        flags.branch(condition.negated(), no);
        places.get(s);
        places.set(d);
        b.labelBinding(no);
    }

    private void move32(int d, int s, Condition condition) {
        Label no = b.newLabel();
        Label done = b.newLabel();
        flags.branch(condition.negated(), no);
        places.get(s).goto_(done).labelBinding(no);
        places.get(d).labelBinding(done);
        places.unsigned32();
        places.set(d);
    }

    private boolean move(int code, int d, int s, long x) {
        switch (code) {
            case Op.MOV_RR64 -> places.get(s);
            case Op.MOV_RR32 -> {
                places.get(s);
                places.unsigned32();
            }
            case Op.MOV_RI -> b.loadConstant(x);
            case Op.MOV_RR8 -> {
                places.get(d).loadConstant(~0xFFL).land();
                places.get(s).loadConstant(0xFFL).land().lor();
            }
            case Op.MOV_RI8 -> places.get(d).loadConstant(~0xFFL).land().loadConstant(x).lor();
            case Op.ZX8 -> places.get(s).loadConstant(0xFFL).land();
            case Op.ZX16 -> places.get(s).loadConstant(0xFFFFL).land();
            case Op.SX8_32 -> {
                places.get(s).l2i().i2b().i2l();
                places.unsigned32();
            }
            case Op.SX8_64 -> places.get(s).l2i().i2b().i2l();
            case Op.SX16_32 -> {
                places.get(s).l2i().i2s().i2l();
                places.unsigned32();
            }
            case Op.SX16_64 -> places.get(s).l2i().i2s().i2l();
            case Op.SX32_64 -> {
                places.get(s);
                places.low32();
            }
            case Op.SIGN64 -> places.get(s).bipush(63).lshr();
            case Op.SIGN32 -> {
                places.get(s).l2i().bipush(31).ishr().i2l();
                places.unsigned32();
            }
            default -> {
                return false;
            }
        }
        places.set(d);
        return true;
    }
}
