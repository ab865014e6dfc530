package chronovisor.debug;

import chronovisor.journal.Position;
import chronovisor.timeline.View;
import java.util.Optional;
import java.util.Set;

/** A machine as a debugger wants it. One thread, the machine's. */
interface Target extends AutoCloseable {

    /** The machine where it stands. */
    View view();

    /** Where it stands. */
    Position position();

    /** The program that is debugged. */
    Inferior inferior();

    /** Where to stop from now on: breakpoints, watchpoints, and system calls by number ({@code null} for none). */
    void places(Set<Place> places, CaughtSyscalls syscalls);

    /** Whom a running machine reports to. */
    interface Client {
        /** Whether the client wants the machine to stop. Asked now and then. */
        boolean interrupted();

        /**
         * Tells why the machine stands in the middle of a run, and lets the client look until it is to go on.
         *
         * @return how; empty when the client has left
         */
        Optional<Plan> pause(Halt why);
    }

    /**
     * Goes on, or back, until there is something to report.
     *
     * @param client
     *            who wants to know
     * @throws Refused
     *             when it cannot be done here; the machine stands where it stood
     */
    Halt resume(Plan plan, Client client) throws Refused;

    /** Whether it can go back. */
    boolean reverses();

    /**
     * Changes memory of a task.
     *
     * @throws Refused
     *             when that is not allowed here, or nothing is mapped there
     */
    void write(int task, long address, byte[] bytes) throws Refused;

    /**
     * Changes registers of a task, all of them in the order of {@link TargetDescription}.
     *
     * @throws Refused
     *             when that is not allowed here
     */
    void write(int task, RegisterFile registers) throws Refused;

    /**
     * A command of the operator that only this kind of target knows.
     *
     * @throws Refused
     *             when there is no such command here, or it cannot be done
     */
    String command(String name, String argument) throws Refused;

    /** What the client must be told whenever the machine stops; empty for nothing. */
    default String note() {
        return "";
    }

    /** The client has left: what was only for it ends. */
    default void left() {
        // Most targets keep nothing for a client.
    }

    /** The client wants no more of the program: a live machine ends, a recording remains. */
    void kill();

    /** What the target's own commands are, a line each. */
    String help();

    @Override
    void close();
}
