package chronovisor.kitten.kernel;

import chronovisor.cpu.Control;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.DebugTraps;
import chronovisor.cpu.ExtendedState;
import chronovisor.cpu.SystemState;
import chronovisor.isa.CpuFeature;
import chronovisor.kitten.task.Registers;
import chronovisor.memory.GuestMemory;
import chronovisor.vmm.Core;

/** The machine of a real core. */
public final class CoreMachine implements Machine {

    private static final long CR0 = 0x8005_0033L;
    private static final long CR4_PAE_OSFXSR_OSXMMEXCPT = 0x620;
    private static final long EFER_SCE_LME_LMA_NXE = 0xD01;
    private static final int USER_CODE = 0x33;
    private static final int USER_DATA = 0x2b;
    private static final long INTERRUPTS = 0x200;

    private final Core core;
    private final Cpu cpu;

    public CoreMachine(Core core) {
        this.core = core;
        this.cpu = core.cpu();
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
        cpu.rflags(INTERRUPTS);
        cpu.context();
    }

    @Override
    public GuestMemory memory() {
        return core.vm().memory();
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
        long[] general = new long[16];
        System.arraycopy(cpu.gpr, 0, general, 0, 16);
        return new Registers(general, cpu.rip, cpu.rflags(), cpu.fsBase, cpu.gsBase, ExtendedState.image(cpu));
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
        ExtendedState.load(cpu, r.fpu());
    }

    @Override
    public long segmentBase(boolean gs) {
        return gs ? cpu.gsBase : cpu.fsBase;
    }

    @Override
    public void segmentBase(boolean gs, long base) {
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
