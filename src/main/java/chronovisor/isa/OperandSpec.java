package chronovisor.isa;

/**
 * Where an operand of an encoding comes from and how wide it is, in the notation of the manual's opcode maps (SDM vol. 2, A.2): a
 * letter for the place (E: register or memory named by ModRM.rm, G: ModRM.reg, M: memory only, R: register in ModRM.rm, I: immediate,
 * J: relative, O: absolute address, Z: register in the opcode, X and Y: string source and destination, V and W: like G and E for
 * vectors, U: like R for vectors, P, Q and N: the same for MMX, H and B: VEX.vvvv as vector or general-purpose register, L: vector
 * in an immediate), then the width.
 */
enum OperandSpec {
    // @formatter:off
    Eb(Form.RM, Width.B),
    Ew(Form.RM, Width.W),
    Ed(Form.RM, Width.D),
    Eq(Form.RM, Width.Q),
    Ev(Form.RM, Width.V),
    Ey(Form.RM, Width.Y),
    /** A 32-bit register, or a byte or word in memory. */
    RdMb(Form.RM, Width.D, Width.B),
    RdMw(Form.RM, Width.D, Width.W),
    /** A register of operand size, or a word in memory. */
    RvMw(Form.RM, Width.V, Width.W),
    Rd(Form.RM_REGISTER, Width.D),
    Rq(Form.RM_REGISTER, Width.Q),
    Rv(Form.RM_REGISTER, Width.V),
    Ry(Form.RM_REGISTER, Width.Y),
    /** A register as wide as an address. */
    Ra(Form.RM_REGISTER, Width.A),
    Gb(Form.REG, Width.B),
    Gw(Form.REG, Width.W),
    Gd(Form.REG, Width.D),
    Gq(Form.REG, Width.Q),
    Gv(Form.REG, Width.V),
    Gy(Form.REG, Width.Y),
    Ga(Form.REG, Width.A),
    /** Memory that is only addressed, or whose size the operation knows. */
    M(Form.MEMORY, Width.NONE),
    Mb(Form.MEMORY, Width.B),
    Mw(Form.MEMORY, Width.W),
    Md(Form.MEMORY, Width.D),
    Mq(Form.MEMORY, Width.Q),
    My(Form.MEMORY, Width.Y),
    Mv(Form.MEMORY, Width.V),
    /** An 80-bit x87 value. */
    Mt(Form.MEMORY, Width.T),
    Mdq(Form.MEMORY, Width.DQ),
    Mqq(Form.MEMORY, Width.QQ),
    Mx(Form.MEMORY, Width.X),
    M512(Form.MEMORY, Width.Z512),
    /** A far pointer: offset of operand size, then a 16-bit selector. */
    Mp(Form.MEMORY, Width.P),
    /** A descriptor-table register image: 16-bit limit, 64-bit base. */
    Ms(Form.MEMORY, Width.T),
    Ib(Form.IMMEDIATE, Width.B),
    /** A byte, sign-extended to operand size. */
    Ibs(Form.IMMEDIATE_SIGNED_BYTE, Width.V),
    Iw(Form.IMMEDIATE, Width.W),
    /** 16 or 32 bits, sign-extended to operand size. */
    Iz(Form.IMMEDIATE_Z, Width.V),
    /** All of operand size, up to 64 bits. */
    Iv(Form.IMMEDIATE, Width.V),
    ONE(Form.ONE, Width.B),
    Jb(Form.RELATIVE_BYTE, Width.Q),
    Jz(Form.RELATIVE_Z, Width.Q),
    /** XBEGIN's, whose distance really is 16 bits wide with 66. */
    Jx(Form.RELATIVE_V, Width.Q),
    Ob(Form.ABSOLUTE, Width.B),
    Ov(Form.ABSOLUTE, Width.V),
    Zb(Form.OPCODE, Width.B),
    Zv(Form.OPCODE, Width.V),
    AL(Form.ACCUMULATOR, Width.B),
    AX(Form.ACCUMULATOR, Width.W),
    /** AX or EAX, of IN and OUT. */
    eAX(Form.ACCUMULATOR, Width.Z),
    rAX(Form.ACCUMULATOR, Width.V),
    /** RAX or EAX as an address. */
    aAX(Form.ACCUMULATOR, Width.A),
    CL(Form.COUNT, Width.B),
    /** Implied operands of MONITOR and its like, which assemblers show. */
    eCX(Form.COUNT, Width.D),
    eDX(Form.PORT, Width.D),
    eBX(Form.BASE, Width.D),
    DX(Form.PORT, Width.W),
    /** DS:RSI (or FS or GS). */
    Xb(Form.STRING_SOURCE, Width.B),
    Xv(Form.STRING_SOURCE, Width.V),
    Xz(Form.STRING_SOURCE, Width.Z),
    /** ES:RDI. */
    Yb(Form.STRING_DESTINATION, Width.B),
    Yv(Form.STRING_DESTINATION, Width.V),
    Yz(Form.STRING_DESTINATION, Width.Z),
    /** XLAT's DS:RBX. */
    TABLE(Form.TRANSLATION_TABLE, Width.B),
    Sw(Form.SEGMENT, Width.W),
    FS(Form.SEGMENT_FS, Width.W),
    GS(Form.SEGMENT_GS, Width.W),
    Cq(Form.CONTROL, Width.Q),
    Dq(Form.DEBUG, Width.Q),
    ST0(Form.ST0, Width.T),
    STi(Form.STI, Width.T),
    Pq(Form.MMX_REG, Width.Q),
    Qq(Form.MMX_RM, Width.Q),
    Qd(Form.MMX_RM, Width.D),
    Nq(Form.MMX_RM_REGISTER, Width.Q),
    Vd(Form.VECTOR_REG, Width.D),
    Vq(Form.VECTOR_REG, Width.Q),
    Vdq(Form.VECTOR_REG, Width.DQ),
    Vqq(Form.VECTOR_REG, Width.QQ),
    Vx(Form.VECTOR_REG, Width.X),
    Wb(Form.VECTOR_RM, Width.B),
    Ww(Form.VECTOR_RM, Width.W),
    Wd(Form.VECTOR_RM, Width.D),
    Wq(Form.VECTOR_RM, Width.Q),
    Wdq(Form.VECTOR_RM, Width.DQ),
    Wqq(Form.VECTOR_RM, Width.QQ),
    Wx(Form.VECTOR_RM, Width.X),
    /** Half, a quarter, an eighth of the vector length; half of 256 bits is an XMM register. */
    Whx(Form.VECTOR_RM, Width.HALF_X),
    Wqx(Form.VECTOR_RM, Width.QUARTER_X),
    Wex(Form.VECTOR_RM, Width.EIGHTH_X),
    /** A whole vector register, or a narrower operand in memory. */
    UxMq(Form.VECTOR_RM, Width.X, Width.Q),
    Ud(Form.VECTOR_RM_REGISTER, Width.D),
    Uq(Form.VECTOR_RM_REGISTER, Width.Q),
    Udq(Form.VECTOR_RM_REGISTER, Width.DQ),
    Uqq(Form.VECTOR_RM_REGISTER, Width.QQ),
    Ux(Form.VECTOR_RM_REGISTER, Width.X),
    XMM0(Form.VECTOR_ZERO, Width.DQ),
    Hd(Form.VVVV, Width.D),
    Hq(Form.VVVV, Width.Q),
    Hdq(Form.VVVV, Width.DQ),
    Hqq(Form.VVVV, Width.QQ),
    Hx(Form.VVVV, Width.X),
    By(Form.VVVV_GPR, Width.Y),
    Lx(Form.IMMEDIATE_VECTOR, Width.X),
    /** Memory with a vector of 128 or 256 bits as index. */
    MdVdq(Form.VECTOR_INDEXED, Width.D, Width.DQ),
    MdVx(Form.VECTOR_INDEXED, Width.D, Width.X),
    MqVdq(Form.VECTOR_INDEXED, Width.Q, Width.DQ),
    MqVx(Form.VECTOR_INDEXED, Width.Q, Width.X);
    // @formatter:on

