package chronovisor.kitten;

/**
 * What the kernel tells of itself, in order, on the virtual machine's thread. Observers must not change the guest.
 * {@code task} is the task id (a thread), {@code -1} where there is none. Arrays are the callee's to keep.
 */
public interface KittenObserver {

    /** An observer that looks away. */
    KittenObserver NONE = new KittenObserver() {};

    /** The kernel printed {@code line} on its console. */
    default void message(String line) {}

    /** A program was loaded into an address space. */
    default void programLoaded(int core, int task, String path, long entry, long stackPointer) {}

    /** A task came to be; {@code process} is its thread group. */
    default void taskCreated(int core, int task, int process, int parent, String name) {}

    /** A task ended, with an exit status (0..255) or killed by {@code signal} (0 when not). */
    default void taskExited(int core, int task, int status, int signal) {}

    /** The core switched from one task to another ({@code -1}: idle). */
    default void taskSwitched(int core, int from, int to) {}

    /** The task waits; {@code waitQueues} names what for. */
    default void taskBlocked(int core, int task, String waitQueues) {}

    /** A waiting task became runnable; {@code why} names the wait queue, {@code timeout} or {@code signal}. */
    default void taskWoken(int core, int task, String why) {}

    /** A system call entered the kernel. */
    default void syscallEntered(int core, int task, int number, long[] arguments) {}

    /** A system call is about to return {@code result} ({@code -errno} on failure). */
    default void syscallReturned(int core, int task, int number, long result) {}

    /**
     * A page fault was handled. {@code resolution} is one of {@code anonymous}, {@code file}, {@code copy},
     * {@code stack}, {@code protection}, {@code unmapped}, {@code bus}.
     */
    default void pageFault(int core, int task, long address, int errorCode, String resolution) {}

    /** A signal was made pending for a task (or for a process, when {@code task} is its leader). */
    default void signalSent(int core, int task, int signal, int code, long address) {}

    /** A signal handler is about to run, or the default action was taken ({@code handler} 0). */
    default void signalDelivered(int core, int task, int signal, long handler) {}

    /** An address range changed: {@code change} is {@code map}, {@code unmap}, {@code protect} or {@code brk}. */
    default void memoryMapped(int core, int task, String change, long start, long end, int protection) {}

    /** A file was opened. */
    default void fileOpened(int core, int task, int descriptor, String path, int flags) {}

    /** A descriptor was closed. */
    default void fileClosed(int core, int task, int descriptor) {}

    /** A character arrived at a terminal or stream device. */
    default void consoleInput(int core, String device, int character) {}

    /** A task read bytes from a terminal or stream device. */
    default void consoleRead(int core, int task, String device, byte[] bytes) {}

    /** A task (or the kernel: {@code -1}) wrote bytes to a terminal or stream device. */
    default void consoleWritten(int core, int task, String device, byte[] bytes) {}

    /** A pipe was made. */
    default void pipeCreated(int core, int task, long pipe, int readDescriptor, int writeDescriptor) {}

    /** Bytes went into a pipe; {@code offset} is how many had gone in before. */
    default void pipeWritten(int core, int task, long pipe, long offset, int length) {}

    /** Bytes came out of a pipe; {@code offset} is how many had come out before. */
    default void pipeRead(int core, int task, long pipe, long offset, int length) {}
}
