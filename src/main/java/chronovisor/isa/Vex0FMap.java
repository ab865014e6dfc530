package chronovisor.isa;

import static chronovisor.isa.Family.*;
import static chronovisor.isa.OpcodeRow.F2;
import static chronovisor.isa.OpcodeRow.F3;
import static chronovisor.isa.OpcodeRow.NP;
import static chronovisor.isa.OpcodeRow.P66;
import static chronovisor.isa.OperandSpec.*;
import static chronovisor.isa.Operation.*;

/**
 * The 0F map behind a VEX prefix (SDM vol. 2, table A-3, rows with v). Floating point came with AVX in both lengths; integers came with
 * AVX at 128 bits and with AVX2 at 256.
 */
final class Vex0FMap {
    static final OpcodeMap MAP = build();

    private Vex0FMap() {}

    private static OpcodeMap build() {
        var m = new OpcodeMap("VEX.0F ");
        scalarMoves(m);
        rows12to17(m);
        rows28to2F(m);
        rows50to5F(m);
        rows60to6F(m);
        shuffles(m);
        shiftsByImmediate(m);
        rows74toC6(m);
        rowsD0toDF(m);
        rowsE0toEF(m);
        rowsF0toFE(m);
        return m.finished();
    }

    /** Packed integers: AVX at 128 bits, AVX2 at 256. */
    static void integer(OpcodeMap m, int opcode, Operation operation, OperandSpec... specs) {
        m.row(P66, opcode, AVX, operation, specs).l(0);
        m.row(P66, opcode, AVX2, operation, specs).l(1);
    }

    private static void integer(OpcodeMap m, int opcode, Operation operation) {
        integer(m, opcode, operation, Vx, Hx, Wx);
    }

    private static void two(OpcodeMap m, int opcode, Operation ps, Operation pd) {
        m.row(NP, opcode, AVX, ps, Vx, Hx, Wx);
        m.row(P66, opcode, AVX, pd, Vx, Hx, Wx);
    }

    private static void four(OpcodeMap m, int opcode, Operation ps, Operation pd, Operation ss, Operation sd) {
        two(m, opcode, ps, pd);
        m.row(F3, opcode, AVX, ss, Vd, Hd, Wd);
        m.row(F2, opcode, AVX, sd, Vq, Hq, Wq);
    }

    private static void scalarMoves(OpcodeMap m) {
        m.row(NP, 0x10, AVX, VMOVUPS, Vx, Wx);
        m.row(P66, 0x10, AVX, VMOVUPD, Vx, Wx);
        m.row(F3, 0x10, AVX, VMOVSS, Vd, Md);
        m.row(F3, 0x10, AVX, VMOVSS, Vd, Hd, Ud);
        m.row(F2, 0x10, AVX, VMOVSD, Vq, Mq);
        m.row(F2, 0x10, AVX, VMOVSD, Vq, Hq, Uq);
        m.row(NP, 0x11, AVX, VMOVUPS, Wx, Vx);
        m.row(P66, 0x11, AVX, VMOVUPD, Wx, Vx);
        m.row(F3, 0x11, AVX, VMOVSS, Md, Vd);
        m.row(F3, 0x11, AVX, VMOVSS, Ud, Hd, Vd);
        m.row(F2, 0x11, AVX, VMOVSD, Mq, Vq);
        m.row(F2, 0x11, AVX, VMOVSD, Uq, Hq, Vq);
    }

    private static void rows12to17(OpcodeMap m) {
        m.row(NP, 0x12, AVX, VMOVLPS, Vq, Hq, Mq).l(0);
        m.row(NP, 0x12, AVX, VMOVHLPS, Vq, Hq, Uq).l(0);
        m.row(P66, 0x12, AVX, VMOVLPD, Vq, Hq, Mq).l(0);
        m.row(F3, 0x12, AVX, VMOVSLDUP, Vx, Wx);
        m.row(F2, 0x12, AVX, VMOVDDUP, Vdq, Wq).l(0);
        m.row(F2, 0x12, AVX, VMOVDDUP, Vqq, Wqq).l(1);
        m.row(NP, 0x13, AVX, VMOVLPS, Mq, Vq).l(0);
        m.row(P66, 0x13, AVX, VMOVLPD, Mq, Vq).l(0);
        two(m, 0x14, VUNPCKLPS, VUNPCKLPD);
        two(m, 0x15, VUNPCKHPS, VUNPCKHPD);
        m.row(NP, 0x16, AVX, VMOVHPS, Vq, Hq, Mq).l(0);
        m.row(NP, 0x16, AVX, VMOVLHPS, Vq, Hq, Uq).l(0);
        m.row(P66, 0x16, AVX, VMOVHPD, Vq, Hq, Mq).l(0);
        m.row(F3, 0x16, AVX, VMOVSHDUP, Vx, Wx);
        m.row(NP, 0x17, AVX, VMOVHPS, Mq, Vq).l(0);
        m.row(P66, 0x17, AVX, VMOVHPD, Mq, Vq).l(0);
    }

