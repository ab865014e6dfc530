package chronovisor.isa;

import static chronovisor.isa.Family.X87;
import static chronovisor.isa.OperandSpec.*;
import static chronovisor.isa.Operation.*;

/**
 * The x87 escapes D8 to DF of the one-byte map (SDM vol. 2, tables ). "Double" marks encodings that the manual leaves out and every processor
 * executes like the one named.
 */
final class X87Rows {
    private X87Rows() {}

    static void addTo(OpcodeMap m) {
        escapeD8(m);
        escapeD9(m);
        escapeDA(m);
        escapeDB(m);
        escapeDC(m);
        escapeDD(m);
        escapeDE(m);
        escapeDF(m);
    }

    /** The eight arithmetic operations, /0 to /7, on memory. */
    private static void arithmetic(OpcodeMap m, int escape, OperandSpec memory) {
        m.row(escape, X87, FADD, memory).reg(0);
        m.row(escape, X87, FMUL, memory).reg(1);
        m.row(escape, X87, FCOM, memory).reg(2);
        m.row(escape, X87, FCOMP, memory).reg(3);
        m.row(escape, X87, FSUB, memory).reg(4);
        m.row(escape, X87, FSUBR, memory).reg(5);
        m.row(escape, X87, FDIV, memory).reg(6);
        m.row(escape, X87, FDIVR, memory).reg(7);
    }

    /** The same on integers in memory. */
    private static void integerArithmetic(OpcodeMap m, int escape, OperandSpec memory) {
        m.row(escape, X87, FIADD, memory).reg(0);
        m.row(escape, X87, FIMUL, memory).reg(1);
        m.row(escape, X87, FICOM, memory).reg(2);
        m.row(escape, X87, FICOMP, memory).reg(3);
        m.row(escape, X87, FISUB, memory).reg(4);
        m.row(escape, X87, FISUBR, memory).reg(5);
        m.row(escape, X87, FIDIV, memory).reg(6);
        m.row(escape, X87, FIDIVR, memory).reg(7);
    }

    private static void escapeD8(OpcodeMap m) {
        arithmetic(m, 0xD8, Md);
        m.row(0xD8, X87, FADD, ST0, STi).reg(0);
        m.row(0xD8, X87, FMUL, ST0, STi).reg(1);
        m.row(0xD8, X87, FCOM, STi).reg(2);
        m.row(0xD8, X87, FCOMP, STi).reg(3);
        m.row(0xD8, X87, FSUB, ST0, STi).reg(4);
        m.row(0xD8, X87, FSUBR, ST0, STi).reg(5);
        m.row(0xD8, X87, FDIV, ST0, STi).reg(6);
        m.row(0xD8, X87, FDIVR, ST0, STi).reg(7);
    }

