package chronovisor.isa;

import java.util.EnumSet;
import java.util.Set;

/**
 * Which rows this machine executes. The one place to change when a family is finished: take it out of the set. The processor asks
 * here what to do with an instruction it has no semantics for, and CPUID asks which features are complete.
 */
final class SupportStatus {
    /** Decoded, not executed yet. */
    private static final Set<Family> MISSING_FAMILIES = EnumSet.noneOf(Family.class);

    /** Never part of the processor we are: #UD. */
    private static final Set<Family> REFUSED_FAMILIES = EnumSet.of(Family.GFNI, Family.SSE4A, Family.AVX512,
            Family.FMA4,
            Family.XOP, Family.VIRTUALIZATION);

    /** Features not offered: their rows raise #UD, except hints, which are no operations on processors without them. */
    private static final Set<CpuFeature> REFUSED_FEATURES = EnumSet.of(CpuFeature.SHSTK, CpuFeature.UINTR,
            CpuFeature.ENQCMD, CpuFeature.MOVDIRI, CpuFeature.MOVDIR64B, CpuFeature.WAITPKG, CpuFeature.PKU,
            CpuFeature.SERIALIZE, CpuFeature.PTWRITE, CpuFeature.RTM, CpuFeature.INVPCID, CpuFeature.MONITORX,
            CpuFeature.SMX, CpuFeature.VMX, CpuFeature.SVM, CpuFeature.AMD_OTHER, CpuFeature.WBNOINVD, CpuFeature.SMAP,
            CpuFeature.MONITOR);

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
        return of(row.family());
    }
}
