package chronovisor.vmm;

import chronovisor.memory.FramePool;
import chronovisor.memory.PageTables;
import java.util.BitSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * The paper's knowledge of page tables (7.1.1): the VMM walks all page tables of the guest and takes the pages that at least one entry
 * maps read-only, to the user or to the kernel. That a kernel may have all memory mapped writable for its own use does not matter.
 */
public final class ReadOnlyPages {

    private static final long CR3_ADDRESS = PageTables.ADDRESS;

    private ReadOnlyPages() {}

    /** The guest frame numbers of such pages. */
    public static BitSet of(MachineState machine) {
        Set<Long> roots = new TreeSet<>();
        machine.cpus().forEach(cpu -> roots.add(cpu.cr3() & CR3_ADDRESS));
        if (machine.kernel() != null && machine.kernelForm() != null) {
            machine.kernelForm().pageTables(machine.kernel()).forEach(root -> roots.add(root & CR3_ADDRESS));
        }
        long frames = machine.memory().sizeBytes() / FramePool.FRAME_BYTES;
        BitSet pages = new BitSet();
        for (long root : roots) {
            PageTables.forEachMapping(machine.memory(), root, (va, mapping) -> {
                if ((mapping.rights() & PageTables.WRITABLE) == 0) {
                    long first = mapping.physical(va) / FramePool.FRAME_BYTES;
                    long last = Math.min(frames, first + mapping.pageBytes() / FramePool.FRAME_BYTES);
                    for (long gfn = first; gfn < last; gfn++) {
                        pages.set((int) gfn);
                    }
                }
            });
        }
        return pages;
    }
}
