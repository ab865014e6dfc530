package chronovisor.cpu;

import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/** MUL, IMUL, DIV, IDIV, MULX and the widening of the accumulator before a division (SDM vol. 2). */
final class MulDivSteps {
    private MulDivSteps() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        int bits = i.operandSize();
        return switch (i.operation()) {
            case MUL -> {
                Place s = Place.of(i, 0, address);
                yield cpu -> multiply(cpu, bits, s.get(cpu), false);
            }
            case IMUL -> imul(i, address);
            case DIV -> {
                Place s = Place.of(i, 0, address);
                yield cpu -> divide(cpu, bits, s.get(cpu), false);
            }
            case IDIV -> {
                Place s = Place.of(i, 0, address);
                yield cpu -> divide(cpu, bits, s.get(cpu), true);
            }
            case MULX -> mulx(Place.of(i, 0, address), Place.of(i, 1, address), Place.of(i, 2, address), bits);
            case CBW -> widen(8);
            case CWDE -> widen(16);
            case CDQE -> widen(32);
            case CWD -> spread(16);
            case CDQ -> spread(32);
            case CQO -> spread(64);
            default -> null;
        };
    }

    /** Low half of the double-width accumulator. */
    private static long low(Cpu cpu, int bits) {
        return Flags.mask(bits, cpu.gpr[0]);
    }

    /** High half: AH, DX, EDX or RDX. */
    private static long high(Cpu cpu, int bits) {
        return bits == 8 ? cpu.gpr[0] >>> 8 & 0xFF : Flags.mask(bits, cpu.gpr[2]);
    }

    private static void wide(Cpu cpu, int bits, long low, long high) {
        if (bits == 8) {
            Place.register(0, 16).set(cpu, low & 0xFF | high << 8);
        } else {
            Place.register(0, bits).set(cpu, low);
            Place.register(2, bits).set(cpu, high);
        }
    }

    private static void multiply(Cpu cpu, int bits, long b, boolean signed) {
        long a = low(cpu, bits);
        long r = a * b;
        long top = signed ? MulDiv.imulHigh(bits, a, b) : MulDiv.mulHigh(bits, a, b);
        wide(cpu, bits, r, top);
        cpu.flagResult = MulDiv.flagResult(Flags.extend(bits, r));
        cpu.flagAux = signed ? MulDiv.imulAux(bits, r, top) : MulDiv.mulAux(top);
    }

    private static Step imul(Instruction i, @Nullable AddressForm address) {
        int bits = i.operandSize();
        if (i.operandCount() == 1) {
            Place s = Place.of(i, 0, address);
            return cpu -> multiply(cpu, bits, s.get(cpu), true);
        }
        Place d = Place.of(i, 0, address);
        Place a = Place.of(i, i.operandCount() - 2, address);
        Place b = Place.of(i, i.operandCount() - 1, address);
        return cpu -> {
            long x = a.get(cpu);
            long y = b.get(cpu);
            long r = x * y;
            d.set(cpu, r);
            cpu.flagResult = MulDiv.flagResult(Flags.extend(bits, r));
            cpu.flagAux = MulDiv.imulAux(bits, r, MulDiv.imulHigh(bits, x, y));
        };
    }

    private static void divide(Cpu cpu, int bits, long d, boolean signed) {
        long low = low(cpu, bits);
        long high = high(cpu, bits);
        if (signed ? MulDiv.idivFaults(bits, high, low, d) : MulDiv.divFaults(bits, high, low, d)) {
            throw cpu.raise(Vector.DE, 0);
        }
        long q = signed ? MulDiv.idivQuotient(bits, high, low, d) : MulDiv.divQuotient(bits, high, low, d);
        wide(cpu, bits, q, MulDiv.remainder(bits, low, d, q));
    }

    private static Step mulx(Place high, Place low, Place s, int bits) {
        return cpu -> {
            long a = Flags.mask(bits, cpu.gpr[2]);
            long b = s.get(cpu);
            low.set(cpu, a * b);
            high.set(cpu, MulDiv.mulHigh(bits, a, b));
        };
    }

    /** CBW, CWDE, CDQE: the accumulator's low {@code from} bits to twice as many. */
    private static Step widen(int from) {
        Place to = Place.register(0, from * 2);
        return cpu -> to.set(cpu, Flags.extend(from, cpu.gpr[0]));
    }

    /** CWD, CDQ, CQO: the accumulator's sign into the data register. */
    private static Step spread(int bits) {
        Place to = Place.register(2, bits);
        return cpu -> to.set(cpu, Flags.extend(bits, cpu.gpr[0]) >> 63);
    }
}
