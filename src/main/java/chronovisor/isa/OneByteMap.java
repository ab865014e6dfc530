package chronovisor.isa;

import static chronovisor.isa.CpuFeature.LAHF64;
import static chronovisor.isa.CpuFeature.RTM;
import static chronovisor.isa.Family.*;
import static chronovisor.isa.OpcodeRow.F3;
import static chronovisor.isa.OperandSpec.*;
import static chronovisor.isa.Operation.*;

/** The one-byte map (SDM vol. 2, table A-2). What is missing here is a prefix, an escape, or #UD in 64-bit mode. */
final class OneByteMap {
    static final OpcodeMap MAP = build();

    private OneByteMap() {}

    private static OpcodeMap build() {
        var m = new OpcodeMap("");
        rows00to3F(m);
        rows50to8F(m);
        rows90toBF(m);
        rowsC0toD7(m);
        rowsE0toFF(m);
        X87Rows.addTo(m);
        return m.finished();
    }

    private static void rows00to3F(OpcodeMap m) {
        arithmetic(m, 0x00, ARITHMETIC, ADD);
        arithmetic(m, 0x08, LOGIC, OR);
        arithmetic(m, 0x10, ARITHMETIC, ADC);
        arithmetic(m, 0x18, ARITHMETIC, SBB);
        arithmetic(m, 0x20, LOGIC, AND);
        arithmetic(m, 0x28, ARITHMETIC, SUB);
        arithmetic(m, 0x30, LOGIC, XOR);
        m.row(0x38, ARITHMETIC, CMP, Eb, Gb);
        m.row(0x39, ARITHMETIC, CMP, Ev, Gv);
        m.row(0x3A, ARITHMETIC, CMP, Gb, Eb);
        m.row(0x3B, ARITHMETIC, CMP, Gv, Ev);
        m.row(0x3C, ARITHMETIC, CMP, AL, Ib);
        m.row(0x3D, ARITHMETIC, CMP, rAX, Iz);
    }

    /** The six rows that all two-operand arithmetic starts with. */
    private static void arithmetic(OpcodeMap m, int opcode, Family family, Operation operation) {
        m.row(opcode, family, operation, Eb, Gb).lockable();
        m.row(opcode + 1, family, operation, Ev, Gv).lockable();
        m.row(opcode + 2, family, operation, Gb, Eb);
        m.row(opcode + 3, family, operation, Gv, Ev);
        m.row(opcode + 4, family, operation, AL, Ib);
        m.row(opcode + 5, family, operation, rAX, Iz);
    }

    private static void rows50to8F(OpcodeMap m) {
        m.rows(0x50, 8, STACK, PUSH, Zv).default64();
        m.rows(0x58, 8, STACK, POP, Zv).default64();
        m.row(0x63, DATA_TRANSFER, MOVSXD, Gv, Ew).size(16);
        m.row(0x63, DATA_TRANSFER, MOVSXD, Gv, Ed);
        m.row(0x68, STACK, PUSH, Iz).default64();
        m.row(0x69, ARITHMETIC, IMUL, Gv, Ev, Iz);
        m.row(0x6A, STACK, PUSH, Ibs).default64();
        m.row(0x6B, ARITHMETIC, IMUL, Gv, Ev, Ibs);
        m.row(0x6C, IO, INS, Yb, DX);
        m.row(0x6D, IO, INS, Yz, DX);
        m.row(0x6E, IO, OUTS, DX, Xb);
        m.row(0x6F, IO, OUTS, DX, Xz);
        m.rows(0x70, 16, CONTROL_FLOW, JCC, Jb).conditional().always64();
        immediateGroup(m, 0x80, Eb, Ib);
        immediateGroup(m, 0x81, Ev, Iz);
        immediateGroup(m, 0x83, Ev, Ibs);
        m.row(0x84, LOGIC, TEST, Eb, Gb);
        m.row(0x85, LOGIC, TEST, Ev, Gv);
        m.row(0x86, DATA_TRANSFER, XCHG, Eb, Gb).lockable();
        m.row(0x87, DATA_TRANSFER, XCHG, Ev, Gv).lockable();
        m.row(0x88, DATA_TRANSFER, MOV, Eb, Gb);
        m.row(0x89, DATA_TRANSFER, MOV, Ev, Gv);
        m.row(0x8A, DATA_TRANSFER, MOV, Gb, Eb);
        m.row(0x8B, DATA_TRANSFER, MOV, Gv, Ev);
        m.row(0x8C, SYSTEM, MOV, RvMw, Sw);
        m.row(0x8D, DATA_TRANSFER, LEA, Gv, OperandSpec.M);
        m.row(0x8E, SYSTEM, MOV, Sw, RvMw);
        m.row(0x8F, STACK, POP, Ev).reg(0).default64();
    }

