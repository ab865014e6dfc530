package chronovisor.cpu;

/** Fields of a segment descriptor (SDM vol. 3, 3.4.5), and how one is fetched. A descriptor is its 8 bytes as a long. */
final class Descriptor {
    /** System types (SDM vol. 3, table 3-2). */
    static final int LDT = 2;

    static final int TSS_AVAILABLE = 9;
    static final int TSS_BUSY = 11;
    static final int CALL_GATE = 12;

    private static final int ACCESSED = 1;
    private static final int TYPE_SHIFT = 40;

    private Descriptor() {}

    /** Whether a selector is null, whatever its RPL. */
    static boolean isNull(int selector) {
        return (selector & ~3) == 0;
    }

    /** Whether the descriptor's table reaches so far; asked before {@link #read}. */
    static boolean exists(Cpu cpu, int selector) {
        SystemState s = cpu.system;
        int last = (selector & ~7) + 7;
        if ((selector & 4) != 0) {
            return !isNull(s.ldtr) && last <= s.ldtLimit;
        }
        return last <= s.gdtLimit;
    }

    /** The descriptor of a selector; #GP(selector) beyond the table's limit. */
    static long fetch(Cpu cpu, int selector) {
        if (!exists(cpu, selector)) {
            throw cpu.raise(Vector.GP, selector & ~3);
        }
        return read(cpu, selector);
    }

    static long read(Cpu cpu, int selector) {
        SystemState s = cpu.system;
        long[] builtIn = s.builtInGdt;
        if (builtIn != null && (selector & 4) == 0) {
            return builtIn[selector >>> 3];
        }
        return cpu.mmu.loadSystem(address(cpu, selector), 8);
    }

    /** The upper half of a 16-byte system descriptor: bits 63..32 of its base. */
    static long baseHigh(Cpu cpu, int selector) {
        return cpu.mmu.loadSystem(address(cpu, selector) + 8, 4) << 32;
    }

    private static long address(Cpu cpu, int selector) {
        SystemState s = cpu.system;
        return ((selector & 4) != 0 ? s.ldtBase : s.gdtBase) + (selector & ~7);
    }

    /** Marks a code or data segment accessed, as loading it does. */
    static void access(Cpu cpu, int selector, long d) {
        if ((type(d) & ACCESSED) == 0) {
            retype(cpu, selector, d, type(d) | ACCESSED);
        }
    }

    /** Changes the type field in the table. */
    static void retype(Cpu cpu, int selector, long d, int type) {
        long changed = d & ~(15L << TYPE_SHIFT) | (long) type << TYPE_SHIFT;
        cpu.mmu.storeSystem(address(cpu, selector) + 5, changed >>> TYPE_SHIFT & 0xFF, 1);
    }

    static int type(long d) {
        return (int) (d >>> TYPE_SHIFT) & 15;
    }

    /** Code or data, no system segment or gate. */
    static boolean isSegment(long d) {
        return (d >>> 44 & 1) != 0;
    }

    static int dpl(long d) {
        return (int) (d >>> 45) & 3;
    }

    static boolean isPresent(long d) {
        return (d >>> 47 & 1) != 0;
    }

    static boolean isCode(long d) {
        return isSegment(d) && (type(d) & 8) != 0;
    }

    static boolean isConforming(long d) {
        return isCode(d) && (type(d) & 4) != 0;
    }

    static boolean isReadable(long d) {
        return isSegment(d) && ((type(d) & 8) == 0 || (type(d) & 2) != 0);
    }

    static boolean isWritable(long d) {
        return isSegment(d) && (type(d) & 10) == 2;
    }

    /** The L bit: 64-bit code. */
    static boolean isLong(long d) {
        return (d >>> 53 & 1) != 0;
    }

    /** The D bit: 32-bit code. */
    static boolean isBig(long d) {
        return (d >>> 54 & 1) != 0;
    }

    /** Bits 31..0 of the base. */
    static long base(long d) {
        return d >>> 16 & 0xFF_FFFFL | d >>> 32 & 0xFF00_0000L;
    }

    /** The limit in bytes, unsigned. */
    static long limit(long d) {
        long limit = d & 0xFFFF | d >>> 32 & 0xF_0000L;
        return (d >>> 55 & 1) != 0 ? limit << 12 | 0xFFF : limit;
    }
}
