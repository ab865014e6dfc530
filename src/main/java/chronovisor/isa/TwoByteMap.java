package chronovisor.isa;

import static chronovisor.isa.Family.*;
import static chronovisor.isa.OpcodeRow.F2;
import static chronovisor.isa.OpcodeRow.F3;
import static chronovisor.isa.OpcodeRow.NP;
import static chronovisor.isa.OpcodeRow.P66;
import static chronovisor.isa.OperandSpec.*;
import static chronovisor.isa.Operation.*;

/**
 * The 0F map (SDM vol. 2, table A-3), general-purpose and system rows; the vector rows are in {@link TwoByteVectorRows}. 3DNow! (0F
 * 0E and 0F 0F) is no part of the processors we are.
 */
final class TwoByteMap {
    static final OpcodeMap MAP = build();

    private TwoByteMap() {}

    private static OpcodeMap build() {
        var m = new OpcodeMap("0F ");
        descriptorTables(m);
        group7(m);
        group7Registers(m);
        rows02to37(m);
        rows40toA9(m);
        group15(m);
        rowsAAtoFF(m);
        group9(m);
        TwoByteVectorRows.addTo(m);
        return m.finished();
    }

    /** Group 6. */
    private static void descriptorTables(OpcodeMap m) {
        m.row(0x00, SYSTEM, SLDT, RvMw).reg(0);
        m.row(0x00, SYSTEM, STR, RvMw).reg(1);
        m.row(0x00, SYSTEM, LLDT, Ew).reg(2);
        m.row(0x00, SYSTEM, LTR, Ew).reg(3);
        m.row(0x00, SYSTEM, VERR, Ew).reg(4);
        m.row(0x00, SYSTEM, VERW, Ew).reg(5);
    }

    /** Group 7, what is not a register form. */
    private static void group7(OpcodeMap m) {
        m.row(0x01, SYSTEM, SGDT, Ms).reg(0).always64();
        m.row(0x01, SYSTEM, SIDT, Ms).reg(1).always64();
        m.row(0x01, SYSTEM, LGDT, Ms).reg(2).always64();
        m.row(0x01, SYSTEM, LIDT, Ms).reg(3).always64();
        m.row(0x01, SYSTEM, SMSW, RvMw).reg(4);
        m.row(F3, 0x01, SYSTEM, RSTORSSP, Mq).reg(5).feature(CpuFeature.SHSTK);
        m.row(0x01, SYSTEM, LMSW, Ew).reg(6);
        m.row(0x01, SYSTEM, INVLPG, Mb).reg(7);
    }

