package chronovisor.kitten.syscall;

import chronovisor.cpu.ExtendedState;
import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.Trace;
import java.util.Arrays;

/** Registers of a held task in the layouts of struct user (sys/user.h). */
final class TraceRegisters {

    /** struct user_regs_struct. */
    static final int BYTES = 27 * 8;

    private static final int ORIG_RAX = 15;
    private static final int RIP = 16;
    private static final int CS = 17;
    private static final int FLAGS = 18;
    private static final int RSP = 19;
    private static final int SS = 20;
    private static final int FS_BASE = 21;
    private static final int GS_BASE = 22;
    private static final int DS = 23;
    private static final int ES = 24;
    private static final int FS = 25;
    private static final int GS = 26;
    /** Which general register each of the first fifteen is. */
    private static final int[] GENERAL = {15, 14, 13, 12, 5, 3, 11, 10, 9, 8, 0, 1, 2, 6, 7};
    private static final long USER_FLAGS = 0x50DD5L;
    private static final int USER_CODE = 0x33;
    private static final int USER_DATA = 0x2b;

    private TraceRegisters() {}

    static Registers of(Task task) {
        Registers registers = task.registers();
        if (registers == null) {
            throw new IllegalStateException("task " + task.id() + " is held and has no registers");
        }
        return registers;
    }

    static byte[] encode(Task task) {
        Registers r = of(task);
        Bytes out = new Bytes(BYTES);
        for (int register : GENERAL) {
            out.put64(r.general(register));
        }
        Trace trace = task.trace();
        boolean inCall = trace != null && trace.phase() != Trace.Phase.OUTSIDE;
        out.put64(inCall && trace != null ? trace.call() : -1);
        out.put64(r.rip()).put64(USER_CODE).put64(r.rflags()).put64(r.general(4)).put64(USER_DATA);
        out.put64(r.fsBase()).put64(r.gsBase());
        out.put64(selector(r, 1)).put64(selector(r, 0)).put64(selector(r, 2)).put64(selector(r, 3));
        return out.toArray();
    }

    /** ES, DS, FS and GS by their places. */
    private static long selector(Registers r, int place) {
        return r.selectors() >>> 16 * place & 0xFFFF;
    }

    /** The task with registers that a tracer wants; fails with EIO where no program could have them. */
    static Task decode(Task task, byte[] raw) {
        Registers old = of(task);
        long[] general = old.general();
        for (int i = 0; i < GENERAL.length; i++) {
            general[GENERAL[i]] = word(raw, i);
        }
        general[4] = word(raw, RSP);
        boolean outside = Long.compareUnsigned(word(raw, FS_BASE), AddressSpace.USER_END) >= 0
                || Long.compareUnsigned(word(raw, GS_BASE), AddressSpace.USER_END) >= 0;
        if (outside || word(raw, CS) != USER_CODE || word(raw, SS) != USER_DATA) {
            throw new LinuxError(Errno.EIO);
        }
        long selectors = word(raw, ES) & 0xFFFF | (word(raw, DS) & 0xFFFF) << 16 | (word(raw, FS) & 0xFFFF) << 32
                | (word(raw, GS) & 0xFFFF) << 48;
        long flags = old.rflags() & ~USER_FLAGS | word(raw, FLAGS) & USER_FLAGS;
        Task changed = task.withRegisters(new Registers(general, word(raw, RIP), flags, word(raw, FS_BASE),
                word(raw, GS_BASE), selectors, old.fpu()));
        Trace trace = task.trace();
        return trace == null ? changed : changed.withTrace(withCall(trace, (int) word(raw, ORIG_RAX)));
    }

    /** What is written to orig_rax after a call means that it is not restarted. */
    private static Trace withCall(Trace trace, int number) {
        return trace.phase() == Trace.Phase.ENTRY ? trace.withCall(number) : trace;
    }

    private static long word(byte[] raw, int index) {
        return Bytes.get64(raw, 8 * index);
    }

    /** The FXSAVE image, or with {@code whole} the XSAVE image. */
    static byte[] vectors(Task task, boolean whole) {
        byte[] image = of(task).fpu();
        return whole ? image : Arrays.copyOf(image, ExtendedState.LEGACY_BYTES);
    }

    /** The task with another extended state; what the image does not have stays. */
    static Task withVectors(Task task, byte[] raw) {
        Registers old = of(task);
        byte[] image = old.fpu();
        System.arraycopy(raw, 0, image, 0, Math.min(raw.length, image.length));
        if ((Bytes.get32(image, 24) & ~ExtendedState.MXCSR_MASK) != 0) {
            throw new LinuxError(Errno.EINVAL);
        }
        if (raw.length <= ExtendedState.LEGACY_BYTES && image.length > ExtendedState.LEGACY_BYTES) {
            Bytes.set64(image, ExtendedState.XSTATE_BV, Bytes.get64(image, ExtendedState.XSTATE_BV)
                    | ExtendedState.X87_STATE | ExtendedState.SSE_STATE);
        }
        return task.withRegisters(new Registers(old.general(), old.rip(), old.rflags(), old.fsBase(), old.gsBase(),
                old.selectors(), image));
    }
}
