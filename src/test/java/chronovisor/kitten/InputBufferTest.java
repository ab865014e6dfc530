package chronovisor.kitten;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.kitten.console.InputBuffer;
import org.junit.jupiter.api.Test;

/** The paper's console input buffer (its section 4.2). */
final class InputBufferTest {

    private static InputBuffer typed(String text) {
        InputBuffer buffer = InputBuffer.EMPTY;
        for (int i = 0; i < text.length(); i++) {
            buffer = buffer.add(text.charAt(i));
        }
        return buffer;
    }

    @Test
    void aBackspaceTakesThePreviousCharacterBack() {
        assertThat(typed("abcDx\b\n").characters()).isEqualTo("abcD\n");
    }

    @Test
    void aBackspaceWithNothingBeforeItIsDiscarded() {
        assertThat(typed("\b\ba").characters()).isEqualTo("a");
    }

    @Test
    void nothingIsReadableBeforeANewline() {
        assertThat(typed("abc").readable()).isFalse();
        assertThat(typed("abc\n").readable()).isTrue();
    }

    @Test
    void aReaderTakesWhatItAskedForAndTheRestStays() {
        InputBuffer rest = typed("abc\nde").afterRead(2);
        assertThat(rest.characters()).isEqualTo("c\nde");
        assertThat(rest.readable()).isTrue();
        assertThat(rest.afterRead(2).readable()).isFalse();
    }

    @Test
    void beyond512CharactersTheyAreLostButANewlineStillLetsReadersIn() {
        InputBuffer full = typed("x".repeat(InputBuffer.SIZE));
        assertThat(full.overflows('y')).isTrue();
        assertThat(full.overflows('\b')).isFalse();
        assertThat(full.add('y').characters()).hasSize(512);
        assertThat(full.add('\n').readable()).isTrue();
        assertThat(full.add('\n').characters()).doesNotContain("\n");
    }
}