    private static void group7Registers(OpcodeMap m) {
        m.row(NP, 0x01, VIRTUALIZATION, ENCLV).reg(0).rm(0);
        m.row(NP, 0x01, SYSTEM, VMCALL).reg(0).rm(1);
        m.row(NP, 0x01, VIRTUALIZATION, VMLAUNCH).reg(0).rm(2);
        m.row(NP, 0x01, VIRTUALIZATION, VMRESUME).reg(0).rm(3);
        m.row(NP, 0x01, VIRTUALIZATION, VMXOFF).reg(0).rm(4);
        m.row(NP, 0x01, VIRTUALIZATION, PCONFIG).reg(0).rm(5);
        m.row(NP, 0x01, SYSTEM, Operation.MONITOR, aAX, eCX, eDX).reg(1).rm(0).feature(CpuFeature.MONITOR);
        m.row(NP, 0x01, SYSTEM, MWAIT, eAX, eCX).reg(1).rm(1).feature(CpuFeature.MONITOR);
        m.row(NP, 0x01, SYSTEM, CLAC).reg(1).rm(2).feature(CpuFeature.SMAP);
        m.row(NP, 0x01, SYSTEM, STAC).reg(1).rm(3).feature(CpuFeature.SMAP);
        m.row(NP, 0x01, VIRTUALIZATION, ENCLS).reg(1).rm(7);
        m.row(NP, 0x01, SYSTEM, XGETBV).reg(2).rm(0).feature(CpuFeature.XSAVE);
        m.row(NP, 0x01, SYSTEM, XSETBV).reg(2).rm(1).feature(CpuFeature.XSAVE);
        m.row(NP, 0x01, VIRTUALIZATION, VMFUNC).reg(2).rm(4);
        m.row(NP, 0x01, SYSTEM, XEND).reg(2).rm(5).feature(CpuFeature.RTM);
        m.row(NP, 0x01, SYSTEM, XTEST).reg(2).rm(6).feature(CpuFeature.RTM);
        m.row(NP, 0x01, VIRTUALIZATION, ENCLU).reg(2).rm(7);
        m.row(0x01, VIRTUALIZATION, VMRUN, aAX).reg(3).rm(0).feature(CpuFeature.SVM);
        m.row(0x01, VIRTUALIZATION, VMMCALL).reg(3).rm(1).feature(CpuFeature.SVM);
        m.row(0x01, VIRTUALIZATION, VMLOAD).reg(3).rm(2).feature(CpuFeature.SVM);
        m.row(0x01, VIRTUALIZATION, VMSAVE, aAX).reg(3).rm(3).feature(CpuFeature.SVM);
        m.row(0x01, VIRTUALIZATION, STGI).reg(3).rm(4).feature(CpuFeature.SVM);
        m.row(0x01, VIRTUALIZATION, CLGI).reg(3).rm(5).feature(CpuFeature.SVM);
        m.row(0x01, VIRTUALIZATION, SKINIT).reg(3).rm(6).feature(CpuFeature.SVM);
        m.row(0x01, VIRTUALIZATION, INVLPGA, aAX, eCX).reg(3).rm(7).feature(CpuFeature.SVM);
        m.row(NP, 0x01, SYSTEM, Operation.SERIALIZE).reg(5).rm(0).feature(CpuFeature.SERIALIZE);
        m.row(F3, 0x01, SYSTEM, SETSSBSY).reg(5).rm(0).feature(CpuFeature.SHSTK);
        m.row(F3, 0x01, SYSTEM, SAVEPREVSSP).reg(5).rm(2).feature(CpuFeature.SHSTK);
        m.row(F3, 0x01, SYSTEM, UIRET).reg(5).rm(4).feature(CpuFeature.UINTR);
        m.row(F3, 0x01, SYSTEM, TESTUI).reg(5).rm(5).feature(CpuFeature.UINTR);
        m.row(F3, 0x01, SYSTEM, CLUI).reg(5).rm(6).feature(CpuFeature.UINTR);
        m.row(F3, 0x01, SYSTEM, STUI).reg(5).rm(7).feature(CpuFeature.UINTR);
        m.row(NP, 0x01, SYSTEM, RDPKRU).reg(5).rm(6).feature(CpuFeature.PKU);
        m.row(NP, 0x01, SYSTEM, WRPKRU).reg(5).rm(7).feature(CpuFeature.PKU);
        m.row(0x01, SYSTEM, SWAPGS).reg(7).rm(0);
        m.row(0x01, SYSTEM, Operation.RDTSCP).reg(7).rm(1).feature(CpuFeature.RDTSCP);
        m.row(NP, 0x01, SYSTEM, Operation.MONITORX, aAX, eCX, eDX).reg(7).rm(2).feature(CpuFeature.MONITORX);
        m.row(F3, 0x01, VIRTUALIZATION, MCOMMIT).reg(7).rm(2).feature(CpuFeature.AMD_OTHER);
        m.row(NP, 0x01, SYSTEM, MWAITX, eAX, eCX, eBX).reg(7).rm(3).feature(CpuFeature.MONITORX);
        m.row(0x01, VIRTUALIZATION, CLZERO, aAX).reg(7).rm(4).feature(CpuFeature.AMD_OTHER);
        m.row(0x01, VIRTUALIZATION, RDPRU).reg(7).rm(5).feature(CpuFeature.AMD_OTHER);
        m.row(NP, 0x01, VIRTUALIZATION, INVLPGB).reg(7).rm(6).feature(CpuFeature.AMD_OTHER);
        m.row(F3, 0x01, VIRTUALIZATION, RMPADJUST).reg(7).rm(6).feature(CpuFeature.AMD_OTHER);
        m.row(F2, 0x01, VIRTUALIZATION, RMPUPDATE).reg(7).rm(6).feature(CpuFeature.AMD_OTHER);
        m.row(NP, 0x01, VIRTUALIZATION, TLBSYNC).reg(7).rm(7).feature(CpuFeature.AMD_OTHER);
        m.row(F3, 0x01, VIRTUALIZATION, PSMASH).reg(7).rm(7).feature(CpuFeature.AMD_OTHER);
        m.row(F2, 0x01, VIRTUALIZATION, PVALIDATE).reg(7).rm(7).feature(CpuFeature.AMD_OTHER);
    }

