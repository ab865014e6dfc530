package chronovisor.memory;

/** The host memory given to guests is used up. It ends the VM that asked, no other. */
public final class OutOfFramesException extends RuntimeException {

    OutOfFramesException(long capacityBytes) {
        super("host memory for guests is used up (budget " + capacityBytes / (1024 * 1024) + " MB)");
    }
}
