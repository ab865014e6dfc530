package chronovisor.cpu;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/**
 * Seeded instructions of every shape that has a packed operation or a step of its own: registers, memory by way of RBX, RBP, RSI, RDI, R12
 * and RIP, the stack, vectors, x87. They may fault, and stores may hit code.
 */
final class RandomInstructions {
    /** Register or memory with a register, in both directions. */
    private static final int[] TWO_OPERANDS = {
        0x00, 0x01, 0x02, 0x03, 0x08, 0x09, 0x0A, 0x0B, 0x10, 0x11, 0x12, 0x13, 0x18, 0x19, 0x1A, 0x1B, 0x20, 0x21,
        0x22, 0x23,
        0x28, 0x29, 0x2A, 0x2B, 0x30, 0x31, 0x32, 0x33, 0x38, 0x39, 0x3A, 0x3B, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
        0x8A, 0x8B,
        0x63
    };
    /** The same behind 0F. */
    private static final int[] TWO_OPERANDS_0F = {
        0xAF, 0xB6, 0xB7, 0xBE, 0xBF, 0xA3, 0xAB, 0xB3, 0xBB, 0xBC, 0xBD, 0xC0, 0xC1, 0xB0, 0xB1, 0xA5, 0xAD
    };
    /** Vector operations with a register or 16 bytes of memory: prefix and opcode behind 0F. */
    private static final int[][] VECTORS = {
        {0, 0x10}, {0, 0x11}, {0x66, 0x6F}, {0x66, 0x7F}, {0xF3, 0x6F}, {0xF3, 0x7F}, {0x66, 0xEF}, {0x66, 0xFE},
        {0x66, 0xD4},
        {0xF2, 0x10}, {0xF2, 0x11}, {0xF2, 0x58}, {0xF2, 0x59}, {0xF2, 0x5C}, {0xF2, 0x5E}, {0xF3, 0x58}, {0x66, 0x58},
        {0, 0x59},
        {0x66, 0x6E}, {0x66, 0x7E}, {0xF3, 0x7E}, {0x66, 0xD6}, {0xF2, 0x2A}, {0xF2, 0x2C}, {0x66, 0x2E}, {0x66, 0x2F},
        {0x66, 0x74},
        {0x66, 0xD7}, {0xF2, 0x51}, {0x66, 0x60}, {0, 0x14}, {0xF2, 0x5A}, {0xF3, 0xE6}, {0x66, 0xDB}, {0x66, 0xF4},
        {0x66, 0xDF}, {0x66, 0xEB}, {0x66, 0xFC}, {0x66, 0xFD}, {0x66, 0xF8}, {0x66, 0xF9}, {0x66, 0xFA}, {0x66, 0xFB},
        {0x66, 0x75}, {0x66, 0x76}, {0x66, 0x64}, {0x66, 0x65}, {0x66, 0x66}, {0x66, 0xDA}, {0x66, 0xDE},
        {0x66, 0x61}, {0x66, 0x62}, {0x66, 0x6C}, {0x66, 0x68}, {0x66, 0x69}, {0x66, 0x6A}, {0x66, 0x6D}, {0, 0x15},
        {0, 0x28}, {0, 0x29}, {0, 0x54}, {0, 0x55}, {0, 0x56}, {0, 0x57}
    };

    private final Random random;
    private final ByteArrayOutputStream out;

    private RandomInstructions(Random random, ByteArrayOutputStream out) {
        this.random = random;
        this.out = out;
    }

    /** Loads the registers that memory is addressed by. */
    static void pointers(ByteArrayOutputStream out) {
        RandomInstructions i = new RandomInstructions(new Random(0), out);
        for (int register : new int[]{3, 5, 6, 7}) {
            i.bytes(0xB8 + register);
            i.number(TestMachine.DATA + 4096L * register + 4000, 4);
        }
        i.bytes(0x41, 0xBC);
        i.number(TestMachine.DATA, 4);
    }

    /** Adds one instruction, or a few that belong together. */
    static void add(Random random, ByteArrayOutputStream out) {
        new RandomInstructions(random, out).add();
    }

