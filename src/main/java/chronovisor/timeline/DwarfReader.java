package chronovisor.timeline;

import chronovisor.kitten.abi.Bytes;

/** Reads the numbers of DWARF 4 (section 7.6) one after the other. What ends early is an {@link IndexOutOfBoundsException}. */
final class DwarfReader {

    private final byte[] file;

    /** Where the next number is. */
    int at;

    DwarfReader(byte[] file, int at) {
        this.file = file;
        this.at = at;
    }

    int byte8() {
        return file[at++] & 0xFF;
    }

    int word16() {
        at += 2;
        return Bytes.get16(file, at - 2);
    }

    int word32() {
        at += 4;
        return Bytes.get32(file, at - 4);
    }

    long word64() {
        at += 8;
        return Bytes.get64(file, at - 8);
    }

    /** ULEB128. */
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

    /** SLEB128. */
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

    /** A length, that many bytes further is where it goes on. */
    void skip(long length) {
        if (length < 0 || length > file.length - at) {
            throw new IndexOutOfBoundsException("a length of " + length);
        }
        at += (int) length;
    }
}
