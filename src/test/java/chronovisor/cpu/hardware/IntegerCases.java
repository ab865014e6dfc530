package chronovisor.cpu.hardware;

import chronovisor.isa.Decoded;
import chronovisor.isa.Decoder;
import chronovisor.isa.Family;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import chronovisor.isa.Repeat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Seeded cases for every integer instruction: each opcode, prefix and addressing form, with interesting and random values. */
public final class IntegerCases {
    /** What must not run in the harness, or depends on the machine around it. */
    private static final Set<Operation> EXCLUDED = EnumSet.of(Operation.SYSCALL, Operation.SYSENTER, Operation.SYSEXIT,
            Operation.SYSRET, Operation.CPUID, Operation.RDTSC, Operation.RDTSCP, Operation.RDPMC, Operation.RDRAND,
            Operation.RDSEED, Operation.RDPID, Operation.XGETBV, Operation.XSETBV, Operation.RDPKRU, Operation.WRPKRU,
            Operation.LFS,
            Operation.LGS,
            Operation.LSS, Operation.LAR, Operation.LSL, Operation.VERR, Operation.VERW, Operation.SGDT, Operation.SIDT,
            Operation.SLDT, Operation.STR, Operation.SMSW, Operation.XBEGIN, Operation.XEND, Operation.XTEST,
            Operation.XABORT, Operation.IRET, Operation.RET_FAR, Operation.CALL_FAR, Operation.JMP_FAR,
            Operation.INT, Operation.MONITOR, Operation.MWAIT, Operation.UMONITOR,
            Operation.UMWAIT, Operation.TPAUSE, Operation.MOVDIRI, Operation.MOVDIR64B, Operation.SERIALIZE,
            Operation.XSAVE, Operation.XSAVEC, Operation.XSAVES, Operation.XSAVEOPT, Operation.XRSTOR,
            Operation.XRSTORS,
            Operation.MONITORX, Operation.MWAITX, Operation.CLZERO, Operation.FXSAVE, Operation.FXRSTOR,
            Operation.LDMXCSR,
            Operation.STMXCSR, Operation.WAIT, Operation.ENCLU, Operation.RDPRU, Operation.ENQCMD, Operation.INCSSP,
            Operation.WRSS, Operation.CLUI, Operation.STUI, Operation.TESTUI, Operation.UIRET,
            Operation.SENDUIPI, Operation.VMCALL, Operation.VMMCALL, Operation.VMFUNC, Operation.PTWRITE);

    private static final Set<Family> FAMILIES = EnumSet.of(Family.ARITHMETIC, Family.LOGIC, Family.SHIFT, Family.BIT,
            Family.DATA_TRANSFER, Family.STACK, Family.CONTROL_FLOW, Family.STRING, Family.FLAG, Family.IO, Family.HINT,
            Family.BMI1, Family.BMI2, Family.ADX, Family.SYSTEM);

    private static final String[] PREFIXES = {"", "66", "f2", "f3", "48", "6648", "f348", "f266", "f366", "f0", "f048",
        "67", "6748",
        "67f3", "67f348", "40", "41", "44", "42", "4d", "45", "4f", "6644", "664d", "6667", "f066", "f06641", "f04d",
        "f067", "f041"};

    private static final long[] INTERESTING = {0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 0x7F, 0x80, 0x81, 0xFF,
        0x100, 0x7FFF,
        0x8000, 0xFFFF, 0x10000, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL, 0x1_0000_0000L, Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1, -2, -128, -129, -32768, -2147483648L, 0x5555_5555_5555_5555L, 0xAAAA_AAAA_AAAA_AAAAL};

    private static final byte[] OVERRIDES = {0x64, 0x65, 0x64, 0x65, 0x26, 0x2E, 0x36, 0x3E};

    /** What POPF loads: the arithmetic flags and DF, and what it may not change at privilege 3 (IF, IOPL). */
    private static final long POPPED = 0x3ED5;

    private final Random random;

    /** Of the case that is being made: where its memory lies, and the base of its FS or GS override. */
    private long window;

    private long base;
    private final List<byte[]> forms;
    private final long[] pool;

    /** Cases from a seed. */
    public IntegerCases(long seed) {
        this(seed, 0);
    }

    /**
     * Cases from a seed, whose random values come from a pool of {@code poolSize}, so that they can be kept in few bytes; 0 for no
     * such limit.
     */
    IntegerCases(long seed, int poolSize) {
        random = new Random(seed);
        pool = random.longs(poolSize).toArray();
        forms = forms();
    }

    /** How many forms there are; {@link #next} goes through them in turn. */
    public int count() {
        return forms.size();
    }

