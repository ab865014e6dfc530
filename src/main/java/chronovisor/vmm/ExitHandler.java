package chronovisor.vmm;

import chronovisor.cpu.Control;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.DebugTraps;
import chronovisor.cpu.Exit;
import chronovisor.cpu.Flags;
import chronovisor.cpu.Vector;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestPageFault;
import chronovisor.memory.HostMemory;
import chronovisor.memory.NestedFault;
import chronovisor.memory.PageTables;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Carries out what a core left its guest for. Instructions that exit retire here, after their work is done, so that a fault
 * in it finds nothing changed.
 */
final class ExitHandler {

    private static final int INSTRUCTION_BYTES_MAX = 15;
    private static final int RAX = 0;
    private static final int RCX = 1;
    private static final int RDX = 2;
    private static final int RBX = 3;
    private static final long LOW = 0xFFFF_FFFFL;

    private static final long EFER_LME = 1 << 8;
    private static final long EFER_LMA = 1 << 10;

    private final VirtualMachine vm;
    private final Ring0 ring0;
    private final CpuidModel cpuid;
    private final DeviceMemory devices;

    ExitHandler(VirtualMachine vm, Ring0 ring0, CpuidModel cpuid, DeviceMemory devices) {
        this.vm = vm;
        this.ring0 = ring0;
        this.cpuid = cpuid;
        this.devices = devices;
    }

    /** Handles an exit of {@link Exit}, but for breakpoints and watchpoints. */
    void handle(Core core, int code) {
        Cpu cpu = core.cpu();
        switch (code) {
            case Exit.SLICE -> {
                // Nothing but time has passed.
            }
            case Exit.SYSCALL -> ring0.syscall(core);
            case Exit.EXCEPTION -> trap(core);
            case Exit.HLT -> {
                cpu.retire(cpu.exitLength);
                core.halted = true;
            }
            // Let through: how much of a string one exit moves must not depend on who watches.
            case Exit.IO -> vm.stops().pass(core, () -> devices.through(core, () -> portAccess(core)));
            case Exit.CPUID -> answerCpuid(core);
            case Exit.RDTSC, Exit.RDTSCP -> readTime(core, code == Exit.RDTSCP);
            case Exit.MSR_READ -> readMsr(core);
            case Exit.MSR_WRITE -> writeMsr(core);
            case Exit.CR_ACCESS -> controlRegister(core);
            case Exit.INVLPG -> {
                core.invlpg(cpu.exitAddress);
                cpu.retire(cpu.exitLength);
            }
            case Exit.NESTED_FAULT -> nestedFault(core);
            case Exit.SHUTDOWN -> vm.tripleFault(core);
            case Exit.UNSUPPORTED -> vm.unsupported(core, unsupported(cpu) + " at " + where(core));
            case Exit.PAUSE -> {
                cpu.retire(cpu.exitLength);
                vm.tell(core, new VmExit.Pause());
            }
            case Exit.ENTROPY -> entropy(core);
            case Exit.HYPERCALL -> hypercall(core);
            default -> throw new IllegalStateException("the engine returned exit " + code);
        }
        if (cpu.pendingDebug != 0) {
            // The instruction that has just been completed was single-stepped, or touched a port with a breakpoint.
            DebugTraps.deliverPending(cpu);
            exception(core, Vector.DB, 0, 0);
        }
    }

    private static String unsupported(Cpu cpu) {
        String instruction = "instruction " + HexFormat.ofDelimiter(" ").formatHex(cpu.exitBytes);
        return cpu.exitWhat.isEmpty() ? instruction : cpu.exitWhat + " (" + instruction + ")";
    }

    static String where(Core core) {
        return "rip 0x" + Long.toHexString(core.cpu().rip) + ", tick " + core.vm().tick() + ", core " + core.index();
    }

    /** Where a device is the instruction is completed here, with its accesses going there. */
    private void nestedFault(Core core) {
        Cpu cpu = core.cpu();
        if (vm.memory().isDevice(cpu.exitGfn)) {
            vm.stops().pass(core, () -> handle(core, devices.execute(core)));
        } else {
            vm.nestedFault(core, cpu.exitGfn, cpu.exitWrite);
        }
    }

