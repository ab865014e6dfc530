package chronovisor.cpu.vector;

/** Packs, unpacks and shuffles, as functions of 64-bit halves (SDM vol. 2, PACK, PUNPCK, PSHUF). */
public final class PackedShuffle {

    private PackedShuffle() {}

    /** PACKSSWB: four words of a, then of b, to signed bytes. */
    public static long packSignedBytes(long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (PackedInteger.clampByte((short) (a >>> 16 * i)) & 0xFFL) << 8 * i;
            r |= (PackedInteger.clampByte((short) (b >>> 16 * i)) & 0xFFL) << 8 * i + 32;
        }
        return r;
    }

    /** PACKUSWB. */
    public static long packUnsignedBytes(long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (long) Math.clamp((short) (a >>> 16 * i), 0, 0xFF) << 8 * i;
            r |= (long) Math.clamp((short) (b >>> 16 * i), 0, 0xFF) << 8 * i + 32;
        }
        return r;
    }

    /** PACKSSDW: two doublewords of a, then of b, to signed words. */
    public static long packSignedWords(long a, long b) {
        return PackedInteger.clampWord((int) a) & 0xFFFFL | (PackedInteger.clampWord((int) (a >>> 32)) & 0xFFFFL) << 16
                | (PackedInteger.clampWord((int) b) & 0xFFFFL) << 32
                | (PackedInteger.clampWord((int) (b >>> 32)) & 0xFFFFL) << 48;
    }

    private static long clampUnsigned(int v) {
        return v < 0 ? 0 : Math.min(v, 0xFFFF);
    }

    /** PACKUSDW. */
    public static long packUnsignedWords(long a, long b) {
        return clampUnsigned((int) a) | clampUnsigned((int) (a >>> 32)) << 16
                | clampUnsigned((int) b) << 32 | clampUnsigned((int) (b >>> 32)) << 48;
    }

    /** Bytes 0..3 of a spread out to the even bytes. */
    private static long spreadBytes(long a) {
        a &= 0xFFFF_FFFFL;
        a = (a | a << 16) & 0x0000_FFFF_0000_FFFFL;
        return (a | a << 8) & 0x00FF_00FF_00FF_00FFL;
    }

    private static long spreadWords(long a) {
        a &= 0xFFFF_FFFFL;
        return (a | a << 16) & 0x0000_FFFF_0000_FFFFL;
    }

    /** PUNPCKLBW of one half: bytes 0..3 of a and b interleaved. */
    public static long unpackLowBytes(long a, long b) {
        return spreadBytes(a) | spreadBytes(b) << 8;
    }

    public static long unpackHighBytes(long a, long b) {
        return spreadBytes(a >>> 32) | spreadBytes(b >>> 32) << 8;
    }

    public static long unpackLowWords(long a, long b) {
        return spreadWords(a) | spreadWords(b) << 16;
    }

    public static long unpackHighWords(long a, long b) {
        return spreadWords(a >>> 32) | spreadWords(b >>> 32) << 16;
    }

    public static long unpackLowDwords(long a, long b) {
        return a & 0xFFFF_FFFFL | b << 32;
    }

    public static long unpackHighDwords(long a, long b) {
        return a >>> 32 | b & 0xFFFF_FFFF_0000_0000L;
    }

    /** Doubleword {@code index} (0..3) of high:low. */
    public static long dword(long low, long high, int index) {
        return ((index & 2) == 0 ? low : high) >>> 32 * (index & 1) & 0xFFFF_FFFFL;
    }

    /** Low half of PSHUFD and, with a and b the same, SHUFPS. */
    public static long shuffleDwordsLow(long low, long high, int control) {
        return dword(low, high, control & 3) | dword(low, high, control >>> 2 & 3) << 32;
    }

    /** High half of PSHUFD: of SHUFPS, the half that comes from its second operand. */
    public static long shuffleDwordsHigh(long low, long high, int control) {
        return dword(low, high, control >>> 4 & 3) | dword(low, high, control >>> 6 & 3) << 32;
    }

    /** PSHUFW; PSHUFLW and PSHUFHW of their half. */
    public static long shuffleWords(long a, int control) {
        return a >>> 16 * (control & 3) & 0xFFFF | (a >>> 16 * (control >>> 2 & 3) & 0xFFFF) << 16
                | (a >>> 16 * (control >>> 4 & 3) & 0xFFFF) << 32 | (a >>> 16 * (control >>> 6 & 3) & 0xFFFF) << 48;
    }

    /** PSHUFB of one half: eight bytes chosen from high:low by {@code control}; of MMX, {@code low} twice. */
    public static long shuffleBytes(long low, long high, long control) {
        long r = 0;
        for (int i = 0; i < 64; i += 8) {
            int c = (int) (control >>> i);
            if ((c & 0x80) == 0) {
                r |= (((c & 8) == 0 ? low : high) >>> 8 * (c & 7) & 0xFF) << i;
            }
        }
        return r;
    }

    /** Low 64 bits of high:low shifted right by {@code bytes}; 16 or more give zero. */
    public static long shiftRightBytesLow(long low, long high, int bytes) {
        if (bytes >= 8) {
            return bytes >= 16 ? 0 : high >>> 8 * (bytes - 8);
        }
        return bytes == 0 ? low : low >>> 8 * bytes | high << 64 - 8 * bytes;
    }

    /** High 64 bits of high:low shifted left by {@code bytes}; 16 or more give zero. */
    public static long shiftLeftBytesHigh(long low, long high, int bytes) {
        if (bytes >= 8) {
            return bytes >= 16 ? 0 : low << 8 * (bytes - 8);
        }
        return bytes == 0 ? high : high << 8 * bytes | low >>> 64 - 8 * bytes;
    }

    /** PALIGNR, low half: bytes {@code shift} .. {@code shift+7} of aHigh:aLow:bHigh:bLow. */
    public static long align(long aLow, long aHigh, long bLow, long bHigh, int shift) {
        if (shift >= 32) {
            return 0;
        }
        int word = shift >>> 3;
        int bits = 8 * (shift & 7);
        long first = quad(aLow, aHigh, bLow, bHigh, word);
        return bits == 0 ? first : first >>> bits | quad(aLow, aHigh, bLow, bHigh, word + 1) << 64 - bits;
    }

    private static long quad(long aLow, long aHigh, long bLow, long bHigh, int word) {
        return switch (word) {
            case 0 -> bLow;
            case 1 -> bHigh;
            case 2 -> aLow;
            case 3 -> aHigh;
            default -> 0;
        };
    }

    /** Bits of a where the sign bit of the byte in {@code mask} is clear, of b where it is set (PBLENDVB). */
    public static long blendBytes(long a, long b, long mask) {
        long set = (mask >>> 7 & 0x0101_0101_0101_0101L) * 0xFF;
        return a & ~set | b & set;
    }

    /** PMOVSX and PMOVZX: {@code 64/to} elements of {@code from} bits at the bottom of a, widened to {@code to} bits. */
    public static long widen(long a, int from, int to, boolean signed) {
        long r = 0;
        long mask = to == 64 ? -1 : (1L << to) - 1;
        for (int i = 0; i < 64 / to; i++) {
            long element = a >>> from * i << 64 - from;
            r |= ((signed ? element >> 64 - from : element >>> 64 - from) & mask) << to * i;
        }
        return r;
    }
}
