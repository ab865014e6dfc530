package chronovisor.cpu;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operand.Kind;
import java.util.Objects;

/** The forms that programs execute most, as packed operations. Whatever is not here becomes a step. */
final class FastForms {
    private static final int T = Cpu.SLOT_TEMPORARY;
    private static final long M32 = 0xFFFF_FFFFL;

    private FastForms() {}

    /** Emits packed operations for {@code i}; false when it has no packed form. */
    static boolean emit(Instruction i, Emitter e) {
        if (hint(i)) {
            return true;
        }
        if (!Emitter.packable(i) || i.lock()) {
            return false;
        }
        return switch (i.operation()) {
            case ADD -> alu(Op.ADD_RR64, i, e);
            case SUB -> alu(Op.SUB_RR64, i, e);
            case AND -> alu(Op.AND_RR64, i, e);
            case OR -> alu(Op.OR_RR64, i, e);
            case XOR -> alu(Op.XOR_RR64, i, e);
            case ADC -> alu(Op.ADC_RR64, i, e);
            case SBB -> alu(Op.SBB_RR64, i, e);
            case CMP -> compare(Op.CMP_RR64, Op.CMP_RR8, i, e);
            case TEST -> compare(Op.TEST_RR64, Op.TEST_RR8, i, e);
            case INC -> unary(Op.INC64, i, e);
            case DEC -> unary(Op.DEC64, i, e);
            case NEG -> unary(Op.NEG64, i, e);
            case NOT -> unary(Op.NOT64, i, e);
            case SHL, SAL -> shift(Op.SHL_RI64, i, e);
            case SHR -> shift(Op.SHR_RI64, i, e);
            case SAR -> shift(Op.SAR_RI64, i, e);
            case ROL -> shift(Op.ROL_RI64, i, e);
            case ROR -> shift(Op.ROR_RI64, i, e);
            case IMUL -> imul(i, e);
            case MOV -> move(i, e);
            case MOVZX -> extend(i, e, false);
            case MOVSX, MOVSXD -> extend(i, e, true);
            case LEA -> lea(i, e);
            case PUSH -> push(i, e);
            case POP -> pop(i, e);
            case LEAVE -> i.operandSize() == 64 && simple(e, Op.LEAVE, 0, 0);
            case SETCC -> i.operand(0).kind() == Kind.GPR
                    && simple(e, Op.SETCC, i.operand(0).register(), Objects.requireNonNull(i.condition()).ordinal());
            case CMOVCC -> cmov(i, e);
            case CDQE -> simple(e, Op.SX32_64, 0, 0);
            case CQO -> simple(e, Op.SIGN64, 2, 0);
            case CDQ -> simple(e, Op.SIGN32, 2, 0);
            case CWDE -> simple(e, Op.SX16_32, 0, 0);
            default -> false;
        };
    }

    /** Hints and fences do nothing here but retire; addresses of hints are not even computed. */
    private static boolean hint(Instruction i) {
        return switch (i.operation()) {
            case NOP, ENDBR64, ENDBR32, RDSSP, PAUSE, LFENCE, MFENCE, SFENCE, PREFETCH, PREFETCHW, PREFETCHWT1,
                    PREFETCHNTA, PREFETCHT0,
                    PREFETCHT1, PREFETCHT2, CLDEMOTE ->
                true;
            default -> false;
        };
    }

    private static boolean simple(Emitter e, int code, int d, int s) {
        e.op(code, d, s, 0);
        return true;
    }

    private static boolean wide(Operand o) {
        return o.bits() == 64 || o.bits() == 32;
    }

    private static boolean wideGpr(Operand o) {
        return o.kind() == Kind.GPR && wide(o);
    }

    /** Offset of the code for this size from the 64-bit one. */
    private static int size(Operand o) {
        return o.bits() == 32 ? Op.TO_32 : 0;
    }

    /** The register that holds {@code o}, loaded into the temporary slot when it is memory of 8, 32 or 64 bits. */
    private static int loaded(Operand o, Emitter e) {
        if (o.kind() == Kind.GPR) {
            return o.register();
        }
        e.memory(o.bits() == 64 ? Op.LOAD64 : o.bits() == 32 ? Op.LOAD32 : Op.LOAD8, T, 0, o);
        return T;
    }