    private static void escapeD9(OpcodeMap m) {
        m.row(0xD9, X87, FLD, Md).reg(0);
        m.row(0xD9, X87, FST, Md).reg(2);
        m.row(0xD9, X87, FSTP, Md).reg(3);
        m.row(0xD9, X87, FLDENV, OperandSpec.M).reg(4);
        m.row(0xD9, X87, FLDCW, Mw).reg(5);
        m.row(0xD9, X87, FNSTENV, OperandSpec.M).reg(6);
        m.row(0xD9, X87, FNSTCW, Mw).reg(7);
        m.row(0xD9, X87, FLD, STi).reg(0);
        m.row(0xD9, X87, FXCH, STi).reg(1);
        m.row(0xD9, X87, FNOP).reg(2).rm(0);
        m.row(0xD9, X87, FSTPNCE, STi).reg(3); // FSTP without the exception for an empty register
        m.row(0xD9, X87, FCHS).reg(4).rm(0);
        m.row(0xD9, X87, FABS).reg(4).rm(1);
        m.row(0xD9, X87, FTST).reg(4).rm(4);
        m.row(0xD9, X87, FXAM).reg(4).rm(5);
        m.row(0xD9, X87, FLD1).reg(5).rm(0);
        m.row(0xD9, X87, FLDL2T).reg(5).rm(1);
        m.row(0xD9, X87, FLDL2E).reg(5).rm(2);
        m.row(0xD9, X87, FLDPI).reg(5).rm(3);
        m.row(0xD9, X87, FLDLG2).reg(5).rm(4);
        m.row(0xD9, X87, FLDLN2).reg(5).rm(5);
        m.row(0xD9, X87, FLDZ).reg(5).rm(6);
        m.row(0xD9, X87, F2XM1).reg(6).rm(0);
        m.row(0xD9, X87, FYL2X).reg(6).rm(1);
        m.row(0xD9, X87, FPTAN).reg(6).rm(2);
        m.row(0xD9, X87, FPATAN).reg(6).rm(3);
        m.row(0xD9, X87, FXTRACT).reg(6).rm(4);
        m.row(0xD9, X87, FPREM1).reg(6).rm(5);
        m.row(0xD9, X87, FDECSTP).reg(6).rm(6);
        m.row(0xD9, X87, FINCSTP).reg(6).rm(7);
        m.row(0xD9, X87, FPREM).reg(7).rm(0);
        m.row(0xD9, X87, FYL2XP1).reg(7).rm(1);
        m.row(0xD9, X87, FSQRT).reg(7).rm(2);
        m.row(0xD9, X87, FSINCOS).reg(7).rm(3);
        m.row(0xD9, X87, FRNDINT).reg(7).rm(4);
        m.row(0xD9, X87, FSCALE).reg(7).rm(5);
        m.row(0xD9, X87, FSIN).reg(7).rm(6);
        m.row(0xD9, X87, FCOS).reg(7).rm(7);
    }

    private static void escapeDA(OpcodeMap m) {
        integerArithmetic(m, 0xDA, Md);
        m.row(0xDA, X87, FCMOVB, ST0, STi).reg(0).feature(CpuFeature.CMOV);
        m.row(0xDA, X87, FCMOVE, ST0, STi).reg(1).feature(CpuFeature.CMOV);
        m.row(0xDA, X87, FCMOVBE, ST0, STi).reg(2).feature(CpuFeature.CMOV);
        m.row(0xDA, X87, FCMOVU, ST0, STi).reg(3).feature(CpuFeature.CMOV);
        m.row(0xDA, X87, FUCOMPP).reg(5).rm(1);
    }

    private static void escapeDB(OpcodeMap m) {
        m.row(0xDB, X87, FILD, Md).reg(0);
        m.row(0xDB, X87, FISTTP, Md).reg(1).feature(CpuFeature.SSE3);
        m.row(0xDB, X87, FIST, Md).reg(2);
        m.row(0xDB, X87, FISTP, Md).reg(3);
        m.row(0xDB, X87, FLD, Mt).reg(5);
        m.row(0xDB, X87, FSTP, Mt).reg(7);
        m.row(0xDB, X87, FCMOVNB, ST0, STi).reg(0).feature(CpuFeature.CMOV);
        m.row(0xDB, X87, FCMOVNE, ST0, STi).reg(1).feature(CpuFeature.CMOV);
        m.row(0xDB, X87, FCMOVNBE, ST0, STi).reg(2).feature(CpuFeature.CMOV);
        m.row(0xDB, X87, FCMOVNU, ST0, STi).reg(3).feature(CpuFeature.CMOV);
        m.row(0xDB, X87, FNENI).reg(4).rm(0); // 8087's interrupt mask: no operation since the 80287
        m.row(0xDB, X87, FNDISI).reg(4).rm(1);
        m.row(0xDB, X87, FNCLEX).reg(4).rm(2);
        m.row(0xDB, X87, FNINIT).reg(4).rm(3);
        m.row(0xDB, X87, FNSETPM).reg(4).rm(4); // 80287's: no operation since the 80387
        m.row(0xDB, X87, FUCOMI, ST0, STi).reg(5).feature(CpuFeature.CMOV);
        m.row(0xDB, X87, FCOMI, ST0, STi).reg(6).feature(CpuFeature.CMOV);
    }

