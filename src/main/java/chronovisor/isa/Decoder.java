package chronovisor.isa;

import chronovisor.isa.Undecoded.Reason;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bytes to instructions, 64-bit mode (SDM vol. 2, chapter 2). This class reads prefixes and opcode, finds the row, and applies the
 * rules that are not in rows: LOCK, length, reserved prefix combinations. {@link OperandReader} does the rest.
 */
public final class Decoder {
    static final int LENGTH_MAX = 15;

    private final ByteCursor in;
    private final @Nullable Set<CpuFeature> features;
    private int prefixes;
    private int rex;
    private boolean operandSizePrefix;

    /** Last of F2 and F3 as {@link OpcodeRow#F2} or {@link OpcodeRow#F3}; 0 without. */
    private int repeat;

    private Decoder(ByteCursor in, @Nullable Set<CpuFeature> features) {
        this.in = in;
        this.features = features;
    }

    /**
     * Decodes the instruction that starts at {@code offset}.
     *
     * @param code holds the bytes; not changed, not kept
     * @param limit end of the bytes that may be looked at; 15 more than {@code offset} is always enough
     * @return the instruction, or why there is none
     */
    public static Decoded decode(byte[] code, int offset, int limit) {
        return new Decoder(new ByteCursor(code, offset, limit), null).decode();
    }

    /**
     * The same as a processor with no more than {@code features} takes it. It does not have the rows of other features, so an encoding
     * is invalid there, or what the next row says: TZCNT is BSF with a prefix that is ignored, PREFETCHW and ENDBR64 do nothing.
     */
    public static Decoded decode(byte[] code, int offset, int limit, Set<CpuFeature> features) {
        return new Decoder(new ByteCursor(code, offset, limit), features).decode();
    }

    private Decoded decode() {
        int opcode = readPrefixes();
        if (in.isShort()) {
            return undecoded(Reason.INVALID);
        }
        return switch (opcode) {
            case 0x0F -> twoByte();
            case 0x62 -> evex();
            case 0x8F -> popOrXop();
            case 0xC4, 0xC5 -> vex(opcode);
            default -> legacy(OneByteMap.MAP, opcode);
        };
    }

    // REX counts only as the last prefix: any legacy prefix after it cancels it (SDM vol. 2, 2.2.1).
    private int readPrefixes() {
        while (true) {
            int next = in.next();
            switch (next) {
                case 0x66 -> {
                    operandSizePrefix = true;
                    prefixes |= Instruction.OPERAND_SIZE;
                }
                case 0x67 -> prefixes |= Instruction.ADDRESS_SIZE;
                case 0xF0 -> prefixes |= Instruction.LOCK;
                case 0xF2 -> {
                    repeat = OpcodeRow.F2;
                    prefixes = prefixes & ~Instruction.REP | Instruction.REPNE;
                }
                case 0xF3 -> {
                    repeat = OpcodeRow.F3;
                    prefixes = prefixes & ~Instruction.REPNE | Instruction.REP;
                }
                case 0x26, 0x2E, 0x36, 0x3E -> // null in 64-bit mode, so an FS or GS before them stays
                    prefixes = prefixes & ~(7 << Instruction.NULL_SEGMENT_SHIFT)
                            | (next - 0x26 >> 3) + 1 << Instruction.NULL_SEGMENT_SHIFT;
                case 0x64, 0x65 ->
                    prefixes = prefixes & ~(7 << Instruction.SEGMENT_SHIFT)
                            | next - 0x64 + Operand.FS + 1 << Instruction.SEGMENT_SHIFT;
                default -> {
                    if (next >> 4 != 4 || in.isShort()) {
                        return next;
                    }
                }
            }
            rex = next >> 4 == 4 ? next : 0;
            if (in.isShort()) {
                return 0;
            }
        }
    }

    private Decoded twoByte() {
        int opcode = in.next();
        return switch (opcode) {
            case 0x38 -> legacy(Map0F38.MAP, in.next());
            case 0x3A -> legacy(Map0F3A.MAP, in.next());
            default -> legacy(TwoByteMap.MAP, opcode);
        };
    }

    private Decoded legacy(OpcodeMap map, int opcode) {
        int mandatory = repeat != 0 ? repeat : operandSizePrefix ? OpcodeRow.P66 : OpcodeRow.NP;
        boolean w = (rex & 8) != 0;
        int selector = mandatory << OpcodeRow.PREFIX_SHIFT | (w ? OpcodeRow.REX_W : 0)
                | ((rex & 1) != 0 ? OpcodeRow.REX_B : 0);
        selector |= (w ? 2 : operandSizePrefix ? 0 : 1) << OpcodeRow.SIZE_SHIFT;
        boolean lock = (prefixes & Instruction.LOCK) != 0;
        prefixes |= rex << Instruction.REX_SHIFT;
        var operands = new OperandReader(in, rex, prefixes);
        // Moves to and from control and debug registers take ModRM.mod as 3 whatever it is (SDM vol. 2, MOV).
        boolean anyMod = map == TwoByteMap.MAP && opcode >= 0x20 && opcode <= 0x23;
        OpcodeRow row = find(map, opcode, selector, operands, anyMod);
        if (row == null) {
            return undecoded(Reason.INVALID);
        }
        Decoded decoded = operands.instruction(row, opcode, operandSize(row));
        if (lock && decoded instanceof Instruction i
                && !(row.lockable && i.operandCount() > 0 && i.operand(0).isMemory())) {
            return undecoded(Reason.INVALID);
        }
        return decoded;
    }

