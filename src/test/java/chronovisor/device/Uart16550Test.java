package chronovisor.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class Uart16550Test {

    private boolean high;
    private final Uart16550 uart = new Uart16550(level -> high = level);
    private final CharStream stream = new CharStream("com1");
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    Uart16550Test() {
        uart.connect(stream);
        stream.onOutput(written::writeBytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void enable(int interrupts) {
        uart.out(Uart16550.IIR, 1, 0x07);
        uart.out(Uart16550.MCR, 1, 0x0B);
        uart.out(Uart16550.IER, 1, interrupts);
    }

    @Test
    void whatIsWrittenComesOutAtOnce() {
        uart.out(0, 1, 'h');
        uart.outs(0, bytes("xello!"), 1, 5);
        assertThat(written.toString(StandardCharsets.US_ASCII)).isEqualTo("hello!");
        assertThat(uart.in(Uart16550.LSR, 1) & 0x60).isEqualTo(0x60);
    }

    @Test
    void theDivisorHidesDataAndInterruptEnable() {
        uart.out(Uart16550.LCR, 1, 0x83);
        uart.out(0, 1, 1);
        uart.out(1, 1, 2);
        assertThat(uart.in(0, 1)).isEqualTo(1);
        assertThat(uart.in(1, 1)).isEqualTo(2);
        uart.out(Uart16550.LCR, 1, 3);
        assertThat(uart.in(1, 1)).isZero();
        assertThat(written.size()).isZero();
    }

    @Test
    void receivedBytesInterruptUntilTheyAreTaken() {
        enable(1);
        assertThat(high).isFalse();
        stream.input(bytes("ab"));
        assertThat(high).isTrue();
        assertThat(uart.in(Uart16550.IIR, 1) & 0x0F).isEqualTo(0x4);
        assertThat(uart.in(Uart16550.LSR, 1) & 1).isEqualTo(1);
        assertThat(uart.in(0, 1)).isEqualTo('a');
        assertThat(uart.in(0, 1)).isEqualTo('b');
        assertThat(high).isFalse();
        assertThat(uart.in(Uart16550.IIR, 1)).isEqualTo(0xC1);
        assertThat(uart.in(Uart16550.LSR, 1) & 1).isZero();
    }

    @Test
    void theReceiverHoldsSixteenBytesAndLosesNone() {
        enable(1);
        String text = "0123456789abcdefghijklmnopqrstuvwxyz";
        stream.input(bytes(text));
        assertThat(uart.capture().received()).hasSize(16);
        StringBuilder got = new StringBuilder();
        while ((uart.in(Uart16550.LSR, 1) & 1) != 0) {
            got.append((char) uart.in(0, 1));
        }
        assertThat(got.toString()).isEqualTo(text);
    }

    @Test
    void theEmptyTransmitterInterruptsWhenEnabledAndAfterEachByte() {
        enable(2);
        assertThat(high).isTrue();
        assertThat(uart.in(Uart16550.IIR, 1) & 0x0F).isEqualTo(2);
        assertThat(high).as("reading IIR clears it").isFalse();
        uart.out(0, 1, 'x');
        assertThat(high).isTrue();
    }

    @Test
    void theEndOfTheStreamDropsCarrierAfterTheLastByte() {
        enable(9);
        stream.input(bytes("z"));
        stream.end();
        assertThat(uart.in(Uart16550.MSR, 1)).isEqualTo(0xB0);
        assertThat(uart.in(0, 1)).isEqualTo('z');
        assertThat(high).isTrue();
        assertThat(uart.in(Uart16550.IIR, 1) & 0x0F).isZero();
        assertThat(uart.in(Uart16550.MSR, 1)).isEqualTo(0x38);
        assertThat(uart.in(Uart16550.MSR, 1)).isEqualTo(0x30);
        assertThat(high).isFalse();
    }

    @Test
    void loopbackReturnsWhatIsWritten() {
        enable(0);
        uart.out(Uart16550.MCR, 1, 0x1E);
        uart.out(0, 1, 0xAE);
        assertThat(uart.in(0, 1)).isEqualTo(0xAE);
        assertThat(uart.in(Uart16550.MSR, 1) & 0xF0).isEqualTo(0xD0);
        assertThat(written.size()).isZero();
    }

    @Test
    void aRestoredUartGoesOnWhereItWas() {
        enable(1);
        stream.input(bytes("a long line of input"));
        uart.in(0, 1);
        Uart16550 other = new Uart16550(level -> high = level);
        CharStream otherStream = new CharStream("com1");
        other.connect(otherStream);
        otherStream.restore(stream.capture());
        other.restore(uart.capture());
        StringBuilder got = new StringBuilder();
        while ((other.in(Uart16550.LSR, 1) & 1) != 0) {
            got.append((char) other.in(0, 1));
        }
        assertThat(got.toString()).isEqualTo(" long line of input");
    }
}
