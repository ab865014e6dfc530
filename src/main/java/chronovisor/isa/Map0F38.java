package chronovisor.isa;

import static chronovisor.isa.Family.*;
import static chronovisor.isa.OpcodeRow.F2;
import static chronovisor.isa.OpcodeRow.F3;
import static chronovisor.isa.OpcodeRow.NP;
import static chronovisor.isa.OpcodeRow.P66;
import static chronovisor.isa.OperandSpec.*;
import static chronovisor.isa.Operation.*;

/** The 0F 38 map (SDM vol. 2, table A-4). */
final class Map0F38 {
    static final OpcodeMap MAP = build();

    private Map0F38() {}

    private static OpcodeMap build() {
        var m = new OpcodeMap("0F 38 ");
        ssse3(m);
        rows10to41(m);
        rows80toDF(m);
        rowsF0toF9(m);
        return m.finished();
    }

    /** On MMX registers and, with 66, on XMM registers. */
    private static void both(OpcodeMap m, int opcode, Operation operation) {
        m.row(NP, opcode, SSSE3, operation, Pq, Qq);
        m.row(P66, opcode, SSSE3, operation, Vdq, Wdq);
    }

    private static void ssse3(OpcodeMap m) {
        both(m, 0x00, PSHUFB);
        both(m, 0x01, PHADDW);
        both(m, 0x02, PHADDD);
        both(m, 0x03, PHADDSW);
        both(m, 0x04, PMADDUBSW);
        both(m, 0x05, PHSUBW);
        both(m, 0x06, PHSUBD);
        both(m, 0x07, PHSUBSW);
        both(m, 0x08, PSIGNB);
        both(m, 0x09, PSIGNW);
        both(m, 0x0A, PSIGND);
        both(m, 0x0B, PMULHRSW);
        both(m, 0x1C, PABSB);
        both(m, 0x1D, PABSW);
        both(m, 0x1E, PABSD);
    }

    private static void rows10to41(OpcodeMap m) {
        m.row(P66, 0x10, SSE4_1, PBLENDVB, Vdq, Wdq, XMM0);
        m.row(P66, 0x14, SSE4_1, BLENDVPS, Vdq, Wdq, XMM0);
        m.row(P66, 0x15, SSE4_1, BLENDVPD, Vdq, Wdq, XMM0);
        m.row(P66, 0x17, SSE4_1, PTEST, Vdq, Wdq);
        m.row(P66, 0x20, SSE4_1, PMOVSXBW, Vdq, Wq);
        m.row(P66, 0x21, SSE4_1, PMOVSXBD, Vdq, Wd);
        m.row(P66, 0x22, SSE4_1, PMOVSXBQ, Vdq, Ww);
        m.row(P66, 0x23, SSE4_1, PMOVSXWD, Vdq, Wq);
        m.row(P66, 0x24, SSE4_1, PMOVSXWQ, Vdq, Wd);
        m.row(P66, 0x25, SSE4_1, PMOVSXDQ, Vdq, Wq);
        m.row(P66, 0x28, SSE4_1, PMULDQ, Vdq, Wdq);
        m.row(P66, 0x29, SSE4_1, PCMPEQQ, Vdq, Wdq);
        m.row(P66, 0x2A, SSE4_1, MOVNTDQA, Vdq, Mdq);
        m.row(P66, 0x2B, SSE4_1, PACKUSDW, Vdq, Wdq);
        m.row(P66, 0x30, SSE4_1, PMOVZXBW, Vdq, Wq);
        m.row(P66, 0x31, SSE4_1, PMOVZXBD, Vdq, Wd);
        m.row(P66, 0x32, SSE4_1, PMOVZXBQ, Vdq, Ww);
        m.row(P66, 0x33, SSE4_1, PMOVZXWD, Vdq, Wq);
        m.row(P66, 0x34, SSE4_1, PMOVZXWQ, Vdq, Wd);
        m.row(P66, 0x35, SSE4_1, PMOVZXDQ, Vdq, Wq);
        m.row(P66, 0x37, SSE4_2, PCMPGTQ, Vdq, Wdq);
        m.row(P66, 0x38, SSE4_1, PMINSB, Vdq, Wdq);
        m.row(P66, 0x39, SSE4_1, PMINSD, Vdq, Wdq);
        m.row(P66, 0x3A, SSE4_1, PMINUW, Vdq, Wdq);
        m.row(P66, 0x3B, SSE4_1, PMINUD, Vdq, Wdq);
        m.row(P66, 0x3C, SSE4_1, PMAXSB, Vdq, Wdq);
        m.row(P66, 0x3D, SSE4_1, PMAXSD, Vdq, Wdq);
        m.row(P66, 0x3E, SSE4_1, PMAXUW, Vdq, Wdq);
        m.row(P66, 0x3F, SSE4_1, PMAXUD, Vdq, Wdq);
        m.row(P66, 0x40, SSE4_1, PMULLD, Vdq, Wdq);
        m.row(P66, 0x41, SSE4_1, PHMINPOSUW, Vdq, Wdq);
    }

