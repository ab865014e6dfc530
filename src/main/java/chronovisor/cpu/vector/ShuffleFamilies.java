package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.cpu.vector.PackedFamilies.Half;
import chronovisor.isa.Instruction;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/** Packs, unpacks, shuffles, and horizontal integer arithmetic: operations that move bits between lanes. */
final class ShuffleFamilies {

    private ShuffleFamilies() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        boolean mmx = MmxFamilies.isMmx(i);
        LongBinaryOperator folding = folding(i);
        if (folding != null) {
            return mmx
                    ? MmxFamilies.binary(i, address, folding)
                    : PackedFamilies.wide(i, address, true, (al, ah, bl, bh) -> folding.applyAsLong(al, ah),
                            (al, ah, bl, bh) -> folding.applyAsLong(bl, bh));
        }
        return switch (i.operation()) {
            case PUNPCKLBW -> unpackLow(i, address, PackedShuffle::unpackLowBytes, PackedShuffle::unpackHighBytes);
            case PUNPCKLWD -> unpackLow(i, address, PackedShuffle::unpackLowWords, PackedShuffle::unpackHighWords);
            case PUNPCKLDQ, UNPCKLPS -> unpackLow(i, address, PackedShuffle::unpackLowDwords,
                    PackedShuffle::unpackHighDwords);
            case PUNPCKHBW -> unpackHigh(i, address, PackedShuffle::unpackLowBytes, PackedShuffle::unpackHighBytes);
            case PUNPCKHWD -> unpackHigh(i, address, PackedShuffle::unpackLowWords, PackedShuffle::unpackHighWords);
            case PUNPCKHDQ, UNPCKHPS -> unpackHigh(i, address, PackedShuffle::unpackLowDwords,
                    PackedShuffle::unpackHighDwords);
            case PUNPCKLQDQ, UNPCKLPD -> PackedFamilies.wide(i, address, true, (al, ah, bl, bh) -> al,
                    (al, ah, bl, bh) -> bl);
            case PUNPCKHQDQ, UNPCKHPD -> PackedFamilies.wide(i, address, true, (al, ah, bl, bh) -> ah,
                    (al, ah, bl, bh) -> bh);
            case PSHUFB -> mmx
                    ? MmxFamilies.binary(i, address, (a, b) -> PackedShuffle.shuffleBytes(a, a, b))
                    : PackedFamilies.wide(i, address, true,
                            (al, ah, bl, bh) -> PackedShuffle.shuffleBytes(al, ah, bl),
                            (al, ah, bl, bh) -> PackedShuffle.shuffleBytes(al, ah, bh));
            case PSHUFD, PSHUFLW, PSHUFHW, PSHUFW, SHUFPS, SHUFPD, PALIGNR, PSLLDQ, PSRLDQ ->
                immediate(i, address, mmx);
            default -> null;
        };
    }

    /** Operations whose low half comes from operand one alone and whose high half from operand two. */
    private static @Nullable LongBinaryOperator folding(Instruction i) {
        return switch (i.operation()) {
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

    private static Step unpackLow(Instruction i, @Nullable AddressForm address, LongBinaryOperator low,
            LongBinaryOperator high) {
        return MmxFamilies.isMmx(i)
                ? MmxFamilies.binary(i, address, low)
                : PackedFamilies.wide(i, address, true, (al, ah, bl, bh) -> low.applyAsLong(al, bl),
                        (al, ah, bl, bh) -> high.applyAsLong(al, bl));
    }

    private static Step unpackHigh(Instruction i, @Nullable AddressForm address, LongBinaryOperator low,
            LongBinaryOperator high) {
        return MmxFamilies.isMmx(i)
                ? MmxFamilies.binary(i, address, high)
                : PackedFamilies.wide(i, address, true, (al, ah, bl, bh) -> low.applyAsLong(ah, bh),
                        (al, ah, bl, bh) -> high.applyAsLong(ah, bh));
    }

    private static @Nullable Step immediate(Instruction i, @Nullable AddressForm address, boolean mmx) {
        int c = (int) i.operand(i.operandCount() - 1).value() & 0xFF;
        Half keepHigh = (al, ah, bl, bh) -> bh;
        Half keepLow = (al, ah, bl, bh) -> bl;
        return switch (i.operation()) {
            case PSHUFD -> PackedFamilies.wide(i, address, true,
                    (al, ah, bl, bh) -> PackedShuffle.shuffleDwordsLow(bl, bh, c),
                    (al, ah, bl, bh) -> PackedShuffle.shuffleDwordsHigh(bl, bh, c));
            case SHUFPS -> PackedFamilies.wide(i, address, true,
                    (al, ah, bl, bh) -> PackedShuffle.shuffleDwordsLow(al, ah, c),
                    (al, ah, bl, bh) -> PackedShuffle.shuffleDwordsHigh(bl, bh, c));
            case SHUFPD -> PackedFamilies.wide(i, address, true, (al, ah, bl, bh) -> (c & 1) == 0 ? al : ah,
                    (al, ah, bl, bh) -> (c & 2) == 0 ? bl : bh);
            case PSHUFLW -> PackedFamilies.wide(i, address, true,
                    (al, ah, bl, bh) -> PackedShuffle.shuffleWords(bl, c), keepHigh);
            case PSHUFHW -> PackedFamilies.wide(i, address, true, keepLow,
                    (al, ah, bl, bh) -> PackedShuffle.shuffleWords(bh, c));
            case PSHUFW -> MmxFamilies.binary(i, address, (a, b) -> PackedShuffle.shuffleWords(b, c));
            case PALIGNR -> mmx
                    ? MmxFamilies.binary(i, address, (a, b) -> PackedShuffle.align(0, 0, b, a, c))
                    : PackedFamilies.wide(i, address, true,
                            (al, ah, bl, bh) -> PackedShuffle.align(al, ah, bl, bh, c),
                            (al, ah, bl, bh) -> PackedShuffle.align(al, ah, bl, bh, c + 8));
            case PSLLDQ -> shiftBytes(i, c, true);
            case PSRLDQ -> shiftBytes(i, c, false);
            default -> null;
        };
    }

    private static Step shiftBytes(Instruction i, int bytes, boolean left) {
        int d = 4 * i.operand(0).register();
        if (left) {
            return cpu -> {
                long[] x = cpu.xmm;
                x[d + 1] = PackedShuffle.shiftLeftBytesHigh(x[d], x[d + 1], bytes);
                x[d] = PackedInteger.shiftLeftQwords(x[d], 8L * bytes);
            };
        }
        return cpu -> {
            long[] x = cpu.xmm;
            x[d] = PackedShuffle.shiftRightBytesLow(x[d], x[d + 1], bytes);
            x[d + 1] = PackedInteger.shiftRightQwords(x[d + 1], 8L * bytes);
        };
    }
}
