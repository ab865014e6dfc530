package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.SignalAction;
import chronovisor.kitten.task.SignalInfo;
import java.util.Locale;

/**
 * Exceptions of programs as the Kitten of 2012 takes them: a message, the registers, and a loop in the kernel that never
 * ends. The paper made page faults signals. Where Kitten loops, nothing would ever happen again on that core, so the
 * machine stops and says why.
 */
final class OriginalExceptions {

    private static final int PAGE_FAULT = 14;
    private static final long CR0 = 0x8005_0033L;
    private static final long CR4 = 0x620;

    private OriginalExceptions() {}

    /** An exception that is no page fault. */
    static void handle(Trap t, int vector, long errorCode) {
        dump(t, name(vector) + " Exception", errorCode, 0);
    }

    private static String name(int vector) {
        return switch (vector) {
            case 0 -> "Divide Error";
            case 1 -> "Debug";
            case 3 -> "INT3";
            case 4 -> "Overflow";
            case 5 -> "Bounds";
            case 6 -> "Invalid Op";
            case 7 -> "Device Not Available";
            case 8 -> "Double Fault";
            case 10 -> "Invalid TSS";
            case 11 -> "Segment Not Present";
            case 12 -> "Stack Segment";
            case 13 -> "General Protection";
            case 16 -> "Coprocessor Error";
            case 17 -> "Alignment Check";
            case 18 -> "Machine Check";
            case 19 -> "SIMD Coprocessor Error";
            default -> "Unhandled (vector " + vector + ")";
        };
    }

    /** A page fault that nothing resolves. */
    static void pageFault(Trap t, long errorCode, long address) {
        if (t.options.has("syscalls")) {
            signal(t, errorCode, address);
            return;
        }
        Consoles.print(t, "Failed to fixup page fault exception!");
        dump(t, "Page Fault Exception: " + hex(address), errorCode, address);
    }

    /** SIGSEGV to the process, not to the task, and whatever it makes of it: one that ignores or blocks it hangs. */
    private static void signal(Trap t, long errorCode, long address) {
        int task = t.current();
        boolean deaf = t.process().action(Signals.SIGSEGV).handler() == SignalAction.IGNORE
                || (t.task().signals().mask() & Signals.bit(Signals.SIGSEGV)) != 0;
        SignalSender.toProcess(t, t.process().id(),
                SignalInfo.fault(Signals.SIGSEGV, Signals.SEGV_ACCERR, address, PAGE_FAULT, errorCode));
        Consoles.print(t, ">> PAGE FAULT! Sent signal 0: CR2 is " + hex(address));
        if (deaf) {
            stop(t, "task " + task + " faults for ever: it blocks or ignores SIGSEGV");
        }
    }

    private static void dump(Trap t, String message, long errorCode, long address) {
        Registers r = t.machine.save();
        Consoles.print(t, message);
        Consoles.print(t, "Task ID: " + t.current() + "   Task Name: " + t.task().name() + "   UTS_RELEASE: "
                + Identity.RELEASE);
        Consoles.print(t, "RIP: 0033:" + hex(r.rip()) + " (user-context)");
        Consoles.print(t, "RSP: 002b:" + hex(r.general(4)) + " EFLAGS: " + hex(r.rflags()).substring(8) + " ERR: "
                + hex(errorCode).substring(8));
        values(t, "RAX", r.general(0), "RBX", r.general(3), "RCX", r.general(1));
        values(t, "RDX", r.general(2), "RSI", r.general(6), "RDI", r.general(7));
        values(t, "RBP", r.general(5), "R08", r.general(8), "R09", r.general(9));
        values(t, "R10", r.general(10), "R11", r.general(11), "R12", r.general(12));
        values(t, "R13", r.general(13), "R14", r.general(14), "R15", r.general(15));
        Consoles.print(t, "FS:  " + hex(r.fsBase()) + "(0000) GS:" + hex(0) + "(0000) knlGS:" + hex(r.gsBase()));
        Consoles.print(t, "CS:  0010 DS: 0000 ES: 0000 CR0: " + hex(CR0));
        values(t, "CR2", address, "CR3", t.space().root(), "CR4", CR4);
        stop(t, "the kernel loops for ever after \"" + message + "\"");
    }

    private static void values(Trap t, String first, long a, String second, long b, String third, long c) {
        Consoles.print(t, first + ": " + hex(a) + " " + second + ": " + hex(b) + " " + third + ": " + hex(c));
    }

    private static String hex(long value) {
        return String.format(Locale.ROOT, "%016x", value);
    }

    private static void stop(Trap t, String why) {
        t.machine.shutdown(255, why);
    }
}
