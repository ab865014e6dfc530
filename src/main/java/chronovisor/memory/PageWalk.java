package chronovisor.memory;

/**
 * The 4-level page walk of 64-bit mode (SDM vol. 3, 4.5), with accessed and dirty bits, in the guest's own tables. The
 * result is left in fields, as one walk serves a TLB fill.
 */
final class PageWalk {

    /** Physical-address width; CPUID 0x80000008 tells the same. */
    static final int PHYSICAL_ADDRESS_BITS = 40;

    static final long PRESENT = 1;
    static final long WRITABLE = 2;
    static final long USER = 4;
    static final long ACCESSED = 0x20;
    static final long DIRTY = 0x40;
    static final long PAGE_SIZE = 0x80;
    static final long NO_EXECUTE = 1L << 63;
    static final long ADDRESS = 0x000F_FFFF_FFFF_F000L;
    private static final long RESERVED = ADDRESS & -(1L << PHYSICAL_ADDRESS_BITS);

    static final int READ = 0;
    static final int WRITE = 1;
    static final int EXECUTE = 2;

    private final GuestMemory memory;
    private final GuestPageFault pageFault;
    private final NestedFault nestedFault;

    long cr3;
    boolean writeProtect;
    boolean noExecute;
    boolean user;

    /** Results. */
    long gpa;
    boolean writable;
    boolean dirty;
    boolean large;

    private final long[] entryAddress = new long[4];
    private final long[] entryValue = new long[4];

    PageWalk(GuestMemory memory, GuestPageFault pageFault, NestedFault nestedFault) {
        this.memory = memory;
        this.pageFault = pageFault;
        this.nestedFault = nestedFault;
    }

    /** Translates a canonical address, or raises the page fault or nested fault that the access meets. */
    void walk(long va, int access) {
        long table = cr3 & ADDRESS;
        long rights = WRITABLE | USER;
        long noExecution = 0;
        int level = 0;
        long offsetMask = 0;
        for (int shift = 39;; shift -= 9, level++) {
            long address = table + (va >>> shift - 3 & 0xFF8);
            long host = memory.hostForRead(address >>> 12);
            if (host == 0) {
                throw nested(address, false);
            }
            long entry = HostMemory.get64(host + (address & 0xFFF));
            entryAddress[level] = address;
            entryValue[level] = entry;
            if ((entry & PRESENT) == 0) {
                throw fault(va, access, 0);
            }
            boolean leaf = shift == 12 || (entry & PAGE_SIZE) != 0;
            offsetMask = (1L << shift) - 1;
            if (reserved(entry, shift, leaf)) {
                throw fault(va, access, GuestPageFault.PRESENT | GuestPageFault.RESERVED);
            }
            rights &= entry;
            noExecution |= entry & NO_EXECUTE;
            table = entry & ADDRESS;
            if (leaf) {
                break;
            }
        }
        checkRights(va, access, rights, noExecution);
        updateBits(level, access);
        gpa = table & ~offsetMask | va & offsetMask;
        writable = (rights & WRITABLE) != 0 || !user && !writeProtect;
        dirty = (entryValue[level] & DIRTY) != 0;
        large = level < 3;
    }

    /**
     * Guest-physical address that a fetch at a canonical address gets without a fault and without setting an accessed bit; -1 where it
     * would not. Changes nothing.
     */
    long fetched(long va) {
        long table = cr3 & ADDRESS;
        boolean allowed = true;
        for (int shift = 39;; shift -= 9) {
            long host = memory.hostForRead(table >>> 12);
            if (host == 0) {
                return -1;
            }
            long entry = HostMemory.get64(host + (va >>> shift - 3 & 0xFF8));
            boolean leaf = shift == 12 || (entry & PAGE_SIZE) != 0;
            allowed &= (entry & (PRESENT | ACCESSED | NO_EXECUTE)) == (PRESENT | ACCESSED)
                    && (!user || (entry & USER) != 0) && !reserved(entry, shift, leaf);
            if (!allowed) {
                return -1;
            }
            if (leaf) {
                long offsetMask = (1L << shift) - 1;
                return entry & ADDRESS & ~offsetMask | va & offsetMask;
            }
            table = entry & ADDRESS;
        }
    }

    private boolean reserved(long entry, int shift, boolean leaf) {
        long reserved = entry & RESERVED;
        if (!noExecute) {
            reserved |= entry & NO_EXECUTE;
        }
        if (shift == 39) {
            reserved |= entry & PAGE_SIZE;
        } else if (leaf && shift > 12) {
            // Bit 12 of a large page's entry is its PAT bit.
            reserved |= entry & (1L << shift) - 1 & ~0x1FFFL;
        }
        return reserved != 0;
    }

    private void checkRights(long va, int access, long rights, long noExecution) {
        boolean refused = user && (rights & USER) == 0;
        refused |= access == WRITE && (rights & WRITABLE) == 0 && (user || writeProtect);
        refused |= access == EXECUTE && noExecution != 0;
        if (refused) {
            throw fault(va, access, GuestPageFault.PRESENT);
        }
    }

    /** Sets accessed and dirty bits. All tables are made sure to be writable before the first is written. */
    private void updateBits(int last, int access) {
        for (int i = 0; i <= last; i++) {
            if (wanted(i, last, access) != entryValue[i] && memory.hostForWrite(entryAddress[i] >>> 12) == 0) {
                throw nested(entryAddress[i], true);
            }
        }
        for (int i = 0; i <= last; i++) {
            long wanted = wanted(i, last, access);
            if (wanted != entryValue[i]) {
                long address = entryAddress[i];
                HostMemory.put64(memory.hostForWrite(address >>> 12) + (address & 0xFFF), wanted);
                entryValue[i] = wanted;
                memory.written(address, 8);
            }
        }
    }

    private long wanted(int level, int last, int access) {
        return entryValue[level] | ACCESSED | (level == last && access == WRITE ? DIRTY : 0);
    }

    GuestPageFault fault(long va, int access, int code) {
        int errorCode = code;
        if (user) {
            errorCode |= GuestPageFault.USER;
        }
        if (access == WRITE) {
            errorCode |= GuestPageFault.WRITE;
        } else if (access == EXECUTE && noExecute) {
            errorCode |= GuestPageFault.INSTRUCTION;
        }
        pageFault.address = va;
        pageFault.errorCode = errorCode;
        return pageFault;
    }

    NestedFault nested(long address, boolean write) {
        nestedFault.gfn = address >>> 12;
        nestedFault.address = address;
        nestedFault.write = write;
        nestedFault.absent = memory.hostForRead(address >>> 12) == 0;
        nestedFault.watched = false;
        return nestedFault;
    }

    /** Refuses an access to watched memory, before anything of it has happened. */
    void guard(long address, int bytes, boolean write) {
        if (memory.refuses(address, bytes, write)) {
            NestedFault fault = nested(address, write);
            fault.watched = true;
            throw fault;
        }
    }
}