    private void add() {
        switch (random.nextInt(24)) {
            case 0, 1, 2, 3, 4 -> twoOperands();
            case 5, 6 -> immediate();
            case 7 -> unary();
            case 8 -> shift();
            case 9 -> {
                prefixes();
                bytes(0x0F, TWO_OPERANDS_0F[random.nextInt(TWO_OPERANDS_0F.length)]);
                modRm(random.nextInt(16));
            }
            case 10 -> { // movsx from the stack's side: push, pop
                bytes(0x50 + random.nextInt(8), 0x58 + random.nextInt(3));
            }
            case 11 -> conditional();
            case 12 -> {
                prefixes();
                bytes(0x8D);
                memory(random.nextInt(8));
            }
            case 13 -> moveImmediate();
            case 14 -> bytes(0x48, random.nextBoolean() ? 0x98 : 0x99);
            case 15 -> bytes(0x99 - random.nextInt(2));
            case 16, 17, 18 -> vector();
            case 19 -> avx();
            case 20 -> x87();
            case 21 -> { // push imm8; pushf; pop; pop
                bytes(0x6A, random.nextInt(256), 0x9C, 0x58 + random.nextInt(3), 0x58 + random.nextInt(3));
            }
            case 22 -> odd();
            default -> pointers(out);
        }
    }

    private void odd() {
        switch (random.nextInt(10)) {
            case 0 -> bytes(0x48, 0x0F, 0xC8 + random.nextInt(3)); // bswap
            case 1 -> bytes(0xF3, 0x0F, 0xB8, 0xC0 | random.nextInt(64)); // popcnt
            case 2 -> bytes(0x9E); // sahf
            case 3 -> bytes(0xF8 + random.nextInt(2)); // clc, stc
            case 4 -> bytes(0xF0, 0x48, 0x0F, 0xC1, 0x03); // lock xadd [rbx], rax
            case 5 -> bytes(0x55, 0x48, 0x89, 0xE5, 0xC9); // push rbp; mov rbp, rsp; leave
            case 6 -> bytes(0xA4 + random.nextInt(2)); // movs
            case 7 -> bytes(0xFC + random.nextInt(2)); // cld, std
            case 8 -> bytes(0x88, 0x43, random.nextInt(128), 0x8A, 0x63, random.nextInt(128)); // mov [rbx+n], al; mov ah, [rbx+n]
            default -> { // mov [rip + n], eax: beside code, or into it
                bytes(0x89, 0x05);
                number(random.nextInt(3) == 0 ? random.nextInt(600) - 300 : 20_000 + random.nextInt(200), 4);
            }
        }
    }

    private void prefixes() {
        if (random.nextInt(12) == 0) {
            bytes(0x66);
        }
        int rex = 0x40 | random.nextInt(2) << 3;
        if (random.nextInt(4) == 0) {
            rex |= 4; // R8 to R15 as the register
        }
        if (rex != 0x40 || random.nextBoolean()) {
            bytes(rex);
        }
    }

    private void twoOperands() {
        prefixes();
        bytes(TWO_OPERANDS[random.nextInt(TWO_OPERANDS.length)]);
        modRm(random.nextInt(8));
    }

    private void immediate() {
        prefixes();
        int opcode = random.nextInt(3) == 0 ? 0x80 : 0x83;
        bytes(opcode);
        modRm(random.nextInt(8));
        bytes(random.nextInt(256));
    }

    private void unary() {
        prefixes();
        boolean f7 = random.nextBoolean();
        bytes((f7 ? 0xF6 : 0xFE) + random.nextInt(2));
        int operation = f7 ? 2 + random.nextInt(random.nextInt(4) == 0 ? 6 : 2) : random.nextInt(2);
        modRm(operation);
    }

    private void shift() {
        prefixes();
        int operation = new int[]{0, 1, 2, 3, 4, 5, 7, 4, 5, 7}[random.nextInt(10)];
        switch (random.nextInt(3)) {
            case 0 -> {
                bytes(0xD3);
                modRm(operation);
            }
            case 1 -> {
                bytes(0xD1);
                modRm(operation);
            }
            default -> {
                bytes(0xC1);
                modRm(operation);
                bytes(random.nextInt(70));
            }
        }
    }

    private void conditional() {
        int condition = random.nextInt(16);
        if (random.nextBoolean()) {
            bytes(0x0F, 0x90 + condition);
            modRm(0);
        } else {
            bytes(0x40 | random.nextInt(2) << 3, 0x0F, 0x40 + condition);
            modRm(random.nextInt(3));
        }
    }

