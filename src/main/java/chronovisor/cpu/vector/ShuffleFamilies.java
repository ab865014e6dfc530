package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.cpu.vector.Lane.Half;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/** Packs, unpacks, shuffles, and horizontal integer arithmetic: operations that move bits between lanes. */
final class ShuffleFamilies {

    private ShuffleFamilies() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        if (MmxFamilies.isMmx(i)) {
            LongBinaryOperator mmx = mmx(i.operation(), PackedFamilies.control(i));
            return mmx == null ? null : MmxFamilies.binary(i, address, mmx);
        }
        Lane lane = lane(i.operation(), PackedFamilies.control(i));
        if (lane == null) {
            return null;
        }
        return switch (i.operation()) {
            case PSLLDQ, PSRLDQ -> alone(i, lane);
            default -> PackedFamilies.wide(i, address, lane);
        };
    }

    /** {@code xmm = lane(xmm)}. */
    private static Step alone(Instruction i, Lane lane) {
        int d = 4 * i.operand(0).register();
        return cpu -> {
            long[] x = cpu.xmm;
            long low = x[d];
            long high = x[d + 1];
            x[d] = lane.low().of(low, high, low, high);
            x[d + 1] = lane.high().of(low, high, low, high);
        };
    }

    /** Operations whose low half comes from operand one alone and whose high half from operand two. */
    private static @Nullable LongBinaryOperator folding(Operation operation) {
        return switch (operation) {
            case PACKSSWB -> PackedShuffle::packSignedBytes;
            case PACKUSWB -> PackedShuffle::packUnsignedBytes;
            case PACKSSDW -> PackedShuffle::packSignedWords;
            case PACKUSDW -> PackedShuffle::packUnsignedWords;
            case PHADDW -> PackedInteger::horizontalAddWords;
            case PHADDD -> PackedInteger::horizontalAddDwords;
            case PHADDSW -> PackedInteger::horizontalAddSaturatingWords;
            case PHSUBW -> PackedInteger::horizontalSubtractWords;
            case PHSUBD -> PackedInteger::horizontalSubtractDwords;
            case PHSUBSW -> PackedInteger::horizontalSubtractSaturatingWords;
            default -> null;
        };
    }

    private static @Nullable LongBinaryOperator mmx(Operation operation, int c) {
        return switch (operation) {
            case PUNPCKLBW -> PackedShuffle::unpackLowBytes;
            case PUNPCKLWD -> PackedShuffle::unpackLowWords;
            case PUNPCKLDQ -> PackedShuffle::unpackLowDwords;
            case PUNPCKHBW -> PackedShuffle::unpackHighBytes;
            case PUNPCKHWD -> PackedShuffle::unpackHighWords;
            case PUNPCKHDQ -> PackedShuffle::unpackHighDwords;
            case PSHUFB -> (a, b) -> PackedShuffle.shuffleBytes(a, a, b);
            case PSHUFW -> (a, b) -> PackedShuffle.shuffleWords(b, c);
            case PALIGNR -> (a, b) -> PackedShuffle.align(0, 0, b, a, c);
            default -> folding(operation);
        };
    }

    private static Lane unpackLow(LongBinaryOperator low, LongBinaryOperator high) {
        return new Lane((al, ah, bl, bh) -> low.applyAsLong(al, bl), (al, ah, bl, bh) -> high.applyAsLong(al, bl));
    }

    private static Lane unpackHigh(LongBinaryOperator low, LongBinaryOperator high) {
        return new Lane((al, ah, bl, bh) -> low.applyAsLong(ah, bh), (al, ah, bl, bh) -> high.applyAsLong(ah, bh));
    }

    /** What an operation makes of 128 bits, with its immediate if it has one. */
    static @Nullable Lane lane(Operation operation, int control) {
        LongBinaryOperator folding = folding(operation);
        if (folding != null) {
            return new Lane((al, ah, bl, bh) -> folding.applyAsLong(al, ah),
                    (al, ah, bl, bh) -> folding.applyAsLong(bl, bh));
        }
        return switch (operation) {
            case PUNPCKLBW -> unpackLow(PackedShuffle::unpackLowBytes, PackedShuffle::unpackHighBytes);
            case PUNPCKLWD -> unpackLow(PackedShuffle::unpackLowWords, PackedShuffle::unpackHighWords);
            case PUNPCKLDQ, UNPCKLPS -> unpackLow(PackedShuffle::unpackLowDwords, PackedShuffle::unpackHighDwords);
            case PUNPCKHBW -> unpackHigh(PackedShuffle::unpackLowBytes, PackedShuffle::unpackHighBytes);
            case PUNPCKHWD -> unpackHigh(PackedShuffle::unpackLowWords, PackedShuffle::unpackHighWords);
            case PUNPCKHDQ, UNPCKHPS -> unpackHigh(PackedShuffle::unpackLowDwords, PackedShuffle::unpackHighDwords);
            case PUNPCKLQDQ, UNPCKLPD -> new Lane((al, ah, bl, bh) -> al, (al, ah, bl, bh) -> bl);
            case PUNPCKHQDQ, UNPCKHPD -> new Lane((al, ah, bl, bh) -> ah, (al, ah, bl, bh) -> bh);
            case PSHUFB -> new Lane((al, ah, bl, bh) -> PackedShuffle.shuffleBytes(al, ah, bl),
                    (al, ah, bl, bh) -> PackedShuffle.shuffleBytes(al, ah, bh));
            default -> immediate(operation, control);
        };
    }

    private static @Nullable Lane immediate(Operation operation, int c) {
        Half keepHigh = (al, ah, bl, bh) -> bh;
        Half keepLow = (al, ah, bl, bh) -> bl;
        return switch (operation) {
            case PSHUFD -> new Lane((al, ah, bl, bh) -> PackedShuffle.shuffleDwordsLow(bl, bh, c),
                    (al, ah, bl, bh) -> PackedShuffle.shuffleDwordsHigh(bl, bh, c));
            case SHUFPS -> new Lane((al, ah, bl, bh) -> PackedShuffle.shuffleDwordsLow(al, ah, c),
                    (al, ah, bl, bh) -> PackedShuffle.shuffleDwordsHigh(bl, bh, c));
            case SHUFPD -> new Lane((al, ah, bl, bh) -> (c & 1) == 0 ? al : ah,
                    (al, ah, bl, bh) -> (c & 2) == 0 ? bl : bh);
            case PSHUFLW -> new Lane((al, ah, bl, bh) -> PackedShuffle.shuffleWords(bl, c), keepHigh);
            case PSHUFHW -> new Lane(keepLow, (al, ah, bl, bh) -> PackedShuffle.shuffleWords(bh, c));
            case PALIGNR -> new Lane((al, ah, bl, bh) -> PackedShuffle.align(al, ah, bl, bh, c),
                    (al, ah, bl, bh) -> PackedShuffle.align(al, ah, bl, bh, c + 8));
            case PSLLDQ -> new Lane((al, ah, bl, bh) -> PackedInteger.shiftLeftQwords(al, 8L * c),
                    (al, ah, bl, bh) -> PackedShuffle.shiftLeftBytesHigh(al, ah, c));
            case PSRLDQ -> new Lane((al, ah, bl, bh) -> PackedShuffle.shiftRightBytesLow(al, ah, c),
                    (al, ah, bl, bh) -> PackedInteger.shiftRightQwords(ah, 8L * c));
            default -> null;
        };
    }
}
