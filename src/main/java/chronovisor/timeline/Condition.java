package chronovisor.timeline;

import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.kitten.syscall.SyscallTable;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Where to stop. */
public sealed interface Condition {

    /**
     * Before the instruction at a linear address.
     *
     * @param address
     *            of the instruction
     * @param root
     *            CR3 of the address space it is meant in; {@link #ANY} for all
     */
    record Address(long address, long root) implements Condition {
        @Override
        public String toString() {
            return "address 0x" + Long.toHexString(address);
        }
    }

    /**
     * After an access to linear memory of an address space, by whomever. Going back it stops before the access.
     *
     * @param root
     *            CR3 of the address space; {@link #ANY} for the one at the time of asking
     * @param address
     *            of the first byte
     * @param bytes
     *            how many
     * @param reads
     *            whether loads count too
     */
    record Memory(long root, long address, int bytes, boolean reads) implements Condition {
        public Memory {
            if (bytes < 1 || bytes > 1 << 20) {
                throw new IllegalArgumentException("a watch of " + bytes + " bytes");
            }
        }

        @Override
        public String toString() {
            return (reads ? "access to " : "write to ") + bytes + " bytes at 0x" + Long.toHexString(address);
        }
    }

    /**
     * When a general register of a core, or RIP's neighbour RFLAGS, has another value. It looks after each instruction: slow.
     *
     * @param core
     *            the core
     * @param register
     *            0 to 15 in the processor's order, 16 for RFLAGS
     */
    record Register(int core, int register) implements Condition {
        public Register {
            if (register < 0 || register > 16) {
                throw new IllegalArgumentException("register " + register);
            }
        }
    }

    /** After an event. Going back it stops before it. */
    record Event(String what, Predicate<GuestEvent> matches) implements Condition {
        @Override
        public String toString() {
            return what;
        }
    }

    /**
     * After the event that completes text on a device. Going back it stops before that.
     *
     * @param device
     *            the terminal or serial line, as events name it; empty for any
     * @param text
     *            is looked for in what was written to it, UTF-8, within its last 4,096 bytes
     */
    record ConsoleText(String device, Pattern text) implements Condition {
        @Override
        public String toString() {
            return "text " + text;
        }
    }

    /** Any address space. No CR3 has this value. */
    long ANY = -1;

    /** An instruction in any address space. */
    static Condition address(long address) {
        return new Address(address, ANY);
    }

    /**
     * Events of a type.
     *
     * @throws IllegalArgumentException
     *             when there is no such type
     */
    static Condition event(String type) {
        return new Event(type, EventTypes.named(type)
                .map(row -> (Predicate<GuestEvent>) event -> row.type().isInstance(event))
                .orElseThrow(() -> new IllegalArgumentException("unknown event type '" + type + "'")));
    }

    /**
     * The entry of a system call, by name or number.
     *
     * @throws IllegalArgumentException
     *             when there is no such call
     */
    static Condition syscall(String nameOrNumber) {
        int number = number(nameOrNumber);
        return new Event("system call " + SyscallTable.name(number),
                event -> event instanceof KittenEvent.SyscallEntered entered && entered.number() == number);
    }

    private static int number(String nameOrNumber) {
        if (nameOrNumber.matches("[0-9]{1,4}")) {
            return Integer.parseInt(nameOrNumber);
        }
        String name = nameOrNumber.toLowerCase(Locale.ROOT);
        for (int number = 0; number < 512; number++) {
            if (SyscallTable.name(number).equals(name)) {
                return number;
            }
        }
        throw new IllegalArgumentException("unknown system call '" + nameOrNumber + "'");
    }

    /** Text that is written to any terminal or serial line. */
    static Condition consoleText(String text) {
        return new ConsoleText("", Pattern.compile(Pattern.quote(text)));
    }

    /** A signal that is sent or delivered to a task. */
    static Condition signal(int signal) {
        return new Event("signal " + signal, event -> switch (event) {
            case KittenEvent.SignalSent sent -> sent.signal() == signal;
            case KittenEvent.SignalDelivered delivered -> delivered.signal() == signal;
            case GuestEvent other -> false;
        });
    }

    /** A change of what may be done with the page of an address, in any address space. */
    static Condition protection(long address) {
        return new Event("protection of 0x" + Long.toHexString(address),
                event -> event instanceof KittenEvent.RegionChanged changed
                        && Long.compareUnsigned(changed.start(), address) <= 0
                        && Long.compareUnsigned(address, changed.end()) < 0);
    }

}
