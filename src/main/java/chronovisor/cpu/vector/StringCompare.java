package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Flags;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/** PCMPESTRI, PCMPESTRM, PCMPISTRI and PCMPISTRM (SDM vol. 2, 4.1). */
final class StringCompare {

    private static final int RAX = 0;
    private static final int RCX = 1;
    private static final int RDX = 2;

    /** One in each byte, and in each word: what a value is multiplied by to be in all of them. */
    private static final long BYTES = 0x0101_0101_0101_0101L;
    private static final long WORDS = 0x0001_0001_0001_0001L;

    private StringCompare() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return bind(i, i.operation(), address);
    }

    /** Binds the operands of {@code i} to one of the four operations, or gives null when it is another. */
    static @Nullable Step bind(Instruction i, Operation operation, @Nullable AddressForm address) {
        return switch (operation) {
            case PCMPESTRI -> step(i, address, true, true);
            case PCMPESTRM -> step(i, address, true, false);
            case PCMPISTRI -> step(i, address, false, true);
            case PCMPISTRM -> step(i, address, false, false);
            default -> null;
        };
    }

    private static Step step(Instruction i, @Nullable AddressForm address, boolean explicit, boolean index) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        int control = (int) i.operand(2).value();
        boolean wide = i.operandSize() == 64;
        return cpu -> {
            long bLow;
            long bHigh;
            if (address == null) {
                bLow = cpu.xmm[s];
                bHigh = cpu.xmm[s + 1];
            } else {
                long a = address.of(cpu);
                bLow = cpu.mmu.load64(a);
                bHigh = cpu.mmu.load64(a + 8);
            }
            long aLow = cpu.xmm[d];
            long aHigh = cpu.xmm[d + 1];
            int lengthA = explicit ? length(cpu.gpr[RAX], wide, control) : implicit(aLow, aHigh, control);
            int lengthB = explicit ? length(cpu.gpr[RDX], wide, control) : implicit(bLow, bHigh, control);
            int result = compare(aLow, aHigh, lengthA, bLow, bHigh, lengthB, control);
            if (index) {
                int elements = elements(control);
                cpu.gpr[RCX] = result == 0
                        ? elements
                        : (control & 0x40) == 0
                                ? Integer.numberOfTrailingZeros(result)
                                : 31 - Integer.numberOfLeadingZeros(result);
            } else {
                mask(cpu, result, control);
            }
            int n = elements(control);
            cpu.arithmeticFlags((result != 0 ? Flags.CF : 0) | (lengthB < n ? Flags.ZF : 0)
                    | (lengthA < n ? Flags.SF : 0) | ((result & 1) != 0 ? Flags.OF : 0));
        };
    }

    private static int elements(int control) {
        return (control & 1) == 0 ? 16 : 8;
    }

    /** An explicit length: its magnitude, at most a whole register. */
    private static int length(long register, boolean wide, int control) {
        long value = wide ? register : (int) register;
        long magnitude = Math.abs(value);
        int n = elements(control);
        return magnitude < 0 || magnitude > n ? n : (int) magnitude;
    }

    /** Elements before the first that is zero. */
    private static int implicit(long low, long high, int control) {
        int zeros = equal(low, high, 0, control);
        return zeros == 0 ? elements(control) : Integer.numberOfTrailingZeros(zeros);
    }

    /** A bit for each element that has a value's bits. */
    private static int equal(long low, long high, int value, int control) {
        if ((control & 1) == 0) {
            long all = (value & 0xFFL) * BYTES;
            return zeroBytes(low ^ all) | zeroBytes(high ^ all) << 8;
        }
        long all = (value & 0xFFFFL) * WORDS;
        return zeroWords(low ^ all) | zeroWords(high ^ all) << 4;
    }

    /** A bit for each byte that is zero: one has its top bit left when 0x7F is added to the others of it and nothing was there. */
    private static int zeroBytes(long v) {
        long sevens = ~(BYTES << 7);
        long zero = ~((v & sevens) + sevens | v | sevens);
        return (int) ((zero >>> 7) * 0x0102_0408_1020_4080L >>> 56);
    }

    private static int zeroWords(long v) {
        long fifteens = ~(WORDS << 15);
        long zero = ~((v & fifteens) + fifteens | v | fifteens);
        return (int) ((zero >>> 15) * 0x1000_2000_4000_8000L >>> 60);
    }

    /** Element {@code k} as its type says: bit 0 of the control is words, bit 1 signed. */
    private static int element(long low, long high, int k, int control) {
        if ((control & 1) == 0) {
            int v = (int) ((k < 8 ? low : high) >>> 8 * (k & 7));
            return (control & 2) == 0 ? v & 0xFF : (byte) v;
        }
        int v = (int) ((k < 4 ? low : high) >>> 16 * (k & 3));
        return (control & 2) == 0 ? v & 0xFFFF : (short) v;
    }

    private static int compare(long aLow, long aHigh, int lengthA, long bLow, long bHigh, int lengthB, int control) {
        int n = elements(control);
        int all = (1 << n) - 1;
        int validA = (1 << lengthA) - 1;
        int validB = (1 << lengthB) - 1;
        int result = switch (control >>> 2 & 3) {
            case 0 -> anyEqual(aLow, aHigh, lengthA, bLow, bHigh, control) & validB;
            case 1 -> inRanges(aLow, aHigh, lengthA, bLow, bHigh, lengthB, control);
            case 2 -> equal(aLow ^ bLow, aHigh ^ bHigh, 0, control) & validA & validB | ~validA & ~validB & all;
            default -> ordered(aLow, aHigh, lengthA, bLow, bHigh, validB, control);
        };
        return switch (control >>> 4 & 3) {
            case 1 -> ~result & all;
            case 3 -> result ^ validB;
            default -> result;
        };
    }

    private static int anyEqual(long aLow, long aHigh, int lengthA, long bLow, long bHigh, int control) {
        int found = 0;
        for (int k = 0; k < lengthA; k++) {
            found |= equal(bLow, bHigh, element(aLow, aHigh, k, control), control);
        }
        return found;
    }

    private static int inRanges(long aLow, long aHigh, int lengthA, long bLow, long bHigh, int lengthB, int control) {
        int found = 0;
        for (int j = 0; j < lengthB; j++) {
            found |= inRange(aLow, aHigh, lengthA, bLow, bHigh, j, control) ? 1 << j : 0;
        }
        return found;
    }

    private static boolean inRange(long aLow, long aHigh, int lengthA, long bLow, long bHigh, int j, int control) {
        int v = element(bLow, bHigh, j, control);
        for (int k = 0; k + 1 < lengthA; k += 2) {
            if (v >= element(aLow, aHigh, k, control) && v <= element(aLow, aHigh, k + 1, control)) {
                return true;
            }
        }
        return false;
    }

    /** A bit for each element of b that string a starts at, as far as b's register goes. */
    private static int ordered(long aLow, long aHigh, int lengthA, long bLow, long bHigh, int validB, int control) {
        int n = elements(control);
        int starts = (1 << n) - 1;
        for (int k = 0; k < lengthA; k++) {
            int here = equal(bLow, bHigh, element(aLow, aHigh, k, control), control) & validB;
            // Where it would lie behind the register nothing speaks against it.
            starts &= here >>> k | -1 << n - k;
        }
        return starts;
    }

    private static void mask(Cpu cpu, int result, int control) {
        if ((control & 0x40) == 0) {
            cpu.xmm[0] = result;
            cpu.xmm[1] = 0;
            return;
        }
        int bits = (control & 1) == 0 ? 8 : 16;
        int half = 64 / bits;
        cpu.xmm[0] = spread(result, bits);
        cpu.xmm[1] = spread(result >>> half, bits);
    }

    private static long spread(int result, int bits) {
        long r = 0;
        for (int k = 0; k < 64 / bits; k++) {
            if ((result >>> k & 1) != 0) {
                r |= (1L << bits) - 1 << bits * k;
            }
        }
        return r;
    }
}