    /** The head (prefixes, opcode, ModRM) of one encoding per row, size, prefix and kind of operand. */
    private static List<byte[]> forms() {
        Map<String, byte[]> found = new LinkedHashMap<>();
        for (String prefix : PREFIXES) {
            for (String map : new String[]{"", "0f", "0f38", "0f3a"}) {
                for (int opcode = 0; opcode < 256; opcode++) {
                    if (!escapes(map, opcode)) {
                        forms(found, hex(prefix + map), opcode, prefix);
                    }
                }
            }
        }
        for (int map = 1; map <= 3; map++) {
            for (int w = 0; w < 16; w++) {
                for (int opcode = 0; opcode < 256; opcode++) {
                    // VEX.vvvv names register 2, or none where there is no such operand.
                    byte[] vex = {(byte) 0xC4, (byte) (0xE0 | map), (byte) (w >> 2 << 7 | 0x68 | w & 3)};
                    forms(found, vex, opcode, "vex" + w);
                    vex[2] |= 0x10;
                    forms(found, vex, opcode, "vex" + w);
                }
            }
        }
        return List.copyOf(found.values());
    }

    /** Of memory forms one for each ModRM.reg; of register forms all, as some are instructions of their own. */
    private static void forms(Map<String, byte[]> found, byte[] head, int opcode, String prefix) {
        for (int modrm = 3; modrm < 0xC0; modrm += 8) {
            form(found, head, opcode, modrm, prefix);
        }
        for (int modrm = 0xC0; modrm < 256; modrm++) {
            form(found, head, opcode, modrm ^ 1, prefix);
        }
    }

    /** Whether the byte is a prefix or leads to another map. */
    private static boolean escapes(String map, int b) {
        return switch (map) {
            case "" -> b == 0x0F || b >= 0x40 && b < 0x50 || (b & 0xE7) == 0x26 || b >= 0x64 && b < 0x68 || b == 0xC4
                    || b == 0xC5 || b == 0xF0 || b == 0xF2 || b == 0xF3;
            case "0f" -> b == 0x38 || b == 0x3A;
            default -> false; // the three-byte maps have neither
        };
    }

    private static byte[] hex(String s) {
        return java.util.HexFormat.of().parseHex(s);
    }

    private static void form(Map<String, byte[]> found, byte[] head, int opcode, int modrm, String prefix) {
        byte[] code = Arrays.copyOf(head, 15);
        code[head.length] = (byte) opcode;
        code[head.length + 1] = (byte) modrm;
        if (Decoder.decode(code, 0, 15) instanceof Instruction i && wanted(i)) {
            boolean memory = i.memory() != null;
            String key = i.row() + " " + i.operandSize() + memory + prefix + i.condition();
            found.putIfAbsent(key, Arrays.copyOf(code, head.length + 2));
        }
    }

    private static boolean wanted(Instruction i) {
        if (!FAMILIES.contains(i.family()) || EXCLUDED.contains(i.operation())) {
            return false;
        }
        for (int k = 0; k < i.operandCount(); k++) {
            Operand.Kind kind = i.operand(k).kind();
            boolean writesSegment = kind == Operand.Kind.SEGMENT && k == 0 && i.operation() != Operation.PUSH;
            if (writesSegment) {
                return false;
            }
        }
        return i.row().family() != Family.SYSTEM || i.memory() == null;
    }

    /** Case {@code index} of an endless row of them. */
    public HardwareCase next(int index) {
        HardwareCase c = null;
        // Some forms have no placeable operand (an FS base, say): then the next one has its turn.
        for (int k = 0; c == null; k++) {
            c = attempt(forms.get(Math.floorMod(index + k / 50, forms.size())));
        }
        return c;
    }