    private static void rows28to2F(OpcodeMap m) {
        m.row(NP, 0x28, AVX, VMOVAPS, Vx, Wx);
        m.row(P66, 0x28, AVX, VMOVAPD, Vx, Wx);
        m.row(NP, 0x29, AVX, VMOVAPS, Wx, Vx);
        m.row(P66, 0x29, AVX, VMOVAPD, Wx, Vx);
        m.row(F3, 0x2A, AVX, VCVTSI2SS, Vd, Hd, Ey);
        m.row(F2, 0x2A, AVX, VCVTSI2SD, Vq, Hq, Ey);
        m.row(NP, 0x2B, AVX, VMOVNTPS, Mx, Vx);
        m.row(P66, 0x2B, AVX, VMOVNTPD, Mx, Vx);
        m.row(F3, 0x2C, AVX, VCVTTSS2SI, Gy, Wd);
        m.row(F2, 0x2C, AVX, VCVTTSD2SI, Gy, Wq);
        m.row(F3, 0x2D, AVX, VCVTSS2SI, Gy, Wd);
        m.row(F2, 0x2D, AVX, VCVTSD2SI, Gy, Wq);
        m.row(NP, 0x2E, AVX, VUCOMISS, Vd, Wd);
        m.row(P66, 0x2E, AVX, VUCOMISD, Vq, Wq);
        m.row(NP, 0x2F, AVX, VCOMISS, Vd, Wd);
        m.row(P66, 0x2F, AVX, VCOMISD, Vq, Wq);
    }

    private static void rows50to5F(OpcodeMap m) {
        m.row(NP, 0x50, AVX, VMOVMSKPS, Gy, Ux);
        m.row(P66, 0x50, AVX, VMOVMSKPD, Gy, Ux);
        m.row(NP, 0x51, AVX, VSQRTPS, Vx, Wx);
        m.row(P66, 0x51, AVX, VSQRTPD, Vx, Wx);
        m.row(F3, 0x51, AVX, VSQRTSS, Vd, Hd, Wd);
        m.row(F2, 0x51, AVX, VSQRTSD, Vq, Hq, Wq);
        m.row(NP, 0x52, AVX, VRSQRTPS, Vx, Wx);
        m.row(F3, 0x52, AVX, VRSQRTSS, Vd, Hd, Wd);
        m.row(NP, 0x53, AVX, VRCPPS, Vx, Wx);
        m.row(F3, 0x53, AVX, VRCPSS, Vd, Hd, Wd);
        two(m, 0x54, VANDPS, VANDPD);
        two(m, 0x55, VANDNPS, VANDNPD);
        two(m, 0x56, VORPS, VORPD);
        two(m, 0x57, VXORPS, VXORPD);
        four(m, 0x58, VADDPS, VADDPD, VADDSS, VADDSD);
        four(m, 0x59, VMULPS, VMULPD, VMULSS, VMULSD);
        m.row(NP, 0x5A, AVX, VCVTPS2PD, Vx, Whx);
        m.row(P66, 0x5A, AVX, VCVTPD2PS, Vdq, Wx);
        m.row(F3, 0x5A, AVX, VCVTSS2SD, Vq, Hq, Wd);
        m.row(F2, 0x5A, AVX, VCVTSD2SS, Vd, Hd, Wq);
        m.row(NP, 0x5B, AVX, VCVTDQ2PS, Vx, Wx);
        m.row(P66, 0x5B, AVX, VCVTPS2DQ, Vx, Wx);
        m.row(F3, 0x5B, AVX, VCVTTPS2DQ, Vx, Wx);
        four(m, 0x5C, VSUBPS, VSUBPD, VSUBSS, VSUBSD);
        four(m, 0x5D, VMINPS, VMINPD, VMINSS, VMINSD);
        four(m, 0x5E, VDIVPS, VDIVPD, VDIVSS, VDIVSD);
        four(m, 0x5F, VMAXPS, VMAXPD, VMAXSS, VMAXSD);
    }

