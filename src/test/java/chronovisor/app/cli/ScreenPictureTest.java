package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.device.TextScreen;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

final class ScreenPictureTest {

    private static final int BLUE = 0x0000AA;
    private static final int WHITE = 0xFFFFFF;

    private static BufferedImage picture(int cursor, int... cells) throws Exception {
        byte[] bytes = new byte[cells.length];
        for (int i = 0; i < cells.length; i++) {
            bytes[i] = (byte) cells[i];
        }
        int[] palette = new int[16];
        palette[1] = BLUE;
        palette[15] = WHITE;
        TextScreen screen = new TextScreen(cells.length / 2, 1, bytes, cursor, palette);
        return ImageIO.read(new ByteArrayInputStream(ScreenPicture.png(screen)));
    }

    private static int at(BufferedImage picture, int x, int y) {
        return picture.getRGB(x, y) & 0xFFFFFF;
    }

    @Test
    void charactersAreDrawnInTheColoursOfTheirAttributes() throws Exception {
        BufferedImage picture = picture(-1, ' ', 0x1F, 0xDB, 0x1F, 0xDF, 0x1F);
        assertThat(picture.getWidth()).isEqualTo(24);
        assertThat(picture.getHeight()).isEqualTo(16);
        assertThat(at(picture, 4, 8)).isEqualTo(BLUE);
        assertThat(at(picture, 12, 8)).isEqualTo(WHITE);
        assertThat(at(picture, 20, 7)).isEqualTo(WHITE);
        assertThat(at(picture, 20, 8)).isEqualTo(BLUE);
    }

    @Test
    void theCursorIsALineBelowItsCharacter() throws Exception {
        BufferedImage picture = picture(1, ' ', 0x1F, ' ', 0x1F);
        assertThat(at(picture, 4, 15)).isEqualTo(BLUE);
        assertThat(at(picture, 12, 15)).isEqualTo(WHITE);
    }

    @Test
    void noTwoLettersLookTheSame() {
        Set<String> seen = new HashSet<>();
        for (int code = ' '; code <= '~'; code++) {
            assertThat(seen.add(Arrays.toString(ScreenPicture.ink(code)))).as("'%c'", code).isTrue();
        }
    }
}
