package chronovisor.cpu;

import chronovisor.isa.Operand;

/**
 * One instruction of 16- or 32-bit code: its prefixes, operands and immediates as they are read one after the other (SDM vol. 2, 2.1).
 * Segment limits are not checked: what starts a machine uses its segments for their bases only.
 */
final class LegacyCode {

    private static final long LOW = 0xFFFF_FFFFL;
    private static final int EBP = 5;
    private static final int EBX = 3;
    private static final int ESI = 6;
    private static final int EDI = 7;

    private final Cpu cpu;
    private final boolean code32;
    private final long start;
    private long ip;

    /** Width of operands that are not bytes: 16 or 32. */
    int bits;
    /** Width of addresses. */
    int addressBits;
    /** Whether there is REP or REPE, or REPNE. */
    boolean repeats;
    private int override = Operand.NONE;

    // ModRM.
    int reg;
    private int rm;
    private boolean memory;
    private int segment;
    private long offset;

    LegacyCode(Cpu cpu) {
        this.cpu = cpu;
        code32 = cpu.system.codeBits == 32;
        start = cpu.rip;
        ip = start;
        bits = code32 ? 32 : 16;
        addressBits = bits;
    }

    /** Reads prefixes; gives the opcode's first byte. */
    int opcode() {
        while (true) {
            int b = next8();
            switch (b) {
                case 0x26 -> override = Operand.ES;
                case 0x2E -> override = Operand.CS;
                case 0x36 -> override = Operand.SS;
                case 0x3E -> override = Operand.DS;
                case 0x64 -> override = Operand.FS;
                case 0x65 -> override = Operand.GS;
                case 0x66 -> bits = code32 ? 16 : 32;
                case 0x67 -> addressBits = code32 ? 16 : 32;
                case 0xF2, 0xF3 -> repeats = true;
                case 0xF0 -> {
                    // Everything is atomic here.
                }
                default -> {
                    return b;
                }
            }
            if (ip - start > 14) {
                throw cpu.raise(Vector.GP, 0);
            }
        }
    }

    int length() {
        return (int) (ip - start);
    }

    /** Where the next instruction is, as an offset in the code segment. */
    long nextIp() {
        return ip & (code32 ? LOW : 0xFFFF);
    }

    int next8() {
        return cpu.mmu.load8(base(Operand.CS) + ip++ & LOW) & 0xFF;
    }

    /** An immediate of 8, 16 or 32 bits, zero-extended. */
    long next(int width) {
        long value = 0;
        for (int i = 0; i < width; i += 8) {
            value |= (long) next8() << i;
        }
        return value;
    }

    long nextSigned8() {
        return (byte) next8();
    }

    long base(int of) {
        return switch (of) {
            case Operand.FS -> cpu.fsBase;
            case Operand.GS -> cpu.gsBase;
            default -> cpu.system.bases[of];
        };
    }

    private long linear(int of, long at) {
        return base(of) + at & LOW;
    }

    /** The segment of a memory operand that is no ModRM's. */
    int dataSegment() {
        return override == Operand.NONE ? Operand.DS : override;
    }

    // ModRM.

    void modrm() {
        int b = next8();
        reg = b >>> 3 & 7;
        rm = b & 7;
        memory = b >>> 6 != 3;
        if (memory) {
            segment = Operand.DS;
            offset = addressBits == 16 ? address16(b >>> 6) : address32(b >>> 6);
            segment = override == Operand.NONE ? segment : override;
        }
    }

    private long address16(int mod) {
        long at = switch (rm) {
            case 0 -> cpu.gpr[EBX] + cpu.gpr[ESI];
            case 1 -> cpu.gpr[EBX] + cpu.gpr[EDI];
            case 2 -> cpu.gpr[EBP] + cpu.gpr[ESI];
            case 3 -> cpu.gpr[EBP] + cpu.gpr[EDI];
            case 4 -> cpu.gpr[ESI];
            case 5 -> cpu.gpr[EDI];
            case 6 -> mod == 0 ? next(16) : cpu.gpr[EBP];
            default -> cpu.gpr[EBX];
        };
        if (rm == 2 || rm == 3 || rm == 6 && mod != 0) {
            segment = Operand.SS;
        }
        at += mod == 1 ? nextSigned8() : mod == 2 ? next(16) : 0;
        return at & 0xFFFF;
    }

