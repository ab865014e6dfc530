/**
 * The kernel's state and how a trap works on it.
 *
 * <pre>
 *   KernelState --Trap(state, core)--&gt; [faults, files, pipes, consoles, scheduler, signals] --value()--&gt; KernelState
 * </pre>
 *
 * A {@link chronovisor.kitten.kernel.Trap} is the draft of the next state: it lives for one entry into the kernel and is
 * the only thing that changes. Effects on the machine (guest memory, page tables, ports) happen at once, in order.
 * Classes here are groups of functions over a trap, one group a concern.
 */
@NullMarked
package chronovisor.kitten.kernel;

import org.jspecify.annotations.NullMarked;
