package chronovisor.timeline;

import chronovisor.cpu.CpuImage;
import chronovisor.cpu.ExtendedState;
import chronovisor.device.DeviceState;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.HostMemory;
import chronovisor.memory.PageTables;
import chronovisor.vmm.Core;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.GuestKernel;
import chronovisor.vmm.VirtualMachine;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Looks at a machine that stands still. Changes nothing: memory is read behind the MMU's back, devices are not touched. */
public final class View {

    private static final long PAGE = 4096;

    private final VirtualMachine vm;
    private final @Nullable GuestFile ownKernel;

    View(VirtualMachine vm, @Nullable GuestFile ownKernel) {
        this.vm = vm;
        this.ownKernel = ownKernel;
    }

    /** A look at a machine that is not on a timeline; it must stand still meanwhile. */
    public static View of(VirtualMachine vm) {
        return new View(vm, null);
    }

    // Processors.

    /** How many cores there are. */
    public int cores() {
        return vm.cores();
    }

    /** The core that runs next, or ran last. */
    public int currentCore() {
        return vm.currentCore().index();
    }

    /** A core's registers. */
    public CpuImage registers(int core) {
        return vm.core(core).cpu().capture();
    }

    /** A core's CR3 without flags: its address space. */
    public long root(int core) {
        return vm.core(core).cpu().cr3 & PageTables.ADDRESS;
    }

    /** SHA-256 of the machine's whole state. */
    public byte[] digest() {
        return vm.digest();
    }

    /** Virtual nanoseconds since power-on. */
    public long time_ns() {
        return vm.time_ns();
    }

    // Memory.

    /** Size of guest-physical memory in bytes. */
    public long memoryBytes() {
        return vm.memory().sizeBytes();
    }

    /** Guest-physical memory; what was never touched reads as zeros. */
    public byte[] physical(long address, int length) {
        byte[] bytes = new byte[length];
        GuestMemory memory = vm.memory();
        for (int done = 0; done < length;) {
            long at = address + done;
            int part = (int) Math.min(length - done, PAGE - (at & PAGE - 1));
            long host = memory.hostForRead(at >>> 12);
            if (host != 0) {
                HostMemory.read(host + (at & PAGE - 1), bytes, done, part);
            }
            done += part;
        }
        return bytes;
    }

    /** Whether a linear address of an address space leads to a device. */
    public boolean isDevice(long root, long address) {
        Long physical = PageTables.physical(vm.memory(), root, address);
        return physical != null && vm.memory().isDevice(physical >>> 12);
    }

    /**
     * Linear memory of an address space: as many bytes as are mapped from the address on, at most so many.
     *
     * @param root
     *            CR3 of the address space
     */
    public byte[] memory(long root, long address, int lengthMax) {
        byte[] bytes = new byte[lengthMax];
        int done = 0;
        while (done < lengthMax) {
            long at = address + done;
            int part = (int) Math.min(lengthMax - done, PAGE - (at & PAGE - 1));
            Long physical = PageTables.physical(vm.memory(), root, at);
            if (physical == null || physical < 0 || physical >= vm.memory().sizeBytes()) {
                break;
            }
            System.arraycopy(physical(physical, part), 0, bytes, done, part);
            done += part;
        }
        return done == lengthMax ? bytes : Arrays.copyOf(bytes, done);
    }

    /** Eight bytes of linear memory, little endian, where they are mapped. */
    public Optional<Long> word(long root, long address) {
        byte[] bytes = memory(root, address, 8);
        if (bytes.length < 8) {
            return Optional.empty();
        }
        long value = 0;
        for (int i = 7; i >= 0; i--) {
            value = value << 8 | bytes[i] & 0xFF;
        }
        return Optional.of(value);
    }

    /** Where a linear address lies in guest-physical memory. */
    public Optional<Long> translate(long root, long address) {
        return Optional.ofNullable(PageTables.physical(vm.memory(), root, address));
    }

    /** What the page tables say of a linear address, mapped or not. */
    public PageTables.Walk walk(long root, long address) {
        return PageTables.walk(vm.memory(), root, address);
    }

