package chronovisor.isa;

import java.util.EnumSet;
import java.util.Set;

/**
 * Which rows this machine executes. The one place to change when a family is finished: take it out of the set. The processor asks
 * here what to do with an instruction it has no semantics for, and CPUID asks which features are complete.
 */
final class SupportStatus {
    /** Decoded, not executed yet. */
    private static final Set<Family> MISSING_FAMILIES = EnumSet.of(Family.AVX, Family.AVX2, Family.FMA, Family.F16C);

    /** Never part of the processor we are: #UD. */
    private static final Set<Family> REFUSED_FAMILIES = EnumSet.of(Family.GFNI, Family.SSE4A, Family.AVX512,
            Family.FMA4,
            Family.XOP, Family.VIRTUALIZATION);

    /** Features not offered: their rows raise #UD, except hints, which are no operations on processors without them. */
    private static final Set<CpuFeature> REFUSED_FEATURES = EnumSet.of(CpuFeature.SHSTK, CpuFeature.UINTR,
            CpuFeature.ENQCMD, CpuFeature.MOVDIRI, CpuFeature.MOVDIR64B, CpuFeature.WAITPKG, CpuFeature.PKU,
            CpuFeature.SERIALIZE, CpuFeature.PTWRITE, CpuFeature.RTM, CpuFeature.INVPCID, CpuFeature.MONITORX,
            CpuFeature.SMX, CpuFeature.VMX, CpuFeature.SVM, CpuFeature.AMD_OTHER, CpuFeature.WBNOINVD, CpuFeature.SMAP,
            CpuFeature.XSAVE, CpuFeature.XSAVEOPT,
            CpuFeature.XSAVEC, CpuFeature.XSAVES);

    /** Single operations of supported families that are not executed yet: segmentation, and what a bare-metal kernel needs. */
    private static final Set<Operation> MISSING_OPERATIONS = EnumSet.of(Operation.CALL_FAR, Operation.JMP_FAR,
            Operation.RET_FAR, Operation.LSS, Operation.LFS, Operation.LGS, Operation.SYSRET, Operation.SYSEXIT,
            Operation.SGDT, Operation.SIDT, Operation.LGDT, Operation.LIDT, Operation.SLDT, Operation.LLDT,
            Operation.STR, Operation.LTR, Operation.SMSW, Operation.LMSW, Operation.VERR, Operation.VERW, Operation.LAR,
            Operation.LSL, Operation.MONITOR, Operation.MWAIT);

    /** Operations of missing families that are executed already. */
    private static final Set<Operation> EXECUTED_OPERATIONS = EnumSet.of(Operation.VADDPS, Operation.VADDPD,
            Operation.VADDSS, Operation.VADDSD, Operation.VSUBPS, Operation.VSUBPD, Operation.VSUBSS, Operation.VSUBSD,
            Operation.VMULPS, Operation.VMULPD, Operation.VMULSS, Operation.VMULSD, Operation.VDIVPS, Operation.VDIVPD,
            Operation.VDIVSS, Operation.VDIVSD, Operation.VSQRTPS, Operation.VSQRTPD, Operation.VSQRTSS,
            Operation.VSQRTSD, Operation.VMINPS, Operation.VMINPD, Operation.VMINSS, Operation.VMINSD, Operation.VMAXPS,
            Operation.VMAXPD, Operation.VMAXSS, Operation.VMAXSD, Operation.VRCPPS, Operation.VRCPSS,
            Operation.VRSQRTPS, Operation.VRSQRTSS, Operation.VCMPPS, Operation.VCMPPD, Operation.VCMPSS,
            Operation.VCMPSD, Operation.VCOMISS, Operation.VCOMISD, Operation.VUCOMISS, Operation.VUCOMISD,
            Operation.VROUNDPS, Operation.VROUNDPD, Operation.VROUNDSS, Operation.VROUNDSD, Operation.VDPPS,
            Operation.VDPPD, Operation.VHADDPS, Operation.VHADDPD, Operation.VHSUBPS, Operation.VHSUBPD,
            Operation.VADDSUBPS, Operation.VADDSUBPD, Operation.VCVTSI2SS, Operation.VCVTSI2SD, Operation.VCVTSS2SI,
            Operation.VCVTSD2SI, Operation.VCVTTSS2SI, Operation.VCVTTSD2SI, Operation.VCVTSS2SD, Operation.VCVTSD2SS,
            Operation.VCVTPS2PD, Operation.VCVTPD2PS, Operation.VCVTDQ2PS, Operation.VCVTPS2DQ, Operation.VCVTTPS2DQ,
            Operation.VCVTDQ2PD, Operation.VCVTPD2DQ, Operation.VCVTTPD2DQ);

    private SupportStatus() {}

    static Support of(Family family) {
        if (REFUSED_FAMILIES.contains(family)) {
            return Support.REFUSED;
        }
        return MISSING_FAMILIES.contains(family) ? Support.MISSING : Support.SUPPORTED;
    }

    static Support of(OpcodeRow row) {
        if (row.family() != Family.HINT && REFUSED_FEATURES.contains(row.feature())) {
            return Support.REFUSED;
        }
        if (EXECUTED_OPERATIONS.contains(row.operation())) {
            return Support.SUPPORTED;
        }
        return MISSING_OPERATIONS.contains(row.operation()) ? Support.MISSING : of(row.family());
    }
}
