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
    /** Added to an offset in the file to get the address in memory. */
    private final long bias;

    private FrameTable(byte[] file, long begin, long end, long bias) {
        this.file = file;
        this.begin = begin;
        this.end = end;
        this.bias = bias;
    }

    static Optional<FrameTable> of(Symbols.Image image) {
        return image.sections().section(".eh_frame").map(section -> new FrameTable(image.sections().file(),
                section.offset(), section.offset() + section.bytes(),
                section.address() + image.bias() - section.offset()));
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
        Common common = common(at - link);
        if (common == null) {
            return null;
        }
        Cursor in = new Cursor(at + 4);
        long start = in.encoded(common.encoding);
        long bytes = in.encoded(common.encoding & 0xF);
        if (Long.compareUnsigned(address - start, bytes) >= 0) {
            return null;
        }
        if (common.augmented) {
            in.at += (int) in.unsigned();
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
        Cursor in = new Cursor(at + 4);
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
                    case 'P' -> in.encoded(in.byte8());
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

    /** Reads the file's numbers. */
    private final class Cursor {
        private int at;

        Cursor(int at) {
            this.at = at;
        }

        int byte8() {
            return file[at++] & 0xFF;
        }

        long unsigned() {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                int part = byte8();
                value |= (long) (part & 0x7F) << shift;
                if (part < 0x80) {
                    break;
                }
            }
            return value;
        }

        long signed() {
            long value = 0;
            int shift = 0;
            int part;
            do {
                part = byte8();
                value |= (long) (part & 0x7F) << shift;
                shift += 7;
            } while (part >= 0x80 && shift < 64);
            return shift < 64 && (part & 0x40) != 0 ? value | -1L << shift : value;
        }

        long encoded(int encoding) {
            if (encoding == OMITTED) {
                return 0;
            }
            long place = at + bias;
            long value = switch (encoding & 0xF) {
                case 0x0, 0x4, 0xC -> skip(8, Bytes.get64(file, at));
                case 0x2 -> skip(2, Bytes.get16(file, at));
                case 0xA -> skip(2, (short) Bytes.get16(file, at));
                case 0x3 -> skip(4, Bytes.get32(file, at) & 0xFFFF_FFFFL);
                case 0xB -> skip(4, Bytes.get32(file, at));
                case 0x1 -> unsigned();
                case 0x9 -> signed();
                default -> throw new IndexOutOfBoundsException("an unknown encoding");
            };
            return (encoding & 0x70) == PC_RELATIVE ? value + place : value;
        }

        private long skip(int bytes, long value) {
            at += bytes;
            return value;
        }
    }
}
