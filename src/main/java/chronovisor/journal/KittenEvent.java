package chronovisor.journal;

/** What the built-in kernel did. Tasks are named by their number, files by path or descriptor. */
public sealed interface KittenEvent extends GuestEvent {

    /** The kernel came up with this command line. */
    record KernelBooted(Stamp stamp, String commandLine) implements KittenEvent {}

    /** A task made a system call with its six argument registers. */
    record SyscallEntered(Stamp stamp, int task, int number, long a0, long a1, long a2, long a3, long a4, long a5)
            implements
                KittenEvent {}

    /** A system call returned; a negative result is an error number. */
    record SyscallReturned(Stamp stamp, int task, int number, long result) implements KittenEvent {}

    /** A system call could not finish and its task waits. */
    record SyscallBlocked(Stamp stamp, int task, int number, String queue) implements KittenEvent {}

    /** A task was created by another one, or by the kernel (parent 0). */
    record TaskStarted(Stamp stamp, int task, int parent, String name) implements KittenEvent {}

    /** A core went from one task to another; 0 is idle. */
    record TaskSwitched(Stamp stamp, int from, int to) implements KittenEvent {}

    /** A waiting task became runnable. */
    record TaskWoken(Stamp stamp, int task, String queue) implements KittenEvent {}

    /** A task ended: with a status, or killed by {@code signal} when that is not 0. */
    record TaskExited(Stamp stamp, int task, int status, int signal) implements KittenEvent {}

    /** A task loaded a program. */
    record ProgramLoaded(Stamp stamp, int task, String path, long entry) implements KittenEvent {}

    /** The kernel handled a page fault of a task; {@code outcome} says how. */
    record PageFaulted(Stamp stamp, int task, long address, long errorCode, long rip, String outcome)
            implements
                KittenEvent {}

    /** A task's address space changed: mapped, unmapped, protected or grown. */
    record RegionChanged(Stamp stamp, int task, String change, long start, long length, int protection)
            implements
                KittenEvent {}

    /** A signal was sent to a task. */
    record SignalSent(Stamp stamp, int task, int signal, int sender) implements KittenEvent {}

    /** A signal was delivered: to {@code handler}, or by its default action when that is 0. */
    record SignalDelivered(Stamp stamp, int task, int signal, long handler) implements KittenEvent {}

    /** The kernel printed a line. */
    record MessagePrinted(Stamp stamp, String line) implements KittenEvent {}

    /** A task wrote to a terminal or serial line. */
    record ConsoleWritten(Stamp stamp, String path, Blob bytes) implements KittenEvent {}

    /** A task read from a terminal or serial line. */
    record ConsoleRead(Stamp stamp, String path, Blob bytes) implements KittenEvent {}

    /** Bytes went into or out of a pipe. */
    record PipeTransferred(Stamp stamp, int task, int pipe, boolean written, Blob bytes) implements KittenEvent {}

    /** A task opened a file. */
    record FileOpened(Stamp stamp, int task, int descriptor, String path, int flags) implements KittenEvent {}

    /** A task closed a descriptor. */
    record FileClosed(Stamp stamp, int task, int descriptor) implements KittenEvent {}
}
