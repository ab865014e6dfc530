package chronovisor.jit;

import chronovisor.cpu.Op;
import chronovisor.cpu.RegionBlock;
import chronovisor.cpu.StepUse;

/** Which general-purpose registers packed operations read (bits 0 to 15) and write (bits 16 to 31). */
final class RegisterUse {
    private static final int RSP = 4;
    private static final int RBP = 5;

    private RegisterUse() {}

    /** Of all operations of a block. */
    static int of(RegionBlock block) {
        int use = 0;
        long[] ops = block.ops();
        for (int i = 0; i < ops.length; i += 2) {
            use |= of(block, ops[i], ops[i + 1]);
        }
        return use;
    }

    private static int of(RegionBlock block, long w, long x) {
        int code = (int) w & Op.CODE;
        int d = Op.destination(w);
        int s = Op.source(w);
        int address = read(Op.base(w)) | read(Op.index(w));
        return switch (code) {
            case Op.STEP, Op.JCC_STEP, Op.JMP_STEP -> (int) (block.uses()[(int) x] & StepUse.EVERYTHING);
            case Op.MOV_RI -> write(d);
            case Op.MOV_RR64, Op.MOV_RR32, Op.ZX8, Op.ZX16, Op.SX8_32, Op.SX8_64, Op.SX16_32, Op.SX16_64, Op.SX32_64,
                    Op.SIGN64, Op.SIGN32, Op.IMUL_RRI64, Op.IMUL_RRI32 ->
                write(d) | read(s);
            case Op.LEA64, Op.LEA32, Op.LOAD64, Op.LOAD32, Op.LOAD_SX32, Op.LOAD16, Op.LOAD_SX16_32, Op.LOAD_SX16_64,
                    Op.LOAD8, Op.LOAD_SX8_32, Op.LOAD_SX8_64, Op.RMW64, Op.RMW32 ->
                write(d) | address;
            case Op.LOAD8_MERGE -> write(d) | read(d) | address;
            case Op.STORE64, Op.STORE32, Op.STORE16, Op.STORE8 -> read(s) | address;
            case Op.PUSH -> read(s) | both(RSP);
            case Op.PUSH_I, Op.CALL, Op.RET -> both(RSP);
            case Op.POP -> write(d) | both(RSP);
            case Op.LEAVE -> both(RSP) | both(RBP);
            case Op.CALL_R -> read(s) | both(RSP);
            case Op.JMP_R -> read(s);
            case Op.SETCC -> both(d); // the source is a condition
            case Op.SHL_CL64, Op.SHL_CL32, Op.SHR_CL64, Op.SHR_CL32, Op.SAR_CL64, Op.SAR_CL32 -> both(d) | read(1);
            case Op.CMP_RR64, Op.CMP_RR32, Op.CMP_RR8, Op.TEST_RR64, Op.TEST_RR32, Op.TEST_RR8 -> read(d) | read(s);
            case Op.CMP_RI64, Op.CMP_RI32, Op.CMP_RI8, Op.TEST_RI64, Op.TEST_RI32, Op.TEST_RI8 -> read(d);
            case Op.JO, Op.JNO, Op.JB, Op.JAE, Op.JE, Op.JNE, Op.JBE, Op.JA, Op.JS, Op.JNS, Op.JP, Op.JNP, Op.JL,
                    Op.JGE,
                    Op.JLE, Op.JG, Op.JMP, Op.FALL, Op.STOP ->
                0;
            case Op.SYSCALL -> both(1) | both(11);
            default -> both(d) | read(s); // arithmetic; an immediate form's source is register 0, one too many
        };
    }

    private static int read(int r) {
        return r < 16 ? 1 << r : 0;
    }

    private static int write(int r) {
        return r < 16 ? 0x1_0000 << r : 0;
    }

    private static int both(int r) {
        return read(r) | write(r);
    }
}
