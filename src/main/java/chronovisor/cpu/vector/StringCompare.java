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
        int n = elements(control);
        for (int k = 0; k < n; k++) {
            if (element(low, high, k, control) == 0) {
                return k;
            }
        }
        return n;
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
        int result = 0;
        for (int j = 0; j < n; j++) {
            boolean bit = switch (control >>> 2 & 3) {
                case 0 -> anyEqual(aLow, aHigh, lengthA, bLow, bHigh, j, control) && j < lengthB;
                case 1 -> inRange(aLow, aHigh, lengthA, bLow, bHigh, j, control) && j < lengthB;
                case 2 -> j < lengthA && j < lengthB
                        ? element(aLow, aHigh, j, control) == element(bLow, bHigh, j, control)
                        : j >= lengthA && j >= lengthB;
                default -> ordered(aLow, aHigh, lengthA, bLow, bHigh, lengthB, j, control);
            };
            result |= bit ? 1 << j : 0;
        }
        return switch (control >>> 4 & 3) {
            case 1 -> ~result & (1 << n) - 1;
            case 3 -> result ^ (1 << lengthB) - 1;
            default -> result;
        };
    }

    private static boolean anyEqual(long aLow, long aHigh, int lengthA, long bLow, long bHigh, int j, int control) {
        int wanted = element(bLow, bHigh, j, control);
        for (int k = 0; k < lengthA; k++) {
            if (element(aLow, aHigh, k, control) == wanted) {
                return true;
            }
        }
        return false;
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

    /** Whether string a starts at element {@code j} of b, as far as b's register goes. */
    private static boolean ordered(long aLow, long aHigh, int lengthA, long bLow, long bHigh, int lengthB, int j,
            int control) {
        int n = elements(control);
        for (int k = 0; k < lengthA && j + k < n; k++) {
            if (j + k >= lengthB || element(aLow, aHigh, k, control) != element(bLow, bHigh, j + k, control)) {
                return false;
            }
        }
        return true;
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