    /** INT3 and INT1 are traps, INT 3 and INT 4 too. Other INT n find a gate of privilege 0 and are a #GP (SDM vol. 3, 6.12.1.2). */
    private void trap(Core core) {
        Cpu cpu = core.cpu();
        int vector = cpu.exitVector;
        if (cpu.exitLength > 0 && ring0 instanceof BareMetal bare) {
            boolean gated = vector != Vector.DB;
            vm.tell(core, new VmExit.ExceptionExit(vector, 0, 0, cpu.rip + cpu.exitLength, codeAtRip(core)));
            bare.software(core, vector, cpu.exitLength, gated);
            return;
        }
        if (cpu.exitLength > 0) {
            if (cpu.exitGate && vector != Vector.BP && vector != Vector.OF) {
                fault(core, Vector.GP, vector * 8L + 2, 0);
                return;
            }
            cpu.retire(cpu.exitLength);
            // Entering the handler of a software interrupt clears TF before the trap of single-stepping.
            cpu.pendingDebug = 0;
        }
        exception(core, vector, cpu.exitErrorCode, vector == Vector.PF ? cpu.exitAddress : 0);
    }

    /** A fault of an instruction that the machine was to complete: as the processor's own, it sets RF. */
    private void fault(Core core, int vector, long errorCode, long address) {
        core.cpu().flagsOther |= Flags.RF;
        exception(core, vector, errorCode, address);
    }

    private void exception(Core core, int vector, long errorCode, long address) {
        if (vector == Vector.PF) {
            core.cpu().cr2 = address;
        }
        vm.tell(core, new VmExit.ExceptionExit(vector, errorCode, address, core.cpu().rip, codeAtRip(core)));
        ring0.exception(core, vector, errorCode, address);
    }

    /** Read behind the MMU's back: telling of an exception must not set accessed bits or fault. */
    private byte[] codeAtRip(Core core) {
        byte[] code = new byte[INSTRUCTION_BYTES_MAX];
        int length = 0;
        while (length < code.length) {
            Long physical = PageTables.physical(vm.memory(), core.cpu().cr3, core.cpu().rip + length);
            long gfn = physical == null ? -1 : physical >>> 12;
            long host = gfn < 0 || gfn >= vm.memory().sizeBytes() >>> 12 ? 0 : vm.memory().hostForRead(gfn);
            if (physical == null || host == 0) {
                break;
            }
            int inPage = (int) (physical & 0xFFF);
            int part = Math.min(code.length - length, 4096 - inPage);
            for (int i = 0; i < part; i++) {
                code[length++] = HostMemory.get8(host + inPage + i);
            }
        }
        return Arrays.copyOf(code, length);
    }

    /** String instructions touch memory, so they fault like any other. */
    private void portAccess(Core core) {
        try {
            PortExits.handle(vm, core);
        } catch (GuestPageFault e) {
            fault(core, Vector.PF, e.errorCode, e.address);
        } catch (GuestCanonicalFault e) {
            fault(core, Vector.GP, 0, 0);
        } catch (NestedFault e) {
            devices.resolve(e.gfn, e.write);
        }
    }

    private void answerCpuid(Core core) {
        Cpu cpu = core.cpu();
        int leaf = (int) cpu.gpr[RAX];
        int subleaf = (int) cpu.gpr[RCX];
        CpuidModel.Answer answer = cpuid.answer(leaf, subleaf, cpu);
        cpu.gpr[RAX] = answer.eax() & LOW;
        cpu.gpr[RBX] = answer.ebx() & LOW;
        cpu.gpr[RCX] = answer.ecx() & LOW;
        cpu.gpr[RDX] = answer.edx() & LOW;
        vm.tell(core, new VmExit.CpuidExit(leaf, subleaf, answer.eax(), answer.ebx(), answer.ecx(), answer.edx()));
        cpu.retire(cpu.exitLength);
    }

    private void readTime(Core core, boolean withProcessor) {
        Cpu cpu = core.cpu();
        long now = vm.time_ns();
        cpu.gpr[RAX] = now & LOW;
        cpu.gpr[RDX] = now >>> 32;
        if (withProcessor) {
            cpu.gpr[RCX] = cpu.tscAux & LOW;
        }
        vm.tell(core, new VmExit.RdtscExit(now));
        cpu.retire(cpu.exitLength);
    }

