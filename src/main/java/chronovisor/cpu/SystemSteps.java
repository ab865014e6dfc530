package chronovisor.cpu;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Repeat;
import chronovisor.isa.Support;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Instructions that the machine completes, and privileged ones: they check privilege and leave (SDM vol. 2, vol. 3 ch. 25). */
final class SystemSteps {
    /** Valid on hardware, not implemented here: the machine stops. */
    static final Step UNSUPPORTED = cpu -> {
        throw cpu.exit(Exit.UNSUPPORTED);
    };

    /** SYSCALL is #UD unless EFER.SCE is set. */
    static final Step SYSCALL_ENABLED = cpu -> {
        if ((cpu.efer & 1) == 0) {
            throw cpu.raise(Vector.UD, 0);
        }
    };

    static final Step UNDEFINED = cpu -> {
        throw cpu.raise(Vector.UD, 0);
    };

    private SystemSteps() {}

    /** What to do with an instruction that has no semantics here: #UD when the processor does not offer it, stop when the gap is ours. */
    static Step without(Support support) {
        return switch (support) {
            case REFUSED -> UNDEFINED;
            case MISSING, SUPPORTED -> UNSUPPORTED;
        };
    }

    /** Whether no instruction after {@code i} can be executed without a look at the processor first. */
    static boolean endsBlock(Instruction i) {
        return switch (i.operation()) {
            case CPUID, RDTSC, RDTSCP, RDMSR, WRMSR, HLT, IN, OUT, INS, OUTS, INVLPG, INT, INT3, INT1, UD0, UD1, UD2,
                    STI, SWAPGS, CLTS, LMSW, POPF, XSETBV, RDRAND, RDSEED, LSS,
                    VMCALL ->
                true;
            case MOV -> writesControl(i.operand(0));
            default -> false; // what changes values only
        };
    }

