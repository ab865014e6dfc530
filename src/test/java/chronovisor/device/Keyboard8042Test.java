package chronovisor.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The keyboard and its controller at their two ports. */
final class Keyboard8042Test {

    private boolean line;
    private final Keyboard8042 keyboard = new Keyboard8042(high -> line = high);

    private int status() {
        return keyboard.command().in(0, 1);
    }

    private int read() {
        return keyboard.data().in(0, 1);
    }

    private List<Integer> readAll() {
        List<Integer> codes = new ArrayList<>();
        while ((status() & 1) != 0) {
            codes.add(read());
        }
        return codes;
    }

    private void type(String text) {
        keyboard.type(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void aKeySendsItsMakeAndBreakCodeEachWithAnInterrupt() {
        assertThat(line).isFalse();
        type("a");
        assertThat(line).isTrue();
        assertThat(status() & 1).isEqualTo(1);
        assertThat(read()).isEqualTo(0x1E);
        assertThat(line).as("the release follows").isTrue();
        assertThat(read()).isEqualTo(0x9E);
        assertThat(line).isFalse();
        assertThat(status() & 1).isZero();
    }

    @Test
    void anUpperCaseLetterIsTypedWithShift() {
        type("D");
        assertThat(readAll()).containsExactly(0x2A, 0x20, 0xA0, 0xAA);
    }

    @Test
    void controlCharactersAreLettersWithCtrlOrKeysOfTheirOwn() {
        type("\u0003\b\n\u001b");
        assertThat(readAll()).containsExactly(0x1D, 0x2E, 0xAE, 0x9D, 0x0E, 0x8E, 0x1C, 0x9C, 0x01, 0x81);
    }

    @Test
    void everyPrintableCharacterComesBackFromItsScanCodes() {
        for (char c = ' '; c < 0x7f; c++) {
            byte[] codes = java.util.Objects.requireNonNull(ScanCodes.typing(c));
            boolean shift = codes.length == 4;
            assertThat(ScanCodes.character(codes[shift ? 1 : 0], shift)).isEqualTo(c);
        }
    }

    @Test
    void whatNoKeyHasIsLeftOut() {
        type("a\u00e4b");
        assertThat(readAll()).containsExactly(0x1E, 0x9E, 0x30, 0xB0);
    }

    @Test
    void theControllerTestsItselfAndTellsItsMode() {
        keyboard.command().out(0, 1, 0xAA);
        assertThat(read()).isEqualTo(0x55);
        keyboard.command().out(0, 1, 0x60);
        keyboard.data().out(0, 1, 0x44);
        keyboard.command().out(0, 1, 0x20);
        assertThat(read()).isEqualTo(0x44);
    }

    @Test
    void withItsInterruptOffItIsPolled() {
        keyboard.command().out(0, 1, 0x60);
        keyboard.data().out(0, 1, 0x44);
        type("x");
        assertThat(line).isFalse();
        assertThat(readAll()).containsExactly(0x2D, 0xAD);
    }

    @Test
    void whileItIsDisabledKeysWait() {
        keyboard.command().out(0, 1, 0xAD);
        type("x");
        assertThat(status() & 1).isZero();
        keyboard.command().out(0, 1, 0xAE);
        assertThat(readAll()).containsExactly(0x2D, 0xAD);
    }

    @Test
    void theKeyboardAnswersItsCommandsBeforeKeys() {
        keyboard.command().out(0, 1, 0xAD);
        type("x");
        keyboard.data().out(0, 1, 0xED);
        keyboard.data().out(0, 1, 2);
        keyboard.data().out(0, 1, 0xF2);
        keyboard.data().out(0, 1, 0x99);
        keyboard.data().out(0, 1, 0xFF);
        assertThat(readAll()).containsExactly(0xFA, 0xFA, 0xFA, 0xAB, 0x41, 0xFE, 0xFA, 0xAA);
        keyboard.data().out(0, 1, 0xF5);
        keyboard.command().out(0, 1, 0xAE);
        assertThat(readAll()).as("scanning is off").containsExactly(0xFA);
        keyboard.data().out(0, 1, 0xF4);
        assertThat(readAll()).containsExactly(0xFA, 0x2D, 0xAD);
    }

    @Test
    void answersThatNobodyReadsTakeNoMemory() {
        for (int i = 0; i < 100; i++) {
            keyboard.data().out(0, 1, 0xEE);
        }
        assertThat(readAll()).hasSize(17).containsOnly(0xEE);
    }

    @Test
    void itAsksForNoMoreWhenEnoughKeysWait() {
        assertThat(keyboard.isFull()).isFalse();
        type("x".repeat(3000));
        assertThat(keyboard.isFull()).isTrue();
        readAll();
        assertThat(keyboard.isFull()).isFalse();
    }

    @Test
    void itsStateCanBeSavedReadAndPutBack() {
        type("ab");
        read();
        StateWriter out = new StateWriter();
        keyboard.capture().writeTo(out);
        Keyboard8042.State state = (Keyboard8042.State) DeviceState.read("keyboard.kbd",
                new StateReader(out.toBytes()));
        boolean[] high = {false};
        Keyboard8042 other = new Keyboard8042(now -> high[0] = now);
        other.restore(state);
        assertThat(high[0]).isTrue();
        assertThat(other.data().in(0, 1)).isEqualTo(0x9E);
        assertThat(other.data().in(0, 1)).isEqualTo(0x30);
    }
}
