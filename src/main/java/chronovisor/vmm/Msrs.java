package chronovisor.vmm;

import chronovisor.cpu.Cpu;
import chronovisor.device.LocalApic;

/** Model-specific registers that exist (SDM vol. 4). Any other is a #GP. */
final class Msrs {

    private static final int TSC = 0x10;
    private static final int APIC_BASE = 0x1B;
    private static final int MTRR_CAPABILITIES = 0xFE;
    private static final int SYSENTER_CS = 0x174;
    private static final int SYSENTER_ESP = 0x175;
    private static final int SYSENTER_EIP = 0x176;
    private static final int PAT = 0x277;
    private static final int MTRR_DEFAULT = 0x2FF;
    private static final int EFER = 0xC000_0080;
    private static final int STAR = 0xC000_0081;
    private static final int LSTAR = 0xC000_0082;
    private static final int CSTAR = 0xC000_0083;
    private static final int SYSCALL_MASK = 0xC000_0084;
    private static final int FS_BASE = 0xC000_0100;
    private static final int GS_BASE = 0xC000_0101;
    private static final int KERNEL_GS_BASE = 0xC000_0102;
    private static final int TSC_AUX = 0xC000_0103;

    private static final long PAT_AT_RESET = 0x0007_0406_0007_0406L;
    /** SCE LME NXE may be written; LMA follows paging. */
    private static final long EFER_WRITABLE = 1 | 1 << 8 | 1 << 11;
    private static final long EFER_LMA = 1 << 10;

    private Msrs() {}

    /** Whether RDMSR knows the register. */
    static boolean readable(int register) {
        return switch (register) {
            case TSC, APIC_BASE, MTRR_CAPABILITIES, PAT, MTRR_DEFAULT -> true;
            default -> isCpuState(register);
        };
    }

    private static boolean isCpuState(int register) {
        return switch (register) {
            case SYSENTER_CS, SYSENTER_ESP, SYSENTER_EIP, EFER, STAR, LSTAR, CSTAR, SYSCALL_MASK, FS_BASE, GS_BASE,
                    KERNEL_GS_BASE, TSC_AUX ->
                true;
            default -> false;
        };
    }

    static long read(Cpu cpu, int register, long time_ns) {
        return switch (register) {
            case TSC -> time_ns;
            case APIC_BASE -> LocalApic.BASE | 1 << 11 | (cpu.core == 0 ? 1 << 8 : 0);
            case SYSENTER_CS -> cpu.system.sysenterCs;
            case SYSENTER_ESP -> cpu.system.sysenterEsp;
            case SYSENTER_EIP -> cpu.system.sysenterEip;
            case PAT -> PAT_AT_RESET;
            case EFER -> cpu.efer;
            case STAR -> cpu.star;
            case LSTAR -> cpu.lstar;
            case CSTAR -> cpu.cstar;
            case SYSCALL_MASK -> cpu.sfmask;
            case FS_BASE -> cpu.fsBase;
            case GS_BASE -> cpu.gsBase;
            case KERNEL_GS_BASE -> cpu.kernelGsBase;
            case TSC_AUX -> cpu.tscAux;
            default -> 0;
        };
    }

    /** Writes a register; false: #GP(0). */
    static boolean write(Cpu cpu, int register, long value) {
        switch (register) {
            case EFER -> {
                if ((value & ~(EFER_WRITABLE | EFER_LMA)) != 0) {
                    return false;
                }
                cpu.efer = cpu.efer & EFER_LMA | value & EFER_WRITABLE;
                cpu.context();
            }
            case SYSENTER_CS -> cpu.system.sysenterCs = value & 0xFFFF_FFFFL;
            case SYSENTER_ESP, SYSENTER_EIP -> {
                return writeEntry(cpu, register, value);
            }
            case STAR -> cpu.star = value;
            case LSTAR -> {
                if (!canonical(value)) {
                    return false;
                }
                cpu.lstar = value;
            }
            case CSTAR -> cpu.cstar = value;
            case SYSCALL_MASK -> cpu.sfmask = value & 0xFFFF_FFFFL;
            case FS_BASE, GS_BASE, KERNEL_GS_BASE -> {
                return writeBase(cpu, register, value);
            }
            case TSC_AUX -> cpu.tscAux = value & 0xFFFF_FFFFL;
            default -> {
                return false;
            }
        }
        return true;
    }

    private static boolean writeEntry(Cpu cpu, int register, long value) {
        if (!canonical(value)) {
            return false;
        }
        if (register == SYSENTER_ESP) {
            cpu.system.sysenterEsp = value;
        } else {
            cpu.system.sysenterEip = value;
        }
        return true;
    }

    private static boolean writeBase(Cpu cpu, int register, long value) {
        if (!canonical(value)) {
            return false;
        }
        switch (register) {
            case FS_BASE -> cpu.fsBase = value;
            case GS_BASE -> cpu.gsBase = value;
            default -> cpu.kernelGsBase = value;
        }
        return true;
    }

    private static boolean canonical(long address) {
        return address << 16 >> 16 == address;
    }
}