    private @Nullable HardwareCase attempt(byte[] form) {
        Decoded original = Decoder.decode(Arrays.copyOf(form, 15), 0, 15);
        byte[] head = original instanceof Instruction i && addresses(i) ? decorated(form) : form;
        byte[] code = new byte[15];
        random.nextBytes(code);
        System.arraycopy(head, 0, code, 0, head.length);
        int modrmAt = head.length - 1;
        boolean fixedReg = random.nextInt(3) != 0;
        int mod = head[modrmAt] >> 6 & 3;
        int newMod = mod == 3 ? 3 : random.nextInt(3);
        code[modrmAt] = (byte) (newMod << 6 | (fixedReg ? head[modrmAt] & 0x38 : random.nextInt(8) << 3)
                | random.nextInt(8));
        Decoded decoded = Decoder.decode(code, 0, 15);
        if (!(decoded instanceof Instruction i) || !(original instanceof Instruction o) || !wanted(i)
                || i.operation() != o.operation()) {
            return null;
        }
        window = random.nextInt(4) == 0 ? HardwareCase.ACROSS : HardwareCase.WINDOW;
        base = i.segmentOverride() == Operand.NONE ? 0 : segmentBase(i);
        long[] gpr = registers(i);
        byte[] memory = new byte[64];
        fillMemory(memory);
        Operand m = i.memory();
        if (m != null && !implied(i) && !place(i, m, code, modrmAt, gpr) || loopsOntoItself(i)) {
            return null;
        }
        stack(i, gpr, memory);
        long flags = 0x202 | random.nextLong() & 0x8D5;
        if (i.family() == Family.STRING || random.nextInt(8) == 0) {
            flags |= random.nextLong() & 0x400;
        }
        long other = random.nextLong() >> 17; // any canonical address
        boolean gs = i.segmentOverride() == Operand.GS;
        return new HardwareCase(Arrays.copyOf(code, i.length()), gpr, flags, gs ? other : base, gs ? base : other,
                window, memory);
    }

    private static boolean addresses(Instruction i) {
        return i.memory() != null || implied(i);
    }

    /** Sometimes with a segment override more: FS and GS count, the others are ignored. */
    private byte[] decorated(byte[] head) {
        if (random.nextInt(4) != 0 || (head[0] & 0xFF) == 0xC4) {
            return head;
        }
        byte[] longer = new byte[head.length + 1];
        longer[0] = OVERRIDES[random.nextInt(OVERRIDES.length)];
        System.arraycopy(head, 0, longer, 1, head.length);
        return longer;
    }

    /** Below the window, and so near that 32-bit addresses and displacements reach it, unless a register can hold the distance. */
    private long segmentBase(Instruction i) {
        Operand m = i.memory();
        boolean anywhere = m != null && !implied(i) && m.base() >= 0 && m.base() != Operand.RIP
                && i.addressSize() == 64;
        return anywhere ? random.nextLong() >> 17 + random.nextInt(40) : random.nextInt() & 0x0FFF_FFFF;
    }

    /** A branch into itself could keep the harness busy for ever. */
    private static boolean loopsOntoItself(Instruction i) {
        if (i.operandCount() == 0 || i.operand(i.operandCount() - 1).kind() != Operand.Kind.RELATIVE) {
            return false;
        }
        long distance = i.operand(i.operandCount() - 1).value();
        return distance < 0 && distance > -32;
    }

    private static boolean implied(Instruction i) {
        return i.family() == Family.STRING || i.operation() == Operation.XLAT || i.operation() == Operation.INS
                || i.operation() == Operation.OUTS;
    }

    private long value() {
        if (pool.length > 0 && random.nextInt(3) != 0) {
            return pool[random.nextInt(pool.length)] >> (random.nextInt(4) == 0 ? 32 : 0);
        }
        if (pool.length > 0) {
            return INTERESTING[random.nextInt(INTERESTING.length)];
        }
        return switch (random.nextInt(4)) {
            case 0 -> random.nextLong();
            case 1 -> random.nextInt();
            case 2 -> random.nextLong() >>> random.nextInt(64);
            default -> INTERESTING[random.nextInt(INTERESTING.length)];
        };
    }

    private void fillMemory(byte[] memory) {
        for (int k = 0; k < 64; k += 8) {
            long v = value();
            for (int b = 0; b < 8; b++) {
                memory[k + b] = (byte) (v >>> 8 * b);
            }
        }
    }

    private long[] registers(Instruction i) {
        long[] gpr = new long[16];
        for (int r = 0; r < 16; r++) {
            gpr[r] = value();
        }
        gpr[4] = window + 16 + random.nextInt(33);
        boolean string = i.family() == Family.STRING || i.operation() == Operation.INS
                || i.operation() == Operation.OUTS;
        if (string) {
            long high = i.addressSize() == 32 ? random.nextLong() << 32 : 0;
            gpr[6] = high | window - base + random.nextInt(64);
            gpr[7] = high | window + random.nextInt(64);
            if (i.repeat() != Repeat.NONE) {
                gpr[1] = high | random.nextInt(10);
            }
        }
        if (i.operation() == Operation.XLAT) {
            long high = i.addressSize() == 32 ? random.nextLong() << 32 : 0;
            gpr[3] = (high | window - base) - random.nextInt(200);
        }
        if (i.operation() == Operation.LEAVE || i.operation() == Operation.ENTER) {
            gpr[5] = window + random.nextInt(64);
        }
        if (i.operation() == Operation.DIV || i.operation() == Operation.IDIV) {
            gpr[2] = random.nextInt(3) == 0 ? value() : random.nextBoolean() ? 0 : random.nextInt(1000);
            if (random.nextInt(3) == 0) {
                gpr[2] = gpr[0] >> 63;
            }
        }
        return gpr;
    }