    private long address32(int mod) {
        long at = 0;
        int base = rm;
        if (rm == Cpu.RSP) {
            int sib = next8();
            base = sib & 7;
            int index = sib >>> 3 & 7;
            at = index == Cpu.RSP ? 0 : cpu.gpr[index] << (sib >>> 6);
        }
        if (base == EBP && mod == 0) {
            at += next(32);
        } else {
            at += cpu.gpr[base];
            segment = base == Cpu.RSP || base == EBP ? Operand.SS : segment;
        }
        at += mod == 1 ? nextSigned8() : mod == 2 ? next(32) : 0;
        return at & LOW;
    }

    boolean isMemory() {
        return memory;
    }

    /** Number of the register that is no memory operand. */
    int register() {
        return rm;
    }

    /** Offset of the memory operand in its segment. */
    long effective() {
        if (!memory) {
            throw cpu.raise(Vector.UD, 0);
        }
        return offset;
    }

    /** Linear address of the memory operand. */
    long address() {
        return linear(segment, effective());
    }

    long get(int width) {
        return memory ? load(segment, offset, width) : register(rm, width);
    }

    void set(int width, long value) {
        if (memory) {
            store(segment, offset, width, value);
        } else {
            register(rm, width, value);
        }
    }

    /** Raises what writing the operand would raise, before anything else is changed. */
    void checkWrite(int width) {
        if (memory) {
            cpu.mmu.checkWrite(linear(segment, offset), width / 8);
        }
    }

    // Registers and memory.

    long register(int number, int width) {
        if (width == 8) {
            return cpu.gpr[number & 3] >>> (number & 4) * 2 & 0xFF;
        }
        return Flags.mask(width, cpu.gpr[number]);
    }

    void register(int number, int width, long value) {
        switch (width) {
            case 8 -> {
                int shift = (number & 4) * 2;
                cpu.gpr[number & 3] = cpu.gpr[number & 3] & ~(0xFFL << shift) | (value & 0xFF) << shift;
            }
            case 16 -> cpu.gpr[number] = cpu.gpr[number] & ~0xFFFFL | value & 0xFFFF;
            default -> cpu.gpr[number] = value & LOW;
        }
    }

    long load(int from, long at, int width) {
        long va = linear(from, at);
        return switch (width) {
            case 8 -> cpu.mmu.load8(va) & 0xFF;
            case 16 -> cpu.mmu.load16(va) & 0xFFFF;
            default -> cpu.mmu.load32(va) & LOW;
        };
    }

    void store(int to, long at, int width, long value) {
        long va = linear(to, at);
        switch (width) {
            case 8 -> cpu.mmu.store8(va, (byte) value);
            case 16 -> cpu.mmu.store16(va, (short) value);
            default -> cpu.mmu.store32(va, (int) value);
        }
    }

    // The stack.

    private int stackBits() {
        return cpu.system.stackBits;
    }

    void push(int width, long value) {
        long sp = Flags.mask(stackBits(), cpu.gpr[Cpu.RSP] - width / 8);
        store(Operand.SS, sp, width, value);
        register(Cpu.RSP, stackBits(), sp);
    }

    /** The word so far up the stack. */
    long peek(int width, int above) {
        return load(Operand.SS, Flags.mask(stackBits(), cpu.gpr[Cpu.RSP] + above), width);
    }

    void drop(long bytes) {
        register(Cpu.RSP, stackBits(), cpu.gpr[Cpu.RSP] + bytes);
    }

    long pop(int width) {
        long value = peek(width, 0);
        drop(width / 8);
        return value;
    }
}