    /** Group 1: 80, 81 and 83. */
    private static void immediateGroup(OpcodeMap m, int opcode, OperandSpec destination, OperandSpec immediate) {
        m.row(opcode, ARITHMETIC, ADD, destination, immediate).reg(0).lockable();
        m.row(opcode, LOGIC, OR, destination, immediate).reg(1).lockable();
        m.row(opcode, ARITHMETIC, ADC, destination, immediate).reg(2).lockable();
        m.row(opcode, ARITHMETIC, SBB, destination, immediate).reg(3).lockable();
        m.row(opcode, LOGIC, AND, destination, immediate).reg(4).lockable();
        m.row(opcode, ARITHMETIC, SUB, destination, immediate).reg(5).lockable();
        m.row(opcode, LOGIC, XOR, destination, immediate).reg(6).lockable();
        m.row(opcode, ARITHMETIC, CMP, destination, immediate).reg(7);
    }

    private static void rows90toBF(OpcodeMap m) {
        m.row(F3, 0x90, HINT, PAUSE).b(0);
        m.row(0x90, HINT, NOP).b(0); // XCHG rAX, rAX does not clear the upper half
        m.rows(0x90, 8, DATA_TRANSFER, XCHG, Zv, rAX);
        m.row(0x98, ARITHMETIC, CBW).size(16);
        m.row(0x98, ARITHMETIC, CWDE).size(32);
        m.row(0x98, ARITHMETIC, CDQE).size(64);
        m.row(0x99, ARITHMETIC, CWD).size(16);
        m.row(0x99, ARITHMETIC, CDQ).size(32);
        m.row(0x99, ARITHMETIC, CQO).size(64);
        m.row(0x9B, Family.X87, WAIT);
        m.row(0x9C, STACK, PUSHF).default64();
        m.row(0x9D, STACK, POPF).default64();
        m.row(0x9E, FLAG, SAHF).feature(LAHF64);
        m.row(0x9F, FLAG, LAHF).feature(LAHF64);
        m.row(0xA0, DATA_TRANSFER, MOV, AL, Ob);
        m.row(0xA1, DATA_TRANSFER, MOV, rAX, Ov);
        m.row(0xA2, DATA_TRANSFER, MOV, Ob, AL);
        m.row(0xA3, DATA_TRANSFER, MOV, Ov, rAX);
        m.row(0xA4, STRING, MOVS, Yb, Xb);
        m.row(0xA5, STRING, MOVS, Yv, Xv);
        m.row(0xA6, STRING, CMPS, Xb, Yb);
        m.row(0xA7, STRING, CMPS, Xv, Yv);
        m.row(0xA8, LOGIC, TEST, AL, Ib);
        m.row(0xA9, LOGIC, TEST, rAX, Iz);
        m.row(0xAA, STRING, STOS, Yb, AL);
        m.row(0xAB, STRING, STOS, Yv, rAX);
        m.row(0xAC, STRING, LODS, AL, Xb);
        m.row(0xAD, STRING, LODS, rAX, Xv);
        m.row(0xAE, STRING, SCAS, AL, Yb);
        m.row(0xAF, STRING, SCAS, rAX, Yv);
        m.rows(0xB0, 8, DATA_TRANSFER, MOV, Zb, Ib);
        m.rows(0xB8, 8, DATA_TRANSFER, MOV, Zv, Iv);
    }

    private static void rowsC0toD7(OpcodeMap m) {
        shiftGroup(m, 0xC0, Eb, Ib);
        shiftGroup(m, 0xC1, Ev, Ib);
        m.row(0xC2, CONTROL_FLOW, RET, Iw).always64();
        m.row(0xC3, CONTROL_FLOW, RET).always64();
        m.row(0xC6, DATA_TRANSFER, MOV, Eb, Ib).reg(0);
        m.row(0xC6, SYSTEM, XABORT, Ib).reg(7).rm(0).feature(RTM);
        m.row(0xC7, DATA_TRANSFER, MOV, Ev, Iz).reg(0);
        m.row(0xC7, SYSTEM, XBEGIN, Jx).reg(7).rm(0).feature(RTM);
        m.row(0xC8, STACK, ENTER, Iw, Ib).default64();
        m.row(0xC9, STACK, LEAVE).default64();
        m.row(0xCA, CONTROL_FLOW, RET_FAR, Iw);
        m.row(0xCB, CONTROL_FLOW, RET_FAR);
        m.row(0xCC, SYSTEM, INT3);
        m.row(0xCD, SYSTEM, INT, Ib);
        m.row(0xCF, SYSTEM, IRET);
        shiftGroup(m, 0xD0, Eb, ONE);
        shiftGroup(m, 0xD1, Ev, ONE);
        shiftGroup(m, 0xD2, Eb, CL);
        shiftGroup(m, 0xD3, Ev, CL);
        m.row(0xD7, DATA_TRANSFER, XLAT, TABLE);
    }

