package chronovisor.vmm;

import chronovisor.cpu.Cpu;
import chronovisor.device.LocalApic;
import chronovisor.memory.PageTables;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The least kernel that drives the machine as a real one does: one task, a handful of calls, devices by port I/O. */
final class TinyKernel implements GuestKernel {

    static final long CODE = 0x400000;
    static final long DATA = 0x600000;
    static final int EXIT = 0;
    static final int PUT = 1;
    static final int GET = 2;
    static final int SLEEP = 3;
    static final int TIME = 4;

    private static final int COM1 = 0x3F8;
    private static final int TIMER_VECTOR = 0xEF;

    /** What the task waits for. */
    enum Waiting {
        NOTHING, INPUT, TIMER
    }

    record State(Waiting waiting, int interrupts) {}

    int coresMax = 1;
    final List<String> exceptions = new ArrayList<>();
    private State state = new State(Waiting.NOTHING, 0);

    @Override
    public void boot(VirtualMachine vm, BootInformation info) {
        Core core = vm.core(0);
        long[] next = {0x100000};
        BootModule task = info.modules().get(0);
        vm.memory().write64(next[0], 0);
        for (long page = 0; page < task.size(); page += 4096) {
            map(vm, CODE + page, task.address() + page, PageTables.USER, next);
        }
        for (long page = 0; page < 65; page++) {
            map(vm, DATA + page * 4096, 0x800000 + page * 4096,
                    PageTables.USER | PageTables.WRITABLE | PageTables.NO_EXECUTE, next);
        }
        Cpu cpu = core.cpu();
        cpu.cr0 = 0x8005_0033L;
        cpu.cr4 = 0x620;
        cpu.efer = 0xD01;
        core.writeCr3(0x100000);
        cpu.cpl = 3;
        cpu.rflags(0x202);
        cpu.rip = CODE;
        cpu.gpr[Cpu.RSP] = DATA + 0x8000;
        cpu.context();
        for (int[] write : new int[][]{{0x20, 0x11}, {0x21, 0x20}, {0x21, 4}, {0x21, 1}, {0xA0, 0x11}, {0xA1, 0x28},
            {0xA1, 2}, {0xA1, 1}, {COM1 + 2, 7}, {COM1 + 4, 0xB}, {COM1 + 1, 9}}) {
            core.out8(write[0], write[1]);
        }
        core.mmioWrite32(LocalApic.BASE + LocalApic.SVR, 0x1FF);
        core.mmioWrite32(LocalApic.BASE + LocalApic.LVT_LINT0, 0x700);
        core.mmioWrite32(LocalApic.BASE + LocalApic.LVT_TIMER, TIMER_VECTOR);
        core.mmioWrite32(LocalApic.BASE + LocalApic.DIVIDE, 0xB);
    }

    private static void map(VirtualMachine vm, long va, long gpa, long flags, long[] next) {
        PageTables.map(vm.memory(), 0x100000, va, gpa, flags, () -> next[0] += 0x1000);
    }

    @Override
    public void syscall(Core core) {
        Cpu cpu = core.cpu();
        long argument = cpu.gpr[7];
        switch ((int) cpu.gpr[0]) {
            case EXIT -> core.vm().shutdown((int) argument, "exit");
            case PUT -> core.out8(COM1, (int) argument);
            case GET -> get(core);
            case SLEEP -> {
                core.mmioWrite32(LocalApic.BASE + LocalApic.INITIAL_COUNT, (int) argument);
                state = new State(Waiting.TIMER, state.interrupts());
            }
            case TIME -> cpu.gpr[0] = core.vm().time_ns();
            default -> cpu.gpr[0] = -38;
        }
    }

    private void get(Core core) {
        if ((core.in8(COM1 + 5) & 1) != 0) {
            core.cpu().gpr[0] = core.in8(COM1);
            state = new State(Waiting.NOTHING, state.interrupts());
        } else if ((core.in8(COM1 + 6) & 0x80) == 0) {
            core.cpu().gpr[0] = -1;
            state = new State(Waiting.NOTHING, state.interrupts());
        } else {
            state = new State(Waiting.INPUT, state.interrupts());
        }
    }

    @Override
    public void exception(Core core, int vector, long errorCode, long address) {
        exceptions.add(vector + ":" + errorCode + "@" + Long.toHexString(address));
        core.vm().shutdown(128, "exception " + vector);
    }

    @Override
    public void interrupt(Core core, int vector) {
        state = new State(state.waiting(), state.interrupts() + 1);
        if (vector == TIMER_VECTOR) {
            if (state.waiting() == Waiting.TIMER) {
                state = new State(Waiting.NOTHING, state.interrupts());
            }
            core.mmioWrite32(LocalApic.BASE + LocalApic.EOI, 0);
            return;
        }
        core.in8(COM1 + 2);
        if (state.waiting() == Waiting.INPUT) {
            get(core);
        }
        core.out8(0x20, 0x20);
    }

    @Override
    public boolean idle(Core core) {
        return core.index() >= coresMax || state.waiting() != Waiting.NOTHING;
    }

    @Override
    public Object state() {
        return state;
    }

    @Override
    public void restore(Object saved) {
        state = (State) saved;
    }

    @Override
    public KernelForm form() {
        return new KernelForm() {
            @Override
            public byte[] encode(Object value) {
                State tiny = (State) value;
                return (tiny.waiting + " " + tiny.interrupts).getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public Object decode(byte[] bytes) {
                String[] parts = new String(bytes, StandardCharsets.UTF_8).split(" ", 2);
                return new State(Waiting.valueOf(parts[0]), Integer.parseInt(parts[1]));
            }
        };
    }
}
