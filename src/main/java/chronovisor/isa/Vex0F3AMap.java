package chronovisor.isa;

import static chronovisor.isa.Family.*;
import static chronovisor.isa.OpcodeRow.F2;
import static chronovisor.isa.OpcodeRow.P66;
import static chronovisor.isa.OperandSpec.*;
import static chronovisor.isa.Operation.*;

/** The 0F 3A map behind a VEX prefix (SDM vol. 2, table A-5, rows with v). AMD's FMA4 shares it and is no part of what we are. */
final class Vex0F3AMap {
    static final OpcodeMap MAP = build();

    private Vex0F3AMap() {}

    private static OpcodeMap build() {
        var m = new OpcodeMap("VEX.0F3A ");
        rows00to0F(m);
        rows14to39(m);
        rows40toF0(m);
        return m.finished();
    }

    private static void rows00to0F(OpcodeMap m) {
        m.row(P66, 0x00, AVX2, VPERMQ, Vqq, Wqq, Ib).l(1).w(1);
        m.row(P66, 0x01, AVX2, VPERMPD, Vqq, Wqq, Ib).l(1).w(1);
        m.row(P66, 0x02, AVX2, VPBLENDD, Vx, Hx, Wx, Ib).w(0);
        m.row(P66, 0x04, AVX, VPERMILPS, Vx, Wx, Ib).w(0);
        m.row(P66, 0x05, AVX, VPERMILPD, Vx, Wx, Ib).w(0);
        m.row(P66, 0x06, AVX, VPERM2F128, Vqq, Hqq, Wqq, Ib).l(1).w(0);
        m.row(P66, 0x08, AVX, VROUNDPS, Vx, Wx, Ib);
        m.row(P66, 0x09, AVX, VROUNDPD, Vx, Wx, Ib);
        m.row(P66, 0x0A, AVX, VROUNDSS, Vd, Hd, Wd, Ib);
        m.row(P66, 0x0B, AVX, VROUNDSD, Vq, Hq, Wq, Ib);
        m.row(P66, 0x0C, AVX, VBLENDPS, Vx, Hx, Wx, Ib);
        m.row(P66, 0x0D, AVX, VBLENDPD, Vx, Hx, Wx, Ib);
        Vex0FMap.integer(m, 0x0E, VPBLENDW, Vx, Hx, Wx, Ib);
        Vex0FMap.integer(m, 0x0F, VPALIGNR, Vx, Hx, Wx, Ib);
    }

    private static void rows14to39(OpcodeMap m) {
        m.row(P66, 0x14, AVX, VPEXTRB, RdMb, Vdq, Ib).l(0);
        m.row(P66, 0x15, AVX, VPEXTRW, RdMw, Vdq, Ib).l(0);
        m.row(P66, 0x16, AVX, VPEXTRD, Ed, Vdq, Ib).l(0).w(0);
        m.row(P66, 0x16, AVX, VPEXTRQ, Eq, Vdq, Ib).l(0).w(1);
        m.row(P66, 0x17, AVX, VEXTRACTPS, Ed, Vdq, Ib).l(0);
        m.row(P66, 0x18, AVX, VINSERTF128, Vqq, Hqq, Wdq, Ib).l(1).w(0);
        m.row(P66, 0x19, AVX, VEXTRACTF128, Wdq, Vqq, Ib).l(1).w(0);
        m.row(P66, 0x1D, F16C, VCVTPS2PH, Whx, Vx, Ib).w(0);
        m.row(P66, 0x20, AVX, VPINSRB, Vdq, Hdq, RdMb, Ib).l(0);
        m.row(P66, 0x21, AVX, VINSERTPS, Vdq, Hdq, Wd, Ib).l(0);
        m.row(P66, 0x22, AVX, VPINSRD, Vdq, Hdq, Ed, Ib).l(0).w(0);
        m.row(P66, 0x22, AVX, VPINSRQ, Vdq, Hdq, Eq, Ib).l(0).w(1);
        m.row(P66, 0x38, AVX2, VINSERTI128, Vqq, Hqq, Wdq, Ib).l(1).w(0);
        m.row(P66, 0x39, AVX2, VEXTRACTI128, Wdq, Vqq, Ib).l(1).w(0);
    }

    private static void rows40toF0(OpcodeMap m) {
        m.row(P66, 0x40, AVX, VDPPS, Vx, Hx, Wx, Ib);
        m.row(P66, 0x41, AVX, VDPPD, Vdq, Hdq, Wdq, Ib).l(0);
        Vex0FMap.integer(m, 0x42, VMPSADBW, Vx, Hx, Wx, Ib);
        m.row(P66, 0x44, AVX, VPCLMULQDQ, Vdq, Hdq, Wdq, Ib).l(0).feature(CpuFeature.PCLMULQDQ);
        m.row(P66, 0x46, AVX2, VPERM2I128, Vqq, Hqq, Wqq, Ib).l(1).w(0);
        m.row(P66, 0x4A, AVX, VBLENDVPS, Vx, Hx, Wx, Lx).w(0);
        m.row(P66, 0x4B, AVX, VBLENDVPD, Vx, Hx, Wx, Lx).w(0);
        m.row(P66, 0x4C, AVX, VPBLENDVB, Vx, Hx, Wx, Lx).l(0).w(0);
        m.row(P66, 0x4C, AVX2, VPBLENDVB, Vx, Hx, Wx, Lx).l(1).w(0);
        m.row(P66, 0x60, AVX, VPCMPESTRM, Vdq, Wdq, Ib).l(0);
        m.row(P66, 0x61, AVX, VPCMPESTRI, Vdq, Wdq, Ib).l(0);
        m.row(P66, 0x62, AVX, VPCMPISTRM, Vdq, Wdq, Ib).l(0);
        m.row(P66, 0x63, AVX, VPCMPISTRI, Vdq, Wdq, Ib).l(0);
        m.row(P66, 0xCE, GFNI, VGF2P8AFFINEQB, Vx, Hx, Wx, Ib).w(1);
        m.row(P66, 0xCF, GFNI, VGF2P8AFFINEINVQB, Vx, Hx, Wx, Ib).w(1);
        m.row(P66, 0xDF, AVX, VAESKEYGENASSIST, Vdq, Wdq, Ib).l(0).feature(CpuFeature.AES);
        m.row(F2, 0xF0, BMI2, RORX, Gy, Ey, Ib).l(0);
    }
}