    /** The place of an operand. */
    enum Form {
        RM, RM_REGISTER, REG, MEMORY, IMMEDIATE, IMMEDIATE_SIGNED_BYTE, IMMEDIATE_Z, ONE, RELATIVE_BYTE, RELATIVE_Z, RELATIVE_V, ABSOLUTE, OPCODE, ACCUMULATOR, COUNT, PORT, BASE, STRING_SOURCE, STRING_DESTINATION, TRANSLATION_TABLE, SEGMENT, SEGMENT_FS, SEGMENT_GS, CONTROL, DEBUG, ST0, STI, MMX_REG, MMX_RM, MMX_RM_REGISTER, VECTOR_REG, VECTOR_RM, VECTOR_RM_REGISTER, VECTOR_ZERO, VVVV, VVVV_GPR, IMMEDIATE_VECTOR, VECTOR_INDEXED
    }

    /** The width of an operand, fixed or by prefixes. */
    enum Width {
        NONE, B, W, D, Q,
        /** 80 bits. */
        T, DQ, QQ, Z512,
        /** Operand size: 16, 32 or 64. */
        V,
        /** 16 with an operand size of 16, else 32. */
        Z,
        /** 64 with REX.W, else 32. */
        Y,
        /** Address size. */
        A,
        /** Far pointer: operand size + 16. */
        P,
        /** Vector length: 128 or 256. */
        X, HALF_X, QUARTER_X, EIGHTH_X
    }

    final Form form;
    final Width width;

    /** Width of the memory form where it differs; of {@code VECTOR_INDEXED} that of the index. */
    final Width other;

    OperandSpec(Form form, Width width) {
        this(form, width, width);
    }

    OperandSpec(Form form, Width width, Width other) {
        this.form = form;
        this.width = width;
        this.other = other;
    }
}