    private static void rows80toDF(OpcodeMap m) {
        m.row(P66, 0x80, VIRTUALIZATION, INVEPT, Gq, Mdq).always64();
        m.row(P66, 0x81, VIRTUALIZATION, INVVPID, Gq, Mdq).always64();
        m.row(P66, 0x82, SYSTEM, INVPCID, Gq, Mdq).always64().feature(CpuFeature.INVPCID);
        m.row(NP, 0xC8, SHA, SHA1NEXTE, Vdq, Wdq);
        m.row(NP, 0xC9, SHA, SHA1MSG1, Vdq, Wdq);
        m.row(NP, 0xCA, SHA, SHA1MSG2, Vdq, Wdq);
        m.row(NP, 0xCB, SHA, SHA256RNDS2, Vdq, Wdq, XMM0);
        m.row(NP, 0xCC, SHA, SHA256MSG1, Vdq, Wdq);
        m.row(NP, 0xCD, SHA, SHA256MSG2, Vdq, Wdq);
        m.row(P66, 0xCF, GFNI, GF2P8MULB, Vdq, Wdq);
        m.row(P66, 0xDB, AES, AESIMC, Vdq, Wdq);
        m.row(P66, 0xDC, AES, AESENC, Vdq, Wdq);
        m.row(P66, 0xDD, AES, AESENCLAST, Vdq, Wdq);
        m.row(P66, 0xDE, AES, AESDEC, Vdq, Wdq);
        m.row(P66, 0xDF, AES, AESDECLAST, Vdq, Wdq);
    }

    private static void rowsF0toF9(OpcodeMap m) {
        m.row(0xF0, DATA_TRANSFER, MOVBE, Gv, Mv).noRepeat().feature(CpuFeature.MOVBE);
        m.row(F2, 0xF0, BIT, CRC32, Gy, Eb).feature(CpuFeature.SSE4_2);
        m.row(0xF1, DATA_TRANSFER, MOVBE, Mv, Gv).noRepeat().feature(CpuFeature.MOVBE);
        m.row(F2, 0xF1, BIT, CRC32, Gy, Ev).feature(CpuFeature.SSE4_2);
        m.row(P66, 0xF5, SYSTEM, WRUSS, My, Gy).feature(CpuFeature.SHSTK);
        m.row(NP, 0xF6, SYSTEM, WRSS, My, Gy).feature(CpuFeature.SHSTK);
        m.row(P66, 0xF6, ADX, ADCX, Gy, Ey);
        m.row(F3, 0xF6, ADX, ADOX, Gy, Ey);
        m.row(P66, 0xF8, DATA_TRANSFER, MOVDIR64B, Ga, M512).feature(CpuFeature.MOVDIR64B);
        m.row(F2, 0xF8, SYSTEM, ENQCMD, Ga, M512).feature(CpuFeature.ENQCMD);
        m.row(F3, 0xF8, SYSTEM, ENQCMDS, Ga, M512).feature(CpuFeature.ENQCMD);
        m.row(NP, 0xF9, DATA_TRANSFER, MOVDIRI, My, Gy).feature(CpuFeature.MOVDIRI);
    }
}
