package chronovisor.kitten.kernel;

import chronovisor.cpu.Control;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.CpuModel;
import chronovisor.cpu.DebugTraps;
import chronovisor.cpu.ExtendedState;
import chronovisor.cpu.SystemState;
import chronovisor.isa.CpuFeature;
import chronovisor.kitten.task.DebugRegisters;
import chronovisor.kitten.task.Registers;
import chronovisor.memory.GuestMemory;
import chronovisor.vmm.Core;
import chronovisor.vmm.CpuidModel;
import chronovisor.vmm.Schedule;

/** The machine of a real core. */
public final class CoreMachine implements Machine {

    private static final long CR0 = 0x8005_0033L;
    private static final long CR4_PAE_OSFXSR_OSXMMEXCPT = 0x620;
    private static final long EFER_SCE_LME_LMA_NXE = 0xD01;
    private static final int USER_CODE = 0x33;
    private static final int USER_DATA = 0x2b;
    private static final long INTERRUPTS = 0x200;
    private static final int ES = 0;
    private static final int DS = 3;
    private static final int FS = 4;
    private static final int GS = 5;
    /** The segment registers that programs may change; CS and SS have one value each in ring 3. */
    private static final int[] SAVED = {ES, DS, FS, GS};

    // Where Linux has its tables: the entry area of each processor.
    private static final long IDT = 0xffff_fe00_0000_0000L;
    private static final long GDT = 0xffff_fe00_0000_1000L;
    private static final long ENTRY_AREA_BYTES = 0x3b000;
    private static final int TASK = 0x40;
    private static final long TASK_OFFSET = 0x2000;
    private static final int TASK_LIMIT = 0x206f;

    private final Core core;
    private final Cpu cpu;

    public CoreMachine(Core core) {
        this.core = core;
        this.cpu = core.cpu();
        cpu.system.builtInGdt = globalDescriptors(core.index());
    }

    /**
     * The GDT as Linux lays it out: 32-bit kernel code, kernel code and data, 32-bit user code, user data and code, task state (two
     * entries), no LDT, no thread-local segments, and one whose limit is the processor's number, which LSL tells.
     */
    private static long[] globalDescriptors(int number) {
        long taskBase = GDT + number * ENTRY_AREA_BYTES + TASK_OFFSET;
        long task = TASK_LIMIT | (taskBase & 0xFF_FFFFL) << 16 | 0x8BL << 40 | (taskBase >>> 24 & 0xFF) << 56;
        return new long[]{0, 0x00CF_9B00_0000_FFFFL, 0x00AF_9B00_0000_FFFFL, 0x00CF_9300_0000_FFFFL,
            0x00CF_FB00_0000_FFFFL, 0x00CF_F300_0000_FFFFL, 0x00AF_FB00_0000_FFFFL, 0, task, taskBase >>> 32, 0, 0, 0,
            0, 0, 0x0040_F500_0000_0000L | number};
    }

    /** Long mode, paging, system calls, user privilege: what the kernel's assembly would set up at boot. */
    public void initialize() {
        cpu.cr0 = CR0;
        cpu.cr4 = CR4_PAE_OSFXSR_OSXMMEXCPT;
        if (cpu.model.has(CpuFeature.XSAVE)) {
            cpu.cr4 |= Control.CR4_OSXSAVE;
            cpu.system.xcr0 = cpu.model.has(CpuFeature.AVX)
                    ? ExtendedState.ALL
                    : ExtendedState.X87_STATE | ExtendedState.SSE_STATE;
        }
        if (cpu.model.has(CpuFeature.FSGSBASE)) {
            cpu.cr4 |= Control.CR4_FSGSBASE;
        }
        cpu.efer = EFER_SCE_LME_LMA_NXE;
        cpu.star = 0x0023_0010L << 32;
        cpu.sfmask = 0x47700;
        cpu.cpl = 3;
        for (int i = 0; i < cpu.selectors.length; i++) {
            cpu.selectors[i] = 0;
        }
        cpu.selectors[1] = USER_CODE;
        cpu.selectors[2] = USER_DATA;
        cpu.tscAux = core.index();
        SystemState system = cpu.system;
        system.gdtBase = GDT + core.index() * ENTRY_AREA_BYTES;
        system.gdtLimit = 127;
        system.idtBase = IDT;
        system.idtLimit = 0xFFF;
        system.tr = TASK;
        system.trBase = system.gdtBase + TASK_OFFSET;
        system.trLimit = TASK_LIMIT;
        cpu.rflags(INTERRUPTS);
        cpu.context();
    }

    @Override
    public GuestMemory memory() {
        return core.vm().memory();
    }

    @Override
    public long hypercall(long number, long a, long b) {
        return core.hypercall(number, a, b);
    }

    @Override
    public boolean hasBalloon() {
        return core.vm().configuration().hasBalloon();
    }

    @Override
    public int core() {
        return core.index();
    }

    @Override
    public long now_ns() {
        return core.vm().time_ns();
    }

