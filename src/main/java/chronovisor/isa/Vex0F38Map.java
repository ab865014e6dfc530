package chronovisor.isa;

import static chronovisor.isa.Family.*;
import static chronovisor.isa.OpcodeRow.F2;
import static chronovisor.isa.OpcodeRow.F3;
import static chronovisor.isa.OpcodeRow.NP;
import static chronovisor.isa.OpcodeRow.P66;
import static chronovisor.isa.OperandSpec.*;
import static chronovisor.isa.Operation.*;

/** The 0F 38 map behind a VEX prefix (SDM vol. 2, table A-4, rows with v), with BMI1, BMI2 and FMA. */
final class Vex0F38Map {
    static final OpcodeMap MAP = build();

    private Vex0F38Map() {}

    private static OpcodeMap build() {
        var m = new OpcodeMap("VEX.0F38 ");
        rows00to1E(m);
        rows20to2F(m);
        rows30to41(m);
        rows45to5A(m);
        masksAndGathers(m);
        fma132(m);
        fma213(m);
        fma231(m);
        rowsCFtoDF(m);
        bitManipulation(m);
        return m.finished();
    }

    private static void integer(OpcodeMap m, int opcode, Operation operation) {
        Vex0FMap.integer(m, opcode, operation, Vx, Hx, Wx);
    }

    private static void rows00to1E(OpcodeMap m) {
        integer(m, 0x00, VPSHUFB);
        integer(m, 0x01, VPHADDW);
        integer(m, 0x02, VPHADDD);
        integer(m, 0x03, VPHADDSW);
        integer(m, 0x04, VPMADDUBSW);
        integer(m, 0x05, VPHSUBW);
        integer(m, 0x06, VPHSUBD);
        integer(m, 0x07, VPHSUBSW);
        integer(m, 0x08, VPSIGNB);
        integer(m, 0x09, VPSIGNW);
        integer(m, 0x0A, VPSIGND);
        integer(m, 0x0B, VPMULHRSW);
        m.row(P66, 0x0C, AVX, VPERMILPS, Vx, Hx, Wx).w(0);
        m.row(P66, 0x0D, AVX, VPERMILPD, Vx, Hx, Wx).w(0);
        m.row(P66, 0x0E, AVX, VTESTPS, Vx, Wx).w(0);
        m.row(P66, 0x0F, AVX, VTESTPD, Vx, Wx).w(0);
        m.row(P66, 0x13, F16C, VCVTPH2PS, Vx, Whx).w(0);
        m.row(P66, 0x16, AVX2, VPERMPS, Vqq, Hqq, Wqq).l(1).w(0);
        m.row(P66, 0x17, AVX, VPTEST, Vx, Wx);
        m.row(P66, 0x18, AVX, VBROADCASTSS, Vx, Md).w(0);
        m.row(P66, 0x18, AVX2, VBROADCASTSS, Vx, Ud).w(0);
        m.row(P66, 0x19, AVX, VBROADCASTSD, Vqq, Mq).l(1).w(0);
        m.row(P66, 0x19, AVX2, VBROADCASTSD, Vqq, Uq).l(1).w(0);
        m.row(P66, 0x1A, AVX, VBROADCASTF128, Vqq, Mdq).l(1).w(0);
        Vex0FMap.integer(m, 0x1C, VPABSB, Vx, Wx);
        Vex0FMap.integer(m, 0x1D, VPABSW, Vx, Wx);
        Vex0FMap.integer(m, 0x1E, VPABSD, Vx, Wx);
    }

    private static void rows20to2F(OpcodeMap m) {
        Vex0FMap.integer(m, 0x20, VPMOVSXBW, Vx, Whx);
        Vex0FMap.integer(m, 0x21, VPMOVSXBD, Vx, Wqx);
        Vex0FMap.integer(m, 0x22, VPMOVSXBQ, Vx, Wex);
        Vex0FMap.integer(m, 0x23, VPMOVSXWD, Vx, Whx);
        Vex0FMap.integer(m, 0x24, VPMOVSXWQ, Vx, Wqx);
        Vex0FMap.integer(m, 0x25, VPMOVSXDQ, Vx, Whx);
        integer(m, 0x28, VPMULDQ);
        integer(m, 0x29, VPCMPEQQ);
        Vex0FMap.integer(m, 0x2A, VMOVNTDQA, Vx, Mx);
        integer(m, 0x2B, VPACKUSDW);
        m.row(P66, 0x2C, AVX, VMASKMOVPS, Vx, Hx, Mx).w(0);
        m.row(P66, 0x2D, AVX, VMASKMOVPD, Vx, Hx, Mx).w(0);
        m.row(P66, 0x2E, AVX, VMASKMOVPS, Mx, Hx, Vx).w(0);
        m.row(P66, 0x2F, AVX, VMASKMOVPD, Mx, Hx, Vx).w(0);
    }

