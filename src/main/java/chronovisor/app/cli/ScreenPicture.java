package chronovisor.app.cli;

import chronovisor.device.TextScreen;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A text screen as a picture: 8 by 16 pixels for each character, in the screen's own colours. Letters are drawn by strokes; what has none is a
 * box.
 */
final class ScreenPicture {

    private static final int WIDTH = 8;
    private static final int HEIGHT = 16;
    private static final int FIRST = ' ';
    private static final int LAST = '~';

    /**
     * For each character from blank to tilde the lines that it is drawn by. A letter is a point of a grid of three columns, from the top left: a
     * to c, d to f and so on; m to o are the base line, p to u below it. One point is a dot.
     */
    private static final String[] STROKES = """

            bk nn
            ad cf
            am co df jl
            cagiom bn
            ad cm lo
            odbfgmnl
            be
            cehko
            aehkm
            dl jf ek
            gi ek
            np
            gi
            nn
            cm
            acoma cm
            dbn mo
            acigmo
            acom gi
            agi co
            cagiom
            camoig
            acn
            acoma gi
            igacom
            ee kk
            ee kp
            fgl
            df jl
            dij
            acfhk nn
            omaclkhi
            mdbfo gi
            amnlhg abfh
            fbdjnl
            abflnma
            camo gh
            cam gh
            fbdjnlih
            am co gi
            ac bn mo
            clnj
            am cgo
            amo
            mahco
            maoc
            bdjnlfb
            mabfhg
            bdjnlfb ko
            mabfhg ho
            fbdhlnj
            ac bn
            ajnlc
            anc
            amhoc
            ao cm
            ahc hn
            acmo
            cbno
            ao
            abnm
            dbf
            pr
            ae
            giomjl
            amoig
            igmo
            comgi
            omgilj
            cbn gi
            omgius
            am gio
            hn ee
            hqp ee
            am ijo
            bno
            mgio hn
            mgio
            giomg
            sgiom
            uigmo
            mg jhi
            igjlom
            bno gi
            gmoi
            gni
            gmkoi
            go im
            gmo ius
            gimo
            cbhghno
            bn
            abhihnm
            jhli
            """.split("\n", -1);
    private static final int COLUMNS = 3;
    private static final int[] ACROSS = {1, 3, 5};
    private static final int[] DOWN = {2, 4, 7, 9, 12, 14, 15};

    /** Where the lines of the frames from 0xB3 to 0xDA go: left, right, up, down, by bits. */
    private static final byte[] FRAMES = {12, 13, 13, 13, 9, 9, 13, 12, 9, 5, 5, 5, 9, 6, 7, 11, 14, 3, 15, 14, 14, 6,
        10, 7, 11, 14, 3, 15, 7, 7, 11, 11, 6, 6, 10, 10, 15, 15, 5, 10};
    private static final int FRAMES_FIRST = 0xB3;
    private static final int LEFT = 1;
    private static final int RIGHT = 2;
    private static final int UP = 4;
    private static final int BELOW = 8;

    private ScreenPicture() {}

    /** The bytes of a PNG file. */
    static byte[] png(TextScreen screen) {
        BufferedImage image = new BufferedImage(screen.columns() * WIDTH, screen.rows() * HEIGHT,
                BufferedImage.TYPE_INT_RGB);
        for (int place = 0; place < screen.columns() * screen.rows(); place++) {
            boolean[] ink = ink(screen.code(place));
            int attribute = screen.attribute(place);
            int left = place % screen.columns() * WIDTH;
            int top = place / screen.columns() * HEIGHT;
            for (int at = 0; at < ink.length; at++) {
                boolean cursor = place == screen.cursor() && at / WIDTH >= HEIGHT - 2;
                int colour = ink[at] || cursor ? attribute & 15 : attribute >>> 4 & 7;
                image.setRGB(left + at % WIDTH, top + at / WIDTH, screen.palette()[colour]);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream to = new MemoryCacheImageOutputStream(out)) {
            if (!ImageIO.write(image, "png", to)) {
                throw new IllegalStateException("every Java writes PNG");
            }
        } catch (IOException e) {
            throw new IllegalStateException("memory can be written", e);
        }
        return out.toByteArray();
    }

    /** Which pixels of a character have its colour, row by row. */
    static boolean[] ink(int code) {
        boolean[] ink = new boolean[WIDTH * HEIGHT];
        if (code >= FIRST && code <= LAST) {
            for (String line : STROKES[code - FIRST].split(" ", -1)) {
                for (int i = 0; i < line.length(); i++) {
                    stroke(ink, line.charAt(Math.max(0, i - 1)) - 'a', line.charAt(i) - 'a');
                }
            }
            return ink;
        }
        for (int at = 0; at < ink.length; at++) {
            ink[at] = isInk(code, at % WIDTH, at / WIDTH);
        }
        return ink;
    }

    private static void stroke(boolean[] ink, int from, int to) {
        int x = ACROSS[from % COLUMNS];
        int y = DOWN[from / COLUMNS];
        int dx = ACROSS[to % COLUMNS] - x;
        int dy = DOWN[to / COLUMNS] - y;
        int steps = Math.max(1, Math.max(Math.abs(dx), Math.abs(dy)));
        for (int i = 0; i <= steps; i++) {
            ink[(y + Math.round((float) dy * i / steps)) * WIDTH + x + Math.round((float) dx * i / steps)] = true;
        }
    }

    /** Frames, shades and blocks; what is neither is a box, but for what is blank. */
    private static boolean isInk(int code, int x, int y) {
        if (code >= FRAMES_FIRST && code < FRAMES_FIRST + FRAMES.length) {
            int lines = FRAMES[code - FRAMES_FIRST];
            boolean across = y == 7 && (x == 3 || (lines & (x > 3 ? RIGHT : LEFT)) != 0);
            boolean along = x == 3 && (y == 7 || (lines & (y > 7 ? BELOW : UP)) != 0);
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
}
