/**
 * Guest memory as the kernel manages it: which frames are free, which address ranges a process has, and the page tables
 * that make them real.
 *
 * <pre>
 *   AddressSpace: regions (value) --fault--&gt; page table entries (guest memory) --&gt; frames (FrameAllocator, value)
 * </pre>
 *
 * Invariant: a frame number is in exactly one of: the free extents, the boot area, a file or buffer, page tables, or
 * mapped pages (with a share count when mapped more than once).
 */
@NullMarked
package chronovisor.kitten.memory;

import org.jspecify.annotations.NullMarked;
