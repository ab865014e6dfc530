package chronovisor.cpu;

import chronovisor.memory.Mmu;

/** A core's jump caches: one for each of the address spaces it was in last. */
final class JumpCaches {
    private static final int SPACES = 8;

    private final JumpCache[] caches = new JumpCache[SPACES];
    private final long[] roots = new long[SPACES];
    private int count;
    private int next;

    /** The jump cache of the address space that the processor is in, with only what holds there now. */
    JumpCache current(Cpu cpu, JumpCache before) {
        Mmu mmu = cpu.mmu;
        JumpCache cache = of(cpu.cr3 << 1 | (cpu.cpl == 3 ? 1 : 0));
        cache.verify(mmu, mmu.allChanged() || cache != before);
        mmu.settled();
        return cache;
    }

    /** @param root CR3 and whether the privilege is the user's, as each has pages of its own */
    private JumpCache of(long root) {
        for (int i = 0; i < count; i++) {
            if (roots[i] == root) {
                return caches[i];
            }
        }
        int i = next;
        next = (next + 1) % SPACES;
        if (i < count) {
            caches[i].clear();
        } else {
            caches[i] = new JumpCache();
            count++;
        }
        roots[i] = root;
        return caches[i];
    }

    void clear() {
        for (int i = 0; i < count; i++) {
            caches[i].clear();
        }
    }
}
