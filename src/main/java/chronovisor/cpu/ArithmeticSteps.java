package chronovisor.cpu;

import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/** ADD, ADC, SUB, SBB, CMP, AND, OR, XOR, TEST, INC, DEC, NEG, NOT, ADCX, ADOX (SDM vol. 2). */
final class ArithmeticSteps {
    private ArithmeticSteps() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case ADD, ADC, SUB, SBB, CMP, AND, OR, XOR, TEST ->
                binary(i, Place.of(i, 0, address), Place.of(i, 1, address));
            case INC, DEC, NEG, NOT -> unary(i, Place.of(i, 0, address));
            case ADCX, ADOX -> chained(i, Place.of(i, 0, address), Place.of(i, 1, address));
            default -> null;
        };
    }

    private static void flags(Cpu cpu, int bits, long result, long aux) {
        cpu.flagResult = Flags.extend(bits, result);
        cpu.flagAux = aux;
    }

    private static @Nullable Step binary(Instruction i, Place d, Place s) {
        int bits = i.operandSize();
        return switch (i.operation()) {
            case ADD -> cpu -> add(cpu, bits, d, s, 0);
            case ADC -> cpu -> add(cpu, bits, d, s, cpu.flagAux >>> 63);
            case SUB -> cpu -> subtract(cpu, bits, d, s, 0);
            case SBB -> cpu -> subtract(cpu, bits, d, s, cpu.flagAux >>> 63);
            case CMP -> cpu -> {
                long a = d.get(cpu);
                long b = s.get(cpu);
                flags(cpu, bits, a - b, Flags.subAux(bits, a, b, a - b));
            };
            case AND -> cpu -> {
                long r = d.update(cpu) & s.get(cpu);
                d.set(cpu, r);
                flags(cpu, bits, r, 0);
            };
            case OR -> cpu -> {
                long r = d.update(cpu) | s.get(cpu);
                d.set(cpu, r);
                flags(cpu, bits, r, 0);
            };
            case XOR -> cpu -> {
                long r = d.update(cpu) ^ s.get(cpu);
                d.set(cpu, r);
                flags(cpu, bits, r, 0);
            };
            case TEST -> cpu -> flags(cpu, bits, d.get(cpu) & s.get(cpu), 0);
            default -> null;
        };
    }

    private static void add(Cpu cpu, int bits, Place d, Place s, long carry) {
        long a = d.update(cpu);
        long b = s.get(cpu);
        long r = a + b + carry;
        d.set(cpu, r);
        flags(cpu, bits, r, Flags.addAux(bits, a, b, r));
    }

    private static void subtract(Cpu cpu, int bits, Place d, Place s, long borrow) {
        long a = d.update(cpu);
        long b = s.get(cpu);
        long r = a - b - borrow;
        d.set(cpu, r);
        flags(cpu, bits, r, Flags.subAux(bits, a, b, r));
    }

    private static @Nullable Step unary(Instruction i, Place d) {
        int bits = i.operandSize();
        return switch (i.operation()) {
            case INC -> cpu -> {
                long a = d.update(cpu);
                d.set(cpu, a + 1);
                flags(cpu, bits, a + 1, Flags.keepCarry(Flags.addAux(bits, a, 1, a + 1), cpu.flagAux));
            };
            case DEC -> cpu -> {
                long a = d.update(cpu);
                d.set(cpu, a - 1);
                flags(cpu, bits, a - 1, Flags.keepCarry(Flags.subAux(bits, a, 1, a - 1), cpu.flagAux));
            };
            case NEG -> cpu -> {
                long a = d.update(cpu);
                d.set(cpu, -a);
                flags(cpu, bits, -a, Flags.subAux(bits, 0, a, -a));
            };
            case NOT -> cpu -> d.set(cpu, ~d.update(cpu));
            default -> null;
        };
    }

    /** ADCX and ADOX carry through CF or OF alone. */
    private static Step chained(Instruction i, Place d, Place s) {
        int bits = i.operand(0).bits();
        int flag = i.operation() == chronovisor.isa.Operation.ADCX ? Flags.CF : Flags.OF;
        return cpu -> {
            long a = d.get(cpu);
            long b = s.get(cpu);
            long old = cpu.rflags();
            long r = a + b + ((old & flag) != 0 ? 1 : 0);
            d.set(cpu, r);
            boolean carry = Flags.carry(Flags.addAux(bits, a, b, r));
            cpu.arithmeticFlags(carry ? old | flag : old & ~(long) flag);
        };
    }
}
