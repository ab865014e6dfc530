package chronovisor.isa;

import static chronovisor.isa.Family.*;
import static chronovisor.isa.OpcodeRow.F2;
import static chronovisor.isa.OpcodeRow.F3;
import static chronovisor.isa.OpcodeRow.NP;
import static chronovisor.isa.OpcodeRow.P66;
import static chronovisor.isa.OperandSpec.*;
import static chronovisor.isa.Operation.*;

/** The vector rows of the 0F map: MMX without mandatory prefix, packed double and integer with 66, scalars with F3 and F2. */
final class TwoByteVectorRows {
    private TwoByteVectorRows() {}

    static void addTo(OpcodeMap m) {
        moves(m);
        conversionsAndCompares(m);
        floatingPoint(m);
        unpackAndMove(m);
        shiftsByImmediate(m);
        rows74to7F(m);
        rowsC2toC6(m);
        rowsD0toDF(m);
        rowsE0toEF(m);
        rowsF0toFE(m);
    }

    /** MMX and, with 66, SSE2: the same operation on 64 and 128 bits. */
    private static void integer(OpcodeMap m, int opcode, Operation operation) {
        m.row(NP, opcode, Family.MMX, operation, Pq, Qq);
        m.row(P66, opcode, SSE2, operation, Vdq, Wdq);
    }

    /** The same, where the MMX row came later than MMX. */
    private static void integer(OpcodeMap m, int opcode, Operation operation, CpuFeature mmxFeature) {
        m.row(NP, opcode, Family.MMX, operation, Pq, Qq).feature(mmxFeature);
        m.row(P66, opcode, SSE2, operation, Vdq, Wdq);
    }

    /** Packed single, packed double, scalar single, scalar double. */
    private static void four(OpcodeMap m, int opcode, Operation ps, Operation pd, Operation ss, Operation sd) {
        m.row(NP, opcode, SSE, ps, Vdq, Wdq);
        m.row(P66, opcode, SSE2, pd, Vdq, Wdq);
        m.row(F3, opcode, SSE, ss, Vd, Wd);
        m.row(F2, opcode, SSE2, sd, Vq, Wq);
    }

    private static void two(OpcodeMap m, int opcode, Operation ps, Operation pd) {
        m.row(NP, opcode, SSE, ps, Vdq, Wdq);
        m.row(P66, opcode, SSE2, pd, Vdq, Wdq);
    }

    private static void moves(OpcodeMap m) {
        four(m, 0x10, MOVUPS, MOVUPD, MOVSS, MOVSD);
        m.row(NP, 0x11, SSE, MOVUPS, Wdq, Vdq);
        m.row(P66, 0x11, SSE2, MOVUPD, Wdq, Vdq);
        m.row(F3, 0x11, SSE, MOVSS, Wd, Vd);
        m.row(F2, 0x11, SSE2, MOVSD, Wq, Vq);
        m.row(NP, 0x12, SSE, MOVLPS, Vq, Mq);
        m.row(NP, 0x12, SSE, MOVHLPS, Vq, Uq);
        m.row(P66, 0x12, SSE2, MOVLPD, Vq, Mq);
        m.row(F3, 0x12, SSE3, MOVSLDUP, Vdq, Wdq);
        m.row(F2, 0x12, SSE3, MOVDDUP, Vdq, Wq);
        m.row(NP, 0x13, SSE, MOVLPS, Mq, Vq);
        m.row(P66, 0x13, SSE2, MOVLPD, Mq, Vq);
        two(m, 0x14, UNPCKLPS, UNPCKLPD);
        two(m, 0x15, UNPCKHPS, UNPCKHPD);
        m.row(NP, 0x16, SSE, MOVHPS, Vq, Mq);
        m.row(NP, 0x16, SSE, MOVLHPS, Vq, Uq);
        m.row(P66, 0x16, SSE2, MOVHPD, Vq, Mq);
        m.row(F3, 0x16, SSE3, MOVSHDUP, Vdq, Wdq);
        m.row(NP, 0x17, SSE, MOVHPS, Mq, Vq);
        m.row(P66, 0x17, SSE2, MOVHPD, Mq, Vq);
        two(m, 0x28, MOVAPS, MOVAPD);
        m.row(NP, 0x29, SSE, MOVAPS, Wdq, Vdq);
        m.row(P66, 0x29, SSE2, MOVAPD, Wdq, Vdq);
    }

