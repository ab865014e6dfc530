package chronovisor.timeline;

import chronovisor.kitten.abi.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The call frame information of one file (.eh_frame, LSB 4.0 section 10.6; DWARF 4 section 6.4): which rules tell a caller's
 * registers from its callee's. Anything malformed ends the search: then there are no rules.
 */
final class FrameTable {

    private static final int PC_RELATIVE = 0x10;
    private static final int OMITTED = 0xFF;

    private final byte[] file;
    private final long begin;
    private final long end;
    /** Added to an offset in the section to get the address in memory. */
    private final long bias;

    private FrameTable(byte[] file, long begin, long end, long bias) {
        this.file = file;
        this.begin = begin;
        this.end = end;
        this.bias = bias;
    }

    static Optional<FrameTable> of(Symbols.Image image) {
        return image.sections().section(".eh_frame").map(section -> {
            byte[] bytes = image.sections().contents(section);
            return new FrameTable(bytes, 0, bytes.length, section.address() + image.bias());
        });
    }

    /** What all functions of a kind have in common. */
    private record Common(long codeUnit, long dataUnit, int returnRegister, int encoding, boolean augmented,
            boolean signal, int instructions, int end) {}

    /** The rules that hold at an address. */
    @Nullable
    FrameRules find(long address) {
        try {
            long at = begin;
            while (at + 4 <= end) {
                long length = Bytes.get32(file, (int) at) & 0xFFFF_FFFFL;
                if (length == 0 || length == 0xFFFF_FFFFL || at + 4 + length > end) {
                    return null;
                }
                int link = Bytes.get32(file, (int) at + 4);
                if (link != 0) {
                    FrameRules rules = rules((int) at + 4, (int) (at + 4 + length), link, address);
                    if (rules != null) {
                        return rules;
                    }
                }
                at += 4 + length;
            }
            return null;
        } catch (IndexOutOfBoundsException e) {
            return null;
        }
    }

    private @Nullable FrameRules rules(int at, int entryEnd, int link, long address) {
        Common common = common(at - link + 4);
        if (common == null) {
            return null;
        }
        DwarfReader in = new DwarfReader(file, at + 4);
        long start = encoded(in, common.encoding);
        long bytes = encoded(in, common.encoding & 0xF);
        if (Long.compareUnsigned(address - start, bytes) >= 0) {
            return null;
        }
        if (common.augmented) {
            in.skip(in.unsigned());
        }
        FrameRules rules = new FrameRules(common.codeUnit, common.dataUnit, common.returnRegister, common.signal);
        rules.run(file, common.instructions, common.end, start, address);
        rules.remember();
        rules.run(file, in.at, entryEnd, start, address);
        return rules;
    }

    private @Nullable Common common(int at) {
        if (at < begin + 4 || at >= end) {
            return null;
        }
        int length = Bytes.get32(file, at - 4);
        DwarfReader in = new DwarfReader(file, at + 4);
        int version = in.byte8();
        if (version != 1 && version != 3) {
            return null;
        }
        int text = in.at;
        while (in.byte8() != 0) {
            // The augmentation's letters.
        }
        String letters = new String(file, text, in.at - 1 - text, StandardCharsets.ISO_8859_1);
        long codeUnit = in.unsigned();
        long dataUnit = in.signed();
        int returnRegister = version == 1 ? in.byte8() : (int) in.unsigned();
        int encoding = 0;
        boolean signal = false;
        if (letters.startsWith("z")) {
            long bytes = in.unsigned();
            int after = in.at + (int) bytes;
            for (char letter : letters.substring(1).toCharArray()) {
                switch (letter) {
                    case 'R' -> encoding = in.byte8();
                    case 'P' -> encoded(in, in.byte8());
                    case 'L' -> in.byte8();
                    case 'S' -> signal = true;
                    default -> {
                        return null;
                    }
                }
            }
            in.at = after;
        } else if (!letters.isEmpty()) {
            return null;
        }
        return new Common(codeUnit, dataUnit, returnRegister, encoding, letters.startsWith("z"), signal, in.at,
                at + length);
    }

    /** A pointer in one of the encodings of the LSB (section 10.5). */
    private long encoded(DwarfReader in, int encoding) {
        if (encoding == OMITTED) {
            return 0;
        }
        long place = in.at + bias;
        long value = switch (encoding & 0xF) {
            case 0x0, 0x4, 0xC -> in.word64();
            case 0x2 -> in.word16();
            case 0xA -> (short) in.word16();
            case 0x3 -> in.word32() & 0xFFFF_FFFFL;
            case 0xB -> in.word32();
            case 0x1 -> in.unsigned();
            case 0x9 -> in.signed();
            default -> throw new IndexOutOfBoundsException("an unknown encoding");
        };
        return (encoding & 0x70) == PC_RELATIVE ? value + place : value;
    }
}
