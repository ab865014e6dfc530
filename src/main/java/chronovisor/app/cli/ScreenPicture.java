package chronovisor.app.cli;

import chronovisor.device.TextScreen;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * A text screen as a picture: a PNG of 8 by 16 pixels for each character, in the screen's own colours (PNG Specification, third edition). Letters
 * are of 5 by 7 dots, twice as high; what has no letter is drawn as a box.
 */
final class ScreenPicture {

    private static final int WIDTH = 8;
    private static final int HEIGHT = 16;
    private static final int FIRST = ' ';
    private static final int LAST = '~';

    /** Five columns of dots for each character from blank to tilde, the top in the lowest bit. */
    private static final byte[] DOTS = HexFormat.of().parseHex("""
            0000000000 00005f0000 0007000700 147f147f14 242a7f2a12 2313086462 3649552250 0005030000 001c224100 0041221c00
            14083e0814 08083e0808 0050300000 0808080808 0060600000 2010080402 3e5149453e 00427f4000 4261514946 2141454b31
            1814127f10 2745454539 3c4a494930 0171090503 3649494936 064949291e 0036360000 0056360000 0814224100 1414141414
            0041221408 0201510906 324979413e 7e1111117e 7f49494936 3e41414122 7f4141221c 7f49494941 7f09090901 3e4149497a
            7f0808087f 00417f4100 2040413f01 7f08142241 7f40404040 7f020c027f 7f0408107f 3e4141413e 7f09090906 3e4151215e
            7f09192946 4649494931 01017f0101 3f4040403f 1f2040201f 3f4038403f 6314081463 0708700807 6151494543 007f414100
            0204081020 0041417f00 0402010204 4040404040 0001020400 2054545478 7f48444438 3844444420 384444487f 3854545418
            087e090102 0c5252523e 7f08040478 00447d4000 2040443d00 7f10284400 00417f4000 7c04180478 7c08040478 3844444438
            7c14141408 081414187c 7c08040408 4854545420 043f444020 3c4040207c 1c2040201c 3c4030403c 4428102844 0c5050503c
            4464544c44 0008364100 00007f0000 0041360800 1008081008
            """.replaceAll("\\s", ""));

    /** Where the lines of the frames from 0xB3 to 0xDA go: left, right, up, down, by bits. */
    private static final byte[] FRAMES = {12, 13, 13, 13, 9, 9, 13, 12, 9, 5, 5, 5, 9, 6, 7, 11, 14, 3, 15, 14, 14, 6,
        10, 7,
        11, 14, 3, 15, 7, 7, 11, 11, 6, 6, 10, 10, 15, 15, 5, 10};
    private static final int FRAMES_FIRST = 0xB3;
    private static final int LEFT = 1;
    private static final int RIGHT = 2;
    private static final int UP = 4;
    private static final int DOWN = 8;

    private ScreenPicture() {}

    /** The bytes of a PNG file. */
    static byte[] png(TextScreen screen) {
        int width = screen.columns() * WIDTH;
        int height = screen.rows() * HEIGHT;
        byte[] rows = new byte[height * (1 + width)];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int place = y / HEIGHT * screen.columns() + x / WIDTH;
                boolean ink = isInk(screen.code(place), x % WIDTH, y % HEIGHT)
                        || place == screen.cursor() && y % HEIGHT >= HEIGHT - 2;
                int attribute = screen.attribute(place);
                rows[y * (1 + width) + 1 + x] = (byte) (ink ? attribute & 15 : attribute >>> 4 & 7);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[]{(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
        // 8 bits a pixel, which are numbers of colours.
        chunk(out, "IHDR", ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) 8).put((byte) 3).array());
        ByteBuffer palette = ByteBuffer.allocate(3 * screen.palette().length);
        for (int colour : screen.palette()) {
            palette.put((byte) (colour >>> 16)).put((byte) (colour >>> 8)).put((byte) colour);
        }
        chunk(out, "PLTE", palette.array());
        chunk(out, "IDAT", deflated(rows));
        chunk(out, "IEND", new byte[0]);
        return out.toByteArray();
    }

    private static boolean isInk(int code, int x, int y) {
        if (code >= FIRST && code <= LAST) {
            int row = (y - 1) / 2;
            return x > 0 && x < 6 && y > 0 && y < 15 && (DOTS[5 * (code - FIRST) + x - 1] >>> row & 1) != 0;
        }
        if (code >= FRAMES_FIRST && code < FRAMES_FIRST + FRAMES.length) {
            int lines = FRAMES[code - FRAMES_FIRST];
            boolean across = y == 7 && (x >= 3 ? (lines & RIGHT) != 0 || x == 3 : (lines & LEFT) != 0);
            boolean along = x == 3 && (y >= 7 ? (lines & DOWN) != 0 || y == 7 : (lines & UP) != 0);
            return across || along;
        }
        return switch (code) {
            case 0, 0xFF -> false;
            case 0xB0 -> (x + y) % 4 == 0;
            case 0xB1 -> (x + y) % 2 == 0;
            case 0xB2 -> (x + y) % 4 != 0;
            case 0xDB -> true;
            case 0xDC -> y >= 8;
            case 0xDD -> x < 4;
            case 0xDE -> x >= 4;
            case 0xDF -> y < 8;
            default -> x > 0 && x < 6 && y > 1 && y < 14 && (x == 1 || x == 5 || y == 2 || y == 13);
        };
    }

    private static byte[] deflated(byte[] rows) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        deflater.setInput(rows);
        deflater.finish();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] part = new byte[8192];
        while (!deflater.finished()) {
            out.write(part, 0, deflater.deflate(part));
        }
        deflater.end();
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        out.writeBytes(name);
        out.writeBytes(data);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }
}
