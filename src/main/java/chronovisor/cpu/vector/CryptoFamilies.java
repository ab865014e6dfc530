package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/** AES, carry-less multiplication and SHA (SDM vol. 1, 12.13; vol. 2 for each instruction). */
final class CryptoFamilies {

    private CryptoFamilies() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Lane lane = lane(i.operation(), PackedFamilies.control(i));
        return lane == null ? sha(i, address) : PackedFamilies.wide(i, address, lane);
    }

    /** What an AES operation or the carry-less multiplication makes of 128 bits. */
    static @Nullable Lane lane(Operation operation, int c) {
        return switch (operation) {
            case AESENC -> new Lane((al, ah, bl, bh) -> Aes.encryptLow(al, ah) ^ bl,
                    (al, ah, bl, bh) -> Aes.encryptHigh(al, ah) ^ bh);
            case AESENCLAST -> new Lane((al, ah, bl, bh) -> Aes.encryptLastLow(al, ah) ^ bl,
                    (al, ah, bl, bh) -> Aes.encryptLastHigh(al, ah) ^ bh);
            case AESDEC -> new Lane((al, ah, bl, bh) -> Aes.decryptLow(al, ah) ^ bl,
                    (al, ah, bl, bh) -> Aes.decryptHigh(al, ah) ^ bh);
            case AESDECLAST -> new Lane((al, ah, bl, bh) -> Aes.decryptLastLow(al, ah) ^ bl,
                    (al, ah, bl, bh) -> Aes.decryptLastHigh(al, ah) ^ bh);
            case AESIMC -> new Lane((al, ah, bl, bh) -> Aes.inverseMix(bl), (al, ah, bl, bh) -> Aes.inverseMix(bh));
            case AESKEYGENASSIST -> new Lane((al, ah, bl, bh) -> Aes.keyAssist(bl, c),
                    (al, ah, bl, bh) -> Aes.keyAssist(bh, c));
            case PCLMULQDQ -> new Lane(
                    (al, ah, bl, bh) -> carrylessLow((c & 1) == 0 ? al : ah, (c & 16) == 0 ? bl : bh),
                    (al, ah, bl, bh) -> carrylessHigh((c & 1) == 0 ? al : ah, (c & 16) == 0 ? bl : bh));
            default -> null;
        };
    }

    static long carrylessLow(long a, long b) {
        long r = 0;
        for (int k = 0; k < 64; k++) {
            r ^= (a << k) & -(b >>> k & 1);
        }
        return r;
    }

    static long carrylessHigh(long a, long b) {
        long r = 0;
        for (int k = 1; k < 64; k++) {
            r ^= (a >>> 64 - k) & -(b >>> k & 1);
        }
        return r;
    }

    private static @Nullable Step sha(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case SHA1MSG1 -> PackedFamilies.wide(i, address, new Lane((al, ah, bl, bh) -> al ^ bh,
                    (al, ah, bl, bh) -> ah ^ al));
            case SHA1MSG2 -> PackedFamilies.wide(i, address, new Lane(Sha::message1Low, Sha::message1High));
            case SHA1NEXTE -> PackedFamilies.wide(i, address, new Lane((al, ah, bl, bh) -> bl,
                    (al, ah, bl, bh) -> bh + (Integer.rotateLeft((int) (ah >>> 32), 30) & 0xFFFF_FFFFL) * (1L << 32)));
            case SHA1RNDS4 -> {
                int function = (int) i.operand(2).value() & 3;
                yield PackedFamilies.wide(i, address,
                        new Lane((al, ah, bl, bh) -> Sha.rounds1(al, ah, bl, bh, function, false),
                                (al, ah, bl, bh) -> Sha.rounds1(al, ah, bl, bh, function, true)));
            }
            case SHA256MSG1 -> PackedFamilies.wide(i, address, new Lane(
                    (al, ah, bl, bh) -> Sha.addDwords(al, Sha.sigma0((int) (al >>> 32)), Sha.sigma0((int) ah)),
                    (al, ah, bl, bh) -> Sha.addDwords(ah, Sha.sigma0((int) (ah >>> 32)), Sha.sigma0((int) bl))));
            case SHA256MSG2 -> PackedFamilies.wide(i, address,
                    new Lane((al, ah, bl, bh) -> Sha.message2Low(al, bh), (al, ah, bl, bh) -> {
                        long low = Sha.message2Low(al, bh);
                        return Sha.addDwords(ah, Sha.sigma1((int) low), Sha.sigma1((int) (low >>> 32)));
                    }));
            case SHA256RNDS2 -> rounds256(i, address);
            default -> null;
        };
    }

    /** SHA256RNDS2: round constants plus message in the low half of XMM0. */
    private static Step rounds256(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> {
            long[] x = cpu.xmm;
            long low;
            long high;
            if (address == null) {
                low = x[s];
                high = x[s + 1];
            } else {
                long a = Access.aligned(cpu, address);
                low = cpu.mmu.load64(a);
                high = cpu.mmu.load64(a + 8);
            }
            long key = x[0];
            long resultLow = Sha.rounds256(x[d], x[d + 1], low, high, key, false);
            x[d + 1] = Sha.rounds256(x[d], x[d + 1], low, high, key, true);
            x[d] = resultLow;
        };
    }
}
