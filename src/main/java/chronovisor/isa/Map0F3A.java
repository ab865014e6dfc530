package chronovisor.isa;

import static chronovisor.isa.Family.*;
import static chronovisor.isa.OpcodeRow.NP;
import static chronovisor.isa.OpcodeRow.P66;
import static chronovisor.isa.OperandSpec.*;
import static chronovisor.isa.Operation.*;

/** The 0F 3A map (SDM vol. 2, table A-5): everything here has an immediate byte. */
final class Map0F3A {
    static final OpcodeMap MAP = build();

    private Map0F3A() {}

    private static OpcodeMap build() {
        var m = new OpcodeMap("0F 3A ");
        m.row(P66, 0x08, SSE4_1, ROUNDPS, Vdq, Wdq, Ib);
        m.row(P66, 0x09, SSE4_1, ROUNDPD, Vdq, Wdq, Ib);
        m.row(P66, 0x0A, SSE4_1, ROUNDSS, Vd, Wd, Ib);
        m.row(P66, 0x0B, SSE4_1, ROUNDSD, Vq, Wq, Ib);
        m.row(P66, 0x0C, SSE4_1, BLENDPS, Vdq, Wdq, Ib);
        m.row(P66, 0x0D, SSE4_1, BLENDPD, Vdq, Wdq, Ib);
        m.row(P66, 0x0E, SSE4_1, PBLENDW, Vdq, Wdq, Ib);
        m.row(NP, 0x0F, SSSE3, PALIGNR, Pq, Qq, Ib);
        m.row(P66, 0x0F, SSSE3, PALIGNR, Vdq, Wdq, Ib);
        m.row(P66, 0x14, SSE4_1, PEXTRB, RdMb, Vdq, Ib);
        m.row(P66, 0x15, SSE4_1, PEXTRW, RdMw, Vdq, Ib);
        m.row(P66, 0x16, SSE4_1, PEXTRD, Ed, Vdq, Ib).w(0);
        m.row(P66, 0x16, SSE4_1, PEXTRQ, Eq, Vdq, Ib).w(1);
        m.row(P66, 0x17, SSE4_1, EXTRACTPS, Ed, Vdq, Ib);
        m.row(P66, 0x20, SSE4_1, PINSRB, Vdq, RdMb, Ib);
        m.row(P66, 0x21, SSE4_1, INSERTPS, Vdq, Wd, Ib);
        m.row(P66, 0x22, SSE4_1, PINSRD, Vdq, Ed, Ib).w(0);
        m.row(P66, 0x22, SSE4_1, PINSRQ, Vdq, Eq, Ib).w(1);
        m.row(P66, 0x40, SSE4_1, DPPS, Vdq, Wdq, Ib);
        m.row(P66, 0x41, SSE4_1, DPPD, Vdq, Wdq, Ib);
        m.row(P66, 0x42, SSE4_1, MPSADBW, Vdq, Wdq, Ib);
        m.row(P66, 0x44, Family.PCLMULQDQ, Operation.PCLMULQDQ, Vdq, Wdq, Ib);
        m.row(P66, 0x60, SSE4_2, PCMPESTRM, Vdq, Wdq, Ib);
        m.row(P66, 0x61, SSE4_2, PCMPESTRI, Vdq, Wdq, Ib);
        m.row(P66, 0x62, SSE4_2, PCMPISTRM, Vdq, Wdq, Ib);
        m.row(P66, 0x63, SSE4_2, PCMPISTRI, Vdq, Wdq, Ib);
        m.row(NP, 0xCC, SHA, SHA1RNDS4, Vdq, Wdq, Ib);
        m.row(P66, 0xCE, GFNI, GF2P8AFFINEQB, Vdq, Wdq, Ib);
        m.row(P66, 0xCF, GFNI, GF2P8AFFINEINVQB, Vdq, Wdq, Ib);
        m.row(P66, 0xDF, AES, AESKEYGENASSIST, Vdq, Wdq, Ib);
        return m.finished();
    }
}