    private static void rows30to41(OpcodeMap m) {
        Vex0FMap.integer(m, 0x30, VPMOVZXBW, Vx, Whx);
        Vex0FMap.integer(m, 0x31, VPMOVZXBD, Vx, Wqx);
        Vex0FMap.integer(m, 0x32, VPMOVZXBQ, Vx, Wex);
        Vex0FMap.integer(m, 0x33, VPMOVZXWD, Vx, Whx);
        Vex0FMap.integer(m, 0x34, VPMOVZXWQ, Vx, Wqx);
        Vex0FMap.integer(m, 0x35, VPMOVZXDQ, Vx, Whx);
        m.row(P66, 0x36, AVX2, VPERMD, Vqq, Hqq, Wqq).l(1).w(0);
        integer(m, 0x37, VPCMPGTQ);
        integer(m, 0x38, VPMINSB);
        integer(m, 0x39, VPMINSD);
        integer(m, 0x3A, VPMINUW);
        integer(m, 0x3B, VPMINUD);
        integer(m, 0x3C, VPMAXSB);
        integer(m, 0x3D, VPMAXSD);
        integer(m, 0x3E, VPMAXUW);
        integer(m, 0x3F, VPMAXUD);
        integer(m, 0x40, VPMULLD);
        m.row(P66, 0x41, AVX, VPHMINPOSUW, Vdq, Wdq).l(0);
    }

    private static void rows45to5A(OpcodeMap m) {
        m.row(P66, 0x45, AVX2, VPSRLVD, Vx, Hx, Wx).w(0);
        m.row(P66, 0x45, AVX2, VPSRLVQ, Vx, Hx, Wx).w(1);
        m.row(P66, 0x46, AVX2, VPSRAVD, Vx, Hx, Wx).w(0);
        m.row(P66, 0x47, AVX2, VPSLLVD, Vx, Hx, Wx).w(0);
        m.row(P66, 0x47, AVX2, VPSLLVQ, Vx, Hx, Wx).w(1);
        m.row(P66, 0x58, AVX2, VPBROADCASTD, Vx, Wd).w(0);
        m.row(P66, 0x59, AVX2, VPBROADCASTQ, Vx, Wq).w(0);
        m.row(P66, 0x5A, AVX2, VBROADCASTI128, Vqq, Mdq).l(1).w(0);
        m.row(P66, 0x78, AVX2, VPBROADCASTB, Vx, Wb).w(0);
        m.row(P66, 0x79, AVX2, VPBROADCASTW, Vx, Ww).w(0);
    }

    private static void masksAndGathers(OpcodeMap m) {
        m.row(P66, 0x8C, AVX2, VPMASKMOVD, Vx, Hx, Mx).w(0);
        m.row(P66, 0x8C, AVX2, VPMASKMOVQ, Vx, Hx, Mx).w(1);
        m.row(P66, 0x8E, AVX2, VPMASKMOVD, Mx, Hx, Vx).w(0);
        m.row(P66, 0x8E, AVX2, VPMASKMOVQ, Mx, Hx, Vx).w(1);
        m.row(P66, 0x90, AVX2, VPGATHERDD, Vx, MdVx, Hx).w(0);
        m.row(P66, 0x90, AVX2, VPGATHERDQ, Vx, MqVdq, Hx).w(1);
        m.row(P66, 0x91, AVX2, VPGATHERQD, Vdq, MdVx, Hdq).w(0);
        m.row(P66, 0x91, AVX2, VPGATHERQQ, Vx, MqVx, Hx).w(1);
        m.row(P66, 0x92, AVX2, VGATHERDPS, Vx, MdVx, Hx).w(0);
        m.row(P66, 0x92, AVX2, VGATHERDPD, Vx, MqVdq, Hx).w(1);
        m.row(P66, 0x93, AVX2, VGATHERQPS, Vdq, MdVx, Hdq).w(0);
        m.row(P66, 0x93, AVX2, VGATHERQPD, Vx, MqVx, Hx).w(1);
    }

    private static void packed(OpcodeMap m, int opcode, Operation ps, Operation pd) {
        m.row(P66, opcode, FMA, ps, Vx, Hx, Wx).w(0);
        m.row(P66, opcode, FMA, pd, Vx, Hx, Wx).w(1);
    }

    private static void scalar(OpcodeMap m, int opcode, Operation ss, Operation sd) {
        m.row(P66, opcode, FMA, ss, Vd, Hd, Wd).w(0);
        m.row(P66, opcode, FMA, sd, Vq, Hq, Wq).w(1);
    }