    private static void rows60to6F(OpcodeMap m) {
        integer(m, 0x60, VPUNPCKLBW);
        integer(m, 0x61, VPUNPCKLWD);
        integer(m, 0x62, VPUNPCKLDQ);
        integer(m, 0x63, VPACKSSWB);
        integer(m, 0x64, VPCMPGTB);
        integer(m, 0x65, VPCMPGTW);
        integer(m, 0x66, VPCMPGTD);
        integer(m, 0x67, VPACKUSWB);
        integer(m, 0x68, VPUNPCKHBW);
        integer(m, 0x69, VPUNPCKHWD);
        integer(m, 0x6A, VPUNPCKHDQ);
        integer(m, 0x6B, VPACKSSDW);
        integer(m, 0x6C, VPUNPCKLQDQ);
        integer(m, 0x6D, VPUNPCKHQDQ);
        m.row(P66, 0x6E, AVX, VMOVD, Vdq, Ed).l(0).w(0);
        m.row(P66, 0x6E, AVX, VMOVQ, Vdq, Eq).l(0).w(1);
        m.row(P66, 0x6F, AVX, VMOVDQA, Vx, Wx);
        m.row(F3, 0x6F, AVX, VMOVDQU, Vx, Wx);
    }

    private static void shuffles(OpcodeMap m) {
        integer(m, 0x70, VPSHUFD, Vx, Wx, Ib);
        m.row(F3, 0x70, AVX, VPSHUFHW, Vx, Wx, Ib).l(0);
        m.row(F3, 0x70, AVX2, VPSHUFHW, Vx, Wx, Ib).l(1);
        m.row(F2, 0x70, AVX, VPSHUFLW, Vx, Wx, Ib).l(0);
        m.row(F2, 0x70, AVX2, VPSHUFLW, Vx, Wx, Ib).l(1);
    }

    /** Groups 12, 13 and 14: the destination is VEX.vvvv. */
    private static void shiftsByImmediate(OpcodeMap m) {
        shiftByImmediate(m, 0x71, 2, VPSRLW);
        shiftByImmediate(m, 0x71, 4, VPSRAW);
        shiftByImmediate(m, 0x71, 6, VPSLLW);
        shiftByImmediate(m, 0x72, 2, VPSRLD);
        shiftByImmediate(m, 0x72, 4, VPSRAD);
        shiftByImmediate(m, 0x72, 6, VPSLLD);
        shiftByImmediate(m, 0x73, 2, VPSRLQ);
        shiftByImmediate(m, 0x73, 3, VPSRLDQ);
        shiftByImmediate(m, 0x73, 6, VPSLLQ);
        shiftByImmediate(m, 0x73, 7, VPSLLDQ);
    }

    private static void shiftByImmediate(OpcodeMap m, int opcode, int digit, Operation operation) {
        m.row(P66, opcode, AVX, operation, Hx, Ux, Ib).reg(digit).l(0);
        m.row(P66, opcode, AVX2, operation, Hx, Ux, Ib).reg(digit).l(1);
    }

    private static void rows74toC6(OpcodeMap m) {
        integer(m, 0x74, VPCMPEQB);
        integer(m, 0x75, VPCMPEQW);
        integer(m, 0x76, VPCMPEQD);
        m.row(NP, 0x77, AVX, VZEROUPPER).l(0);
        m.row(NP, 0x77, AVX, VZEROALL).l(1);
        m.row(P66, 0x7C, AVX, VHADDPD, Vx, Hx, Wx);
        m.row(F2, 0x7C, AVX, VHADDPS, Vx, Hx, Wx);
        m.row(P66, 0x7D, AVX, VHSUBPD, Vx, Hx, Wx);
        m.row(F2, 0x7D, AVX, VHSUBPS, Vx, Hx, Wx);
        m.row(P66, 0x7E, AVX, VMOVD, Ed, Vdq).l(0).w(0);
        m.row(P66, 0x7E, AVX, VMOVQ, Eq, Vdq).l(0).w(1);
        m.row(F3, 0x7E, AVX, VMOVQ, Vq, Wq).l(0);
        m.row(P66, 0x7F, AVX, VMOVDQA, Wx, Vx);
        m.row(F3, 0x7F, AVX, VMOVDQU, Wx, Vx);
        m.row(NP, 0xAE, AVX, VLDMXCSR, Md).reg(2).l(0);
        m.row(NP, 0xAE, AVX, VSTMXCSR, Md).reg(3).l(0);
        m.row(NP, 0xC2, AVX, VCMPPS, Vx, Hx, Wx, Ib);
        m.row(P66, 0xC2, AVX, VCMPPD, Vx, Hx, Wx, Ib);
        m.row(F3, 0xC2, AVX, VCMPSS, Vd, Hd, Wd, Ib);
        m.row(F2, 0xC2, AVX, VCMPSD, Vq, Hq, Wq, Ib);
        m.row(P66, 0xC4, AVX, VPINSRW, Vdq, Hdq, RdMw, Ib).l(0);
        m.row(P66, 0xC5, AVX, VPEXTRW, Gd, Udq, Ib).l(0);
        m.row(NP, 0xC6, AVX, VSHUFPS, Vx, Hx, Wx, Ib);
        m.row(P66, 0xC6, AVX, VSHUFPD, Vx, Hx, Wx, Ib);
    }

