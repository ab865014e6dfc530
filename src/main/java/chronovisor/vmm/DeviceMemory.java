package chronovisor.vmm;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.Engine;
import chronovisor.cpu.Exit;
import chronovisor.device.LocalApic;
import chronovisor.device.MemoryDevice;
import chronovisor.memory.DeviceWindow;
import java.util.ArrayList;
import java.util.List;

/**
 * Device memory accessed by instructions of the guest. Each such instruction leaves the guest by a nested page fault, as no TLB ever has a
 * device's page; it is then executed again with a window through which its accesses go to the devices.
 *
 * <p>
 * Executing it may meet a nested page fault of plain memory in the middle, also one that only the host's sharing of frames causes. It is
 * made once more, then, and the devices are not asked again: they have answered already. A repeated string instruction is such a unit in each
 * iteration.
 */
final class DeviceMemory implements DeviceWindow {

    /** More accesses than any device has bytes: a string instruction that goes round and round over a device would have no end. */
    private static final int ACCESSES_MAX = 1 << 20;

    private static final int RCX = 1;
    private static final int RSI = 6;
    private static final int RDI = 7;

    private final VirtualMachine vm;
    private final Engine engine;

    private Core core;
    /** What devices have answered since the iteration began; 0 for writes. */
    private final List<Long> answers = new ArrayList<>();
    private int repeated;
    private long iterationCount;
    private long iterationSource;
    private long iterationDestination;
    private int accesses;

    DeviceMemory(VirtualMachine vm, Engine engine) {
        this.vm = vm;
        this.engine = engine;
        this.core = vm.currentCore();
    }

    /** Executes the instruction at RIP; gives the exit that it ends with. */
    int execute(Core of) {
        begin(of);
        Cpu cpu = of.cpu();
        cpu.mmu.open(this);
        try {
            while (true) {
                repeated = 0;
                int exit = engine.run(cpu, 1);
                if (exit != Exit.NESTED_FAULT) {
                    return exit;
                }
                if (!resolve(cpu.exitGfn, cpu.exitWrite)) {
                    return Exit.SLICE;
                }
            }
        } finally {
            cpu.mmu.open(null);
        }
    }

    /** Does what the machine does for an instruction, port I/O, with the window open. */
    void through(Core of, Runnable work) {
        begin(of);
        of.cpu().mmu.open(this);
        try {
            work.run();
        } finally {
            of.cpu().mmu.open(null);
        }
    }

    private void begin(Core of) {
        core = of;
        accesses = 0;
        answers.clear();
        note(of.cpu());
    }

    /** Has a nested page fault of plain memory resolved; false when the machine has stopped, as devices hold no code and no tables. */
    boolean resolve(long gfn, boolean write) {
        if (!isWilling()) {
            vm.unsupported(core, "an instruction that does not stop accessing device memory, at "
                    + ExitHandler.where(core));
            return false;
        }
        if (vm.memory().isDevice(gfn)) {
            vm.unsupported(core, "code or tables in device memory (" + PlatformMap.deviceAtAddress(gfn << 12) + "), at "
                    + ExitHandler.where(core));
            return false;
        }
        vm.nestedFault(core, gfn, write);
        return true;
    }

    @Override
    public boolean isWilling() {
        return accesses < ACCESSES_MAX;
    }

    @Override
    public long load(long gpa, int bytes) {
        if (isRepeated()) {
            return answers.get(repeated++);
        }
        vm.platform();
        long value = read(gpa, bytes);
        vm.tell(core, new VmExit.MmioRead(gpa, bytes, value));
        answered(value);
        return value;
    }

    @Override
    public void store(long gpa, int bytes, long value) {
        if (isRepeated()) {
            repeated++;
            return;
        }
        long stored = bytes == 8 ? value : value & (1L << 8 * bytes) - 1;
        vm.platform();
        vm.tell(core, new VmExit.MmioWrite(gpa, bytes, stored));
        write(gpa, bytes, stored);
        answered(0);
    }

    private boolean isRepeated() {
        Cpu cpu = core.cpu();
        if (cpu.gpr[RCX] != iterationCount || cpu.gpr[RSI] != iterationSource || cpu.gpr[RDI] != iterationDestination) {
            answers.clear();
            repeated = 0;
            note(cpu);
        }
        return repeated < answers.size();
    }

    private void note(Cpu cpu) {
        iterationCount = cpu.gpr[RCX];
        iterationSource = cpu.gpr[RSI];
        iterationDestination = cpu.gpr[RDI];
    }

    private void answered(long value) {
        answers.add(value);
        repeated++;
        accesses++;
    }

    private long read(long gpa, int bytes) {
        return isApic(gpa) ? apic().read((int) (gpa - LocalApic.BASE), bytes) : vm.platform().memory.read(gpa, bytes);
    }

    private void write(long gpa, int bytes, long value) {
        if (isApic(gpa)) {
            apic().write((int) (gpa - LocalApic.BASE), bytes, value);
        } else {
            vm.platform().memory.write(gpa, bytes, value);
        }
    }

    /** Every core finds its own local APIC at the same address. */
    private MemoryDevice apic() {
        return core.apic().memory(vm.time_ns());
    }

    private static boolean isApic(long gpa) {
        return gpa >>> 12 == LocalApic.BASE >>> 12;
    }
}
