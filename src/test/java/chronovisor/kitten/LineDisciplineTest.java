package chronovisor.kitten;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.console.LineDiscipline;
import chronovisor.kitten.console.Terminal;
import chronovisor.kitten.console.Termios;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a terminal makes of typed characters. */
final class LineDisciplineTest {

    private final StringBuilder echo = new StringBuilder();
    private int signal;

    private Terminal type(Terminal terminal, String keys) {
        Terminal now = terminal;
        for (int i = 0; i < keys.length(); i++) {
            char key = keys.charAt(i);
            LineDiscipline.Typed typed = LineDiscipline.input(now, key);
            now = typed.terminal();
            echo.append(new String(typed.echo(), StandardCharsets.ISO_8859_1));
            signal = typed.signal() != 0 ? typed.signal() : signal;
        }
        return now;
    }

    @Test
    void backspaceDeletesThePreviousCharacterAsInThePaper() {
        Terminal terminal = type(Terminal.create(0), "abcDx\b\r");
        assertThat(terminal.ready()).isEqualTo("abcD\n");
        assertThat(echo).hasToString("abcDx\b \b\r\n");
    }

    @Test
    void backspaceOnAnEmptyLineIsDiscarded() {
        assertThat(type(Terminal.create(0), "\b\177a\n").ready()).isEqualTo("a\n");
        assertThat(echo).hasToString("a\r\n");
    }

    @Test
    void nothingIsReadableBeforeTheNewline() {
        Terminal terminal = type(Terminal.create(0), "half");
        assertThat(terminal.readable()).isFalse();
        assertThat(type(terminal, "\n").readable()).isTrue();
    }

    @Test
    void controlDEndsTheInput() {
        Terminal terminal = type(Terminal.create(0), "\004");
        assertThat(terminal.readable()).isTrue();
        assertThat(terminal.lineEnd()).isEqualTo(1);
    }

    @Test
    void controlDAfterTextMakesItReadableWithoutANewline() {
        Terminal terminal = type(Terminal.create(0), "ab\004");
        assertThat(terminal.lineEnd()).isEqualTo(3);
        assertThat(terminal.ready()).startsWith("ab");
    }

    @Test
    void controlCInterruptsAndFlushes() {
        Terminal terminal = type(Terminal.create(0), "abc\003");
        assertThat(signal).isEqualTo(Signals.SIGINT);
        assertThat(terminal.editing()).isEmpty();
        assertThat(echo).hasToString("abc^C");
    }

    @Test
    void killAndWordEraseTakeSeveralCharacters() {
        assertThat(type(Terminal.create(0), "one two\027x\n").ready()).isEqualTo("one x\n");
        assertThat(type(Terminal.create(0), "one two\025x\n").ready()).isEqualTo("x\n");
    }

    @Test
    void rawModePassesEverythingAtOnce() {
        Termios standard = Termios.STANDARD;
        Termios raw = new Termios(0, 0, standard.control(), 0, 0, standard.controls());
        Terminal terminal = type(Terminal.create(0).withTermios(raw), "a\r\003");
        assertThat(terminal.ready()).isEqualTo("a\r\003");
        assertThat(terminal.readable()).isTrue();
        assertThat(echo).hasToString("");
    }

    @Test
    void outputTurnsNewlineIntoCarriageReturnAndNewline() {
        Bytes out = new Bytes();
        LineDiscipline.output(Terminal.create(0), new byte[]{'a', '\n'}, 0, 2, out);
        assertThat(out.toArray()).containsExactly('a', '\r', '\n');
    }

    @Test
    void modesSurviveTheirKernelLayout() {
        assertThat(Termios.STANDARD.encode()).hasSize(36);
        assertThat(Termios.decode(Termios.STANDARD.encode())).isEqualTo(Termios.STANDARD);
    }
}
