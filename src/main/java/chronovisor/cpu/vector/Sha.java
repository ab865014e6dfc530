package chronovisor.cpu.vector;

/** Steps of SHA-1 and SHA-256 (FIPS 180-4) as SHA1RNDS4, SHA256RNDS2 and the message instructions cut them. */
final class Sha {

    private static final int[] CONSTANT1 = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};

    private Sha() {}

    private static int high(long half) {
        return (int) (half >>> 32);
    }

    private static long pair(int first, int second) {
        return first & 0xFFFF_FFFFL | (long) second << 32;
    }

    static long addDwords(long half, int first, int second) {
        return pair((int) half + first, high(half) + second);
    }

    static int sigma0(int x) {
        return Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3;
    }

    static int sigma1(int x) {
        return Integer.rotateRight(x, 17) ^ Integer.rotateRight(x, 19) ^ x >>> 10;
    }

    static long message2Low(long aLow, long bHigh) {
        return addDwords(aLow, sigma1((int) bHigh), sigma1(high(bHigh)));
    }

    /** SHA1MSG2: words run from the highest doubleword down. */
    static long message1High(long aLow, long aHigh, long bLow, long bHigh) {
        int w16 = Integer.rotateLeft(high(aHigh) ^ (int) bHigh, 1);
        int w17 = Integer.rotateLeft((int) aHigh ^ high(bLow), 1);
        return pair(w17, w16);
    }

    static long message1Low(long aLow, long aHigh, long bLow, long bHigh) {
        int w16 = Integer.rotateLeft(high(aHigh) ^ (int) bHigh, 1);
        int w18 = Integer.rotateLeft(high(aLow) ^ (int) bLow, 1);
        int w19 = Integer.rotateLeft((int) aLow ^ w16, 1);
        return pair(w19, w18);
    }

    private static int function1(int which, int b, int c, int d) {
        return switch (which) {
            case 0 -> b & c ^ ~b & d;
            case 2 -> b & c ^ b & d ^ c & d;
            default -> b ^ c ^ d;
        };
    }

    /** SHA1RNDS4: four rounds on A B C D (highest doubleword first) with words W0E W1 W2 W3. */
    static long rounds1(long aLow, long aHigh, long bLow, long bHigh, int which, boolean upper) {
        int a = high(aHigh);
        int b = (int) aHigh;
        int c = high(aLow);
        int d = (int) aLow;
        int e = 0;
        for (int round = 0; round < 4; round++) {
            int word = switch (round) {
                case 0 -> high(bHigh);
                case 1 -> (int) bHigh;
                case 2 -> high(bLow);
                default -> (int) bLow;
            };
            int next = function1(which, b, c, d) + Integer.rotateLeft(a, 5) + word + e + CONSTANT1[which];
            e = d;
            d = c;
            c = Integer.rotateLeft(b, 30);
            b = a;
            a = next;
        }
        return upper ? pair(b, a) : pair(d, c);
    }

    /** SHA256RNDS2: two rounds on C D G H (a) and A B E F (b), highest doubleword first. */
    static long rounds256(long aLow, long aHigh, long bLow, long bHigh, long key, boolean upper) {
        int a = high(bHigh);
        int b = (int) bHigh;
        int c = high(aHigh);
        int d = (int) aHigh;
        int e = high(bLow);
        int f = (int) bLow;
        int g = high(aLow);
        int h = (int) aLow;
        for (int round = 0; round < 2; round++) {
            int word = round == 0 ? (int) key : high(key);
            int choose = e & f ^ ~e & g;
            int sum1 = Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25);
            int temporary = choose + sum1 + word + h;
            int majority = a & b ^ a & c ^ b & c;
            int sum0 = Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22);
            h = g;
            g = f;
            f = e;
            e = d + temporary;
            d = c;
            c = b;
            b = a;
            a = temporary + majority + sum0;
        }
        return upper ? pair(b, a) : pair(f, e);
    }
}