    /** Group 2: C0, C1 and D0 to D3. /6 is the undocumented double of SHL. */
    private static void shiftGroup(OpcodeMap m, int opcode, OperandSpec destination, OperandSpec count) {
        m.row(opcode, SHIFT, ROL, destination, count).reg(0);
        m.row(opcode, SHIFT, ROR, destination, count).reg(1);
        m.row(opcode, SHIFT, RCL, destination, count).reg(2);
        m.row(opcode, SHIFT, RCR, destination, count).reg(3);
        m.row(opcode, SHIFT, SHL, destination, count).reg(4);
        m.row(opcode, SHIFT, SHR, destination, count).reg(5);
        m.row(opcode, SHIFT, SAL, destination, count).reg(6);
        m.row(opcode, SHIFT, SAR, destination, count).reg(7);
    }

    private static void rowsE0toFF(OpcodeMap m) {
        m.row(0xE0, CONTROL_FLOW, LOOPNE, Jb).always64();
        m.row(0xE1, CONTROL_FLOW, LOOPE, Jb).always64();
        m.row(0xE2, CONTROL_FLOW, LOOP, Jb).always64();
        m.row(0xE3, CONTROL_FLOW, JRCXZ, Jb).always64();
        m.row(0xE4, IO, IN, AL, Ib);
        m.row(0xE5, IO, IN, eAX, Ib);
        m.row(0xE6, IO, OUT, Ib, AL);
        m.row(0xE7, IO, OUT, Ib, eAX);
        m.row(0xE8, CONTROL_FLOW, CALL, Jz).always64();
        m.row(0xE9, CONTROL_FLOW, JMP, Jz).always64();
        m.row(0xEB, CONTROL_FLOW, JMP, Jb).always64();
        m.row(0xEC, IO, IN, AL, DX);
        m.row(0xED, IO, IN, eAX, DX);
        m.row(0xEE, IO, OUT, DX, AL);
        m.row(0xEF, IO, OUT, DX, eAX);
        m.row(0xF1, SYSTEM, INT1);
        m.row(0xF4, SYSTEM, HLT);
        m.row(0xF5, FLAG, CMC);
        unaryGroup(m, 0xF6, Eb, Ib);
        unaryGroup(m, 0xF7, Ev, Iz);
        m.row(0xF8, FLAG, CLC);
        m.row(0xF9, FLAG, STC);
        m.row(0xFA, SYSTEM, CLI);
        m.row(0xFB, SYSTEM, STI);
        m.row(0xFC, FLAG, CLD);
        m.row(0xFD, FLAG, STD);
        m.row(0xFE, ARITHMETIC, INC, Eb).reg(0).lockable();
        m.row(0xFE, ARITHMETIC, DEC, Eb).reg(1).lockable();
        m.row(0xFF, ARITHMETIC, INC, Ev).reg(0).lockable();
        m.row(0xFF, ARITHMETIC, DEC, Ev).reg(1).lockable();
        m.row(0xFF, CONTROL_FLOW, CALL, Ev).reg(2).always64();
        m.row(0xFF, CONTROL_FLOW, CALL_FAR, Mp).reg(3);
        m.row(0xFF, CONTROL_FLOW, JMP, Ev).reg(4).always64();
        m.row(0xFF, CONTROL_FLOW, JMP_FAR, Mp).reg(5);
        m.row(0xFF, STACK, PUSH, Ev).reg(6).default64();
    }

    /** Group 3: F6 and F7. /1 is the undocumented double of /0. */
    private static void unaryGroup(OpcodeMap m, int opcode, OperandSpec operand, OperandSpec immediate) {
        m.row(opcode, LOGIC, TEST, operand, immediate).reg(0);
        m.row(opcode, LOGIC, TEST, operand, immediate).reg(1);
        m.row(opcode, LOGIC, NOT, operand).reg(2).lockable();
        m.row(opcode, ARITHMETIC, NEG, operand).reg(3).lockable();
        m.row(opcode, ARITHMETIC, MUL, operand).reg(4);
        m.row(opcode, ARITHMETIC, IMUL, operand).reg(5);
        m.row(opcode, ARITHMETIC, DIV, operand).reg(6);
        m.row(opcode, ARITHMETIC, IDIV, operand).reg(7);
    }
}
