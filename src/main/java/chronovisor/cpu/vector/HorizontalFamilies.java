package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/** Sums and minima of integers across lanes: MPSADBW, PHMINPOSUW. */
final class HorizontalFamilies {

    private HorizontalFamilies() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Lane lane = lane(i.operation(), PackedFamilies.control(i));
        return lane == null ? null : PackedFamilies.wide(i, address, lane);
    }

    /** What an operation makes of 128 bits. */
    static @Nullable Lane lane(Operation operation, int control) {
        return switch (operation) {
            case MPSADBW -> sums(control);
            case PHMINPOSUW -> new Lane((al, ah, bl, bh) -> minimum(bl, bh), (al, ah, bl, bh) -> 0);
            default -> null;
        };
    }

    private static Lane sums(int c) {
        int from = c & 4;
        int block = 4 * (c & 3);
        return new Lane(
                (al, ah, bl, bh) -> differences(PackedShuffle.align(0, 0, al, ah, from),
                        PackedShuffle.align(0, 0, al, ah, from + 4), PackedShuffle.align(0, 0, bl, bh, block)),
                (al, ah, bl, bh) -> differences(PackedShuffle.align(0, 0, al, ah, from + 4),
                        PackedShuffle.align(0, 0, al, ah, from + 8), PackedShuffle.align(0, 0, bl, bh, block)));
    }

    /** Four sums of absolute differences of the four bytes of {@code block} with bytes k..k+3 of {@code a}. */
    private static long differences(long a, long next, long block) {
        long bytes = a & 0xFFFF_FFFFL | next << 32;
        long r = 0;
        for (int k = 0; k < 4; k++) {
            int sum = 0;
            for (int j = 0; j < 4; j++) {
                sum += Math.abs((int) (bytes >>> 8 * (k + j) & 0xFF) - (int) (block >>> 8 * j & 0xFF));
            }
            r |= (long) sum << 16 * k;
        }
        return r;
    }

    private static long minimum(long low, long high) {
        long best = 0x10000;
        for (int k = 0; k < 8; k++) {
            long word = (k < 4 ? low : high) >>> 16 * (k & 3) & 0xFFFF;
            if (word < (best & 0x1FFFF)) {
                best = word | (long) k << 32;
            }
        }
        return best & 0xFFFF | best >>> 16;
    }
}
