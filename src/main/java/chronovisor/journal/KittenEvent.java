package chronovisor.journal;

/**
 * What the built-in kernel did. Tasks are named by their number ({@code -1}: none, or idle), devices and files by path.
 */
public sealed interface KittenEvent extends GuestEvent {

    /** A task made a system call with its six argument registers. */
    record SyscallEntered(Stamp stamp, int task, int number, long a0, long a1, long a2, long a3, long a4, long a5)
            implements
                KittenEvent {}

    /** A system call returned; a negative result is an error number. Caused by its entry. */
    record SyscallReturned(Stamp stamp, int task, int number, long result) implements KittenEvent {}

    /** A task was created by another one, or by the kernel; {@code process} is its thread group. */
    record TaskStarted(Stamp stamp, int task, int process, int parent, String name) implements KittenEvent {}

    /** A core went from one task to another. */
    record TaskSwitched(Stamp stamp, int from, int to) implements KittenEvent {}

    /** A task waits for what {@code queues} names. */
    record TaskBlocked(Stamp stamp, int task, String queues) implements KittenEvent {}

    /** A waiting task became runnable; {@code why} names the wait queue, a timeout or a signal. */
    record TaskWoken(Stamp stamp, int task, String why) implements KittenEvent {}

    /** A task ended: with a status, or killed by {@code signal} when that is not 0. */
    record TaskExited(Stamp stamp, int task, int status, int signal) implements KittenEvent {}

    /** A task loaded a program. */
    record ProgramLoaded(Stamp stamp, int task, String path, long entry, long stackPointer) implements KittenEvent {}

    /** The kernel handled a page fault of a task; {@code resolution} says how. */
    record PageFaulted(Stamp stamp, int task, long address, int errorCode, String resolution) implements KittenEvent {}

    /** An address range changed: mapped, unmapped, protected or grown. */
    record RegionChanged(Stamp stamp, int task, String change, long start, long end, int protection)
            implements
                KittenEvent {}

    /** A signal was sent to a task. */
    record SignalSent(Stamp stamp, int task, int signal, int code, long address) implements KittenEvent {}

    /** A signal was delivered: to {@code handler}, or by its default action when that is 0. Caused by its sending. */
    record SignalDelivered(Stamp stamp, int task, int signal, long handler) implements KittenEvent {}

    /** The kernel printed a line. */
    record MessagePrinted(Stamp stamp, String line) implements KittenEvent {}

    /** A character arrived at a terminal or serial line. */
    record ConsoleInputArrived(Stamp stamp, String device, int character) implements KittenEvent {}

    /** A task, or the kernel, wrote to a terminal or serial line. */
    record ConsoleWritten(Stamp stamp, int task, String device, Blob bytes) implements KittenEvent {}

    /** A task read from a terminal or serial line. Caused by the last arrival there. */
    record ConsoleRead(Stamp stamp, int task, String device, Blob bytes) implements KittenEvent {}

    /** A task made a pipe. */
    record PipeCreated(Stamp stamp, int task, long pipe, int readDescriptor, int writeDescriptor)
            implements
                KittenEvent {}

    /** Bytes went into a pipe after {@code offset} earlier ones. */
    record PipeWritten(Stamp stamp, int task, long pipe, long offset, int length) implements KittenEvent {}

    /** Bytes came out of a pipe after {@code offset} earlier ones. Caused by the writing of the first of them. */
    record PipeRead(Stamp stamp, int task, long pipe, long offset, int length) implements KittenEvent {}

    /** A task opened a file. */
    record FileOpened(Stamp stamp, int task, int descriptor, String path, int flags) implements KittenEvent {}

    /** A task closed a descriptor. */
    record FileClosed(Stamp stamp, int task, int descriptor) implements KittenEvent {}
}
