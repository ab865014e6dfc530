package chronovisor.jit;

import chronovisor.cpu.Op;
import chronovisor.cpu.RegionBlock;

/** What blocks do with the arithmetic flags that they find. */
final class FlagUse {
    private FlagUse() {}

    /** Whether a block sets all arithmetic flags before it reads one and before anything in it can fault or leave: what they were is lost. */
    static boolean setsFirst(RegionBlock block) {
        long[] ops = block.ops();
        for (int i = 0; i < ops.length; i += 2) {
            int code = (int) ops[i] & Op.CODE;
            if (setsAll(code)) {
                return true;
            }
            if (!leavesAlone(code)) {
                return false;
            }
        }
        return false;
    }

    private static boolean setsAll(int code) {
        return switch (code) {
            case Op.ADD_RR64, Op.ADD_RI64, Op.SUB_RR64, Op.SUB_RI64, Op.AND_RR64, Op.AND_RI64, Op.OR_RR64, Op.OR_RI64,
                    Op.XOR_RR64, Op.XOR_RI64, Op.CMP_RR64, Op.CMP_RI64, Op.TEST_RR64, Op.TEST_RI64, Op.NEG64 ->
                true;
            case Op.ADD_RR32, Op.ADD_RI32, Op.SUB_RR32, Op.SUB_RI32, Op.AND_RR32, Op.AND_RI32, Op.OR_RR32, Op.OR_RI32,
                    Op.XOR_RR32, Op.XOR_RI32, Op.CMP_RR32, Op.CMP_RI32, Op.TEST_RR32, Op.TEST_RI32, Op.NEG32 ->
                true;
            case Op.ADD_RR8, Op.ADD_RI8, Op.SUB_RR8, Op.SUB_RI8, Op.AND_RR8, Op.AND_RI8, Op.OR_RR8, Op.OR_RI8,
                    Op.XOR_RR8, Op.XOR_RI8, Op.CMP_RR8, Op.CMP_RI8, Op.TEST_RR8, Op.TEST_RI8 ->
                true;
            case Op.SHL_RI64, Op.SHR_RI64, Op.SAR_RI64, Op.SHL_RI32, Op.SHR_RI32, Op.SAR_RI32, Op.IMUL_RR64,
                    Op.IMUL_RRI64, Op.IMUL_RR32, Op.IMUL_RRI32 ->
                true;
            default -> false; // INC and DEC keep CF, rotates keep all but two, shifts by CL may keep all
        };
    }

    /** Neither reads nor sets flags, and cannot fault. */
    private static boolean leavesAlone(int code) {
        return switch (code) {
            case Op.MOV_RR64, Op.MOV_RR32, Op.MOV_RI, Op.MOV_RR8, Op.MOV_RI8, Op.ZX8, Op.ZX16, Op.SX8_32, Op.SX8_64,
                    Op.SX16_32, Op.SX16_64, Op.SX32_64, Op.SIGN64, Op.SIGN32, Op.LEA64, Op.LEA32, Op.NOT64, Op.NOT32 ->
                true;
            default -> false;
        };
    }
}