    private static void conversionsAndCompares(OpcodeMap m) {
        m.row(NP, 0x2A, SSE, CVTPI2PS, Vq, Qq);
        m.row(P66, 0x2A, SSE2, CVTPI2PD, Vdq, Qq);
        m.row(F3, 0x2A, SSE, CVTSI2SS, Vd, Ey);
        m.row(F2, 0x2A, SSE2, CVTSI2SD, Vq, Ey);
        m.row(NP, 0x2B, SSE, MOVNTPS, Mdq, Vdq);
        m.row(P66, 0x2B, SSE2, MOVNTPD, Mdq, Vdq);
        m.row(F3, 0x2B, SSE4A, MOVNTSS, Md, Vd);
        m.row(F2, 0x2B, SSE4A, MOVNTSD, Mq, Vq);
        m.row(NP, 0x2C, SSE, CVTTPS2PI, Pq, Wq);
        m.row(P66, 0x2C, SSE2, CVTTPD2PI, Pq, Wdq);
        m.row(F3, 0x2C, SSE, CVTTSS2SI, Gy, Wd);
        m.row(F2, 0x2C, SSE2, CVTTSD2SI, Gy, Wq);
        m.row(NP, 0x2D, SSE, CVTPS2PI, Pq, Wq);
        m.row(P66, 0x2D, SSE2, CVTPD2PI, Pq, Wdq);
        m.row(F3, 0x2D, SSE, CVTSS2SI, Gy, Wd);
        m.row(F2, 0x2D, SSE2, CVTSD2SI, Gy, Wq);
        m.row(NP, 0x2E, SSE, UCOMISS, Vd, Wd);
        m.row(P66, 0x2E, SSE2, UCOMISD, Vq, Wq);
        m.row(NP, 0x2F, SSE, COMISS, Vd, Wd);
        m.row(P66, 0x2F, SSE2, COMISD, Vq, Wq);
    }

    private static void floatingPoint(OpcodeMap m) {
        m.row(NP, 0x50, SSE, MOVMSKPS, Gy, Udq);
        m.row(P66, 0x50, SSE2, MOVMSKPD, Gy, Udq);
        four(m, 0x51, SQRTPS, SQRTPD, SQRTSS, SQRTSD);
        m.row(NP, 0x52, SSE, RSQRTPS, Vdq, Wdq);
        m.row(F3, 0x52, SSE, RSQRTSS, Vd, Wd);
        m.row(NP, 0x53, SSE, RCPPS, Vdq, Wdq);
        m.row(F3, 0x53, SSE, RCPSS, Vd, Wd);
        two(m, 0x54, ANDPS, ANDPD);
        two(m, 0x55, ANDNPS, ANDNPD);
        two(m, 0x56, ORPS, ORPD);
        two(m, 0x57, XORPS, XORPD);
        four(m, 0x58, ADDPS, ADDPD, ADDSS, ADDSD);
        four(m, 0x59, MULPS, MULPD, MULSS, MULSD);
        m.row(NP, 0x5A, SSE2, CVTPS2PD, Vdq, Wq);
        m.row(P66, 0x5A, SSE2, CVTPD2PS, Vdq, Wdq);
        m.row(F3, 0x5A, SSE2, CVTSS2SD, Vq, Wd);
        m.row(F2, 0x5A, SSE2, CVTSD2SS, Vd, Wq);
        m.row(NP, 0x5B, SSE2, CVTDQ2PS, Vdq, Wdq);
        m.row(P66, 0x5B, SSE2, CVTPS2DQ, Vdq, Wdq);
        m.row(F3, 0x5B, SSE2, CVTTPS2DQ, Vdq, Wdq);
        four(m, 0x5C, SUBPS, SUBPD, SUBSS, SUBSD);
        four(m, 0x5D, MINPS, MINPD, MINSS, MINSD);
        four(m, 0x5E, DIVPS, DIVPD, DIVSS, DIVSD);
        four(m, 0x5F, MAXPS, MAXPD, MAXSS, MAXSD);
    }

