package chronovisor.cpu;

import chronovisor.cpu.trace.StepTrace;
import chronovisor.cpu.x87.X87;
import chronovisor.memory.Mmu;
import org.jspecify.annotations.Nullable;

/**
 * One core's processor: its whole architectural state and its MMU. Fields are public for the loop; privilege and control registers are
 * changed through {@link #context} so that the MMU and the jump caches follow.
 */
public final class Cpu {
    /** Index of RSP in {@link #gpr}. */
    public static final int RSP = 4;

    /** Slot of {@link #gpr} that holds the linear address of the running block: the base of RIP-relative operands. */
    static final int SLOT_BLOCK = 16;

    /** Slot of {@link #gpr} that is always 0: an address without base or without index. */
    static final int SLOT_ZERO = 17;

    /** Slot of {@link #gpr} for a loaded operand inside one instruction. */
    static final int SLOT_TEMPORARY = 18;

    /** Slots of {@link #gpr} that follow {@link #fsBase} and {@link #gsBase} while running. */
    static final int SLOT_FS = 19;

    static final int SLOT_GS = 20;

    /** RAX RCX RDX RBX RSP RBP RSI RDI R8..R15; slots from 16 on are the interpreter's and no part of the state. */
    public final long[] gpr = new long[21];

    public long rip;

    /** Flags are kept lazily, see {@link Flags}. */
    public long flagResult = 1;

    /** Flags are kept lazily, see {@link Flags}. */
    public long flagAux;

    /** RFLAGS without the six arithmetic bits and without the always-set bit 1. */
    public long flagsOther;

    /** 16 registers of 4 longs: {@code xmm[4 * r]} holds bits 0..63, {@code xmm[4 * r + 1]} bits 64..127. */
    public final long[] xmm = new long[64];

    public int mxcsr = 0x1F80;
    public final X87 x87 = new X87();

    /** Extended-state, descriptor-table and debug registers. */
    public final SystemState system = new SystemState();

    public long fsBase;
    public long gsBase;
    public long kernelGsBase;
    public long cr0;
    public long cr2;
    public long cr3;
    public long cr4;
    public long cr8;
    public long efer;
    public long star;
    public long lstar;
    public long cstar;
    public long sfmask;
    public long tscAux;
    public int cpl;

    /** ES CS SS DS FS GS. */
    public final int[] selectors = new int[6];

    public final Mmu mmu;

    /** This core's number in its machine. */
    public final int core;

    /** Instructions this core has retired. */
    public long retired;

    /** VM tick minus {@link #retired}: set by the machine before each slice; 0 on a machine with one core. */
    public long tickBase;

    /** Added to the VM tick for RDTSC: time skipped while idle; kept by the machine. */
    public long tscOffset;

    /** Which instructions exist besides the baseline. Never changes while running. */
    public CpuModel model = CpuModels.everything();

    /** Where the step trace goes; null when steps are not recorded. */
    public @Nullable StepTrace trace;

    /** Where to stop before an instruction; shared by the cores of a machine. */
    public StopAddresses stops = new StopAddresses();

    public int exitVector;
    public long exitErrorCode;
    public long exitAddress;
    public int exitLength;
    public int exitPort;
    public int exitSize;
    public boolean exitIn;
    public boolean exitString;
    public boolean exitRepeat;
    public int exitControl;
    public int exitRegister;
    public long exitGfn;
    public boolean exitWrite;
    public byte[] exitBytes = {};

    /** For {@link Exit#EXCEPTION}: by INT n, which the gate's privilege may forbid. */
    public boolean exitGate;

    /** For {@link Exit#UNSUPPORTED}: what is not there, when the instruction alone does not tell. */
    public String exitWhat = "";

    /** Where a control-transfer step wants to go; only meaningful right after it. */
    long target;

    /** What {@link #retired} may become in the unit of translated code that is running. */
    long unitDeadline;

    /** Blocks by linear address, chosen by {@link #follow}. */
    JumpCache jumps = JumpCache.NONE;

    /** Nonzero when debug registers ask for a look at each instruction, see {@link #careful}. */
    int guards;

    /** Classes of floating-point instructions that are disabled: blocks with such instructions are run with a look at each, never linked to. */
    int disabled;

    /** B bits of the I/O breakpoints that the port instruction under way touches. */
    long portHits;

    /** Whether a repeated string instruction stops after each iteration, for a debug trap there. */
    boolean iterates;

    /** DR6 bits of debug traps that the last instruction has caused and that are not delivered yet. */
    public long pendingDebug;

    private final JumpCaches jumpCaches = new JumpCaches();
    private @Nullable BlockCache jumpsBlocks;
    private @Nullable StepTrace jumpsTrace;
    private long jumpsGeneration;
    private long stopsGeneration;

    /** Where and when {@link Exit#BREAKPOINT} was last returned: the instruction is not stopped at twice. */
    private long stoppedRip;

    private long stoppedRetired = -1;

    private final GuestException exception = new GuestException();
    private final GuestExit exit = new GuestExit();

    /** A processor at reset: everything zero but MXCSR and the x87 control word; privilege 0. */
    public Cpu(int core, Mmu mmu) {
        this.core = core;
        this.mmu = mmu;
    }

    /** RFLAGS, bit 1 set. */
    public long rflags() {
        return flagsOther | 2 | Flags.arithmetic(flagResult, flagAux);
    }

