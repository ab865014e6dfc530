package chronovisor.cpu;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand.Kind;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** BT, BTS, BTR, BTC, BSF, BSR, TZCNT, LZCNT, POPCNT, BSWAP, CRC32 and BMI's bit operations (SDM vol. 2). */
final class BitSteps {
    private BitSteps() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case BT, BTS, BTR, BTC -> test(i, address);
            case BSF, BSR, TZCNT, LZCNT, POPCNT -> count(i, Place.of(i, 0, address), Place.of(i, 1, address));
            case BSWAP -> {
                Place d = Place.of(i, 0, address);
                yield cpu -> d.set(cpu, Bits.bswap(i.operandSize(), d.get(cpu)));
            }
            case CRC32 -> crc32(i, Place.of(i, 0, address), Place.of(i, 1, address));
            case ANDN, BEXTR, BZHI, PDEP, PEXT -> three(i, address);
            case BLSI, BLSMSK, BLSR -> lowest(i, Place.of(i, 0, address), Place.of(i, 1, address));
            default -> null;
        };
    }

    /** In memory the bit offset of a register operand reaches beyond the operand: it is signed and moves the address. */
    private static Step test(Instruction i, @Nullable AddressForm address) {
        int bits = i.operandSize();
        Place bit = Place.of(i, 1, address);
        if (i.operand(0).kind() == Kind.MEMORY && i.operand(1).kind() == Kind.GPR) {
            AddressForm base = Objects.requireNonNull(address);
            int shift = Integer.numberOfTrailingZeros(bits);
            AddressForm moved = cpu -> base.of(cpu) + (Flags.extend(bits, bit.get(cpu)) >> shift) * (bits / 8);
            return test(i, Place.memory(moved, bits), bit);
        }
        return test(i, Place.of(i, 0, address), bit);
    }

    private static Step test(Instruction i, Place d, Place bit) {
        int bits = i.operandSize();
        return switch (i.operation()) {
            case BTS -> cpu -> {
                long v = d.update(cpu);
                long mask = 1L << (bit.get(cpu) & (bits - 1));
                d.set(cpu, v | mask);
                cpu.carry((v & mask) != 0);
            };
            case BTR -> cpu -> {
                long v = d.update(cpu);
                long mask = 1L << (bit.get(cpu) & (bits - 1));
                d.set(cpu, v & ~mask);
                cpu.carry((v & mask) != 0);
            };
            case BTC -> cpu -> {
                long v = d.update(cpu);
                long mask = 1L << (bit.get(cpu) & (bits - 1));
                d.set(cpu, v ^ mask);
                cpu.carry((v & mask) != 0);
            };
            default -> cpu -> cpu.carry((d.get(cpu) >>> (bit.get(cpu) & (bits - 1)) & 1) != 0); // BT
        };
    }

    private static Step count(Instruction i, Place d, Place s) {
        int bits = i.operandSize();
        return switch (i.operation()) {
            case BSF -> cpu -> scan(cpu, d, s.get(cpu), true);
            case BSR -> cpu -> scan(cpu, d, s.get(cpu), false);
            case TZCNT -> cpu -> {
                long v = s.get(cpu);
                counted(cpu, d, Bits.tzcnt(bits, v), v);
            };
            case LZCNT -> cpu -> {
                long v = s.get(cpu);
                counted(cpu, d, Bits.lzcnt(bits, v), v);
            };
            default -> cpu -> { // POPCNT
                long v = s.get(cpu);
                d.set(cpu, Long.bitCount(v));
                cpu.arithmeticFlags(v == 0 ? Flags.ZF : 0);
            };
        };
    }

    private static void counted(Cpu cpu, Place d, long n, long v) {
        d.set(cpu, n);
        cpu.arithmeticFlags((v == 0 ? Flags.CF : 0) | (n == 0 ? Flags.ZF : 0));
    }

    /** BSF and BSR leave the destination alone when the source is 0. */
    private static void scan(Cpu cpu, Place d, long v, boolean forward) {
        if (v == 0) {
            cpu.arithmeticFlags(Flags.ZF | Flags.PF);
            return;
        }
        long n = forward ? Long.numberOfTrailingZeros(v) : 63 - Long.numberOfLeadingZeros(v);
        d.set(cpu, n);
        // Undefined but for ZF; on hardware PF is that of the result and the others are clear.
        cpu.arithmeticFlags(Flags.parity(n, 0) ? Flags.PF : 0);
    }

    private static Step crc32(Instruction i, Place d, Place s) {
        int bits = i.operand(1).bits();
        return cpu -> d.set(cpu, Bits.crc32(bits, d.get(cpu), s.get(cpu)));
    }

    private static Step three(Instruction i, @Nullable AddressForm address) {
        int bits = i.operandSize();
        Place d = Place.of(i, 0, address);
        Place a = Place.of(i, 1, address);
        Place b = Place.of(i, 2, address);
        return cpu -> {
            long x = a.get(cpu);
            long y = b.get(cpu);
            switch (i.operation()) {
                case ANDN -> {
                    d.set(cpu, ~x & y);
                    signFlags(cpu, bits, ~x & y, false);
                }
                case BEXTR -> {
                    long r = Bits.bextr(bits, x, y);
                    d.set(cpu, r);
                    cpu.arithmeticFlags(r == 0 ? Flags.ZF : 0);
                }
                case BZHI -> {
                    long r = Bits.bzhi(bits, x, y);
                    d.set(cpu, r);
                    signFlags(cpu, bits, r, (y & 0xFF) >= bits);
                }
                case PDEP -> d.set(cpu, Bits.pdep(x, y));
                default -> d.set(cpu, Bits.pext(x, y)); // PEXT
            }
        };
    }

    private static Step lowest(Instruction i, Place d, Place s) {
        int bits = i.operandSize();
        return cpu -> {
            long v = s.get(cpu);
            long r = switch (i.operation()) {
                case BLSI -> v & -v;
                case BLSMSK -> v ^ v - 1;
                default -> v & v - 1; // BLSR
            };
            d.set(cpu, r);
            boolean zero = v == 0;
            signFlags(cpu, bits, r, zero != (i.operation() == chronovisor.isa.Operation.BLSI));
        };
    }

    /** ZF, SF and CF; PF and AF are undefined and clear on hardware. */
    private static void signFlags(Cpu cpu, int bits, long r, boolean carry) {
        long extended = Flags.extend(bits, r);
        cpu.arithmeticFlags((extended == 0 ? Flags.ZF : 0) | (extended < 0 ? Flags.SF : 0) | (carry ? Flags.CF : 0));
    }
}