    private void readMsr(Core core) {
        Cpu cpu = core.cpu();
        int register = (int) cpu.gpr[RCX];
        if (!Msrs.readable(register)) {
            fault(core, Vector.GP, 0, 0);
            return;
        }
        long value = Msrs.read(cpu, register, vm.time_ns());
        cpu.gpr[RAX] = value & LOW;
        cpu.gpr[RDX] = value >>> 32;
        vm.tell(core, new VmExit.MsrRead(register, value));
        cpu.retire(cpu.exitLength);
    }

    private void writeMsr(Core core) {
        Cpu cpu = core.cpu();
        int register = (int) cpu.gpr[RCX];
        long value = cpu.gpr[RDX] << 32 | cpu.gpr[RAX] & LOW;
        if (!Msrs.write(cpu, register, value)) {
            fault(core, Vector.GP, 0, 0);
            return;
        }
        vm.tell(core, new VmExit.MsrWrite(register, value));
        cpu.retire(cpu.exitLength);
    }

    private void controlRegister(Core core) {
        Cpu cpu = core.cpu();
        int number = cpu.exitControl;
        if (cpu.exitIn) {
            long value = switch (number) {
                case 0 -> cpu.cr0;
                case 2 -> cpu.cr2;
                case 3 -> cpu.cr3;
                case 4 -> cpu.cr4;
                default -> cpu.cr8;
            };
            cpu.gpr[cpu.exitRegister] = value;
            vm.tell(core, new VmExit.ControlRegister(number, false, value));
        } else {
            long value = cpu.gpr[cpu.exitRegister];
            if (!legal(cpu, number, value)) {
                fault(core, Vector.GP, 0, 0);
                return;
            }
            writeControl(cpu, number, value);
            core.dropTranslations();
            vm.tell(core, new VmExit.ControlRegister(number, true, value));
        }
        cpu.retire(cpu.exitLength);
    }

    /** What MOV to a control register refuses with #GP(0). */
    private static boolean legal(Cpu cpu, int number, long value) {
        return switch (number) {
            case 0 -> Control.legalCr0(value) && ((value & Control.CR0_PG) != 0 || (cpu.efer & EFER_LMA) == 0);
            case 4 -> Control.legalCr4(cpu, value);
            case 8 -> value >>> 4 == 0;
            default -> true; // CR2 and CR3
        };
    }

    private static void writeControl(Cpu cpu, int number, long value) {
        switch (number) {
            case 0 -> {
                cpu.cr0 = value | Control.CR0_ET;
                boolean longMode = (value & Control.CR0_PG) != 0 && (cpu.efer & EFER_LME) != 0;
                cpu.efer = longMode ? cpu.efer | EFER_LMA : cpu.efer & ~EFER_LMA;
            }
            case 2 -> cpu.cr2 = value;
            case 3 -> cpu.cr3 = value;
            case 4 -> cpu.cr4 = value;
            default -> cpu.cr8 = value & 0xF;
        }
        cpu.context();
    }

    /** By Palacios's convention: the number is in RAX, which gets the answer, and arguments are in RBX and RCX. Programs cannot call. */
    private void hypercall(Core core) {
        Cpu cpu = core.cpu();
        if (cpu.cpl != 0) {
            fault(core, Vector.UD, 0, 0);
            return;
        }
        cpu.gpr[RAX] = core.hypercall(cpu.gpr[RAX], cpu.gpr[RBX], cpu.gpr[RCX]);
        cpu.retire(cpu.exitLength);
    }

    private void entropy(Core core) {
        Cpu cpu = core.cpu();
        byte[] bytes = new byte[cpu.exitSize];
        vm.environment().entropy(bytes);
        long value = 0;
        for (int i = bytes.length - 1; i >= 0; i--) {
            value = value << 8 | bytes[i] & 0xFF;
        }
        int register = cpu.exitRegister;
        cpu.gpr[register] = bytes.length == 2 ? cpu.gpr[register] & ~0xFFFFL | value : value;
        cpu.arithmeticFlags(1);
        vm.tell(core, new VmExit.EntropyExit(bytes.length));
        cpu.retire(cpu.exitLength);
    }
}