    /** Makes the memory operand lie in the window; false when the registers do not allow it. */
    private boolean place(Instruction i, Operand m, byte[] code, int modrmAt, long[] gpr) {
        long target = window + (random.nextInt(12) == 0 ? random.nextInt(72) : random.nextInt(49));
        target &= random.nextInt(3) == 0 ? -1 : -16;
        target -= base;
        if (i.operation() == Operation.BT || i.operation() == Operation.BTS || i.operation() == Operation.BTR
                || i.operation() == Operation.BTC) {
            Operand bit = i.operand(1);
            if (bit.kind() == Operand.Kind.GPR && random.nextInt(8) != 0) {
                gpr[bit.register()] = random.nextInt(512) - 256L
                        | (random.nextLong() & (bit.bits() == 64 ? 0 : -1L << bit.bits()));
            } else if (bit.kind() == Operand.Kind.GPR) {
                gpr[bit.register()] = random.nextInt() >> 4;
            }
            if (bit.kind() == Operand.Kind.GPR && (bit.register() == m.base() || bit.register() == m.index())) {
                return false;
            }
        }
        if (m.base() < 0 && m.index() < 0 && moffs(code, modrmAt)) {
            for (int b = 0; b < (i.addressSize() == 32 ? 4 : 8); b++) {
                code[modrmAt + b] = (byte) (target >>> 8 * b);
            }
            return true;
        }
        if (m.base() == Operand.RIP || m.base() < 0) {
            boolean sib = (code[modrmAt] & 7) == 4;
            long index = m.index() < 0 ? 0 : gpr[m.index()] * m.scale();
            long d = m.base() == Operand.RIP ? target - HardwareCase.CODE - i.length() : target - index;
            if (m.base() != Operand.RIP && m.index() >= 0) {
                gpr[m.index()] = random.nextInt(64);
                if (m.index() == 4) {
                    return false;
                }
                d = target - gpr[m.index()] * m.scale();
            }
            for (int b = 0; b < 4; b++) {
                code[modrmAt + (sib ? 2 : 1) + b] = (byte) (d >>> 8 * b);
            }
            return true;
        }
        if (m.base() == m.index()) {
            return false;
        }
        long index = m.index() < 0 ? 0 : gpr[m.index()] * m.scale();
        gpr[m.base()] = target - m.displacement() - index;
        if (i.addressSize() == 32) {
            gpr[m.base()] = gpr[m.base()] & 0xFFFF_FFFFL | random.nextLong() << 32;
        }
        return m.index() != 4 || m.base() != 4;
    }

    /** MOV with an absolute address: A0 to A3. */
    private static boolean moffs(byte[] code, int modrmAt) {
        int opcode = code[modrmAt - 1] & 0xFF;
        boolean oneByte = modrmAt < 2
                || code[modrmAt - 2] != 0x0F && code[modrmAt - 2] != 0x38 && code[modrmAt - 2] != 0x3A;
        return oneByte && opcode >= 0xA0 && opcode <= 0xA3;
    }

    /** Makes indirect transfers go to the code pages, mostly, and what POPF pops harmless. */
    private void stack(Instruction i, long[] gpr, byte[] memory) {
        long target = HardwareCase.CODE + 64 + random.nextInt(1000);
        if (i.operation() == Operation.RET) {
            int at = (int) (gpr[4] - window);
            put(memory, at, random.nextInt(8) == 0 ? value() | 0x4000_0000_0000_0000L : target);
        } else if (i.operation() == Operation.POPF) {
            put(memory, (int) (gpr[4] - window), random.nextLong() & POPPED);
        } else if (i.operation() == Operation.JMP || i.operation() == Operation.CALL) {
            Operand o = i.operand(0);
            if (o.kind() == Operand.Kind.GPR && o.register() != 4) {
                gpr[o.register()] = random.nextInt(8) == 0 ? value() | 0x4000_0000_0000_0000L : target;
            } else if (o.isMemory()) {
                for (int k = 0; k < 64; k += 8) {
                    put(memory, k, target);
                }
            }
        }
    }

    private static void put(byte[] memory, int at, long v) {
        for (int b = 0; b < 8; b++) {
            if (at + b < 64) {
                memory[at + b] = (byte) (v >>> 8 * b);
            }
        }
    }

    /** The first {@code count} cases. */
    public List<HardwareCase> take(int from, int count) {
        List<HardwareCase> cases = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            cases.add(next(from + k));
        }
        return cases;
    }
}