    private static void unpackAndMove(OpcodeMap m) {
        m.row(NP, 0x60, Family.MMX, PUNPCKLBW, Pq, Qd);
        m.row(P66, 0x60, SSE2, PUNPCKLBW, Vdq, Wdq);
        m.row(NP, 0x61, Family.MMX, PUNPCKLWD, Pq, Qd);
        m.row(P66, 0x61, SSE2, PUNPCKLWD, Vdq, Wdq);
        m.row(NP, 0x62, Family.MMX, PUNPCKLDQ, Pq, Qd);
        m.row(P66, 0x62, SSE2, PUNPCKLDQ, Vdq, Wdq);
        integer(m, 0x63, PACKSSWB);
        integer(m, 0x64, PCMPGTB);
        integer(m, 0x65, PCMPGTW);
        integer(m, 0x66, PCMPGTD);
        integer(m, 0x67, PACKUSWB);
        integer(m, 0x68, PUNPCKHBW);
        integer(m, 0x69, PUNPCKHWD);
        integer(m, 0x6A, PUNPCKHDQ);
        integer(m, 0x6B, PACKSSDW);
        m.row(P66, 0x6C, SSE2, PUNPCKLQDQ, Vdq, Wdq);
        m.row(P66, 0x6D, SSE2, PUNPCKHQDQ, Vdq, Wdq);
        m.row(NP, 0x6E, Family.MMX, MOVD, Pq, Ed).w(0);
        m.row(NP, 0x6E, Family.MMX, MOVQ, Pq, Eq).w(1);
        m.row(P66, 0x6E, SSE2, MOVD, Vdq, Ed).w(0);
        m.row(P66, 0x6E, SSE2, MOVQ, Vdq, Eq).w(1);
        m.row(NP, 0x6F, Family.MMX, MOVQ, Pq, Qq);
        m.row(P66, 0x6F, SSE2, MOVDQA, Vdq, Wdq);
        m.row(F3, 0x6F, SSE2, MOVDQU, Vdq, Wdq);
        m.row(NP, 0x70, Family.MMX, PSHUFW, Pq, Qq, Ib).feature(CpuFeature.SSE);
        m.row(P66, 0x70, SSE2, PSHUFD, Vdq, Wdq, Ib);
        m.row(F3, 0x70, SSE2, PSHUFHW, Vdq, Wdq, Ib);
        m.row(F2, 0x70, SSE2, PSHUFLW, Vdq, Wdq, Ib);
    }

    /** Groups 12, 13 and 14. */
    private static void shiftsByImmediate(OpcodeMap m) {
        shiftByImmediate(m, 0x71, 2, PSRLW);
        shiftByImmediate(m, 0x71, 4, PSRAW);
        shiftByImmediate(m, 0x71, 6, PSLLW);
        shiftByImmediate(m, 0x72, 2, PSRLD);
        shiftByImmediate(m, 0x72, 4, PSRAD);
        shiftByImmediate(m, 0x72, 6, PSLLD);
        shiftByImmediate(m, 0x73, 2, PSRLQ);
        m.row(P66, 0x73, SSE2, PSRLDQ, Udq, Ib).reg(3);
        shiftByImmediate(m, 0x73, 6, PSLLQ);
        m.row(P66, 0x73, SSE2, PSLLDQ, Udq, Ib).reg(7);
    }

    private static void shiftByImmediate(OpcodeMap m, int opcode, int digit, Operation operation) {
        m.row(NP, opcode, Family.MMX, operation, Nq, Ib).reg(digit);
        m.row(P66, opcode, SSE2, operation, Udq, Ib).reg(digit);
    }

    private static void rows74to7F(OpcodeMap m) {
        integer(m, 0x74, PCMPEQB);
        integer(m, 0x75, PCMPEQW);
        integer(m, 0x76, PCMPEQD);
        m.row(NP, 0x77, Family.MMX, EMMS);
        m.row(P66, 0x78, SSE4A, EXTRQ, Udq, Ib, Ib).reg(0);
        m.row(F2, 0x78, SSE4A, INSERTQ, Vdq, Udq, Ib, Ib);
        m.row(P66, 0x79, SSE4A, EXTRQ, Vdq, Udq);
        m.row(F2, 0x79, SSE4A, INSERTQ, Vdq, Udq);
        m.row(P66, 0x7C, SSE3, HADDPD, Vdq, Wdq);
        m.row(F2, 0x7C, SSE3, HADDPS, Vdq, Wdq);
        m.row(P66, 0x7D, SSE3, HSUBPD, Vdq, Wdq);
        m.row(F2, 0x7D, SSE3, HSUBPS, Vdq, Wdq);
        m.row(NP, 0x7E, Family.MMX, MOVD, Ed, Pq).w(0);
        m.row(NP, 0x7E, Family.MMX, MOVQ, Eq, Pq).w(1);
        m.row(P66, 0x7E, SSE2, MOVD, Ed, Vdq).w(0);
        m.row(P66, 0x7E, SSE2, MOVQ, Eq, Vdq).w(1);
        m.row(F3, 0x7E, SSE2, MOVQ, Vq, Wq);
        m.row(NP, 0x7F, Family.MMX, MOVQ, Qq, Pq);
        m.row(P66, 0x7F, SSE2, MOVDQA, Wdq, Vdq);
        m.row(F3, 0x7F, SSE2, MOVDQU, Wdq, Vdq);
    }