    private static void fma132(OpcodeMap m) {
        packed(m, 0x96, VFMADDSUB132PS, VFMADDSUB132PD);
        packed(m, 0x97, VFMSUBADD132PS, VFMSUBADD132PD);
        packed(m, 0x98, VFMADD132PS, VFMADD132PD);
        scalar(m, 0x99, VFMADD132SS, VFMADD132SD);
        packed(m, 0x9A, VFMSUB132PS, VFMSUB132PD);
        scalar(m, 0x9B, VFMSUB132SS, VFMSUB132SD);
        packed(m, 0x9C, VFNMADD132PS, VFNMADD132PD);
        scalar(m, 0x9D, VFNMADD132SS, VFNMADD132SD);
        packed(m, 0x9E, VFNMSUB132PS, VFNMSUB132PD);
        scalar(m, 0x9F, VFNMSUB132SS, VFNMSUB132SD);
    }

    private static void fma213(OpcodeMap m) {
        packed(m, 0xA6, VFMADDSUB213PS, VFMADDSUB213PD);
        packed(m, 0xA7, VFMSUBADD213PS, VFMSUBADD213PD);
        packed(m, 0xA8, VFMADD213PS, VFMADD213PD);
        scalar(m, 0xA9, VFMADD213SS, VFMADD213SD);
        packed(m, 0xAA, VFMSUB213PS, VFMSUB213PD);
        scalar(m, 0xAB, VFMSUB213SS, VFMSUB213SD);
        packed(m, 0xAC, VFNMADD213PS, VFNMADD213PD);
        scalar(m, 0xAD, VFNMADD213SS, VFNMADD213SD);
        packed(m, 0xAE, VFNMSUB213PS, VFNMSUB213PD);
        scalar(m, 0xAF, VFNMSUB213SS, VFNMSUB213SD);
    }

    private static void fma231(OpcodeMap m) {
        packed(m, 0xB6, VFMADDSUB231PS, VFMADDSUB231PD);
        packed(m, 0xB7, VFMSUBADD231PS, VFMSUBADD231PD);
        packed(m, 0xB8, VFMADD231PS, VFMADD231PD);
        scalar(m, 0xB9, VFMADD231SS, VFMADD231SD);
        packed(m, 0xBA, VFMSUB231PS, VFMSUB231PD);
        scalar(m, 0xBB, VFMSUB231SS, VFMSUB231SD);
        packed(m, 0xBC, VFNMADD231PS, VFNMADD231PD);
        scalar(m, 0xBD, VFNMADD231SS, VFNMADD231SD);
        packed(m, 0xBE, VFNMSUB231PS, VFNMSUB231PD);
        scalar(m, 0xBF, VFNMSUB231SS, VFNMSUB231SD);
    }

    /** At 256 bits AES is an extension of its own (VAES), which we never offer. */
    private static void rowsCFtoDF(OpcodeMap m) {
        m.row(P66, 0xCF, GFNI, VGF2P8MULB, Vx, Hx, Wx).w(0);
        m.row(P66, 0xDB, AVX, VAESIMC, Vdq, Wdq).l(0).feature(CpuFeature.AES);
        m.row(P66, 0xDC, AVX, VAESENC, Vdq, Hdq, Wdq).l(0).feature(CpuFeature.AES);
        m.row(P66, 0xDD, AVX, VAESENCLAST, Vdq, Hdq, Wdq).l(0).feature(CpuFeature.AES);
        m.row(P66, 0xDE, AVX, VAESDEC, Vdq, Hdq, Wdq).l(0).feature(CpuFeature.AES);
        m.row(P66, 0xDF, AVX, VAESDECLAST, Vdq, Hdq, Wdq).l(0).feature(CpuFeature.AES);
    }

    private static void bitManipulation(OpcodeMap m) {
        m.row(NP, 0xF2, BMI1, ANDN, Gy, By, Ey).l(0);
        m.row(NP, 0xF3, BMI1, BLSR, By, Ey).reg(1).l(0);
        m.row(NP, 0xF3, BMI1, BLSMSK, By, Ey).reg(2).l(0);
        m.row(NP, 0xF3, BMI1, BLSI, By, Ey).reg(3).l(0);
        m.row(NP, 0xF5, BMI2, BZHI, Gy, Ey, By).l(0);
        m.row(F3, 0xF5, BMI2, PEXT, Gy, By, Ey).l(0);
        m.row(F2, 0xF5, BMI2, PDEP, Gy, By, Ey).l(0);
        m.row(F2, 0xF6, BMI2, MULX, Gy, By, Ey).l(0);
        m.row(NP, 0xF7, BMI1, BEXTR, Gy, Ey, By).l(0);
        m.row(P66, 0xF7, BMI2, SHLX, Gy, Ey, By).l(0);
        m.row(F3, 0xF7, BMI2, SARX, Gy, Ey, By).l(0);
        m.row(F2, 0xF7, BMI2, SHRX, Gy, Ey, By).l(0);
    }
}
