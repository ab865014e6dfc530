package chronovisor.cpu;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A seeded program that never ends: pieces of random arithmetic joined by random jumps, calls, returns, indirect transfers, loops,
 * repeated strings, faults, system calls, and stores into its own code.
 */
public final class RandomProgram {
    private static final int PIECES = 24;

    private final Random random;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final int[] pieceAt = new int[PIECES];
    private final List<int[]> fixups = new ArrayList<>();

    private RandomProgram(long seed) {
        random = new Random(seed);
    }

    /** Code to be placed at {@link TestMachine#CODE}. */
    public static byte[] of(long seed) {
        return new RandomProgram(seed).build();
    }

    /** Offsets of the program's pieces: places to go on at after a fault. */
    public static int[] pieces(long seed) {
        RandomProgram program = new RandomProgram(seed);
        program.build();
        return program.pieceAt.clone();
    }

    private byte[] build() {
        bytes(0x31, 0xC0, 0x31, 0xC9); // xor eax, eax; xor ecx, ecx
        RandomInstructions.pointers(out);
        for (int p = 0; p < PIECES; p++) {
            // Some pieces straddle pages.
            if (random.nextInt(6) == 0) {
                int pad = 4096 - 1 - random.nextInt(8) - (out.size() + 5) % 4096;
                int skip = Math.floorMod(pad, 4096);
                bytes(0xE9);
                number(skip, 4);
                for (int i = 0; i < skip; i++) {
                    bytes(0xCC);
                }
            }
            pieceAt[p] = out.size();
            piece();
        }
        byte[] code = out.toByteArray();
        for (int[] f : fixups) {
            int distance = pieceAt[f[1]] - (f[0] + 4 + f[2]);
            for (int i = 0; i < 4; i++) {
                code[f[0] + i] = (byte) (distance >> 8 * i);
            }
        }
        return code;
    }

    private void piece() {
        nop();
        for (int n = random.nextInt(10); n >= 0; n--) {
            plain();
        }
        switch (random.nextInt(14)) {
            case 10, 11, 12, 13 -> loop(2);
            case 0 -> { // call, and on when it returns
                bytes(0xE8);
                reference();
            }
            case 1 -> bytes(0x58 + 6, 0x56, 0xC3); // pop rsi; push rsi; ret
            case 2 -> { // lea rdx, [rip + piece]; jmp rdx
                bytes(0x48, 0x8D, 0x15);
                reference();
                bytes(0xFF, 0xE2);
            }
            case 3 -> { // lea rdx, [rip + piece]; test al, 1; jz over; lea rdx, [rip + piece]; call rdx
                bytes(0x48, 0x8D, 0x15);
                reference();
                bytes(0xA8, 0x01, 0x74, 0x07, 0x48, 0x8D, 0x15);
                reference();
                bytes(0xFF, 0xD2);
            }
            case 4 -> bytes(0x0F, 0x0B); // ud2
            case 5 -> bytes(0x0F, 0x05); // syscall
            case 6 -> bytes(0x0F, 0xA2); // cpuid
            case 7 -> { // and ecx, 15; loop onto itself
                bytes(0x83, 0xE1, 0x0F, 0xE2, 0xFE);
            }
            case 8 -> modifies();
            default -> { // rep movsb of a few bytes
                bytes(0xBE);
                number(TestMachine.DATA, 4);
                bytes(0xBF);
                number(TestMachine.DATA + 4090 + random.nextInt(4096), 4);
                bytes(0xB9);
                number(random.nextInt(20), 4);
                bytes(0xF3, 0xA4);
            }
        }
        if (random.nextBoolean()) {
            bytes(0x0F, 0x80 + random.nextInt(16));
            reference();
        }
        if (random.nextInt(4) == 0) {
            bytes(0xE9);
            reference();
        }
    }

    private void modifies() {
        switch (random.nextInt(3)) {
            case 0 -> bytes(0x88, 0x05, 0x01, 0x00, 0x00, 0x00, 0xB3, 0x00); // mov byte [rip + 1], al; mov bl, imm8
            case 1 -> { // mov word [rip], inc r; nop
                bytes(0x66, 0xC7, 0x05, 0, 0, 0, 0, 0xFF, 0xC0 | random.nextInt(4));
                nop();
            }
            default -> { // mov word [rip + piece], inc r or nop
                bytes(0x66, 0xC7, 0x05);
                reference(2);
                if (random.nextInt(3) == 0) {
                    nop();
                } else {
                    bytes(0xFF, 0xC0 | random.nextInt(4));
                }
            }
        }
    }

    /** Two bytes that do nothing, and may be written over. */
    private void nop() {
        bytes(0x66, 0x90);
    }

    /** mov r13d, n; body; dec r13d; jnz body: with branches, a small function, and loops over R14 inside. */
    private void loop(int depth) {
        int counter = depth == 2 ? 5 : 6;
        bytes(0x41, 0xB8 + counter);
        number(1 + random.nextInt(30), 4);
        int start = out.size();
        for (int n = random.nextInt(4); n >= 0; n--) {
            plain();
            switch (random.nextInt(5)) {
                case 0 -> { // jcc over a few
                    byte[] over = few();
                    bytes(0x70 + random.nextInt(16), over.length);
                    out.writeBytes(over);
                }
                case 1 -> { // call f; jmp over; f: a few; ret; over:
                    byte[] body = few();
                    bytes(0xE8, 2, 0, 0, 0, 0xEB, body.length + 1);
                    out.writeBytes(body);
                    bytes(0xC3);
                }
                case 2 -> {
                    if (depth > 1) {
                        loop(depth - 1);
                    }
                }
                default -> plain();
            }
        }
        bytes(0x41, 0xFF, 0xC8 + counter, 0x0F, 0x85);
        number(start - (out.size() + 4), 4);
    }

    private byte[] few() {
        ByteArrayOutputStream some = new ByteArrayOutputStream();
        for (int n = random.nextInt(3); n >= 0; n--) {
            RandomInstructions.add(random, some);
        }
        return some.toByteArray();
    }

    private void plain() {
        int r = random.nextInt(4);
        int s = random.nextInt(4);
        switch (random.nextInt(8)) {
            case 0 -> bytes(0x48, 0x01, 0xC0 | s << 3 | r);
            case 1 -> bytes(0x31, 0xC0 | s << 3 | r);
            case 2 -> bytes(0x48, 0xFF, 0xC0 | r);
            case 3 -> {
                bytes(0x81, 0xC0 | random.nextInt(8) << 3 | r);
                number(random.nextInt(), 4);
            }
            case 4 -> bytes(0xC1, 0xC0 | 4 << 3 | r, random.nextInt(32));
            case 5 -> bytes(0x0F, 0xAF, 0xC0 | r << 3 | s);
            case 6 -> bytes(0x48, 0xC1, 0xC0 | r, random.nextInt(64));
            default -> RandomInstructions.add(random, out);
        }
    }

    private void reference() {
        reference(0);
    }

    /** The distance to a piece in an instruction of which so many bytes follow. */
    private void reference(int more) {
        fixups.add(new int[]{out.size(), random.nextInt(PIECES), more});
        number(0, 4);
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