    private static void rows02to37(OpcodeMap m) {
        m.row(0x02, SYSTEM, LAR, Gv, RvMw);
        m.row(0x03, SYSTEM, LSL, Gv, RvMw);
        m.row(0x05, CONTROL_FLOW, Operation.SYSCALL).always64().feature(CpuFeature.SYSCALL);
        m.row(0x06, SYSTEM, CLTS);
        m.row(0x07, SYSTEM, SYSRET).feature(CpuFeature.SYSCALL);
        m.row(0x08, SYSTEM, INVD);
        m.row(F3, 0x09, SYSTEM, Operation.WBNOINVD).feature(CpuFeature.WBNOINVD);
        m.row(0x09, SYSTEM, WBINVD);
        m.row(0x0B, CONTROL_FLOW, UD2);
        m.row(0x0D, HINT, Operation.PREFETCHW, Mb).reg(1).feature(CpuFeature.PREFETCHW);
        m.row(0x0D, HINT, Operation.PREFETCHWT1, Mb).reg(2).feature(CpuFeature.PREFETCHWT1);
        m.row(0x0D, HINT, PREFETCH, Mb).feature(CpuFeature.PREFETCHW); // the rest are PREFETCH's doubles
        m.row(0x0D, HINT, NOP, Ev);
        m.row(0x18, HINT, PREFETCHNTA, Mb).reg(0).feature(CpuFeature.SSE);
        m.row(0x18, HINT, PREFETCHT0, Mb).reg(1).feature(CpuFeature.SSE);
        m.row(0x18, HINT, PREFETCHT1, Mb).reg(2).feature(CpuFeature.SSE);
        m.row(0x18, HINT, PREFETCHT2, Mb).reg(3).feature(CpuFeature.SSE);
        m.rows(0x18, 4, HINT, NOP, Ev); // MPX in 1A and 1B never had a processor of ours
        m.row(NP, 0x1C, HINT, Operation.CLDEMOTE, Mb).reg(0).feature(CpuFeature.CLDEMOTE);
        m.row(F3, 0x1E, HINT, RDSSP, Ry).reg(1).feature(CpuFeature.SHSTK); // a no-operation without the feature
        m.row(F3, 0x1E, HINT, ENDBR64).reg(7).rm(2).feature(CpuFeature.IBT);
        m.row(F3, 0x1E, HINT, ENDBR32).reg(7).rm(3).feature(CpuFeature.IBT);
        m.rows(0x1C, 4, HINT, NOP, Ev);
        m.row(0x20, SYSTEM, MOV, Rq, Cq).always64();
        m.row(0x21, SYSTEM, MOV, Rq, Dq).always64();
        m.row(0x22, SYSTEM, MOV, Cq, Rq).always64();
        m.row(0x23, SYSTEM, MOV, Dq, Rq).always64();
        m.row(0x30, SYSTEM, WRMSR).feature(CpuFeature.MSR);
        m.row(0x31, SYSTEM, RDTSC).feature(CpuFeature.TSC);
        m.row(0x32, SYSTEM, RDMSR).feature(CpuFeature.MSR);
        m.row(0x33, SYSTEM, RDPMC);
        m.row(0x34, SYSTEM, SYSENTER);
        m.row(0x35, SYSTEM, SYSEXIT);
        m.row(NP, 0x37, VIRTUALIZATION, GETSEC).feature(CpuFeature.SMX);
    }

