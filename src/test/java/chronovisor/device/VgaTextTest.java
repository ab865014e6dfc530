package chronovisor.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The text screen's memory and registers. */
final class VgaTextTest {

    private static final int CRTC = 0x14;

    private final VgaText screen = new VgaText();

    private void controller(int index, int value) {
        screen.out(CRTC, 1, index);
        screen.out(CRTC + 1, 1, value);
    }

    private TextScreen shown() {
        return Objects.requireNonNull(VgaText.screen(screen.capture()));
    }

    private void put(int place, String text) {
        for (int i = 0; i < text.length(); i++) {
            screen.write(2 * (place + i), 2, 0x1F00 | text.charAt(i));
        }
    }

    @Test
    void aNewScreenIsEmptyAndHas80By25Places() {
        assertThat(shown().columns()).isEqualTo(80);
        assertThat(shown().rows()).isEqualTo(25);
        assertThat(shown().text()).isEmpty();
        assertThat(shown().cursor()).isZero();
        assertThat(shown().palette()).startsWith(0, 0x0000AA, 0x00AA00).contains(0xAA5500, 0xFFFFFF);
    }

    @Test
    void whatIsWrittenIsShownFromTheStartAddressOn() {
        put(80, "second row");
        put(160, "Gr\u0081\u00E1e");
        assertThat(shown().text()).isEqualTo("\nsecond row\nGr\u00fc\u00dfe\n");
        controller(0x0C, 0);
        controller(0x0D, 80);
        controller(0x0E, 0);
        controller(0x0F, 85);
        assertThat(shown().text()).startsWith("second row\n");
        assertThat(shown().cursor()).isEqualTo(5);
        controller(0x0A, 0x20);
        assertThat(shown().cursor()).as("it is off").isEqualTo(-1);
    }

    @Test
    void protectedRegistersOfTheControllerKeepTheirValues() {
        controller(1, 39);
        assertThat(shown().columns()).isEqualTo(80);
        controller(0x11, 0x0E);
        controller(1, 39);
        assertThat(shown().columns()).isEqualTo(40);
    }

    @Test
    void theAttributeControllerTakesIndexAndDataByTurnsAndStatusBeginsAnew() {
        screen.out(0, 1, 0x20 | 3);
        screen.out(0, 1, 0x2A);
        assertThat(screen.in(1, 1)).isEqualTo(0x2A);
        screen.out(0, 1, 4);
        screen.in(0x1A, 1);
        screen.out(0, 1, 3);
        assertThat(screen.in(1, 1)).isEqualTo(0x2A);
    }

    @Test
    void theRetraceFollowsTheTime() {
        assertThat(screen.in(0x1A, 1) & 9).isZero();
        screen.advance(412 * 31_778L);
        assertThat(screen.in(0x1A, 1) & 9).isEqualTo(9);
        screen.advance(449 * 31_778L);
        assertThat(screen.in(0x1A, 1) & 9).isZero();
    }

    @Test
    void graphicsAreNotShown() {
        screen.out(0x0E, 1, 6);
        screen.out(0x0F, 1, 5);
        assertThat(VgaText.screen(screen.capture())).isNull();
    }
}
