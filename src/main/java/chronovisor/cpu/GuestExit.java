package chronovisor.cpu;

/** An instruction that the machine must complete, on its way to the run loop. Stackless and preallocated, one per processor. */
final class GuestExit extends RuntimeException {
    /** One of the {@link Exit} codes. */
    int code;

    GuestExit() {
        super("guest exit", null, false, false);
    }
}
