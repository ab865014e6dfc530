package chronovisor.debug;

import chronovisor.kitten.task.SignalInfo;

/** Why the machine stands. */
sealed interface Halt {

    /** The task that is meant; -1 when none is. */
    int task();

    /** It stands before the instruction of a breakpoint. */
    record Breakpoint(int task, boolean hardware) implements Halt {}

    /** Watched memory was accessed, or, going back, is about to be. */
    record Watch(int task, Place.Data place) implements Halt {}

    /** It was stepped, or nothing has happened yet. */
    record Stepped(int task) implements Halt {}

    /** The client interrupted it. */
    record Interrupted(int task) implements Halt {}

    /** A task gets a signal. */
    record Signal(int task, SignalInfo info) implements Halt {}

    /** A system call is about to be made, or has returned. */
    record Syscall(int task, int number, boolean returned) implements Halt {}

    /** Going back: the recording begins here. */
    record Beginning(int task) implements Halt {}

    /** Going on: the recording ends here. */
    record End(int task, String reason) implements Halt {}

    /** The machine, or the inferior, has ended: with a status, or by a signal when that is not 0. */
    record Exited(int task, int status, int signal, String reason) implements Halt {}
}
