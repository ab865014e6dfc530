package chronovisor.cpu.x87;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Flags;
import chronovisor.cpu.Step;
import chronovisor.cpu.Vector;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import org.jspecify.annotations.Nullable;

/** The door of this package: binds every x87 instruction, and FXSAVE and FXRSTOR. */
public final class X87Families {

    private X87Families() {}

    /** A meaning that needs the unit alone. */
    @FunctionalInterface
    private interface Unit {
        void execute(X87 f);
    }

    /** The step of an x87 instruction; null when it is none. */
    public static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Step step = control(i, address);
        if (step == null) {
            step = arithmetic(i, address);
        }
        if (step == null) {
            step = plain(i);
        }
        if (step == null) {
            step = address == null ? registers(i) : memory(i, address);
        }
        return step;
    }

    /** #MF when an unmasked exception is pending: every instruction but the control ones waits (SDM vol. 1, 8.7). */
    private static X87 waiting(Cpu cpu) {
        X87 f = cpu.x87;
        if ((f.status & X87.ERROR_SUMMARY) != 0) {
            throw cpu.raise(Vector.MF, 0);
        }
        return f;
    }

    private static Step unit(Unit meaning) {
        return cpu -> meaning.execute(waiting(cpu));
    }

    private static @Nullable Step plain(Instruction i) {
        return switch (i.operation()) {
            case FNOP, WAIT -> cpu -> waiting(cpu);
            case FCHS -> unit(f -> X87Arithmetic.sign(f, 0xFFFF, 0x8000));
            case FABS -> unit(f -> X87Arithmetic.sign(f, 0x7FFF, 0));
            case FTST -> unit(X87Compare::test);
            case FXAM -> unit(X87Compare::examine);
            case FLD1 -> unit(f -> X87Transfer.loadConstant(f, 0));
            case FLDL2T -> unit(f -> X87Transfer.loadConstant(f, 1));
            case FLDL2E -> unit(f -> X87Transfer.loadConstant(f, 2));
            case FLDPI -> unit(f -> X87Transfer.loadConstant(f, 3));
            case FLDLG2 -> unit(f -> X87Transfer.loadConstant(f, 4));
            case FLDLN2 -> unit(f -> X87Transfer.loadConstant(f, 5));
            case FLDZ -> unit(f -> X87Transfer.loadConstant(f, 6));
            case F2XM1 -> unit(X87Transcendental::exponential);
            case FYL2X -> unit(X87Transcendental::logarithm);
            case FYL2XP1 -> unit(X87Transcendental::logarithmPlusOne);
            case FPTAN -> unit(X87Transcendental::tangent);
            case FPATAN -> unit(X87Transcendental::arctangent);
            case FSIN -> unit(X87Transcendental::sine);
            case FCOS -> unit(X87Transcendental::cosine);
            case FSINCOS -> unit(X87Transcendental::sineAndCosine);
            case FXTRACT -> unit(X87Arithmetic::extract);
            case FPREM -> unit(f -> X87Arithmetic.remainder(f, false));
            case FPREM1 -> unit(f -> X87Arithmetic.remainder(f, true));
            case FSQRT -> unit(X87Arithmetic::squareRoot);
            case FRNDINT -> unit(X87Arithmetic::roundToIntegral);
            case FSCALE -> unit(X87Arithmetic::scale);
            case FDECSTP -> unit(f -> rotate(f, -1));
            case FINCSTP -> unit(f -> rotate(f, 1));
            case FCOMPP -> unit(f -> X87Compare.compare(f, 1, false, 2));
            case FUCOMPP -> unit(f -> X87Compare.compare(f, 1, true, 2));
            default -> null;
        };
    }

    private static void rotate(X87 f, int by) {
        f.top = f.top + by & 7;
        f.c1(false);
    }

    /** The instructions that do not wait, and those that move control state. */
    private static @Nullable Step control(Instruction i, @Nullable AddressForm address) {
        boolean small = i.operandSize() == 16;
        boolean wide = i.operandSize() == 64;
        return switch (i.operation()) {
            case FNINIT -> cpu -> cpu.x87.initialize();
            case FNCLEX -> cpu -> cpu.x87.status &= ~(X87.EXCEPTIONS | X87.STACK_FAULT | X87.ERROR_SUMMARY | X87.BUSY);
            case FNENI, FNDISI, FNSETPM -> cpu -> {};
            case FNSTSW -> address == null
                    ? cpu -> cpu.gpr[0] = cpu.gpr[0] & ~0xFFFFL | cpu.x87.statusWord()
                    : cpu -> cpu.mmu.store16(address.of(cpu), (short) cpu.x87.statusWord());
            case FNSTCW -> address == null
                    ? null
                    : cpu -> cpu.mmu.store16(address.of(cpu), (short) cpu.x87.control);
            case FLDCW -> address == null
                    ? null
                    : cpu -> {
                        X87 f = waiting(cpu);
                        f.controlWord(cpu.mmu.load16(address.of(cpu)));
                    };
            case FNSTENV -> address == null
                    ? null
                    : cpu -> X87Environment.storeEnvironment(cpu, address.of(cpu), small);
            case FNSAVE -> address == null ? null : cpu -> X87Environment.save(cpu, address.of(cpu), small);
            case FLDENV -> address == null ? null : cpu -> {
                waiting(cpu);
                X87Environment.loadEnvironment(cpu, address.of(cpu), small);
            };
            case FRSTOR -> address == null ? null : cpu -> {
                waiting(cpu);
                X87Environment.restore(cpu, address.of(cpu), small);
            };
            case FXSAVE -> address == null ? null : cpu -> X87Environment.fxsave(cpu, address.of(cpu), wide);
            case FXRSTOR -> address == null ? null : cpu -> X87Environment.fxrstor(cpu, address.of(cpu), wide);
            default -> null;
        };
    }

    private static @Nullable Step arithmetic(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case FADD -> arithmetic(i, address, X87Arithmetic.ADD, false);
            case FMUL -> arithmetic(i, address, X87Arithmetic.MULTIPLY, false);
            case FSUB -> arithmetic(i, address, X87Arithmetic.SUBTRACT, false);
            case FSUBR -> arithmetic(i, address, X87Arithmetic.SUBTRACT_REVERSED, false);
            case FDIV -> arithmetic(i, address, X87Arithmetic.DIVIDE, false);
            case FDIVR -> arithmetic(i, address, X87Arithmetic.DIVIDE_REVERSED, false);
            case FADDP -> arithmetic(i, address, X87Arithmetic.ADD, true);
            case FMULP -> arithmetic(i, address, X87Arithmetic.MULTIPLY, true);
            case FSUBP -> arithmetic(i, address, X87Arithmetic.SUBTRACT, true);
            case FSUBRP -> arithmetic(i, address, X87Arithmetic.SUBTRACT_REVERSED, true);
            case FDIVP -> arithmetic(i, address, X87Arithmetic.DIVIDE, true);
            case FDIVRP -> arithmetic(i, address, X87Arithmetic.DIVIDE_REVERSED, true);
            case FIADD -> integer(i, address, X87Arithmetic.ADD);
            case FIMUL -> integer(i, address, X87Arithmetic.MULTIPLY);
            case FISUB -> integer(i, address, X87Arithmetic.SUBTRACT);
            case FISUBR -> integer(i, address, X87Arithmetic.SUBTRACT_REVERSED);
            case FIDIV -> integer(i, address, X87Arithmetic.DIVIDE);
            case FIDIVR -> integer(i, address, X87Arithmetic.DIVIDE_REVERSED);
            default -> null;
        };
    }

    private static Step arithmetic(Instruction i, @Nullable AddressForm address, int operation, boolean pop) {
        if (address == null) {
            int destination = i.operand(0).register();
            int source = i.operand(1).register();
            return unit(f -> X87Arithmetic.binary(f, operation, destination, source, pop));
        }
        if (i.operand(0).bits() == 32) {
            return cpu -> {
                X87 f = waiting(cpu);
                f.soft.b.unpack32(cpu.mmu.load32(address.of(cpu)), false);
                X87Arithmetic.binaryMemory(f, operation);
            };
        }
        return cpu -> {
            X87 f = waiting(cpu);
            f.soft.b.unpack64(cpu.mmu.load64(address.of(cpu)), false);
            X87Arithmetic.binaryMemory(f, operation);
        };
    }

    private static @Nullable Step integer(Instruction i, @Nullable AddressForm address, int operation) {
        if (address == null) {
            return null;
        }
        int bits = i.operand(0).bits();
        return cpu -> {
            X87 f = waiting(cpu);
            f.soft.b.setInteger(load(cpu, address, bits));
            X87Arithmetic.binaryMemory(f, operation);
        };
    }

    /** A signed integer from memory. */
    private static long load(Cpu cpu, AddressForm address, int bits) {
        long a = address.of(cpu);
        return bits == 16 ? cpu.mmu.load16(a) : bits == 32 ? cpu.mmu.load32(a) : cpu.mmu.load64(a);
    }

    private static @Nullable Step registers(Instruction i) {
        int index = 0;
        for (int k = 0; k < i.operandCount(); k++) {
            if (i.operand(k).kind() == Operand.Kind.ST) {
                index = i.operand(k).register();
            }
        }
        int st = index;
        return switch (i.operation()) {
            case FLD -> unit(f -> X87Transfer.loadRegister(f, st));
            case FST -> unit(f -> X87Transfer.storeRegister(f, st, false));
            case FSTP -> unit(f -> X87Transfer.storeRegister(f, st, true));
            case FSTPNCE -> unit(f -> X87Transfer.storeRegisterQuietly(f, st));
            case FXCH -> unit(f -> X87Transfer.exchange(f, st));
            case FFREE -> unit(f -> free(f, st));
            case FFREEP -> unit(f -> {
                free(f, st);
                f.pop();
            });
            case FCOM -> unit(f -> X87Compare.compare(f, st, false, 0));
            case FCOMP -> unit(f -> X87Compare.compare(f, st, false, 1));
            case FUCOM -> unit(f -> X87Compare.compare(f, st, true, 0));
            case FUCOMP -> unit(f -> X87Compare.compare(f, st, true, 1));
            case FCOMI -> flags(st, false, false);
            case FCOMIP -> flags(st, false, true);
            case FUCOMI -> flags(st, true, false);
            case FUCOMIP -> flags(st, true, true);
            case FCMOVB -> conditional(st, cpu -> Flags.carry(cpu.flagAux));
            case FCMOVE -> conditional(st, cpu -> cpu.flagResult == 0);
            case FCMOVBE -> conditional(st, cpu -> cpu.flagResult == 0 || Flags.carry(cpu.flagAux));
            case FCMOVU -> conditional(st, cpu -> Flags.parity(cpu.flagResult, cpu.flagAux));
            case FCMOVNB -> conditional(st, cpu -> !Flags.carry(cpu.flagAux));
            case FCMOVNE -> conditional(st, cpu -> cpu.flagResult != 0);
            case FCMOVNBE -> conditional(st, cpu -> cpu.flagResult != 0 && !Flags.carry(cpu.flagAux));
            case FCMOVNU -> conditional(st, cpu -> !Flags.parity(cpu.flagResult, cpu.flagAux));
            default -> null;
        };
    }

    private static void free(X87 f, int st) {
        f.inUse &= ~(1 << (f.top + st & 7));
        f.c1(false);
    }

    private static Step flags(int st, boolean quiet, boolean pop) {
        return cpu -> {
            waiting(cpu);
            X87Compare.compareFlags(cpu, st, quiet, pop);
        };
    }

    /** Whether a condition holds. */
    @FunctionalInterface
    private interface Test {
        boolean holds(Cpu cpu);
    }

    private static Step conditional(int st, Test test) {
        return cpu -> X87Transfer.conditionalMove(waiting(cpu), st, test.holds(cpu));
    }

    private static @Nullable Step memory(Instruction i, AddressForm address) {
        int bits = i.operand(0).bits();
        return switch (i.operation()) {
            case FLD -> load(address, bits);
            case FILD -> cpu -> {
                X87 f = waiting(cpu);
                X87Transfer.loadInteger(f, load(cpu, address, bits));
            };
            case FBLD -> cpu -> {
                X87 f = waiting(cpu);
                long a = address.of(cpu);
                long digits = cpu.mmu.load64(a);
                X87Transfer.loadDecimal(f, digits, cpu.mmu.load16(a + 8) & 0xFFFF);
            };
            case FST -> store(address, bits, false);
            case FSTP -> bits == 80 ? storeExtended(address) : store(address, bits, true);
            case FIST -> storeInteger(address, bits, false, false);
            case FISTP -> storeInteger(address, bits, false, true);
            case FISTTP -> storeInteger(address, bits, true, true);
            case FBSTP -> storeDecimal(address);
            case FCOM -> compare(address, bits, 0);
            case FCOMP -> compare(address, bits, 1);
            case FICOM -> compareInteger(address, bits, 0);
            case FICOMP -> compareInteger(address, bits, 1);
            default -> null;
        };
    }

    private static Step load(AddressForm address, int bits) {
        if (bits == 32) {
            return cpu -> {
                X87 f = waiting(cpu);
                X87Transfer.load32(f, cpu.mmu.load32(address.of(cpu)));
            };
        }
        if (bits == 64) {
            return cpu -> {
                X87 f = waiting(cpu);
                X87Transfer.load64(f, cpu.mmu.load64(address.of(cpu)));
            };
        }
        return cpu -> {
            X87 f = waiting(cpu);
            long a = address.of(cpu);
            long significand = cpu.mmu.load64(a);
            X87Transfer.load80(f, cpu.mmu.load16(a + 8) & 0xFFFF, significand);
        };
    }

    private static Step store(AddressForm address, int bits, boolean pop) {
        if (bits == 32) {
            return cpu -> {
                X87 f = waiting(cpu);
                long a = address.of(cpu);
                int value = X87Transfer.toSingle(f);
                if (X87Transfer.storable(f)) {
                    cpu.mmu.store32(a, value);
                }
                X87Transfer.stored(f, pop);
            };
        }
        return cpu -> {
            X87 f = waiting(cpu);
            long a = address.of(cpu);
            long value = X87Transfer.toDouble(f);
            if (X87Transfer.storable(f)) {
                cpu.mmu.store64(a, value);
            }
            X87Transfer.stored(f, pop);
        };
    }

    private static void store80(Cpu cpu, long address, long low, int top) {
        if ((address & 0xFFF) > 0xFF6) {
            cpu.mmu.checkWrite(address, 10);
        }
        cpu.mmu.store64(address, low);
        cpu.mmu.store16(address + 8, (short) top);
    }

    private static Step storeExtended(AddressForm address) {
        return cpu -> {
            X87 f = waiting(cpu);
            long a = address.of(cpu);
            X87Transfer.toExtended(f);
            if (X87Transfer.storable(f)) {
                store80(cpu, a, X87Transfer.extendedLow(f), X87Transfer.extendedTop(f));
            }
            X87Transfer.stored(f, true);
        };
    }

    private static Step storeDecimal(AddressForm address) {
        return cpu -> {
            X87 f = waiting(cpu);
            long a = address.of(cpu);
            long digits = X87Transfer.toDecimal(f);
            if (X87Transfer.storable(f)) {
                store80(cpu, a, digits, X87Transfer.decimalTop(f));
            }
            X87Transfer.stored(f, true);
        };
    }

    private static Step storeInteger(AddressForm address, int bits, boolean truncate, boolean pop) {
        return cpu -> {
            X87 f = waiting(cpu);
            long a = address.of(cpu);
            long value = X87Transfer.toInteger(f, bits, truncate);
            if (X87Transfer.storable(f)) {
                if (bits == 64) {
                    cpu.mmu.store64(a, value);
                } else if (bits == 32) {
                    cpu.mmu.store32(a, (int) value);
                } else {
                    cpu.mmu.store16(a, (short) value);
                }
            }
            X87Transfer.stored(f, pop);
        };
    }

    private static Step compare(AddressForm address, int bits, int pops) {
        if (bits == 32) {
            return cpu -> {
                X87 f = waiting(cpu);
                f.soft.b.unpack32(cpu.mmu.load32(address.of(cpu)), false);
                X87Compare.compareMemory(f, pops);
            };
        }
        return cpu -> {
            X87 f = waiting(cpu);
            f.soft.b.unpack64(cpu.mmu.load64(address.of(cpu)), false);
            X87Compare.compareMemory(f, pops);
        };
    }

    private static Step compareInteger(AddressForm address, int bits, int pops) {
        return cpu -> {
            X87 f = waiting(cpu);
            f.soft.b.setInteger(load(cpu, address, bits));
            X87Compare.compareMemory(f, pops);
        };
    }
}
