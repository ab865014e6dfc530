/**
 * Frames, guest-physical memory, page walk, software TLB, copy-on-write.
 *
 * <pre>
 *   linear address ──Mmu (TLB, 4-level walk)──▶ guest-physical address ──GuestMemory (top ▸ leaf)──▶ frame in FramePool
 *        #PF, #GP (GuestPageFault, …)               nested page fault (NestedFault)
 * </pre>
 *
 * Rules:
 * <ul>
 * <li>A frame is 4 KiB outside the Java heap, owned by a {@link FramePool}, counted by reference.</li>
 * <li>A {@link GuestMemory} and its {@link Mmu}s belong to one thread. Memories that share frames by fork may run on
 * different threads: everything shared is read-only and counted under the pool's lock.</li>
 * <li>An absent frame is never silently zero: touching it is a nested page fault, so is the first write to a frame that is
 * zero. A frame that only twins keep from being written becomes the memory's own in the middle of the access, since the guest has
 * not caused that; only where the host has few frames left it is a nested page fault, too.</li>
 * <li>A frame that holds decoded code has no write entry in any TLB, so that every write to it is seen.</li>
 * <li>A watched frame has none either, so that an access to a watched range is refused before anything of it has happened, as a
 * nested page fault, and can be let through and told.</li>
 * <li>Where a device is there is never a frame, so no TLB has it. An instruction that accesses it is executed with a {@link DeviceWindow} open.</li>
 * <li>{@link Storage}, what disks hold, is frames behind the memory that no guest address leads to.</li>
 * <li>Frames are shared by forks, and by {@link FrameSharing} where they hold the same. Who writes one gets a frame of its own.</li>
 * <li>Accesses that cross a page are all-or-nothing: every check is made before the first byte is written.</li>
 * </ul>
 *
 * The TLB keeps translations until they are invalidated, as hardware may. A guest that edits its page tables without
 * invalidating sees old translations; a restored machine starts with an empty TLB.
 */
@NullMarked
package chronovisor.memory;

import org.jspecify.annotations.NullMarked;