    private static void rows40toA9(OpcodeMap m) {
        m.rows(0x40, 16, DATA_TRANSFER, CMOVCC, Gv, Ev).conditional().feature(CpuFeature.CMOV);
        m.row(NP, 0x78, VIRTUALIZATION, VMREAD, Eq, Gq).always64();
        m.row(NP, 0x79, VIRTUALIZATION, VMWRITE, Gq, Eq).always64();
        m.rows(0x80, 16, CONTROL_FLOW, JCC, Jz).conditional().always64();
        m.rows(0x90, 16, DATA_TRANSFER, SETCC, Eb).conditional();
        m.row(0xA0, STACK, PUSH, FS).default64();
        m.row(0xA1, STACK, POP, FS).default64();
        m.row(0xA2, SYSTEM, CPUID);
        m.row(0xA3, BIT, BT, Ev, Gv);
        m.row(0xA4, SHIFT, SHLD, Ev, Gv, Ib);
        m.row(0xA5, SHIFT, SHLD, Ev, Gv, CL);
        m.row(0xA8, STACK, PUSH, GS).default64();
        m.row(0xA9, STACK, POP, GS).default64();
    }

    private static void group15(OpcodeMap m) {
        m.row(NP, 0xAE, SYSTEM, FXSAVE, OperandSpec.M).reg(0).feature(CpuFeature.FXSR);
        m.row(NP, 0xAE, SYSTEM, FXRSTOR, OperandSpec.M).reg(1).feature(CpuFeature.FXSR);
        m.row(NP, 0xAE, SSE, LDMXCSR, Md).reg(2);
        m.row(NP, 0xAE, SSE, STMXCSR, Md).reg(3);
        m.row(NP, 0xAE, SYSTEM, Operation.XSAVE, OperandSpec.M).reg(4).feature(CpuFeature.XSAVE);
        m.row(NP, 0xAE, SYSTEM, XRSTOR, OperandSpec.M).reg(5).feature(CpuFeature.XSAVE);
        m.row(NP, 0xAE, SYSTEM, Operation.XSAVEOPT, OperandSpec.M).reg(6).feature(CpuFeature.XSAVEOPT);
        m.row(NP, 0xAE, HINT, CLFLUSH, Mb).reg(7).feature(CpuFeature.CLFSH);
        m.row(P66, 0xAE, HINT, Operation.CLWB, Mb).reg(6).feature(CpuFeature.CLWB);
        m.row(P66, 0xAE, HINT, Operation.CLFLUSHOPT, Mb).reg(7).feature(CpuFeature.CLFLUSHOPT);
        m.row(F3, 0xAE, SYSTEM, CLRSSBSY, Mq).reg(6).feature(CpuFeature.SHSTK);
        m.row(NP, 0xAE, HINT, LFENCE).reg(5).registers().feature(CpuFeature.SSE2);
        m.row(NP, 0xAE, HINT, MFENCE).reg(6).registers().feature(CpuFeature.SSE2);
        m.row(NP, 0xAE, HINT, SFENCE).reg(7).registers().feature(CpuFeature.SSE);
        m.row(F3, 0xAE, SYSTEM, RDFSBASE, Ry).reg(0).feature(CpuFeature.FSGSBASE);
        m.row(F3, 0xAE, SYSTEM, RDGSBASE, Ry).reg(1).feature(CpuFeature.FSGSBASE);
        m.row(F3, 0xAE, SYSTEM, WRFSBASE, Ry).reg(2).feature(CpuFeature.FSGSBASE);
        m.row(F3, 0xAE, SYSTEM, WRGSBASE, Ry).reg(3).feature(CpuFeature.FSGSBASE);
        m.row(F3, 0xAE, SYSTEM, PTWRITE, Ey).reg(4).feature(CpuFeature.PTWRITE);
        m.row(F3, 0xAE, SYSTEM, INCSSP, Ry).reg(5).feature(CpuFeature.SHSTK);
        m.row(F3, 0xAE, SYSTEM, UMONITOR, Ra).reg(6).feature(CpuFeature.WAITPKG);
        m.row(F2, 0xAE, SYSTEM, UMWAIT, Ry).reg(6).feature(CpuFeature.WAITPKG);
        m.row(P66, 0xAE, SYSTEM, TPAUSE, Ry).reg(6).feature(CpuFeature.WAITPKG);
    }

