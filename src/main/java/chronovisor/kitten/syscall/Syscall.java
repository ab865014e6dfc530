package chronovisor.kitten.syscall;

import org.jspecify.annotations.Nullable;

/**
 * A row of the system call table.
 *
 * @param number
 *            x86-64 number
 * @param name
 *            Linux name
 * @param arguments
 *            what each argument is, in order
 * @param support
 *            how much of it there is
 * @param note
 *            what is missing, for partial rows
 * @param patch
 *            the switch that it belongs to; empty when the 2012 kernel had it
 * @param handler
 *            what it does; null when absent
 */
public record Syscall(int number, String name, String arguments, Support support, String note, String patch,
        @Nullable Handler handler) {

    /** How much of a call there is. */
    public enum Support {
        /** As Linux does it. */
        FULL,
        /** With the gaps that the note names. */
        PARTIAL,
        /** Answers without doing anything. */
        STUB,
        /** ENOSYS. */
        ABSENT
    }
}
