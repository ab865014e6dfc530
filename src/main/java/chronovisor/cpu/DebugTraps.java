package chronovisor.cpu;

/** Breakpoints and single-stepping: what DR7 and RFLAGS.TF ask for and what DR6 tells (SDM vol. 3, 17.2 and 17.3). */
public final class DebugTraps {
    /** DR6: debug-register access detected. */
    static final long BD = 1 << 13;

    /** DR6: single step. */
    public static final long BS = 1 << 14;

    /** DR7: general detect. */
    static final long GD = 1 << 13;

    /** Bit of {@link Cpu#guards}: DR7 enables a breakpoint. */
    static final int GUARD = 8;

    private static final int EXECUTE = 0;
    private static final int WRITE = 1;
    private static final int IO = 2;
    private static final long ENABLES = 0xFF;

    /** B0..B3: a debug exception replaces them; the other bits of DR6 add up until software clears them. */
    public static final long BREAKPOINTS = 15;

    private static final long DR6_WRITABLE = 0xE00F;
    private static final long DR7_WRITABLE = 0xFFFF_23FFL;

    /** Lengths in bytes by the LEN field. */
    private static final int[] BYTES = {1, 2, 8, 4};

    private DebugTraps() {}

    static int guards(Cpu cpu) {
        return (cpu.system.dr7 & ENABLES) != 0 ? GUARD : 0;
    }

    private static boolean enabled(SystemState s, int n) {
        return (s.dr7 >>> 2 * n & 3) != 0;
    }

    private static int kind(SystemState s, int n) {
        return (int) (s.dr7 >>> 16 + 4 * n) & 3;
    }

    private static int bytes(SystemState s, int n) {
        return BYTES[(int) (s.dr7 >>> 18 + 4 * n) & 3];
    }

    /** B bits of the instruction breakpoints at an address. Their length field has to be 0. */
    static long atInstruction(Cpu cpu, long rip) {
        SystemState s = cpu.system;
        long hits = 0;
        for (int n = 0; n < 4; n++) {
            if (enabled(s, n) && kind(s, n) == EXECUTE && bytes(s, n) == 1 && s.dr[n] == rip) {
                hits |= 1L << n;
            }
        }
        return hits;
    }

    /** B bits of the data breakpoints that an access touches. */
    static long atData(Cpu cpu, long va, int bytes, boolean write) {
        SystemState s = cpu.system;
        long hits = 0;
        for (int n = 0; n < 4; n++) {
            int kind = kind(s, n);
            boolean watched = kind == WRITE ? write : kind > IO;
            if (enabled(s, n) && watched && overlap(s.dr[n], bytes(s, n), va, bytes)) {
                hits |= 1L << n;
            }
        }
        return hits;
    }

    /** B bits of the I/O breakpoints that an access touches; there are none without CR4.DE. */
    static long atPort(Cpu cpu, int port, int bytes) {
        SystemState s = cpu.system;
        long hits = 0;
        for (int n = 0; n < 4; n++) {
            if (enabled(s, n) && kind(s, n) == IO && (cpu.cr4 & Control.CR4_DE) != 0
                    && overlap(s.dr[n], bytes(s, n), port, bytes)) {
                hits |= 1L << n;
            }
        }
        return hits;
    }

    /** A breakpoint's address is taken without the bits its length aligns. */
    private static boolean overlap(long breakpoint, int length, long va, int bytes) {
        long start = breakpoint & -length;
        return va + bytes - 1 - start >= 0 && start + length - 1 - va >= 0;
    }

    /** Whether any data breakpoint is on. */
    static boolean watchesData(Cpu cpu) {
        SystemState s = cpu.system;
        for (int n = 0; n < 4; n++) {
            if (enabled(s, n) && (kind(s, n) == WRITE || kind(s, n) > IO)) {
                return true;
            }
        }
        return false;
    }

    /** The DR6 bits of the trap that follows an instruction which the machine has completed. */
    static long retired(Cpu cpu) {
        SystemState s = cpu.system;
        long traps = (cpu.flagsOther & Flags.TF) != 0 ? BS : 0;
        traps |= s.heldDebug | cpu.portHits;
        cpu.portHits = 0;
        cpu.flagsOther &= ~Flags.RF;
        s.heldDebug = 0;
        s.shadow = SystemState.SHADOW_NONE;
        return traps;
    }

    /** Enters a debug exception into DR6 and clears DR7.GD; gives the exit. */
    static int raise(Cpu cpu, long bits) {
        record(cpu, bits);
        return Faults.debug(cpu, Vector.DB, 0);
    }

    /** Enters what {@link Cpu#pendingDebug} tells into DR6; the machine then delivers #DB. */
    public static void deliverPending(Cpu cpu) {
        record(cpu, cpu.pendingDebug);
        cpu.pendingDebug = 0;
    }

    private static void record(Cpu cpu, long bits) {
        SystemState s = cpu.system;
        s.dr6 = s.dr6 & ~BREAKPOINTS | bits;
        s.dr7 &= ~GD;
        cpu.pendingDebug = 0;
    }

    /** MOV from a debug register. */
    static long read(Cpu cpu, int number) {
        SystemState s = cpu.system;
        return switch (checked(cpu, number)) {
            case 6 -> s.dr6;
            case 7 -> s.dr7;
            default -> s.dr[number]; // 0 to 3
        };
    }

    /** MOV to a debug register: the upper halves of DR6 and DR7 are reserved. */
    static void write(Cpu cpu, int number, long v) {
        SystemState s = cpu.system;
        int n = checked(cpu, number);
        if (n >= 6 && v >>> 32 != 0) {
            throw cpu.raise(Vector.GP, 0);
        }
        switch (n) {
            case 6 -> s.dr6 = v & DR6_WRITABLE | SystemState.DR6_IDLE;
            case 7 -> s.dr7 = v & DR7_WRITABLE | SystemState.DR7_IDLE;
            default -> s.dr[n] = v; // 0 to 3
        }
        cpu.context();
    }

    /** DR4 and DR5 are DR6 and DR7 without CR4.DE and #UD with it; then privilege; then general detect. */
    private static int checked(Cpu cpu, int number) {
        boolean alias = number == 4 || number == 5;
        if (alias && (cpu.cr4 & Control.CR4_DE) != 0) {
            throw cpu.raise(Vector.UD, 0);
        }
        cpu.requirePrivilege();
        if ((cpu.system.dr7 & GD) != 0) {
            record(cpu, BD);
            throw cpu.raise(Vector.DB, 0);
        }
        return alias ? number + 2 : number;
    }
}