    private void moveImmediate() {
        switch (random.nextInt(3)) {
            case 0 -> bytes(0xB0 + random.nextInt(8), random.nextInt(256));
            case 1 -> {
                bytes(0xB8 + random.nextInt(3));
                number(random.nextInt(), 4);
            }
            default -> {
                prefixes();
                bytes(0xC6);
                modRm(0);
                bytes(random.nextInt(256));
            }
        }
    }

    private void vector() {
        switch (random.nextInt(10)) {
            case 0 ->
                bytes(0x66, 0x0F, 0x71 + random.nextInt(3), 0xC0 | 2 + 2 * random.nextInt(3) << 3 | random.nextInt(8),
                        random.nextInt(70)); // shifts by a constant
            case 1 -> {
                bytes(0x66, 0x0F, 0x70); // pshufd
                modRm(random.nextInt(8));
                bytes(random.nextInt(256));
            }
            default -> anyVector();
        }
    }

    private void anyVector() {
        int[] v = VECTORS[random.nextInt(VECTORS.length)];
        if (v[0] != 0) {
            bytes(v[0]);
        }
        bytes(0x0F, v[1]);
        modRm(random.nextInt(8));
    }

    /** vmovdqu, vpxor, vpaddd, vpcmpeqb, vpmovmskb, vaddsd with two-byte VEX. */
    private void avx() {
        int l = random.nextInt(2) << 2;
        int v = (15 - random.nextInt(8)) << 3;
        switch (random.nextInt(6)) {
            case 0 -> {
                bytes(0xC5, 0x80 | 15 << 3 | l | 2, random.nextBoolean() ? 0x6F : 0x7F);
                modRm(random.nextInt(8));
            }
            case 1 -> {
                bytes(0xC5, 0x80 | v | l | 1, 0xEF);
                modRm(random.nextInt(8));
            }
            case 2 -> {
                bytes(0xC5, 0x80 | v | l | 1, 0xFE);
                modRm(random.nextInt(8));
            }
            case 3 -> {
                bytes(0xC5, 0x80 | v | l | 1, 0x74);
                modRm(random.nextInt(8));
            }
            case 4 -> bytes(0xC5, 0x80 | 15 << 3 | l | 1, 0xD7, 0xC0 | random.nextInt(8)); // vpmovmskb eax
            default -> {
                bytes(0xC5, 0x80 | v | 3, 0x58);
                modRm(random.nextInt(8));
            }
        }
    }

    /** fld1; fld, fadd, fmul or fstp of a double in memory. */
    private void x87() {
        bytes(0xD9, 0xE8, 0xDC + random.nextInt(2));
        int operation = random.nextInt(3);
        memory(operation == 2 ? 3 : operation);
        bytes(0xDD, 0xD8);
    }

    /** A register, or memory. */
    private void modRm(int reg) {
        if (random.nextInt(3) == 0) {
            memory(reg & 7);
        } else {
            int rm = random.nextInt(12) == 0 ? random.nextInt(8) : random.nextInt(3);
            bytes(0xC0 | (reg & 7) << 3 | rm);
        }
    }

    private void memory(int reg) {
        int base = new int[]{3, 5, 6, 7}[random.nextInt(4)];
        switch (random.nextInt(6)) {
            case 0 -> { // [rip + n], far behind the code
                bytes(5 | reg << 3);
                number(30_000 + random.nextInt(4096), 4);
            }
            case 1 -> bytes(0x44 | reg << 3, 0x24, random.nextInt(64)); // [rsp + n]
            case 2 -> bytes(0x44 | reg << 3, 4 << 3 | base, random.nextInt(128)); // [base + n]
            case 3 -> { // [base + n32]
                bytes(0x80 | reg << 3 | base);
                number(random.nextInt(8192) - 4096, 4);
            }
            default -> bytes(0x40 | reg << 3 | base, random.nextInt(256));
        }
    }

    private void bytes(int... values) {
        for (int v : values) {
            out.write(v);
        }
    }

    private void number(long value, int count) {
        for (int i = 0; i < count; i++) {
            out.write((int) (value >>> 8 * i));
        }
    }
}
