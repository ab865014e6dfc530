package chronovisor.cpu;

import static chronovisor.cpu.ExtendedState.AVX_STATE;
import static chronovisor.cpu.ExtendedState.SSE_STATE;
import static chronovisor.cpu.ExtendedState.X87_STATE;

import chronovisor.isa.CpuFeature;
import chronovisor.isa.Instruction;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** XGETBV, XSETBV, XSAVE, XSAVEOPT, XSAVEC, XSAVES, XRSTOR, XRSTORS (SDM vol. 1, chapter 13, and vol. 2). */
final class XsaveSteps {
    private static final int RAX = 0;
    private static final int RCX = 1;
    private static final int RDX = 2;
    private static final long LOW = 0xFFFF_FFFFL;
    private static final long COMPACTED = Long.MIN_VALUE;
    private static final long CR0_TS = 8;
    private static final int MXCSR_INITIAL = 0x1F80;

    private XsaveSteps() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        boolean wide = i.operandSize() == 64;
        return switch (i.operation()) {
            case XGETBV -> XsaveSteps::xgetbv;
            case XSETBV -> XsaveSteps::xsetbv;
            case XSAVE, XSAVEOPT -> saving(address,
                    (cpu, va) -> standard(cpu, va, wide, i.operation() == chronovisor.isa.Operation.XSAVEOPT));
            case XSAVEC -> saving(address, (cpu, va) -> compacted(cpu, va, wide));
            case XSAVES -> privileged(saving(address, (cpu, va) -> compacted(cpu, va, wide)));
            case XRSTOR -> saving(address, (cpu, va) -> restore(cpu, va, wide, false));
            case XRSTORS -> privileged(saving(address, (cpu, va) -> restore(cpu, va, wide, true)));
            default -> null;
        };
    }

    /** What to do with the area at an address. */
    @FunctionalInterface
    private interface Transfer {
        void execute(Cpu cpu, long va);
    }

    private static void requireEnabled(Cpu cpu) {
        if ((cpu.cr4 & Control.CR4_OSXSAVE) == 0) {
            throw cpu.raise(Vector.UD, 0);
        }
    }

    /** #UD, #NM, #GP for alignment, in this order (SDM vol. 2, XSAVE). */
    private static Step saving(@Nullable AddressForm address, Transfer transfer) {
        AddressForm form = Objects.requireNonNull(address);
        return cpu -> {
            requireEnabled(cpu);
            if ((cpu.cr0 & CR0_TS) != 0) {
                throw cpu.raise(Vector.NM, 0);
            }
            long va = form.of(cpu);
            if ((va & 63) != 0) {
                throw cpu.raise(Vector.GP, 0);
            }
            transfer.execute(cpu, va);
        };
    }

    private static Step privileged(Step step) {
        return cpu -> {
            requireEnabled(cpu);
            cpu.requirePrivilege();
            step.execute(cpu);
        };
    }

    private static void xgetbv(Cpu cpu) {
        requireEnabled(cpu);
        int number = (int) cpu.gpr[RCX];
        // XCR1 tells what is in use, on processors with XSAVEC (CPUID 0DH, subleaf 1, EAX bit 2).
        if (number != 0 && (number != 1 || !cpu.model.has(CpuFeature.XSAVEC))) {
            throw cpu.raise(Vector.GP, 0);
        }
        long v = cpu.system.xcr0 & (number == 0 ? -1 : ExtendedState.inUse(cpu));
        cpu.gpr[RAX] = v & LOW;
        cpu.gpr[RDX] = v >>> 32;
    }

    /** x87 cannot be disabled, AVX needs SSE (SDM vol. 3, 2.6). */
    private static void xsetbv(Cpu cpu) {
        requireEnabled(cpu);
        cpu.requirePrivilege();
        long v = cpu.gpr[RDX] << 32 | cpu.gpr[RAX] & LOW;
        boolean legal = (int) cpu.gpr[RCX] == 0 && (v & ~ExtendedState.ALL) == 0 && (v & X87_STATE) != 0
                && (v & (AVX_STATE | SSE_STATE)) != AVX_STATE;
        if (!legal) {
            throw cpu.raise(Vector.GP, 0);
        }
        cpu.system.xcr0 = v;
        cpu.context();
    }

    private static long requested(Cpu cpu) {
        return cpu.system.xcr0 & (cpu.gpr[RDX] << 32 | cpu.gpr[RAX] & LOW);
    }

    /** Bytes from the area's start that a transfer of these components touches. */
    private static int extent(long components) {
        return (components & AVX_STATE) != 0 ? ExtendedState.BYTES : ExtendedState.AVX_OFFSET;
    }

    /** XSAVE, and XSAVEOPT, which leaves out what is in its initial configuration. */
    private static void standard(Cpu cpu, long va, boolean wide, boolean optimised) {
        long mask = requested(cpu);
        long inUse = ExtendedState.inUse(cpu);
        cpu.mmu.checkWrite(va, extent(mask));
        StateArea area = StateArea.of(cpu.mmu, va);
        long old = area.get64(ExtendedState.XSTATE_BV);
        long written = optimised ? mask & inUse : mask;
        save(cpu, area, written, wide);
        if ((mask & (SSE_STATE | AVX_STATE)) != 0) {
            ExtendedState.saveMxcsr(cpu, area);
        }
        area.put64(ExtendedState.XSTATE_BV, old & ~mask | inUse & mask);
    }

    /** XSAVEC and XSAVES: MXCSR belongs to the SSE component, which counts as in use when MXCSR has not its initial value. */
    private static void compacted(Cpu cpu, long va, boolean wide) {
        long mask = requested(cpu);
        long written = mask & ExtendedState.inUse(cpu);
        if (cpu.mxcsr != MXCSR_INITIAL) {
            written |= mask & SSE_STATE;
        }
        cpu.mmu.checkWrite(va, extent(mask));
        StateArea area = StateArea.of(cpu.mmu, va);
        save(cpu, area, written, wide);
        if ((written & SSE_STATE) != 0) {
            ExtendedState.saveMxcsr(cpu, area);
        }
        area.put64(ExtendedState.XSTATE_BV, written);
        area.put64(ExtendedState.XCOMP_BV, mask | COMPACTED);
    }

    private static void save(Cpu cpu, StateArea area, long components, boolean wide) {
        if ((components & X87_STATE) != 0) {
            ExtendedState.saveX87(cpu, area, wide);
        }
        if ((components & SSE_STATE) != 0) {
            ExtendedState.saveXmm(cpu, area);
        }
        if ((components & AVX_STATE) != 0) {
            ExtendedState.saveAvx(cpu, area);
        }
    }

    /** XRSTOR of either format, XRSTORS of the compacted one; the header is checked first, then memory, then MXCSR. */
    private static void restore(Cpu cpu, long va, boolean wide, boolean compactedOnly) {
        long mask = requested(cpu);
        cpu.mmu.checkRead(va, ExtendedState.AVX_OFFSET);
        StateArea area = StateArea.of(cpu.mmu, va);
        long present = area.get64(ExtendedState.XSTATE_BV);
        long format = area.get64(ExtendedState.XCOMP_BV);
        boolean compacted = format < 0;
        boolean legal = compacted
                ? (format & ~COMPACTED & ~cpu.system.xcr0) == 0 && (present & ~format) == 0 && present >= 0
                : format == 0 && !compactedOnly;
        legal &= (present & ~cpu.system.xcr0) == 0 && reservedAreZero(area, compacted);
        if (!legal) {
            throw cpu.raise(Vector.GP, 0);
        }
        cpu.mmu.checkRead(va, extent(mask & present));
        boolean fromArea = compacted ? (mask & present & SSE_STATE) != 0 : (mask & (SSE_STATE | AVX_STATE)) != 0;
        int mxcsr = fromArea
                ? ExtendedState.mxcsr(cpu, area)
                : compacted && (mask & SSE_STATE) != 0 ? MXCSR_INITIAL : cpu.mxcsr;
        ExtendedState.load(cpu, area, mask, present, wide);
        cpu.mxcsr = mxcsr;
    }

    /** Header bytes 8..23 of the standard format have to be 0, and bytes 16..63 of the compacted one. */
    private static boolean reservedAreZero(StateArea area, boolean compacted) {
        long bits = area.get64(ExtendedState.XCOMP_BV + 8);
        for (int at = ExtendedState.XCOMP_BV + 16; compacted && at < ExtendedState.AVX_OFFSET; at += 8) {
            bits |= area.get64(at);
        }
        return bits == 0;
    }
}
