package chronovisor.replay;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.Engine;
import chronovisor.kitten.KittenObserver;
import chronovisor.kitten.KittenOptions;
import chronovisor.memory.PageTables;
import chronovisor.vmm.BootInformation;
import chronovisor.vmm.Core;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.GuestKernel;
import chronovisor.vmm.KernelForm;
import chronovisor.vmm.VirtualMachine;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The real processor under a kernel that maps the first boot module as code, gives it a stack, and knows one call: exit. */
final class FlatParts implements MachineParts {

    static final long CODE = 0x400000;
    private static final long STACK = 0x600000;
    private static final long STACK_FRAME = 0x800000;
    private static final long TABLES = 0x100000;

    /** Counts down from 1000 over a store, a push, a pop and a branch, then exits with 9. */
    static final byte[] LOOP = HexFormat.ofDelimiter(" ").parseHex("b9 e8 03 00 00 " // mov ecx, 1000
            + "48 01 c8 " // add rax, rcx
            + "48 89 44 24 f8 " // mov [rsp-8], rax
            + "50 " // push rax
            + "5b " // pop rbx
            + "ff c9 " // dec ecx
            + "75 f2 " // jnz back to the add
            + "bf 09 00 00 00 " // mov edi, 9
            + "0f 05"); // syscall

    static final long LOOP_TICKS = 1 + 1000 * 6 + 2;

    static MachineSetup setup(byte[] code) {
        return new MachineSetup(GuestConfiguration.standard(32), "", "", KittenOptions.standard(),
                List.of(GuestFile.initTask("/flat", code)), "interpreter");
    }

    /** The same on several cores, which take turns often and exit one by one. */
    static MachineSetup setup(byte[] code, int cores) {
        GuestConfiguration one = GuestConfiguration.standard(32).withSlice(700);
        return new MachineSetup(
                new GuestConfiguration(one.memoryBytes(), cores, one.paging(), one.largePages(), one.telemetry(),
                        one.scheduleHz(), one.schedule(), one.cpu(), one.files(), one.devices()),
                "", "", KittenOptions.standard(), List.of(GuestFile.initTask("/flat", code)), "interpreter");
    }

    @Override
    public Supplier<Engine> engine(String name) {
        return TestEngines.named(name);
    }

    @Override
    public GuestKernel kernel(KittenOptions options, KittenObserver observer) {
        return new FlatKernel();
    }

    private static final class FlatKernel implements GuestKernel {
        private final TreeSet<Integer> gone = new TreeSet<>();

        @Override
        public void boot(VirtualMachine vm, BootInformation info) {
            long[] next = {TABLES};
            vm.memory().write64(TABLES, 0);
            PageTables.map(vm.memory(), TABLES, CODE, info.modules().get(0).address(), PageTables.USER,
                    () -> next[0] += 4096);
            PageTables.map(vm.memory(), TABLES, STACK, STACK_FRAME, PageTables.USER | PageTables.WRITABLE,
                    () -> next[0] += 4096);
            for (Core core : vm.allCores()) {
                Cpu cpu = core.cpu();
                cpu.cr0 = 0x8005_0033L;
                cpu.cr4 = 0x620;
                cpu.efer = 0xD01;
                core.writeCr3(TABLES);
                cpu.cpl = 3;
                cpu.rflags(0x202);
                cpu.rip = CODE;
                cpu.gpr[Cpu.RSP] = STACK + 0x800 - 0x100L * core.index();
                cpu.context();
            }
        }

        @Override
        public void syscall(Core core) {
            core.out8(0x3F8, 'x');
            gone.add(core.index());
            if (gone.size() == core.vm().cores()) {
                core.vm().shutdown((int) core.cpu().gpr[7], "exit");
            }
        }

        @Override
        public void exception(Core core, int vector, long errorCode, long address) {
            core.vm().shutdown(128, "exception " + vector + " at " + Long.toHexString(address));
        }

        @Override
        public void interrupt(Core core, int vector) {
            throw new IllegalStateException("no interrupts here");
        }

        @Override
        public boolean idle(Core core) {
            return gone.contains(core.index());
        }

        @Override
        public Object state() {
            return List.copyOf(gone);
        }

        @Override
        public void restore(Object saved) {
            gone.clear();
            for (Object core : (List<?>) saved) {
                gone.add((Integer) core);
            }
        }

        @Override
        public KernelForm form() {
            return new KernelForm() {
                @Override
                public byte[] encode(Object value) {
                    List<?> cores = (List<?>) value;
                    byte[] bytes = new byte[cores.size()];
                    for (int i = 0; i < bytes.length; i++) {
                        bytes[i] = ((Integer) cores.get(i)).byteValue();
                    }
                    return bytes;
                }

                @Override
                public Object decode(byte[] bytes) {
                    List<Integer> cores = new ArrayList<>();
                    for (byte core : bytes) {
                        cores.add((int) core);
                    }
                    return List.copyOf(cores);
                }
            };
        }
    }
}