    @Override
    public int choose(int count) {
        return core.vm().choose(count);
    }

    @Override
    public boolean chaotic() {
        return core.vm().configuration().schedule() instanceof Schedule.Chaos;
    }

    @Override
    public void entropy(byte[] destination) {
        core.vm().environment().entropy(destination);
    }

    @Override
    public int in8(int port) {
        return core.in8(port);
    }

    @Override
    public void out8(int port, int value) {
        core.out8(port, value);
    }

    @Override
    public void outs8(int port, byte[] bytes, int offset, int length) {
        core.outs8(port, bytes, offset, length);
    }

    @Override
    public byte[] ins8(int port, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) core.in8(port);
        }
        return bytes;
    }

    @Override
    public void mmioWrite32(long gpa, int value) {
        core.mmioWrite32(gpa, value);
    }

    @Override
    public int mmioRead32(long gpa) {
        return core.mmioRead32(gpa);
    }

    @Override
    public long register(int number) {
        return cpu.gpr[number];
    }

    @Override
    public void register(int number, long value) {
        cpu.gpr[number] = value;
    }

    @Override
    public long rip() {
        return cpu.rip;
    }

    @Override
    public long rflags() {
        return cpu.rflags();
    }

    @Override
    public Registers save() {
        return registers(cpu);
    }

    @Override
    public Registers registersOf(int otherCore) {
        return registers(core.vm().core(otherCore).cpu());
    }

    private static Registers registers(Cpu of) {
        long[] general = new long[16];
        System.arraycopy(of.gpr, 0, general, 0, 16);
        return new Registers(general, of.rip, of.rflags(), of.fsBase, of.gsBase, selectors(of),
                ExtendedState.image(of));
    }

    @Override
    public void load(Registers r) {
        for (int i = 0; i < 16; i++) {
            cpu.gpr[i] = r.general(i);
        }
        cpu.rip = r.rip();
        cpu.rflags(r.rflags() | INTERRUPTS);
        cpu.fsBase = r.fsBase();
        cpu.gsBase = r.gsBase();
        for (int k = 0; k < SAVED.length; k++) {
            cpu.selectors[SAVED[k]] = (int) (r.selectors() >>> 16 * k) & 0xFFFF;
        }
        ExtendedState.load(cpu, r.fpu());
    }

    private static long selectors(Cpu of) {
        long packed = 0;
        for (int k = 0; k < SAVED.length; k++) {
            packed |= (long) of.selectors[SAVED[k]] << 16 * k;
        }
        return packed;
    }

    @Override
    public long segmentBase(boolean gs) {
        return gs ? cpu.gsBase : cpu.fsBase;
    }

    @Override
    public void segmentBase(boolean gs, long base) {
        cpu.selectors[gs ? GS : FS] = 0;
        if (gs) {
            cpu.gsBase = base;
        } else {
            cpu.fsBase = base;
        }
    }

    @Override
    public void addressSpace(long root) {
        if (cpu.cr3 != root) {
            core.writeCr3(root);
        }
    }

    @Override
    public long addressSpaceOf(int anyCore) {
        return core.vm().core(anyCore).cpu().cr3;
    }

    @Override
    public void flush() {
        core.flushTlb();
    }

    @Override
    public void invalidate(long address) {
        core.invlpg(address);
    }

    @Override
    public void shootDown(int otherCore) {
        core.vm().core(otherCore).flushTlb();
    }

    @Override
    public int floatingPointExceptions(boolean sse) {
        return sse ? cpu.mxcsr & ~(cpu.mxcsr >>> 7) & 0x3F : cpu.x87.statusWord() & ~cpu.x87.control & 0x3F;
    }

    @Override
    public boolean extendedState() {
        return (cpu.cr4 & Control.CR4_OSXSAVE) != 0;
    }

    @Override
    public boolean baseInstructions() {
        return (cpu.cr4 & Control.CR4_FSGSBASE) != 0;
    }

    @Override
    public CpuModel cpuModel() {
        return core.vm().configuration().cpu();
    }

    @Override
    public CpuidModel.Answer cpuid(int leaf, int subleaf) {
        return new CpuidModel(cpuModel(), core.vm().configuration().cores()).answer(leaf, subleaf, cpu);
    }

    @Override
    public void debugRegisters(DebugRegisters wanted) {
        SystemState system = cpu.system;
        long control = wanted.control() | SystemState.DR7_IDLE;
        if (control == system.dr7 && control == SystemState.DR7_IDLE) {
            return;
        }
        for (int n = 0; n < DebugRegisters.COUNT; n++) {
            system.dr[n] = wanted.get(n);
        }
        system.dr7 = control;
        cpu.context();
    }

    @Override
    public long debugConditions() {
        long dr6 = cpu.system.dr6 & (DebugTraps.BREAKPOINTS | DebugTraps.BS);
        cpu.system.dr6 = SystemState.DR6_IDLE;
        return dr6;
    }

    @Override
    public void shutdown(int status, String reason) {
        core.vm().shutdown(status, reason);
    }
}