    /** Sets RFLAGS; reserved bits are dropped. */
    public void rflags(long v) {
        arithmeticFlags(v);
        flagsOther = v & (Flags.TF | Flags.IF | Flags.DF | Flags.IOPL | Flags.NT | Flags.RF | Flags.AC | Flags.VIF
                | Flags.VIP | Flags.ID);
    }

    /** Sets CF, PF, AF, ZF, SF and OF from their RFLAGS positions in {@code v}. */
    public void arithmeticFlags(long v) {
        flagResult = Flags.resultOf(v);
        flagAux = Flags.auxOf(v);
    }

    /** Sets ZF, PF and CF as COMISD, PTEST and their like do, clearing OF, SF and AF. */
    public void compareFlags(boolean zero, boolean parity, boolean carry) {
        arithmeticFlags((zero ? Flags.ZF : 0) | (parity ? Flags.PF : 0) | (carry ? Flags.CF : 0));
    }

    /** Sets or clears CF alone. */
    public void carry(boolean carry) {
        flagAux = Flags.keepCarry(flagAux, carry ? -1 : 0);
    }

    /**
     * The instruction the last exit was about is complete: RIP and tick advance, and {@link #pendingDebug} tells what debug trap has to
     * follow.
     */
    public void retire(int length) {
        rip += length;
        retired++;
        if (careful()) {
            pendingDebug |= DebugTraps.retired(this);
        }
        if (trace != null && system.codeBits == SystemState.CODE_64) {
            trace.retired(length);
        }
    }

    /** Makes the MMU follow the control registers and the privilege level; call it after changing any of them. */
    public void context() {
        mmu.context(cr0, cr3, cr4, efer, cpl == 3);
        guards = DebugTraps.guards(this);
        int nowDisabled = Control.disabled(this);
        if (nowDisabled != disabled) {
            // Blocks with floating point are linked to while it is enabled.
            disabled = nowDisabled;
            jumps.clear();
            jumpCaches.clear();
        }
    }

    /**
     * Whether the next instruction has to be looked at by itself: single-stepping, breakpoints, alignment checks, an interrupt shadow.
     * Whatever may change this ends its block, so that the loop over blocks need not ask.
     */
    boolean careful() {
        return ((int) flagsOther & (Flags.TF | Flags.AC | Flags.RF) | guards | system.shadow) != 0;
    }

    /** A transfer inside of a run has changed the privilege: blocks found by linear address may not hold any more. */
    void transferred() {
        context();
        if (mmu.changed()) {
            // The loop that is running looks there next: finding nothing, it leaves.
            jumps.clear();
            jumps = jumpCaches.current(this, jumps);
        }
        gpr[SLOT_FS] = fsBase;
        gpr[SLOT_GS] = gsBase;
    }

    /** The preallocated exception for {@code throw cpu.raise(13, 0)}. */
    public RuntimeException raise(int vector, long errorCode) {
        exception.vector = vector;
        exception.errorCode = errorCode;
        return exception;
    }

    /** The preallocated exit for an instruction that the machine completes. */
    RuntimeException exit(int code) {
        exit.code = code;
        exitWhat = "";
        return exit;
    }

    /** The exit for what hardware does and this machine does not, by name. */
    RuntimeException unsupported(String what) {
        exit.code = Exit.UNSUPPORTED;
        exitWhat = what;
        return exit;
    }

    /** The element of a vector index that the address form of a gather uses next. */
    public long vectorIndex() {
        return gpr[SLOT_TEMPORARY];
    }

    /** Sets the element of a vector index that the address form of a gather uses next. */
    public void vectorIndex(long v) {
        gpr[SLOT_TEMPORARY] = v;
    }

    /** Linear address of the running block's first byte. */
    public long blockBase() {
        return gpr[SLOT_BLOCK];
    }

    /** Before running: segment bases into their slots; the jump cache of this address space, with what it rests on unchanged. */
    void follow(BlockCache blocks, StepTrace steps) {
        gpr[SLOT_FS] = fsBase;
        gpr[SLOT_GS] = gsBase;
        if (jumpsBlocks != blocks || jumpsTrace != steps || jumpsGeneration != steps.generation()
                || stopsGeneration != stops.generation()) {
            stopsGeneration = stops.generation();
            jumpsBlocks = blocks;
            jumpsTrace = steps;
            jumpsGeneration = steps.generation();
            jumpCaches.clear();
            jumps = jumpCaches.current(this, jumps);
        } else if (mmu.changed()) {
            jumps = jumpCaches.current(this, jumps);
        }
        jumps.left = Node.NONE;
    }

    /** Whether to stop before the instruction at RIP now. */
    boolean stopsHere() {
        if (!stops.contains(rip) || stoppedRetired == retired && stoppedRip == rip) {
            return false;
        }
        passStop();
        return true;
    }

    /** The next instruction is stopped at even if it has been: another task stands there now. */
    public void forgetStop() {
        stoppedRetired = -1;
    }

    /** The next instruction is not to be stopped at: execution goes on from a stop. */
    public void passStop() {
        stoppedRip = rip;
        stoppedRetired = retired;
    }

    /** #GP(0) unless at privilege 0. */
    void requirePrivilege() {
        if (cpl != 0) {
            throw raise(Vector.GP, 0);
        }
    }

    /** The whole architectural state, immutable. */
    public CpuImage capture() {
        return CpuImage.of(this);
    }

    /** Takes over a captured state; the MMU's cached translations are dropped. */
    public void restore(CpuImage image) {
        image.into(this);
        stoppedRetired = -1;
        context();
        mmu.flush();
    }
}
