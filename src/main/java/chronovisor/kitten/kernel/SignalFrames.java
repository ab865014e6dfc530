package chronovisor.kitten.kernel;

import chronovisor.cpu.ExtendedState;
import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.SignalAction;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.SignalState;
import chronovisor.kitten.task.Task;

/**
 * The signal frame on the user stack, laid out as Linux does on x86-64: return address, ucontext, siginfo, and above
 * them the extended state, 64-byte aligned ({@link FramedState}).
 */
final class SignalFrames {

    private static final int UCONTEXT = 8;
    private static final int MCONTEXT = UCONTEXT + 40;
    private static final int MASK = MCONTEXT + 256;
    private static final int SIGINFO = MASK + 8;
    private static final int FRAME_BYTES = SIGINFO + 128;
    private static final long UC_FP_XSTATE = 1;
    private static final long UC_SIGCONTEXT_SS_STRICT = 6;
    private static final int RED_ZONE_BYTES = 128;
    /** Our register numbers in the order of mcontext: r8-r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp. */
    private static final int[] ORDER = {8, 9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 3, 2, 0, 1, 4};
    /** RF AC OF DF TF SF ZF AF PF CF: what a program may set. */
    private static final long USER_FLAGS = 0x50DD5L;
    private static final int FRAME_ALIGNMENT = 16;
    private static final long DIRECTION = 0x400;
    private static final long TRAP = 0x100;
    private static final long RESUME = 0x10000;

    private SignalFrames() {}

    /** Builds the frame and points the registers at the handler; false when the stack cannot take it. */
    static boolean enter(Trap t, SignalInfo info, SignalAction action, long restoreMask) {
        Task task = t.task();
        Registers r = t.machine.save();
        SignalState signals = task.signals();
        long sp = r.general(4) - RED_ZONE_BYTES;
        boolean alternate = action.has(Signals.SA_ONSTACK) && signals.stackFlags() != SignalState.STACK_DISABLED
                && !signals.onStack(r.general(4));
        if (alternate) {
            sp = signals.stackBase() + signals.stackBytes();
        }
        byte[] state = FramedState.of(r.fpu());
        long fpu = (sp - state.length) & -64L;
        long frame = ((fpu - FRAME_BYTES) & -16L) - 8;
        if (signals.stackFlags() != SignalState.STACK_DISABLED && (alternate || signals.onStack(r.general(4)))
                && frame < signals.stackBase()) {
            return false;
        }
        Bytes out = new Bytes(FRAME_BYTES);
        out.put64(action.restorer());
        out.put64(UC_SIGCONTEXT_SS_STRICT | (t.machine.extendedState() ? UC_FP_XSTATE : 0)).put64(0);
        out.put64(signals.stackBase()).put32(signals.stackFlags() == SignalState.STACK_DISABLED
                ? SignalState.STACK_DISABLED
                : signals.onStack(r.general(4)) ? 1 : 0).put32(0).put64(signals.stackBytes());
        for (int register : ORDER) {
            out.put64(r.general(register));
        }
        out.put64(r.rip()).put64(r.rflags());
        out.put16(0x33).put16(0).put16(0).put16(0x2b);
        out.put64(info.errorCode()).put64(info.trap()).put64(restoreMask);
        out.put64(info.signal() == Signals.SIGSEGV || info.signal() == Signals.SIGBUS ? info.address() : 0);
        out.put64(fpu).zeros(64);
        out.put64(restoreMask);
        out.put(siginfo(info));
        byte[] bytes = out.toArray();
        try {
            UserMemory.write(t, fpu, state);
            UserMemory.write(t, frame, bytes);
        } catch (LinuxError e) {
            // No room for the frame: the caller ends the task as Linux does.
            return false;
        }
        long[] general = r.general();
        general[4] = frame;
        general[7] = info.signal();
        general[6] = frame + SIGINFO;
        general[2] = frame + UCONTEXT;
        general[0] = 0;
        // A handler starts with the initial extended state, as on Linux. Otherwise one of SIGFPE would meet the very exception it was
        // called for, at its first floating-point instruction.
        t.machine.load(new Registers(general, action.handler(), r.rflags() & ~(DIRECTION | TRAP | RESUME), r.fsBase(),
                r.gsBase(), r.selectors(), ExtendedState.initialImage(false)));
        return true;
    }

    /** siginfo_t: 128 bytes. */
    static byte[] siginfo(SignalInfo info) {
        Bytes out = new Bytes(128).put32(info.signal()).put32(0).put32(info.code()).put32(0);
        if (info.signal() == Signals.SIGCHLD && info.code() > 0) {
            out.put32(info.sender()).put32(info.uid()).put32((int) info.address()).put32(0).put64(0).put64(0);
        } else if (info.code() <= 0 || info.code() == Signals.SI_KERNEL && info.trap() == 0) {
            out.put32(info.sender()).put32(info.uid()).put64(info.address());
        } else {
            // si_addr of a fault, or si_band and si_fd of a file that is ready.
            out.put64(info.address()).put32(info.sender());
        }
        return out.zeros(128 - out.length()).toArray();
    }

    /** rt_sigreturn: restores registers and mask from the frame at the stack pointer. False when it is not readable. */
    static boolean leave(Trap t) {
        Registers now = t.machine.save();
        long frame = now.general(4) - 8;
        byte[] bytes;
        byte[] fpu;
        try {
            bytes = UserMemory.read(t, frame, FRAME_BYTES);
            long at = Bytes.get64(bytes, MCONTEXT + 184);
            fpu = at == 0 ? ExtendedState.initialImage(false) : FramedState.read(t, at);
        } catch (LinuxError e) {
            return false;
        }
        if (fpu == null) {
            return false;
        }
        long[] general = new long[16];
        for (int i = 0; i < ORDER.length; i++) {
            general[ORDER[i]] = Bytes.get64(bytes, MCONTEXT + 8 * i);
        }
        long rip = Bytes.get64(bytes, MCONTEXT + 128);
        long flags = Bytes.get64(bytes, MCONTEXT + 136);
        Task task = t.task();
        long mask = Bytes.get64(bytes, MASK) & ~(Signals.bit(Signals.SIGKILL) | Signals.bit(Signals.SIGSTOP));
        SignalState signals = task.signals().withMask(mask);
        int stackFlags = Bytes.get32(bytes, UCONTEXT + 24);
        long stackBytes = Bytes.get64(bytes, UCONTEXT + 32);
        if (stackFlags == SignalState.STACK_DISABLED || stackBytes >= 2048) {
            signals = stackFlags == SignalState.STACK_DISABLED
                    ? signals.withStack(0, 0, SignalState.STACK_DISABLED)
                    : signals.withStack(Bytes.get64(bytes, UCONTEXT + 16), stackBytes, 0);
        }
        t.put(task.withSignals(signals));
        long user = flags & USER_FLAGS | now.rflags() & ~USER_FLAGS;
        t.machine.load(new Registers(general, rip, user, now.fsBase(), now.gsBase(), now.selectors(), fpu));
        return true;
    }

    /** AT_MINSIGSTKSZ: the most that a frame takes of a stack, with the padding of its parts. */
    static int bytesMax(Machine machine) {
        int most = FRAME_BYTES + FRAME_ALIGNMENT - 1 + FramedState.bytes(machine.extendedState()) + 63;
        return (most + FRAME_ALIGNMENT - 1) & -FRAME_ALIGNMENT;
    }
}
