package chronovisor.app.scenario;

import java.util.List;

/** The names of Linux's signals on x86-64, in the order of their numbers (signal(7)). */
final class Signals {

    private static final List<String> NAMES = List.of("", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE",
            "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN",
            "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

    private Signals() {}

    /** The number of a signal that is called, say, {@code SIGSEGV} or {@code SEGV}; 0 when there is none. */
    static int number(String name) {
        int at = NAMES.indexOf(name.startsWith("SIG") ? name.substring(3) : name);
        return Math.max(at, 0);
    }
}