    private static void rowsAAtoFF(OpcodeMap m) {
        m.row(0xAA, SYSTEM, RSM);
        m.row(0xAB, BIT, BTS, Ev, Gv).lockable();
        m.row(0xAC, SHIFT, SHRD, Ev, Gv, Ib);
        m.row(0xAD, SHIFT, SHRD, Ev, Gv, CL);
        m.row(0xAF, ARITHMETIC, IMUL, Gv, Ev);
        m.row(0xB0, ARITHMETIC, CMPXCHG, Eb, Gb).lockable();
        m.row(0xB1, ARITHMETIC, CMPXCHG, Ev, Gv).lockable();
        m.row(0xB2, SYSTEM, LSS, Gv, Mp);
        m.row(0xB3, BIT, BTR, Ev, Gv).lockable();
        m.row(0xB4, SYSTEM, LFS, Gv, Mp);
        m.row(0xB5, SYSTEM, LGS, Gv, Mp);
        m.row(0xB6, DATA_TRANSFER, MOVZX, Gv, Eb);
        m.row(0xB7, DATA_TRANSFER, MOVZX, Gv, Ew);
        m.row(F3, 0xB8, BIT, Operation.POPCNT, Gv, Ev).feature(CpuFeature.POPCNT);
        m.row(0xB9, CONTROL_FLOW, UD1, Gv, Ev);
        m.row(0xBA, BIT, BT, Ev, Ib).reg(4);
        m.row(0xBA, BIT, BTS, Ev, Ib).reg(5).lockable();
        m.row(0xBA, BIT, BTR, Ev, Ib).reg(6).lockable();
        m.row(0xBA, BIT, BTC, Ev, Ib).reg(7).lockable();
        m.row(0xBB, BIT, BTC, Ev, Gv).lockable();
        m.row(F3, 0xBC, BIT, TZCNT, Gv, Ev).feature(CpuFeature.BMI1);
        m.row(0xBC, BIT, BSF, Gv, Ev);
        m.row(F3, 0xBD, BIT, Operation.LZCNT, Gv, Ev).feature(CpuFeature.LZCNT);
        m.row(0xBD, BIT, BSR, Gv, Ev);
        m.row(0xBE, DATA_TRANSFER, MOVSX, Gv, Eb);
        m.row(0xBF, DATA_TRANSFER, MOVSX, Gv, Ew);
        m.row(0xC0, ARITHMETIC, XADD, Eb, Gb).lockable();
        m.row(0xC1, ARITHMETIC, XADD, Ev, Gv).lockable();
        m.row(NP, 0xC3, DATA_TRANSFER, MOVNTI, My, Gy).feature(CpuFeature.SSE2);
        m.rows(0xC8, 8, DATA_TRANSFER, BSWAP, Zv);
        m.row(0xFF, CONTROL_FLOW, UD0, Gv, Ev);
    }

    private static void group9(OpcodeMap m) {
        m.row(0xC7, ARITHMETIC, CMPXCHG8B, Mq).reg(1).w(0).lockable().feature(CpuFeature.CX8);
        m.row(0xC7, ARITHMETIC, CMPXCHG16B, Mdq).reg(1).w(1).lockable().feature(CpuFeature.CX16);
        m.row(NP, 0xC7, SYSTEM, XRSTORS, OperandSpec.M).reg(3).feature(CpuFeature.XSAVES);
        m.row(NP, 0xC7, SYSTEM, Operation.XSAVEC, OperandSpec.M).reg(4).feature(CpuFeature.XSAVEC);
        m.row(NP, 0xC7, SYSTEM, Operation.XSAVES, OperandSpec.M).reg(5).feature(CpuFeature.XSAVES);
        m.row(NP, 0xC7, VIRTUALIZATION, VMPTRLD, Mq).reg(6);
        m.row(P66, 0xC7, VIRTUALIZATION, VMCLEAR, Mq).reg(6);
        m.row(F3, 0xC7, VIRTUALIZATION, VMXON, Mq).reg(6);
        m.row(NP, 0xC7, VIRTUALIZATION, VMPTRST, Mq).reg(7);
        m.row(0xC7, SYSTEM, Operation.RDRAND, Rv).reg(6).noRepeat().feature(CpuFeature.RDRAND);
        m.row(F3, 0xC7, SYSTEM, SENDUIPI, Rq).reg(6).feature(CpuFeature.UINTR);
        m.row(0xC7, SYSTEM, Operation.RDSEED, Rv).reg(7).noRepeat().feature(CpuFeature.RDSEED);
        m.row(F3, 0xC7, SYSTEM, Operation.RDPID, Rq).reg(7).feature(CpuFeature.RDPID);
    }
}
