package chronovisor.vmm;

import chronovisor.cpu.Control;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Gates;
import chronovisor.cpu.SystemState;
import chronovisor.device.LocalApic;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.NestedFault;

/**
 * Ring 0 of a guest that brings its own kernel: exceptions and interrupts go through its IDT, SYSCALL to its entry, and all cores but the
 * first wait until they are started by INIT and start-up messages.
 */
final class BareMetal implements Ring0 {

    private static final long CR0_AT_RESET = 0x6000_0010L;
    private static final long INTERRUPT_FLAG = 1 << 9;
    private static final long RESUME_FLAG = 1 << 16;
    private static final int CS = 1;
    private static final int SS = 2;
    private static final int RDX = 2;

    private final VirtualMachine vm;

    BareMetal(VirtualMachine vm) {
        this.vm = vm;
    }

    @Override
    public void boot(VirtualMachine machine, BootInformation info) {
        for (Core core : vm.allCores()) {
            reset(core);
            if (core.index() > 0) {
                core.apic().stop();
            }
        }
        Multiboot.boot(vm.core(0).cpu(), vm.memory(), info);
    }

    /** The state after INIT (SDM vol. 3, table 9-1): real mode at the top of memory, where no firmware is. */
    private void reset(Core core) {
        Cpu cpu = core.cpu();
        java.util.Arrays.fill(cpu.gpr, 0, 16, 0);
        cpu.gpr[RDX] = vm.configuration().cpu().signature();
        java.util.Arrays.fill(cpu.selectors, 0);
        java.util.Arrays.fill(cpu.system.bases, 0);
        // INIT keeps how caches are set (CD and NW); they are off after power-on and nobody asks.
        cpu.cr0 = CR0_AT_RESET;
        cpu.cr2 = 0;
        cpu.cr3 = 0;
        cpu.cr4 = 0;
        cpu.cr8 = 0;
        cpu.efer = 0;
        cpu.fsBase = 0;
        cpu.gsBase = 0;
        cpu.cpl = 0;
        cpu.rflags(0);
        SystemState s = cpu.system;
        s.codeBits = 16;
        s.stackBits = 16;
        s.gdtBase = 0;
        s.gdtLimit = 0xFFFF;
        s.idtBase = 0;
        s.idtLimit = 0xFFFF;
        s.ldtr = 0;
        s.tr = 0;
        s.trBase = 0;
        s.trLimit = 0xFFFF;
        s.dr6 = SystemState.DR6_IDLE;
        s.dr7 = SystemState.DR7_IDLE;
        s.blocksNmi = false;
        cpu.selectors[CS] = 0xF000;
        s.bases[CS] = 0xFFFF_0000L;
        cpu.rip = 0xFFF0;
        cpu.context();
        core.dropTranslations();
        core.halted = false;
    }

    /** Takes an INIT, or else the start-up message that follows it: the core begins in real mode, at the start of the page. */
    @Override
    public void start(Core core) {
        LocalApic apic = core.apic();
        if (apic.hasInit()) {
            apic.takeInit();
            reset(core);
            return;
        }
        int page = apic.takeStartup();
        Cpu cpu = core.cpu();
        cpu.selectors[CS] = page << 8;
        cpu.system.bases[CS] = (long) page << 12;
        cpu.rip = 0;
    }

    @Override
    public void syscall(Core core) {
        Cpu cpu = core.cpu();
        long flags = cpu.rflags() & ~(cpu.sfmask | RESUME_FLAG);
        cpu.rflags(flags);
        int selector = (int) (cpu.star >>> 32) & 0xFFFC;
        cpu.selectors[CS] = selector;
        cpu.selectors[SS] = selector + 8 & 0xFFFF;
        cpu.cpl = 0;
        cpu.rip = cpu.lstar;
        cpu.context();
    }

    @Override
    public void exception(Core core, int vector, long errorCode, long address) {
        deliver(core, vector, errorCode, Gates.Source.EXCEPTION, 0);
    }

    /**
     * INT n, INT3, INT1: the instruction retires when its handler is entered.
     *
     * @param gated
     *            whether the handler's gate has to be allowed to the running ring
     */
    void software(Core core, int vector, int length, boolean gated) {
        deliver(core, vector, 0, gated ? Gates.Source.SOFTWARE : Gates.Source.EXCEPTION, length);
    }

    @Override
    public void interrupt(Core core, int vector) {
        deliver(core, vector, 0, Gates.Source.EXTERNAL, 0);
    }

    private void deliver(Core core, int vector, long errorCode, Gates.Source source, int length) {
        Cpu cpu = core.cpu();
        if (cpu.system.codeBits != SystemState.CODE_64) {
            vm.unsupported(core, "exception or interrupt " + vector + " in " + cpu.system.codeBits + "-bit code at "
                    + ExitHandler.where(core));
            return;
        }
        GuestMemory memory = vm.memory();
        while (true) {
            try {
                if (!Gates.deliver(cpu, vector, errorCode, source, length)) {
                    vm.tripleFault(core);
                }
                return;
            } catch (NestedFault e) {
                if (memory.isDevice(e.gfn)) {
                    vm.unsupported(core, "an interrupt table or stack in device memory at " + ExitHandler.where(core));
                    return;
                }
                vm.nestedFault(core, e.gfn, e.write);
            }
        }
    }

    @Override
    public boolean idle(Core core) {
        return core.halted || core.apic().isStopped();
    }

    /** The cores that were started have halted with interrupts disabled. */
    @Override
    public boolean isOver() {
        for (Core core : vm.allCores()) {
            LocalApic apic = core.apic();
            boolean wakes = apic.hasInit() || apic.hasStartup() || apic.hasNmi();
            if (wakes || !apic.isStopped() && (core.cpu().rflags() & INTERRUPT_FLAG) != 0) {
                return false;
            }
        }
        return true;
    }

    /** What a core is like where multiboot starts a kernel: protected mode with flat segments, without paging and interrupts. */
    static void enterProtected(Cpu cpu, int code, int data) {
        cpu.cr0 = Control.CR0_PE | Control.CR0_ET;
        java.util.Arrays.fill(cpu.selectors, data);
        cpu.selectors[CS] = code;
        SystemState s = cpu.system;
        java.util.Arrays.fill(s.bases, 0);
        s.codeBits = 32;
        s.stackBits = 32;
        cpu.rflags(0);
        cpu.context();
    }
}