    private static void escapeDC(OpcodeMap m) {
        arithmetic(m, 0xDC, Mq);
        m.row(0xDC, X87, FADD, STi, ST0).reg(0);
        m.row(0xDC, X87, FMUL, STi, ST0).reg(1);
        m.row(0xDC, X87, FCOM, STi).reg(2); // double of D8 D0
        m.row(0xDC, X87, FCOMP, STi).reg(3); // double of D8 D8
        m.row(0xDC, X87, FSUBR, STi, ST0).reg(4);
        m.row(0xDC, X87, FSUB, STi, ST0).reg(5);
        m.row(0xDC, X87, FDIVR, STi, ST0).reg(6);
        m.row(0xDC, X87, FDIV, STi, ST0).reg(7);
    }

    private static void escapeDD(OpcodeMap m) {
        m.row(0xDD, X87, FLD, Mq).reg(0);
        m.row(0xDD, X87, FISTTP, Mq).reg(1).feature(CpuFeature.SSE3);
        m.row(0xDD, X87, FST, Mq).reg(2);
        m.row(0xDD, X87, FSTP, Mq).reg(3);
        m.row(0xDD, X87, FRSTOR, OperandSpec.M).reg(4);
        m.row(0xDD, X87, FNSAVE, OperandSpec.M).reg(6);
        m.row(0xDD, X87, FNSTSW, Mw).reg(7);
        m.row(0xDD, X87, FFREE, STi).reg(0);
        m.row(0xDD, X87, FXCH, STi).reg(1); // double of D9 C8
        m.row(0xDD, X87, FST, STi).reg(2);
        m.row(0xDD, X87, FSTP, STi).reg(3);
        m.row(0xDD, X87, FUCOM, STi).reg(4);
        m.row(0xDD, X87, FUCOMP, STi).reg(5);
    }

    private static void escapeDE(OpcodeMap m) {
        integerArithmetic(m, 0xDE, Mw);
        m.row(0xDE, X87, FADDP, STi, ST0).reg(0);
        m.row(0xDE, X87, FMULP, STi, ST0).reg(1);
        m.row(0xDE, X87, FCOMP, STi).reg(2); // double of D8 D8
        m.row(0xDE, X87, FCOMPP).reg(3).rm(1);
        m.row(0xDE, X87, FSUBRP, STi, ST0).reg(4);
        m.row(0xDE, X87, FSUBP, STi, ST0).reg(5);
        m.row(0xDE, X87, FDIVRP, STi, ST0).reg(6);
        m.row(0xDE, X87, FDIVP, STi, ST0).reg(7);
    }

    private static void escapeDF(OpcodeMap m) {
        m.row(0xDF, X87, FILD, Mw).reg(0);
        m.row(0xDF, X87, FISTTP, Mw).reg(1).feature(CpuFeature.SSE3);
        m.row(0xDF, X87, FIST, Mw).reg(2);
        m.row(0xDF, X87, FISTP, Mw).reg(3);
        m.row(0xDF, X87, FBLD, Mt).reg(4);
        m.row(0xDF, X87, FILD, Mq).reg(5);
        m.row(0xDF, X87, FBSTP, Mt).reg(6);
        m.row(0xDF, X87, FISTP, Mq).reg(7);
        m.row(0xDF, X87, FFREEP, STi).reg(0);
        m.row(0xDF, X87, FXCH, STi).reg(1); // double of D9 C8
        m.row(0xDF, X87, FSTP, STi).reg(2); // double of DD D8
        m.row(0xDF, X87, FSTP, STi).reg(3); // double of DD D8
        m.row(0xDF, X87, FNSTSW, AX).reg(4).rm(0);
        m.row(0xDF, X87, FUCOMIP, ST0, STi).reg(5).feature(CpuFeature.CMOV);
        m.row(0xDF, X87, FCOMIP, ST0, STi).reg(6).feature(CpuFeature.CMOV);
    }
}
