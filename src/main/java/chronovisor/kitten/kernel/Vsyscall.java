package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Registers;
import org.jspecify.annotations.Nullable;

/**
 * Linux's vsyscall page, which old static programs call for the time. Nothing is mapped there: as under {@code vsyscall=xonly}, the fetch
 * that faults at one of three entry points is the call, and its return.
 */
public final class Vsyscall {

    /** Where the page is on every x86-64 Linux. */
    public static final long PAGE = 0xFFFF_FFFF_FF60_0000L;

    /** Its end. */
    public static final long END = PAGE + 4096;

    private static final int PAGE_FAULT = 14;
    private static final int INSTRUCTION = 16;
    private static final long ENTRY_BYTES = 1024;
    /** gettimeofday, time, getcpu. */
    private static final int[] NUMBERS = {96, 201, 309};

    private static final int RSP = 4;
    private static final int RSI = 6;
    private static final int RDI = 7;
    private static final int RDX = 2;

    private Vsyscall() {}

    /** The system call that a fault is, with the program returned to its caller already; null when it is a fault and nothing else. */
    public static @Nullable Call entered(Trap t, int vector, long errorCode, long address) {
        long entry = (address - PAGE) / ENTRY_BYTES;
        if (!t.options.has("time") || vector != PAGE_FAULT || (errorCode & INSTRUCTION) == 0
                || Long.compareUnsigned(address, PAGE) < 0 || entry >= NUMBERS.length
                || (address & ENTRY_BYTES - 1) != 0) {
            return null;
        }
        Registers registers = t.machine.save();
        long back;
        try {
            back = UserMemory.read64(t, registers.general(RSP));
        } catch (LinuxError e) {
            return null; // without a return address it is the wild jump that it looks like
        }
        t.machine.load(registers.withRip(back).with(RSP, registers.general(RSP) + 8));
        return new Call(NUMBERS[(int) entry], registers.general(RDI), registers.general(RSI), registers.general(RDX), 0,
                0, 0, Call.Progress.NONE);
    }
}
