package chronovisor.kitten.kernel;

import chronovisor.cpu.DebugTraps;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.task.SignalInfo;
import java.util.Locale;

/** Processor exceptions: page faults are served; everything else is a signal, with Linux's codes. */
public final class Exceptions {

    private static final int PAGE_FAULT = 14;
    private static final int PRESENT = 1;
    private static final int WRITE = 2;
    private static final int INSTRUCTION = 16;

    private Exceptions() {}

    /** Handles an exception of the current task. */
    public static void handle(Trap t, int vector, long errorCode, long address) {
        if (vector == PAGE_FAULT) {
            pageFault(t, errorCode, address);
            return;
        }
        if (!t.options.has("signals")) {
            OriginalExceptions.handle(t, vector, errorCode);
            return;
        }
        long rip = t.machine.rip();
        SignalInfo info = switch (vector) {
            case 0 -> SignalInfo.fault(Signals.SIGFPE, Signals.FPE_INTDIV, rip, vector, errorCode);
            case 1 ->
                SignalInfo.fault(Signals.SIGTRAP, debugCode(Tracing.debugged(t, t.machine.debugConditions())), rip,
                        vector, errorCode);
            case 3 -> SignalInfo.fault(Signals.SIGTRAP, Signals.SI_KERNEL, 0, vector, errorCode);
            case 6 -> SignalInfo.fault(Signals.SIGILL, Signals.ILL_ILLOPN, rip, vector, errorCode);
            case 11, 12 -> SignalInfo.fault(Signals.SIGBUS, Signals.SI_KERNEL, 0, vector, errorCode);
            case 16, 19 -> SignalInfo.fault(Signals.SIGFPE,
                    floatingPointCode(t.machine.floatingPointExceptions(vector == 19)), rip, vector, errorCode);
            case 17 -> SignalInfo.fault(Signals.SIGBUS, Signals.BUS_ADRALN, 0, vector, errorCode);
            default -> SignalInfo.fault(Signals.SIGSEGV, Signals.SI_KERNEL, 0, vector, errorCode);
        };
        SignalSender.force(t, info);
    }

    /** INT1 comes without a condition. */
    private static int debugCode(long conditions) {
        if ((conditions & DebugTraps.BS) != 0) {
            return Signals.TRAP_TRACE;
        }
        return (conditions & DebugTraps.BREAKPOINTS) != 0 ? Signals.TRAP_HWBKPT : Signals.TRAP_BRKPT;
    }

    private static int floatingPointCode(int pending) {
        if ((pending & 1) != 0) {
            return Signals.FPE_FLTINV;
        }
        if ((pending & 4) != 0) {
            return Signals.FPE_FLTDIV;
        }
        if ((pending & 8) != 0) {
            return Signals.FPE_FLTOVF;
        }
        return (pending & 0x12) != 0 ? Signals.FPE_FLTUND : Signals.FPE_FLTRES;
    }

    /** A program is not told whether the kernel's addresses are mapped: they always look as if they were. */
    private static long told(long errorCode, long address) {
        return address < 0 || address >= AddressSpace.USER_END ? errorCode | PRESENT : errorCode;
    }

    private static void pageFault(Trap t, long errorCode, long address) {
        int access = (errorCode & INSTRUCTION) != 0
                ? Protection.EXECUTE
                : (errorCode & WRITE) != 0 ? Protection.WRITE : Protection.READ;
        Faults.Resolution resolution = address < 0 || address >= AddressSpace.USER_END
                ? Faults.Resolution.UNMAPPED
                : Faults.resolve(t, t.space().id(), address, access);
        t.observer.pageFault(t.core(), t.current(), address, (int) errorCode,
                resolution.name().toLowerCase(Locale.ROOT));
        if (!resolution.resolved() && !t.options.has("signals")) {
            OriginalExceptions.pageFault(t, errorCode, address);
            return;
        }
        switch (resolution) {
            case ANONYMOUS, FILE, COPY, WRITABLE, STACK, SPURIOUS -> {
                // The access is tried again.
            }
            case UNMAPPED -> SignalSender.force(t,
                    SignalInfo.fault(Signals.SIGSEGV, Signals.SEGV_MAPERR, address, PAGE_FAULT,
                            told(errorCode, address)));
            case PROTECTION -> SignalSender.force(t,
                    SignalInfo.fault(Signals.SIGSEGV, Signals.SEGV_ACCERR, address, PAGE_FAULT,
                            told(errorCode, address)));
            case BUS -> SignalSender.force(t,
                    SignalInfo.fault(Signals.SIGBUS, Signals.BUS_ADRERR, address, PAGE_FAULT,
                            told(errorCode, address)));
        }
    }
}
