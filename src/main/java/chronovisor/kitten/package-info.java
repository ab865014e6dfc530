/**
 * Kitten: the lightweight kernel that is ring 0 of its guest, written in Java.
 *
 * <pre>
 *   vmm --trap--&gt; Kitten --&gt; kernel.Trap (one trap: state in, state out, effects on the machine)
 *                              |-- syscall   one table row per call, handlers by family
 *                              |-- memory    regions, page tables in guest memory, frames
 *                              |-- file      inodes, directories, pipes, open files
 *                              |-- console   line discipline, 16550 driver over port I/O
 *                              |-- task      processes, tasks, wait queues
 *                              `-- signal    actions, frames on the user stack
 * </pre>
 *
 * Invariants: the kernel's whole state is one immutable {@code KernelState}; everything else a trap touches is the
 * machine (registers, guest memory, ports). File contents and buffers are bytes in guest frames. Nothing here reads host
 * time, host randomness, or iterates over an unordered collection. All calls come on the virtual machine's thread.
 */
@NullMarked
package chronovisor.kitten;

import org.jspecify.annotations.NullMarked;
