package chronovisor.isa;

import chronovisor.isa.Undecoded.Reason;

/** Reads an instruction's bytes; knows its limits. Reading past them yields zeros and is remembered. */
final class ByteCursor {
    private final byte[] code;
    private final int start;
    private final int end;
    private final boolean endsByLength;
    private int position;
    private boolean isShort;

    ByteCursor(byte[] code, int offset, int limit) {
        this.code = code;
        this.start = offset;
        this.position = offset;
        this.endsByLength = limit - offset >= Decoder.LENGTH_MAX;
        this.end = endsByLength ? offset + Decoder.LENGTH_MAX : limit;
    }

    int next() {
        int value = peek();
        position++;
        return value;
    }

    int peek() {
        if (position < end) {
            return code[position] & 0xFF;
        }
        isShort = true;
        return 0;
    }

    /** Little-endian, {@code bytes} of 1, 2, 4 or 8, zero-extended. */
    long unsigned(int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) next() << 8 * i;
        }
        return value;
    }

    /** Little-endian, sign-extended. */
    long signed(int bytes) {
        int unused = 64 - 8 * bytes;
        return unsigned(bytes) << unused >> unused;
    }

    /** Whether more was read than there is. */
    boolean isShort() {
        return isShort;
    }

    int taken() {
        return position - start;
    }

    /** TOO_LONG or TRUNCATED when it ran out of bytes, else {@code reason}. */
    Undecoded undecoded(Reason reason) {
        if (!isShort) {
            return new Undecoded(reason, taken(), Family.SYSTEM);
        }
        return new Undecoded(endsByLength ? Reason.TOO_LONG : Reason.TRUNCATED, end - start, Family.SYSTEM);
    }
}