    private static boolean alu(int rr64, Instruction i, Emitter e) {
        Operand d = i.operand(0);
        Operand s = i.operand(1);
        if (!wide(d)) {
            return alu8(d, s, i, e);
        }
        boolean memory = d.kind() == Kind.MEMORY;
        int target = memory ? T : d.register();
        if (memory) {
            e.memory(d.bits() == 64 ? Op.RMW64 : Op.RMW32, T, 0, d);
        }
        if (s.kind() == Kind.IMMEDIATE) {
            e.op(rr64 + size(d) + 1, target, 0, s.value());
        } else {
            e.op(rr64 + size(d), target, loaded(s, e), 0);
        }
        if (memory) {
            e.memory(store(d.bits()), 0, T, d);
        }
        return true;
    }

    private static boolean alu8(Operand d, Operand s, Instruction i, Emitter e) {
        int code = switch (i.operation()) {
            case ADD -> Op.ADD_RR8;
            case SUB -> Op.SUB_RR8;
            case AND -> Op.AND_RR8;
            case OR -> Op.OR_RR8;
            case XOR -> Op.XOR_RR8;
            default -> -1;
        };
        if (code < 0 || d.bits() != 8 || d.kind() != Kind.GPR || s.kind() == Kind.HIGH_BYTE) {
            return false;
        }
        if (s.kind() == Kind.IMMEDIATE) {
            e.op(code + 1, d.register(), 0, s.value());
        } else {
            e.op(code, d.register(), loaded(s, e), 0);
        }
        return true;
    }

    private static boolean compare(int rr64, int rr8, Instruction i, Emitter e) {
        Operand a = i.operand(0);
        Operand b = i.operand(1);
        boolean wide = wide(a);
        if (!wide && a.bits() != 8 || a.kind() == Kind.HIGH_BYTE || b.kind() == Kind.HIGH_BYTE) {
            return false;
        }
        int code = wide ? rr64 + size(a) : rr8;
        if (b.kind() == Kind.IMMEDIATE) {
            e.op(code + 1, loaded(a, e), 0, b.value());
        } else {
            int first = loaded(a, e);
            e.op(code, first, loaded(b, e), 0);
        }
        return true;
    }

    private static boolean unary(int code64, Instruction i, Emitter e) {
        Operand d = i.operand(0);
        if (!wide(d)) {
            return false;
        }
        if (d.kind() == Kind.MEMORY) {
            e.memory(d.bits() == 64 ? Op.RMW64 : Op.RMW32, T, 0, d);
            e.op(code64 + size(d), T, 0, 0);
            e.memory(store(d.bits()), 0, T, d);
            return true;
        }
        return simple(e, code64 + size(d), d.register(), 0);
    }

    private static boolean shift(int code64, Instruction i, Emitter e) {
        Operand d = i.operand(0);
        if (!wideGpr(d) || i.operandCount() < 2) {
            return false;
        }
        if (i.operand(1).kind() != Kind.IMMEDIATE) {
            return shiftByCl(code64, d, e);
        }
        int n = Shifts.count(d.bits(), i.operand(1).value());
        if (n == 0) {
            return false;
        }
        e.op(code64 + size(d), d.register(), 0, n);
        return true;
    }

    private static boolean shiftByCl(int code64, Operand d, Emitter e) {
        int code = switch (code64) {
            case Op.SHL_RI64 -> Op.SHL_CL64;
            case Op.SHR_RI64 -> Op.SHR_CL64;
            case Op.SAR_RI64 -> Op.SAR_CL64;
            default -> -1; // rotates
        };
        return code >= 0 && simple(e, code + size(d), d.register(), 0);
    }

    private static boolean imul(Instruction i, Emitter e) {
        if (i.operandCount() < 2 || !wideGpr(i.operand(0))) {
            return false;
        }
        Operand d = i.operand(0);
        if (i.operandCount() == 2) {
            e.op(Op.IMUL_RR64 + size(d), d.register(), loaded(i.operand(1), e), 0);
        } else {
            e.op(Op.IMUL_RRI64 + size(d), d.register(), loaded(i.operand(1), e), i.operand(2).value());
        }
        return true;
    }

    private static boolean move(Instruction i, Emitter e) {
        Operand d = i.operand(0);
        Operand s = i.operand(1);
        if (d.kind() == Kind.GPR) {
            return switch (s.kind()) {
                case GPR -> moveRegister(d, s, e);
                case IMMEDIATE -> moveImmediate(d, s, e);
                case MEMORY -> load(d, s, e);
                default -> false;
            };
        }
        if (d.kind() != Kind.MEMORY || s.kind() != Kind.GPR && s.kind() != Kind.IMMEDIATE) {
            return false;
        }
        int source = s.register();
        if (s.kind() == Kind.IMMEDIATE) {
            e.op(Op.MOV_RI, T, 0, s.value());
            source = T;
        }
        e.memory(store(d.bits()), 0, source, d);
        return true;
    }

