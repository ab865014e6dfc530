package chronovisor.kitten.kernel;

import chronovisor.cpu.CpuModel;
import chronovisor.kitten.task.DebugRegisters;
import chronovisor.kitten.task.Registers;
import chronovisor.memory.GuestMemory;
import chronovisor.vmm.CpuidModel;

/** What ring 0 on one core can do: the machine as the kernel's functions see it. */
public interface Machine {

    /** Guest-physical memory. */
    GuestMemory memory();

    /** This core's number. */
    int core();

    /** Virtual time in nanoseconds since power-on. */
    long now_ns();

    /** Chooses one of so many that are equal to the scheduler: the first, or any when the machine's schedule is chaos. */
    int choose(int count);

    /** Whether the machine's schedule is chaos: who goes on is drawn, and not for the kernel to be fair about. */
    boolean chaotic();

    /** Fills an array with entropy from the environment. */
    void entropy(byte[] destination);

    /** IN AL. */
    int in8(int port);

    /** OUT AL. */
    void out8(int port, int value);

    /** REP OUTSB: at most as many bytes as the device's FIFO holds. */
    void outs8(int port, byte[] bytes, int offset, int length);

    /** REP INSB: exactly {@code count} bytes that the device is known to hold. */
    byte[] ins8(int port, int count);

    /** A 32-bit store to a memory-mapped device. */
    void mmioWrite32(long gpa, int value);

    /** A 32-bit load from a memory-mapped device. */
    int mmioRead32(long gpa);

    /** VMCALL with two arguments; -1 for what the VMM does not do. */
    long hypercall(long number, long a, long b);

    /** Whether the machine has a balloon, as the firmware's tables would tell. */
    boolean hasBalloon();

    /** A general register of the interrupted program: RAX RCX RDX RBX RSP RBP RSI RDI R8..R15. */
    long register(int number);

    /** Changes a general register of the interrupted program. */
    void register(int number, long value);

    /** The interrupted program's instruction pointer. */
    long rip();

    /** The interrupted program's flags. */
    long rflags();

    /** All user registers, for a switch or a signal frame. */
    Registers save();

    /** All user registers of another core, which is in user mode. */
    Registers registersOf(int otherCore);

    /** Loads all user registers; the core goes on with them in ring 3. */
    void load(Registers registers);

    /** FS or GS base, as arch_prctl reads them. */
    long segmentBase(boolean gs);

    /** Sets the FS or GS base. */
    void segmentBase(boolean gs, long base);

    /** MOV CR3. */
    void addressSpace(long root);

    /** The page tables a core translates with, and may hold translations of: its CR3, also while it is idle. */
    long addressSpaceOf(int anyCore);

    /** Forgets all translations on this core. */
    void flush();

    /** INVLPG on this core. */
    void invalidate(long address);

    /** Makes another core forget translations, as an inter-processor interrupt would. */
    void shootDown(int otherCore);

    /** Unmasked exceptions that x87 (or, when {@code sse}, MXCSR) has pending: bit 0 invalid ... bit 5 precision. */
    int floatingPointExceptions(boolean sse);

    /** Whether XSAVE is enabled: extended state is then an XSAVE image, else an FXSAVE image. */
    boolean extendedState();

    /** Whether programs may read and write the FS and GS bases themselves. */
    boolean baseInstructions();

    /** The processor that programs run on. */
    CpuModel cpuModel();

    /** What CPUID answers on this core, without the exit that the instruction is. */
    CpuidModel.Answer cpuid(int leaf, int subleaf);

    /** Sets the breakpoints of DR0 to DR3 and DR7 on this core. */
    void debugRegisters(DebugRegisters wanted);

    /** The conditions of DR6 that a debug exception came with: breakpoints 0 to 3 and the single step; then they are forgotten. */
    long debugConditions();

    /** Stops the whole machine with an exit status. */
    void shutdown(int status, String reason);
}