    private static void rowsC2toC6(OpcodeMap m) {
        m.row(NP, 0xC2, SSE, CMPPS, Vdq, Wdq, Ib);
        m.row(P66, 0xC2, SSE2, CMPPD, Vdq, Wdq, Ib);
        m.row(F3, 0xC2, SSE, CMPSS, Vd, Wd, Ib);
        m.row(F2, 0xC2, SSE2, CMPSD, Vq, Wq, Ib);
        m.row(NP, 0xC4, Family.MMX, PINSRW, Pq, RdMw, Ib).feature(CpuFeature.SSE);
        m.row(P66, 0xC4, SSE2, PINSRW, Vdq, RdMw, Ib);
        m.row(NP, 0xC5, Family.MMX, PEXTRW, Gd, Nq, Ib).feature(CpuFeature.SSE);
        m.row(P66, 0xC5, SSE2, PEXTRW, Gd, Udq, Ib);
        m.row(NP, 0xC6, SSE, SHUFPS, Vdq, Wdq, Ib);
        m.row(P66, 0xC6, SSE2, SHUFPD, Vdq, Wdq, Ib);
    }

    private static void rowsD0toDF(OpcodeMap m) {
        m.row(P66, 0xD0, SSE3, ADDSUBPD, Vdq, Wdq);
        m.row(F2, 0xD0, SSE3, ADDSUBPS, Vdq, Wdq);
        integer(m, 0xD1, PSRLW);
        integer(m, 0xD2, PSRLD);
        integer(m, 0xD3, PSRLQ);
        integer(m, 0xD4, PADDQ, CpuFeature.SSE2);
        integer(m, 0xD5, PMULLW);
        m.row(P66, 0xD6, SSE2, MOVQ, Wq, Vq);
        m.row(F3, 0xD6, SSE2, MOVQ2DQ, Vdq, Nq);
        m.row(F2, 0xD6, SSE2, MOVDQ2Q, Pq, Uq);
        m.row(NP, 0xD7, Family.MMX, PMOVMSKB, Gy, Nq).feature(CpuFeature.SSE);
        m.row(P66, 0xD7, SSE2, PMOVMSKB, Gy, Udq);
        integer(m, 0xD8, PSUBUSB);
        integer(m, 0xD9, PSUBUSW);
        integer(m, 0xDA, PMINUB, CpuFeature.SSE);
        integer(m, 0xDB, PAND);
        integer(m, 0xDC, PADDUSB);
        integer(m, 0xDD, PADDUSW);
        integer(m, 0xDE, PMAXUB, CpuFeature.SSE);
        integer(m, 0xDF, PANDN);
    }

    private static void rowsE0toEF(OpcodeMap m) {
        integer(m, 0xE0, PAVGB, CpuFeature.SSE);
        integer(m, 0xE1, PSRAW);
        integer(m, 0xE2, PSRAD);
        integer(m, 0xE3, PAVGW, CpuFeature.SSE);
        integer(m, 0xE4, PMULHUW, CpuFeature.SSE);
        integer(m, 0xE5, PMULHW);
        m.row(P66, 0xE6, SSE2, CVTTPD2DQ, Vdq, Wdq);
        m.row(F3, 0xE6, SSE2, CVTDQ2PD, Vdq, Wq);
        m.row(F2, 0xE6, SSE2, CVTPD2DQ, Vdq, Wdq);
        m.row(NP, 0xE7, Family.MMX, MOVNTQ, Mq, Pq).feature(CpuFeature.SSE);
        m.row(P66, 0xE7, SSE2, MOVNTDQ, Mdq, Vdq);
        integer(m, 0xE8, PSUBSB);
        integer(m, 0xE9, PSUBSW);
        integer(m, 0xEA, PMINSW, CpuFeature.SSE);
        integer(m, 0xEB, POR);
        integer(m, 0xEC, PADDSB);
        integer(m, 0xED, PADDSW);
        integer(m, 0xEE, PMAXSW, CpuFeature.SSE);
        integer(m, 0xEF, PXOR);
    }

    private static void rowsF0toFE(OpcodeMap m) {
        m.row(F2, 0xF0, SSE3, LDDQU, Vdq, Mdq);
        integer(m, 0xF1, PSLLW);
        integer(m, 0xF2, PSLLD);
        integer(m, 0xF3, PSLLQ);
        integer(m, 0xF4, PMULUDQ, CpuFeature.SSE2);
        integer(m, 0xF5, PMADDWD);
        integer(m, 0xF6, PSADBW, CpuFeature.SSE);
        m.row(NP, 0xF7, Family.MMX, MASKMOVQ, Pq, Nq).feature(CpuFeature.SSE);
        m.row(P66, 0xF7, SSE2, MASKMOVDQU, Vdq, Udq);
        integer(m, 0xF8, PSUBB);
        integer(m, 0xF9, PSUBW);
        integer(m, 0xFA, PSUBD);
        integer(m, 0xFB, PSUBQ, CpuFeature.SSE2);
        integer(m, 0xFC, PADDB);
        integer(m, 0xFD, PADDW);
        integer(m, 0xFE, PADDD);
    }
}