    private @Nullable OpcodeRow find(OpcodeMap map, int opcode, int selector, OperandReader operands, boolean anyMod) {
        OpcodeRow[] rows = map.at(opcode);
        if (rows.length == 0 || in.isShort()) {
            return null;
        }
        int complete = selector;
        if (map.hasModRm(opcode)) {
            complete |= operands.readModRm(anyMod);
            if (in.isShort()) {
                return null;
            }
        }
        for (OpcodeRow row : rows) {
            if ((complete & row.mask) == row.value && (features == null || row.existsWith(features))) {
                return row;
            }
        }
        return null;
    }

    private int operandSize(OpcodeRow row) {
        if (row.bytes) {
            return 8;
        }
        if (row.always64 || (rex & 8) != 0) {
            return 64;
        }
        return operandSizePrefix ? 16 : row.default64 ? 64 : 32;
    }

    // AMD's XOP is 8F with a map number of 8 or more where POP has ModRM.reg = 0 (APM vol. 3, 1.2.7). Intel: all but /0 are #UD.
    private Decoded popOrXop() {
        int map = in.peek() & 0x1F;
        if (in.isShort() || map < 8) {
            return legacy(OneByteMap.MAP, 0x8F);
        }
        in.next();
        in.next();
        in.next();
        if (in.isShort() || map > 10 || hasPrefixForbiddenWithVex()) {
            return undecoded(Reason.INVALID);
        }
        return unsupported(Family.XOP, map == 8 ? 1 : map == 10 ? 4 : 0);
    }

    private boolean hasPrefixForbiddenWithVex() {
        return rex != 0 || operandSizePrefix || repeat != 0 || (prefixes & Instruction.LOCK) != 0;
    }

    // C5: RvvvvLpp. C4: RXBmmmmm WvvvvLpp. R, X, B and vvvv are inverted.
    private Decoded vex(int opcode) {
        int first = in.next();
        int map = opcode == 0xC5 ? 1 : first & 0x1F;
        int last = opcode == 0xC5 ? first & 0x7F : in.next();
        int inverted = ~first;
        int bits = opcode == 0xC5 ? inverted >> 5 & 4 : inverted >> 5 & 7 | last >> 4 & 8;
        int vexOpcode = in.next();
        if (in.isShort() || hasPrefixForbiddenWithVex() || map < 1 || map > 3) {
            return undecoded(Reason.INVALID);
        }
        OpcodeMap rows = map == 1 ? Vex0FMap.MAP : map == 2 ? Vex0F38Map.MAP : Vex0F3AMap.MAP;
        prefixes |= Instruction.VEX | ((last & 4) != 0 ? Instruction.VEX_L : 0);
        int selector = (last & 3) << OpcodeRow.PREFIX_SHIFT
                | ((bits & 8) != 0 ? OpcodeRow.REX_W : 0)
                | ((last & 4) != 0 ? OpcodeRow.VEX_L : 0);
        if (isOpmask(map, vexOpcode)) {
            return unsupported(Family.AVX512, map == 3 ? 1 : 0);
        }
        if (map == 3 && isFma4(vexOpcode) && (last & 3) == OpcodeRow.P66) {
            return unsupported(Family.FMA4, 1);
        }
        var operands = new OperandReader(in, bits, prefixes);
        operands.vvvv(~last >> 3 & 15);
        OpcodeRow row = find(rows, vexOpcode, selector, operands, false);
        return row == null
                ? undecoded(Reason.INVALID)
                : operands.instruction(row, vexOpcode, (bits & 8) != 0 ? 64 : 32);
    }

    private static boolean isOpmask(int map, int opcode) {
        return map == 1
                ? opcode >= 0x41 && opcode <= 0x4B || opcode >= 0x90 && opcode <= 0x93 || opcode == 0x98
                        || opcode == 0x99
                : map == 3 && opcode >= 0x30 && opcode <= 0x33;
    }

    // AMD's four-operand FMA (APM vol. 4, appendix A): runtimes carry code for it that they never choose on our processors.
    private static boolean isFma4(int opcode) {
        return opcode >= 0x5C && opcode <= 0x5F || opcode >= 0x68 && opcode <= 0x6F || opcode >= 0x78 && opcode <= 0x7F;
    }

    // P0: RXBR'0mmm, P1: Wvvvv1pp, P2: zL'LbV'aaa, opcode.
    private Decoded evex() {
        int p0 = in.next();
        int p1 = in.next();
        in.next();
        int opcode = in.next();
        int map = p0 & 7;
        boolean known = map >= 1 && map <= 6 && map != 4;
        if (in.isShort() || hasPrefixForbiddenWithVex() || (p0 & 8) != 0 || (p1 & 4) == 0 || !known) {
            return undecoded(Reason.INVALID);
        }
        boolean immediate = map == 3
                || map == 1 && (opcode >= 0x70 && opcode <= 0x73 || opcode == 0xC2 || opcode >= 0xC4 && opcode <= 0xC6);
        return unsupported(Family.AVX512, immediate ? 1 : 0);
    }

    /** Skips ModRM with what belongs to it, and the immediate. */
    private Decoded unsupported(Family family, int immediateBytes) {
        new OperandReader(in, 0, prefixes).skip(immediateBytes);
        if (in.isShort()) {
            return undecoded(Reason.INVALID);
        }
        return new Undecoded(Reason.UNSUPPORTED, in.taken(), family);
    }

    private Decoded undecoded(Reason unlessShort) {
        return in.undecoded(unlessShort);
    }
}