    private static void rowsD0toDF(OpcodeMap m) {
        m.row(P66, 0xD0, AVX, VADDSUBPD, Vx, Hx, Wx);
        m.row(F2, 0xD0, AVX, VADDSUBPS, Vx, Hx, Wx);
        integer(m, 0xD1, VPSRLW, Vx, Hx, Wdq);
        integer(m, 0xD2, VPSRLD, Vx, Hx, Wdq);
        integer(m, 0xD3, VPSRLQ, Vx, Hx, Wdq);
        integer(m, 0xD4, VPADDQ);
        integer(m, 0xD5, VPMULLW);
        m.row(P66, 0xD6, AVX, VMOVQ, Wq, Vq).l(0);
        integer(m, 0xD7, VPMOVMSKB, Gy, Ux);
        integer(m, 0xD8, VPSUBUSB);
        integer(m, 0xD9, VPSUBUSW);
        integer(m, 0xDA, VPMINUB);
        integer(m, 0xDB, VPAND);
        integer(m, 0xDC, VPADDUSB);
        integer(m, 0xDD, VPADDUSW);
        integer(m, 0xDE, VPMAXUB);
        integer(m, 0xDF, VPANDN);
    }

    private static void rowsE0toEF(OpcodeMap m) {
        integer(m, 0xE0, VPAVGB);
        integer(m, 0xE1, VPSRAW, Vx, Hx, Wdq);
        integer(m, 0xE2, VPSRAD, Vx, Hx, Wdq);
        integer(m, 0xE3, VPAVGW);
        integer(m, 0xE4, VPMULHUW);
        integer(m, 0xE5, VPMULHW);
        m.row(P66, 0xE6, AVX, VCVTTPD2DQ, Vdq, Wx);
        m.row(F3, 0xE6, AVX, VCVTDQ2PD, Vx, Whx);
        m.row(F2, 0xE6, AVX, VCVTPD2DQ, Vdq, Wx);
        m.row(P66, 0xE7, AVX, VMOVNTDQ, Mx, Vx);
        integer(m, 0xE8, VPSUBSB);
        integer(m, 0xE9, VPSUBSW);
        integer(m, 0xEA, VPMINSW);
        integer(m, 0xEB, VPOR);
        integer(m, 0xEC, VPADDSB);
        integer(m, 0xED, VPADDSW);
        integer(m, 0xEE, VPMAXSW);
        integer(m, 0xEF, VPXOR);
    }

    private static void rowsF0toFE(OpcodeMap m) {
        m.row(F2, 0xF0, AVX, VLDDQU, Vx, Mx);
        integer(m, 0xF1, VPSLLW, Vx, Hx, Wdq);
        integer(m, 0xF2, VPSLLD, Vx, Hx, Wdq);
        integer(m, 0xF3, VPSLLQ, Vx, Hx, Wdq);
        integer(m, 0xF4, VPMULUDQ);
        integer(m, 0xF5, VPMADDWD);
        integer(m, 0xF6, VPSADBW);
        m.row(P66, 0xF7, AVX, VMASKMOVDQU, Vdq, Udq).l(0);
        integer(m, 0xF8, VPSUBB);
        integer(m, 0xF9, VPSUBW);
        integer(m, 0xFA, VPSUBD);
        integer(m, 0xFB, VPSUBQ);
        integer(m, 0xFC, VPADDB);
        integer(m, 0xFD, VPADDW);
        integer(m, 0xFE, VPADDD);
    }
}
