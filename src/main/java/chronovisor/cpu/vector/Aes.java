package chronovisor.cpu.vector;

/** Rounds of AES (FIPS 197) on a state of two longs, byte 0 lowest; column c is bytes 4c to 4c+3. */
final class Aes {

    private static final byte[] BOX = new byte[256];
    private static final byte[] INVERSE_BOX = new byte[256];

    static {
        for (int v = 0; v < 256; v++) {
            int inverse = inverse(v);
            int s = inverse;
            for (int k = 1; k < 5; k++) {
                s ^= (inverse << k | inverse >>> 8 - k) & 0xFF;
            }
            s ^= 0x63;
            BOX[v] = (byte) s;
            INVERSE_BOX[s] = (byte) v;
        }
    }

    private Aes() {}

    private static int multiply(int a, int b) {
        int r = 0;
        for (int k = 0; k < 8; k++) {
            r ^= (b >>> k & 1) != 0 ? a : 0;
            a = a << 1 ^ (a & 0x80) / 0x80 * 0x11B;
        }
        return r;
    }

    /** v^254, which is 1/v. */
    private static int inverse(int v) {
        int r = 1;
        for (int k = 0; k < 254; k++) {
            r = multiply(r, v);
        }
        return r;
    }

    private static int octet(long low, long high, int index) {
        return (int) ((index < 8 ? low : high) >>> 8 * (index & 7)) & 0xFF;
    }

    /** Four bytes: the column after ShiftRows and SubBytes. {@code direction} is 1, or -1 for the inverse. */
    private static int column(long low, long high, int c, byte[] box, int direction) {
        int r = 0;
        for (int row = 0; row < 4; row++) {
            int from = c + direction * row & 3;
            r |= (box[octet(low, high, 4 * from + row)] & 0xFF) << 8 * row;
        }
        return r;
    }

    /** Doubles four elements of the field at once. */
    private static int twice(int x) {
        return (x & 0x7F7F7F7F) << 1 ^ (x >>> 7 & 0x01010101) * 0x1B;
    }

    private static int mix(int column) {
        int r8 = Integer.rotateRight(column, 8);
        return twice(column ^ r8) ^ r8 ^ Integer.rotateRight(column, 16) ^ Integer.rotateRight(column, 24);
    }

    private static int inverseMixColumn(int column) {
        int x4 = twice(twice(column ^ Integer.rotateRight(column, 16)));
        return mix(column ^ x4);
    }

    private static long pair(int first, int second) {
        return first & 0xFFFF_FFFFL | (long) second << 32;
    }

    static long encryptLow(long low, long high) {
        return pair(mix(column(low, high, 0, BOX, 1)), mix(column(low, high, 1, BOX, 1)));
    }

    static long encryptHigh(long low, long high) {
        return pair(mix(column(low, high, 2, BOX, 1)), mix(column(low, high, 3, BOX, 1)));
    }

    static long encryptLastLow(long low, long high) {
        return pair(column(low, high, 0, BOX, 1), column(low, high, 1, BOX, 1));
    }

    static long encryptLastHigh(long low, long high) {
        return pair(column(low, high, 2, BOX, 1), column(low, high, 3, BOX, 1));
    }

    static long decryptLow(long low, long high) {
        return inverseMix(decryptLastLow(low, high));
    }

    static long decryptHigh(long low, long high) {
        return inverseMix(decryptLastHigh(low, high));
    }

    static long decryptLastLow(long low, long high) {
        return pair(column(low, high, 0, INVERSE_BOX, -1), column(low, high, 1, INVERSE_BOX, -1));
    }

    static long decryptLastHigh(long low, long high) {
        return pair(column(low, high, 2, INVERSE_BOX, -1), column(low, high, 3, INVERSE_BOX, -1));
    }

    static long inverseMix(long half) {
        return pair(inverseMixColumn((int) half), inverseMixColumn((int) (half >>> 32)));
    }

    /** One half of AESKEYGENASSIST: its odd doubleword substituted, and that rotated and with the round constant. */
    static long keyAssist(long half, int round) {
        int s = 0;
        for (int k = 0; k < 4; k++) {
            s |= (BOX[(int) (half >>> 32 + 8 * k) & 0xFF] & 0xFF) << 8 * k;
        }
        return pair(s, Integer.rotateRight(s, 8) ^ round);
    }
}
