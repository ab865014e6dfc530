package chronovisor.kitten.task;

/**
 * A pending signal with what siginfo_t says of it.
 *
 * @param signal
 *            number
 * @param code
 *            si_code
 * @param sender
 *            process that sent it, or for SIGCHLD the child
 * @param uid
 *            user that sent it
 * @param address
 *            faulting address, or for SIGCHLD the status, or the value of a queued signal
 * @param trap
 *            hardware vector of a fault, for the frame's trapno
 * @param errorCode
 *            hardware error code of a fault
 */
public record SignalInfo(int signal, int code, int sender, int uid, long address, int trap, long errorCode) {

    /** A signal sent by kill(2). */
    public static SignalInfo user(int signal, int code, int sender, int uid) {
        return new SignalInfo(signal, code, sender, uid, 0, 0, 0);
    }

    /** A signal the kernel raises. */
    public static SignalInfo kernel(int signal) {
        return new SignalInfo(signal, 128, 0, 0, 0, 0, 0);
    }

    /** A signal for a fault of the task's own making. */
    public static SignalInfo fault(int signal, int code, long address, int trap, long errorCode) {
        return new SignalInfo(signal, code, 0, 0, address, trap, errorCode);
    }
}
