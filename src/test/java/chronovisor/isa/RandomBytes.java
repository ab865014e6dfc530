package chronovisor.isa;

import java.util.Random;

/** Random instruction bytes, leaning towards the maps that uniformly random ones seldom reach. */
final class RandomBytes {
    private static final byte[][] BEGINNINGS = {{}, {0x0F}, {0x66, 0x0F}, {(byte) 0xF3, 0x0F}, {(byte) 0xF2, 0x0F},
        {0x66, 0x0F, 0x38},
        {0x66, 0x0F, 0x3A}, {0x48}, {0x45}, {0x4C, 0x0F}, {(byte) 0xDB}, {(byte) 0xDF}, {(byte) 0xD9},
        {(byte) 0xC5, (byte) 0xF9},
        {(byte) 0xC4, (byte) 0xE2, 0x7D}, {(byte) 0xC4, (byte) 0xC1, (byte) 0x78}, {(byte) 0xC4, (byte) 0xE3, 0x79},
        {0x67}, {0x62}};

    private RandomBytes() {}

    static byte[] next(Random random) {
        byte[] code = new byte[15];
        random.nextBytes(code);
        byte[] beginning = BEGINNINGS[random.nextInt(BEGINNINGS.length)];
        System.arraycopy(beginning, 0, code, 0, beginning.length);
        return code;
    }
}
