package chronovisor.timeline;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import org.jspecify.annotations.Nullable;

/**
 * An access to watched memory.
 *
 * @param before
 *            the last stop before it: a seek there finds the memory as it was, and the instruction at {@code rip} about to run
 * @param core
 *            the core
 * @param rip
 *            the instruction that accessed, or during which the kernel did
 * @param physical
 *            guest-physical address
 * @param bytes
 *            how many
 * @param write
 *            whether it wrote
 * @param kernel
 *            the first event of what the kernel or a device did the access for; null when the instruction did itself
 */
public record Access(Position before, int core, long rip, long physical, int bytes, boolean write,
        @Nullable GuestEvent kernel) {}