    private static int store(int bits) {
        return switch (bits) {
            case 8 -> Op.STORE8;
            case 16 -> Op.STORE16;
            case 32 -> Op.STORE32;
            default -> Op.STORE64;
        };
    }

    private static boolean moveRegister(Operand d, Operand s, Emitter e) {
        return switch (d.bits()) {
            case 64 -> simple(e, Op.MOV_RR64, d.register(), s.register());
            case 32 -> simple(e, Op.MOV_RR32, d.register(), s.register());
            case 8 -> simple(e, Op.MOV_RR8, d.register(), s.register());
            default -> false;
        };
    }

    private static boolean moveImmediate(Operand d, Operand s, Emitter e) {
        if (d.bits() == 8) {
            e.op(Op.MOV_RI8, d.register(), 0, s.value() & 0xFF);
            return true;
        }
        if (!wide(d)) {
            return false;
        }
        e.op(Op.MOV_RI, d.register(), 0, d.bits() == 64 ? s.value() : s.value() & M32);
        return true;
    }

    private static boolean load(Operand d, Operand s, Emitter e) {
        switch (d.bits()) {
            case 64 -> e.memory(Op.LOAD64, d.register(), 0, s);
            case 32 -> e.memory(Op.LOAD32, d.register(), 0, s);
            case 8 -> e.memory(Op.LOAD8_MERGE, d.register(), 0, s);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static boolean extend(Instruction i, Emitter e, boolean signed) {
        Operand d = i.operand(0);
        Operand s = i.operand(1);
        if (!wideGpr(d) || s.kind() == Kind.HIGH_BYTE) {
            return false;
        }
        boolean memory = s.kind() == Kind.MEMORY;
        int code;
        if (!signed) {
            code = s.bits() == 8 ? memory ? Op.LOAD8 : Op.ZX8 : memory ? Op.LOAD16 : Op.ZX16;
        } else {
            boolean to64 = d.bits() == 64;
            code = switch (s.bits()) {
                case 8 -> memory ? to64 ? Op.LOAD_SX8_64 : Op.LOAD_SX8_32 : to64 ? Op.SX8_64 : Op.SX8_32;
                case 16 -> memory ? to64 ? Op.LOAD_SX16_64 : Op.LOAD_SX16_32 : to64 ? Op.SX16_64 : Op.SX16_32;
                default -> memory ? to64 ? Op.LOAD_SX32 : Op.LOAD32 : to64 ? Op.SX32_64 : Op.MOV_RR32;
            };
        }
        if (memory) {
            e.memory(code, d.register(), 0, s);
        } else {
            e.op(code, d.register(), s.register(), 0);
        }
        return true;
    }

    private static boolean lea(Instruction i, Emitter e) {
        Operand d = i.operand(0);
        Operand m = i.operand(1);
        if (!wideGpr(d) || i.addressSize() != 64) {
            return false;
        }
        e.lea(d.bits() == 64 ? Op.LEA64 : Op.LEA32, d.register(), m);
        return true;
    }

    private static boolean push(Instruction i, Emitter e) {
        Operand o = i.operand(0);
        if (i.operandSize() != 64) {
            return false;
        }
        switch (o.kind()) {
            case GPR -> e.op(Op.PUSH, 0, o.register(), 0);
            case IMMEDIATE -> e.op(Op.PUSH_I, 0, 0, o.value());
            case MEMORY -> {
                e.memory(Op.LOAD64, T, 0, o);
                e.op(Op.PUSH, 0, T, 0);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static boolean pop(Instruction i, Emitter e) {
        Operand o = i.operand(0);
        return i.operandSize() == 64 && o.kind() == Kind.GPR && simple(e, Op.POP, o.register(), 0);
    }

    private static boolean cmov(Instruction i, Emitter e) {
        Operand d = i.operand(0);
        if (!wideGpr(d)) {
            return false;
        }
        int source = loaded(i.operand(1), e);
        e.op(d.bits() == 64 ? Op.CMOV64 : Op.CMOV32, d.register(), source,
                Objects.requireNonNull(i.condition()).ordinal());
        return true;
    }
}
