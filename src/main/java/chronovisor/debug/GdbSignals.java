package chronovisor.debug;

/** GDB's own numbers of signals (gdb/signals.def), which differ from those of Linux. */
final class GdbSignals {

    static final int INTERRUPT = 2;
    static final int TRAP = 5;

    private static final int UNKNOWN = 143;
    /** Of Linux' signals 1 to 31. */
    private static final int[] CLASSIC = {0, 1, 2, 3, 4, 5, 6, 10, 8, 9, 30, 11, 31, 13, 14, 15, UNKNOWN, 20, 19, 17,
        18,
        21, 22, 16, 24, 25, 26, 27, 28, 23, 32, 12};
    private static final int REALTIME_32 = 77;
    private static final int REALTIME_33 = 45;
    private static final int REALTIME_64 = 78;

    private GdbSignals() {}

    /** GDB's number of a signal of Linux. */
    static int ofLinux(int signal) {
        if (signal < 0 || signal > 64) {
            return UNKNOWN;
        }
        if (signal < CLASSIC.length) {
            return CLASSIC[signal];
        }
        return switch (signal) {
            case 32 -> REALTIME_32;
            case 64 -> REALTIME_64;
            default -> REALTIME_33 + signal - 33;
        };
    }
}