    /** MOV to a control, debug or segment register. */
    private static boolean writesControl(Operand destination) {
        return switch (destination.kind()) {
            case CONTROL, DEBUG, SEGMENT -> true;
            case GPR, HIGH_BYTE, MMX, XMM, YMM, ST, MEMORY, IMMEDIATE, RELATIVE -> false;
        };
    }

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case CPUID -> leave(Exit.CPUID);
            case RDTSC -> timed(Exit.RDTSC);
            case RDTSCP -> timed(Exit.RDTSCP);
            case HLT -> privileged(Exit.HLT);
            case RDMSR -> privileged(Exit.MSR_READ);
            case WRMSR -> privileged(Exit.MSR_WRITE);
            case INVLPG -> invlpg(Objects.requireNonNull(address));
            case IN, OUT, INS, OUTS -> io(i);
            case UD0, UD1, UD2 -> UNDEFINED;
            case INT3 -> software(Vector.BP, false);
            case INT1 -> software(Vector.DB, false);
            case INT -> software((int) i.operand(0).value() & 0xFF, true);
            case VMCALL -> leave(Exit.HYPERCALL);
            case RDRAND, RDSEED -> entropy(i);
            case RDPID -> {
                Place register = Place.of(i, 0, null);
                yield cpu -> register.set(cpu, cpu.tscAux & 0xFFFF_FFFFL);
            }
            case RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE -> base(i);
            case SWAPGS -> cpu -> {
                cpu.requirePrivilege();
                long b = cpu.gsBase;
                cpu.gsBase = cpu.kernelGsBase;
                cpu.kernelGsBase = b;
                cpu.gpr[Cpu.SLOT_GS] = cpu.gsBase;
            };
            case CLTS -> cpu -> {
                cpu.requirePrivilege();
                cpu.cr0 &= ~Control.CR0_TS;
                cpu.context();
            };
            case INVD, WBINVD, WBNOINVD -> Cpu::requirePrivilege; // there are no caches to write back
            case CLFLUSH, CLFLUSHOPT, CLWB -> touch(Objects.requireNonNull(address));
            // Not advertised, so they do not exist.
            case PTWRITE, MONITOR, MWAIT, INVPCID,
                    RDPKRU, WRPKRU, CLAC, STAC,
                    SERIALIZE, MOVDIRI, MOVDIR64B, XBEGIN, XEND, XTEST, XABORT, VMMCALL, VMFUNC, RSM, GETSEC,
                    MONITORX, MWAITX, UMONITOR,
                    UMWAIT, TPAUSE, CLZERO, ENCLS, ENCLU, ENCLV, PCONFIG, RDPRU, ENQCMD, ENQCMDS ->
                UNDEFINED;
            case RDPMC -> cpu -> {
                throw cpu.raise(Vector.GP, 0);
            };
            default -> null;
        };
    }

    private static Step leave(int exit) {
        return cpu -> {
            throw cpu.exit(exit);
        };
    }

    private static Step privileged(int exit) {
        return cpu -> {
            cpu.requirePrivilege();
            throw cpu.exit(exit);
        };
    }

    private static Step timed(int exit) {
        return cpu -> {
            if ((cpu.cr4 & Control.CR4_TSD) != 0) {
                cpu.requirePrivilege();
            }
            throw cpu.exit(exit);
        };
    }

    /** A random number comes through the machine's one door for such things. It never fails. */
    private static Step entropy(Instruction i) {
        int register = i.operand(0).register();
        int bytes = i.operandSize() / 8;
        return cpu -> {
            cpu.exitRegister = register;
            cpu.exitSize = bytes;
            throw cpu.exit(Exit.ENTROPY);
        };
    }

    private static Step invlpg(AddressForm address) {
        return cpu -> {
            cpu.requirePrivilege();
            cpu.exitAddress = address.of(cpu);
            throw cpu.exit(Exit.INVLPG);
        };
    }

    /** INT3, INT n: an exception exit with a length, to tell it from the fault of the same vector. */
    private static Step software(int vector, boolean gate) {
        return cpu -> {
            cpu.exitGate = gate;
            cpu.exitVector = vector;
            cpu.exitErrorCode = 0;
            throw cpu.exit(Exit.EXCEPTION);
        };
    }

    private static Step touch(AddressForm address) {
        return cpu -> cpu.mmu.checkRead(address.of(cpu), 1);
    }

    /** Port instructions need privilege: there is no I/O permission bitmap yet. */
    private static Step io(Instruction i) {
        boolean in = i.operation() == chronovisor.isa.Operation.IN || i.operation() == chronovisor.isa.Operation.INS;
        boolean string = i.operation() == chronovisor.isa.Operation.INS
                || i.operation() == chronovisor.isa.Operation.OUTS;
        int bytes = i.operandSize() / 8;
        int fixed = string ? -1 : fixedPort(i, in);
        return cpu -> {
            if (cpu.cpl > (cpu.flagsOther >>> 12 & 3)) {
                throw cpu.raise(Vector.GP, 0);
            }
            cpu.exitPort = fixed >= 0 ? fixed : (int) cpu.gpr[2] & 0xFFFF;
            cpu.exitSize = bytes;
            cpu.exitIn = in;
            cpu.exitString = string;
            cpu.exitRepeat = i.repeat() != Repeat.NONE;
            cpu.portHits = DebugTraps.atPort(cpu, cpu.exitPort, bytes);
            throw cpu.exit(Exit.IO);
        };
    }

    private static int fixedPort(Instruction i, boolean in) {
        Operand port = i.operand(in ? 1 : 0);
        return port.kind() == Operand.Kind.IMMEDIATE ? (int) port.value() & 0xFF : -1;
    }

    private static Step base(Instruction i) {
        Place register = Place.of(i, 0, null);
        boolean fs = switch (i.operation()) {
            case RDFSBASE, WRFSBASE -> true;
            default -> false; // the GS twins
        };
        boolean read = switch (i.operation()) {
            case RDFSBASE, RDGSBASE -> true;
            default -> false; // the writing twins
        };
        return cpu -> {
            if ((cpu.cr4 & Control.CR4_FSGSBASE) == 0) {
                throw cpu.raise(Vector.UD, 0);
            }
            if (read) {
                register.set(cpu, fs ? cpu.fsBase : cpu.gsBase);
                return;
            }
            long v = register.get(cpu);
            if (v << 16 >> 16 != v) {
                throw cpu.raise(Vector.GP, 0);
            }
            if (fs) {
                cpu.fsBase = v;
                cpu.gpr[Cpu.SLOT_FS] = v;
            } else {
                cpu.gsBase = v;
                cpu.gpr[Cpu.SLOT_GS] = v;
            }
        };
    }
}