    /** Every page that an address space maps. */
    public void forEachMapping(long root, PageTables.MappingVisitor visitor) {
        PageTables.forEachMapping(vm.memory(), root, visitor);
    }

    // Kernel and devices.

    /** The file of the kernel that the guest has brought, where that is known: of it alone come names of its functions. */
    public Optional<GuestFile> ownKernel() {
        return Optional.ofNullable(ownKernel);
    }

    /** The kernel's state; none in a guest without the built-in kernel. */
    public Optional<KernelState> kernel() {
        GuestKernel kernel = vm.kernel();
        return kernel != null && kernel.state() instanceof KernelState state ? Optional.of(state) : Optional.empty();
    }

    /** The devices' states by name, as {@link chronovisor.vmm.MachineState} names them. */
    public SortedMap<String, DeviceState> devices() {
        return vm.captureDevices();
    }

    // Tasks.

    /** The task on a core; -1 for none, or without the built-in kernel. */
    public int taskOn(int core) {
        return kernel().map(state -> state.cores().get(core).current()).orElse(-1);
    }

    /** The core that a task is on, or -1. */
    public int coreOf(int task) {
        for (int core = 0; core < vm.cores(); core++) {
            if (taskOn(core) == task) {
                return core;
            }
        }
        return -1;
    }

    /** All tasks, by number. */
    public List<Task> tasks() {
        return kernel().map(state -> List.copyOf(state.tasks().values())).orElse(List.of());
    }

    /** The user registers of a task, on a core or not; none when there is no such task. */
    public Optional<Registers> registersOf(int task) {
        int core = coreOf(task);
        if (core >= 0) {
            return Optional.of(onCore(vm.core(core)));
        }
        return kernel().map(state -> state.tasks().get(task)).map(Task::registers);
    }

    /** The user registers on a core, whoever's they are. */
    public Registers registersOn(int core) {
        return onCore(vm.core(core));
    }

    /** The general registers of a core, in the processor's order. */
    public long[] general(int core) {
        return Arrays.copyOf(vm.core(core).cpu().gpr, 16);
    }

    /** The instruction a core executes next. */
    public long rip(int core) {
        return vm.core(core).cpu().rip;
    }

    private static Registers onCore(Core core) {
        CpuImage cpu = core.cpu().capture();
        long[] general = new long[16];
        for (int i = 0; i < general.length; i++) {
            general[i] = cpu.gpr(i);
        }
        int[] selectors = core.cpu().selectors;
        long packed = selectors[0] | (long) selectors[3] << 16 | (long) selectors[4] << 32 | (long) selectors[5] << 48;
        return new Registers(general, cpu.rip(), cpu.rflags(), core.cpu().fsBase, core.cpu().gsBase, packed,
                ExtendedState.image(core.cpu()));
    }

    /** The address space of a task: its CR3; none when there is no such task. */
    public Optional<Long> rootOf(int task) {
        return space(task).map(AddressSpace::root);
    }

    /** The address space of a task as the kernel knows it. */
    public Optional<AddressSpace> space(int task) {
        return process(task).flatMap(process -> kernel()
                .map(state -> state.spaces().get(process.addressSpace())));
    }

    /** The process of a task. */
    public Optional<UserProcess> process(int task) {
        return kernel().flatMap(state -> Optional.ofNullable(processOf(state, task)));
    }

    /** The path that an open file of a task was opened by, or what the kernel calls it: {@code pipe:[12]}. */
    public Optional<String> path(int task, int descriptor) {
        return kernel().flatMap(state -> Optional.ofNullable(processOf(state, task))
                .map(process -> state.tables().get(process.files())).map(table -> table.get(descriptor))
                .map(entry -> state.files().get(entry.file())).map(OpenFile::path));
    }

    private static @Nullable UserProcess processOf(KernelState state, int task) {
        Task found = state.tasks().get(task);
        return found == null ? null : state.processes().get(found.process());
    }
}
