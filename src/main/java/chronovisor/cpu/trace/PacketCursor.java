package chronovisor.cpu.trace;

/** Reads what {@link Packets} wrote, within bounds. */
final class PacketCursor {
    private final byte[] bytes;
    private final int end;
    private int at;

    PacketCursor(byte[] bytes, int from, int to) {
        if (from < 0 || to < from || to > bytes.length) {
            throw new TraceFormatException(
                    "a step batch's part reaches from " + from + " to " + to + " of " + bytes.length);
        }
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    int position() {
        return at;
    }

    boolean hasMore() {
        return at < end;
    }

    int get8() {
        if (at >= end) {
            throw new TraceFormatException("a step batch ends early, at byte " + at);
        }
        return bytes[at++] & 0xFF;
    }

    long getWord() {
        long word = 0;
        for (int i = 0; i < 8; i++) {
            word |= (long) get8() << 8 * i;
        }
        return word;
    }

    long getUnsigned() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int b = get8();
            value |= (long) (b & 0x7F) << shift;
            if (b < 0x80) {
                return value;
            }
        }
        throw new TraceFormatException("a step batch has a number without an end before byte " + at);
    }

    long getSigned() {
        long v = getUnsigned();
        return v >>> 1 ^ -(v & 1);
    }

    /** A length or count of at most {@code most}. */
    int getCount(long most) {
        long v = getUnsigned();
        if (Long.compareUnsigned(v, most) > 0) {
            throw new TraceFormatException(
                    "a step batch has a count of " + Long.toUnsignedString(v) + " before byte " + at);
        }
        return (int) v;
    }

    byte[] get(int count) {
        if (count > end - at) {
            throw new TraceFormatException("a step batch ends early, at byte " + end);
        }
        byte[] r = java.util.Arrays.copyOfRange(bytes, at, at + count);
        at += count;
        return r;
    }
}
