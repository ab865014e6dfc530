package chronovisor.cpu;

import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/** Shifts, rotates, double shifts, and BMI2's flagless ones (SDM vol. 2). */
final class ShiftSteps {
    private ShiftSteps() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case SHL, SAL, SHR, SAR, ROL, ROR, RCL, RCR -> shift(i, Place.of(i, 0, address), count(i, 1, address));
            case SHLD, SHRD -> {
                Place d = Place.of(i, 0, address);
                Place fill = Place.of(i, 1, address);
                Place n = count(i, 2, address);
                boolean left = i.operation() == chronovisor.isa.Operation.SHLD;
                yield cpu -> shiftDouble(cpu, i.operandSize(), d, fill, n, left);
            }
            case SHLX, SHRX, SARX, RORX ->
                flagless(i, Place.of(i, 0, address), Place.of(i, 1, address), count(i, 2, address));
            default -> null;
        };
    }

    private static Place count(Instruction i, int index, @Nullable AddressForm address) {
        return i.operandCount() > index ? Place.of(i, index, address) : new Place.Immediate(1);
    }

    private static Step shift(Instruction i, Place d, Place n) {
        int bits = i.operandSize();
        return switch (i.operation()) {
            case SHR -> cpu -> {
                long v = d.update(cpu);
                int k = Shifts.count(bits, n.get(cpu));
                finish(cpu, bits, d, k, k == 0 ? v : Shifts.shr(bits, v, k), k == 0 ? 0 : Shifts.shrAux(bits, v, k));
            };
            case SAR -> cpu -> {
                long v = d.update(cpu);
                int k = Shifts.count(bits, n.get(cpu));
                finish(cpu, bits, d, k, k == 0 ? v : Shifts.sar(bits, v, k), k == 0 ? 0 : Shifts.sarAux(bits, v, k));
            };
            case ROL, ROR, RCL, RCR -> rotate(i, d, n);
            default -> cpu -> { // SHL, and SAL which is the same
                long v = d.update(cpu);
                int k = Shifts.count(bits, n.get(cpu));
                finish(cpu, bits, d, k, k == 0 ? v : Shifts.shl(bits, v, k), k == 0 ? 0 : Shifts.shlAux(bits, v, k));
            };
        };
    }

    private static void finish(Cpu cpu, int bits, Place d, int n, long r, long aux) {
        d.set(cpu, r);
        if (n != 0) {
            cpu.flagResult = Flags.extend(bits, r);
            cpu.flagAux = aux;
        }
    }

    private static Step rotate(Instruction i, Place d, Place n) {
        // Hardware keeps OF (undefined for counts above 1) only when a register is rotated by an immediate.
        boolean immediate = n instanceof Place.Immediate && !i.operand(0).isMemory();
        int bits = i.operandSize();
        return switch (i.operation()) {
            case ROL -> cpu -> {
                long v = d.update(cpu);
                int k = Shifts.count(bits, n.get(cpu));
                long r = Flags.mask(bits, Shifts.rol(bits, v, k));
                d.set(cpu, r);
                cpu.flagAux = k == 0 ? cpu.flagAux : Shifts.rolAux(bits, v, r, immediate && k != 1, cpu.flagAux);
            };
            case ROR -> cpu -> {
                long v = d.update(cpu);
                int k = Shifts.count(bits, n.get(cpu));
                long r = Flags.mask(bits, Shifts.ror(bits, v, k));
                d.set(cpu, r);
                cpu.flagAux = k == 0 ? cpu.flagAux : Shifts.rorAux(bits, v, r, immediate && k != 1, cpu.flagAux);
            };
            case RCL -> cpu -> {
                long v = d.update(cpu);
                int k = Shifts.count(bits, n.get(cpu));
                boolean carry = cpu.flagAux < 0;
                long r = Flags.mask(bits, Shifts.rcl(bits, v, k, carry));
                d.set(cpu, r);
                cpu.flagAux = k == 0 ? cpu.flagAux : Shifts.rclAux(bits, v, k, cpu.flagAux);
            };
            default -> cpu -> { // RCR
                long v = d.update(cpu);
                int k = Shifts.count(bits, n.get(cpu));
                boolean carry = cpu.flagAux < 0;
                long r = Flags.mask(bits, Shifts.rcr(bits, v, k, carry));
                d.set(cpu, r);
                cpu.flagAux = k == 0 ? cpu.flagAux : Shifts.rcrAux(bits, v, k, carry, cpu.flagAux);
            };
        };
    }

    private static void shiftDouble(Cpu cpu, int bits, Place d, Place fill, Place count, boolean left) {
        long v = d.update(cpu);
        long f = fill.get(cpu);
        int n = Shifts.count(bits, count.get(cpu));
        if (n == 0) {
            d.set(cpu, v);
            return;
        }
        long r = Flags.mask(bits, left ? Shifts.shld(bits, v, f, n) : Shifts.shrd(bits, v, f, n));
        d.set(cpu, r);
        cpu.flagResult = Flags.extend(bits, r);
        cpu.flagAux = left ? Shifts.shldAux(bits, v, f, n) : Shifts.shrdAux(bits, v, f, n);
    }

    private static Step flagless(Instruction i, Place d, Place s, Place count) {
        int bits = i.operandSize();
        return cpu -> {
            long v = s.get(cpu);
            int n = Shifts.count(bits, count.get(cpu));
            d.set(
                    cpu,
                    switch (i.operation()) {
                        case SHLX -> Shifts.shl(bits, v, n);
                        case SHRX -> Shifts.shr(bits, v, n);
                        case SARX -> Shifts.sar(bits, v, n);
                        default -> Shifts.ror(bits, v, n); // RORX
                    });
        };
    }
}
