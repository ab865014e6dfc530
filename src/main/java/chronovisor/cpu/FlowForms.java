package chronovisor.cpu;

import chronovisor.isa.Condition;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import java.util.Objects;

/** Control transfers: they end a block. */
final class FlowForms {
    private static final int[] JCC = {
        Op.JO, Op.JNO, Op.JB, Op.JAE, Op.JE, Op.JNE, Op.JBE, Op.JA, Op.JS, Op.JNS, Op.JP, Op.JNP, Op.JL, Op.JGE, Op.JLE,
        Op.JG
    };

    private static final long M32 = 0xFFFF_FFFFL;

    private FlowForms() {}

    /** Emits a control transfer; false when {@code i} is none. */
    static boolean emit(Instruction i, Emitter e) {
        switch (i.operation()) {
            case JCC -> {
                Condition c = Objects.requireNonNull(i.condition());
                direct(JCC[c.ordinal()], i, e);
            }
            case JMP -> transfer(Op.JMP, Op.JMP_R, i, e);
            case CALL -> transfer(Op.CALL, Op.CALL_R, i, e);
            case RET -> e.op(Op.RET, 0, 0, 8 + (i.operandCount() > 0 ? i.operand(0).value() & 0xFFFF : 0));
            case JRCXZ, LOOP, LOOPE, LOOPNE -> {
                e.target = e.next() + i.operand(i.operandCount() - 1).value();
                e.step(Op.JCC_STEP, counted(i), 0x2_0002L | StepUse.FLAGS);
            }
            case IRET, CALL_FAR, JMP_FAR, RET_FAR, SYSRET, SYSENTER, SYSEXIT -> {
                Operand pointer = i.memory();
                AddressForm address = pointer == null ? null : Addresses.bind(pointer, i.addressSize(), e.next());
                e.step(Op.JMP_STEP, FarSteps.bind(i, address, e.next()));
            }
            case SYSCALL -> {
                e.step(Op.STEP, SystemSteps.SYSCALL_ENABLED, 0);
                e.op(Op.SYSCALL, 0, 0, 0);
            }
            default -> { // no control transfer
                return false;
            }
        }
        return true;
    }

    private static void direct(int code, Instruction i, Emitter e) {
        e.target = e.next() + i.operand(0).value();
        e.op(code, 0, 0, 0);
    }

    private static void transfer(int relative, int register, Instruction i, Emitter e) {
        Operand o = i.operand(0);
        switch (o.kind()) {
            case RELATIVE -> direct(relative, i, e);
            case GPR -> e.op(register, 0, o.register(), 0);
            default -> { // memory: the only other kind of a near transfer
                if (Addresses.packable(o, i.addressSize())) {
                    e.memory(Op.LOAD64, Cpu.SLOT_TEMPORARY, 0, o);
                } else {
                    AddressForm a = Addresses.bind(o, i.addressSize(), e.next());
                    e.step(Op.STEP, cpu -> cpu.gpr[Cpu.SLOT_TEMPORARY] = cpu.mmu.load64(a.of(cpu)));
                }
                e.op(register, 0, Cpu.SLOT_TEMPORARY, 0);
            }
        }
    }

    /** LOOP, LOOPE, LOOPNE, JRCXZ: the address size says whether RCX or ECX counts (SDM vol. 2, LOOP). */
    private static Step counted(Instruction i) {
        boolean wide = i.addressSize() == 64;
        return switch (i.operation()) {
            case JRCXZ -> cpu -> cpu.target = (wide ? cpu.gpr[1] : cpu.gpr[1] & M32) == 0 ? 1 : 0;
            case LOOP -> cpu -> cpu.target = count(cpu, wide) ? 1 : 0;
            case LOOPE -> cpu -> cpu.target = count(cpu, wide) && cpu.flagResult == 0 ? 1 : 0;
            default -> cpu -> cpu.target = count(cpu, wide) && cpu.flagResult != 0 ? 1 : 0; // LOOPNE
        };
    }

    private static boolean count(Cpu cpu, boolean wide) {
        long n = wide ? cpu.gpr[1] - 1 : cpu.gpr[1] - 1 & M32;
        cpu.gpr[1] = n;
        return n != 0;
    }
}
