package chronovisor.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class InterruptControllersTest {

    private final Pic8259 pic = new Pic8259();
    private final PortDevice master = pic.master();
    private final PortDevice slave = pic.slave();

    private void initialise() {
        int[] first = {0x11, 0x20, 0x04, 0x01};
        int[] second = {0x11, 0x28, 0x02, 0x01};
        for (int i = 0; i < 4; i++) {
            master.out(i == 0 ? 0 : 1, 1, first[i]);
            slave.out(i == 0 ? 0 : 1, 1, second[i]);
        }
    }

    @Test
    void aRequestIsAcknowledgedWithItsVectorAndHeldBackUntilItsEnd() {
        initialise();
        pic.line(4).set(true);
        assertThat(pic.pending()).isTrue();
        assertThat(pic.acknowledge()).isEqualTo(0x24);
        pic.line(4).set(false);
        pic.line(4).set(true);
        assertThat(pic.pending()).as("in service").isFalse();
        master.out(0, 1, 0x20);
        assertThat(pic.acknowledge()).isEqualTo(0x24);
    }

    @Test
    void higherPriorityInterruptsNestAndLowerOnesWait() {
        initialise();
        pic.line(4).set(true);
        pic.acknowledge();
        pic.line(6).set(true);
        assertThat(pic.pending()).isFalse();
        pic.line(1).set(true);
        assertThat(pic.acknowledge()).isEqualTo(0x21);
    }

    @Test
    void theSlaveCascadesThroughLineTwo() {
        initialise();
        pic.line(12).set(true);
        assertThat(pic.acknowledge()).isEqualTo(0x2C);
        assertThat(pic.capture().master().isr()).isEqualTo(4);
        slave.out(0, 1, 0x20);
        master.out(0, 1, 0x20);
        pic.line(9).set(true);
        assertThat(pic.acknowledge()).isEqualTo(0x29);
    }

    @Test
    void maskedAndVanishedRequestsAreNotSeen() {
        initialise();
        master.out(1, 1, 0x10);
        pic.line(4).set(true);
        assertThat(pic.pending()).isFalse();
        assertThat(master.in(0, 1)).isEqualTo(0x10);
        master.out(1, 1, 0);
        assertThat(pic.pending()).isTrue();
        pic.line(4).set(false);
        assertThat(pic.acknowledge()).as("spurious").isEqualTo(0x27);
    }

    @Test
    void theTimerFiresOnceAtItsTime() {
        LocalApic apic = new LocalApic(0);
        apic.write(LocalApic.SVR, 0x1FF, 0);
        apic.write(LocalApic.DIVIDE, 0xB, 0);
        apic.write(LocalApic.LVT_TIMER, 0xEF, 0);
        apic.write(LocalApic.INITIAL_COUNT, 1000, 50);
        assertThat(apic.deadline_ns()).isEqualTo(1050);
        assertThat(apic.read(LocalApic.CURRENT_COUNT, 550)).isEqualTo(500);
        apic.advance(1049);
        assertThat(apic.pending()).isEqualTo(-1);
        apic.advance(1050);
        assertThat(apic.pending()).isEqualTo(0xEF);
        assertThat(apic.acknowledge()).isEqualTo(0xEF);
        assertThat(apic.deadline_ns()).isEqualTo(LocalApic.NEVER);
        assertThat(apic.read(LocalApic.ISR + 0x70, 1060)).isEqualTo(1 << 15);
        apic.write(LocalApic.EOI, 0, 1060);
        assertThat(apic.read(LocalApic.ISR + 0x70, 1060)).isZero();
    }

    @Test
    void aPeriodicTimerKeepsItsPhase() {
        LocalApic apic = new LocalApic(0);
        apic.write(LocalApic.SVR, 0x1FF, 0);
        apic.write(LocalApic.LVT_TIMER, 0x200EF, 0);
        apic.write(LocalApic.DIVIDE, 3, 0);
        apic.write(LocalApic.INITIAL_COUNT, 10, 0);
        assertThat(apic.deadline_ns()).isEqualTo(160);
        apic.advance(500);
        assertThat(apic.acknowledge()).isEqualTo(0xEF);
        assertThat(apic.deadline_ns()).isEqualTo(640);
    }

    @Test
    void priorityHoldsBackLowerVectors() {
        LocalApic apic = new LocalApic(0);
        apic.write(LocalApic.SVR, 0x1FF, 0);
        apic.request(0x55);
        apic.acknowledge();
        apic.request(0x52);
        assertThat(apic.pending()).isEqualTo(-1);
        apic.request(0x61);
        assertThat(apic.pending()).isEqualTo(0x61);
        apic.write(LocalApic.TPR, 0x60, 0);
        assertThat(apic.pending()).isEqualTo(-1);
    }

    @Test
    void externalInterruptsPassAnApicThatIsOff() {
        assertThat(new LocalApic(0).passesExternal()).isTrue();
        LocalApic on = new LocalApic(1);
        on.write(LocalApic.SVR, 0x1FF, 0);
        assertThat(on.passesExternal()).isFalse();
    }

    @Test
    void portsOfNobodyReadOnesAndWideAccessesAreSplit() {
        PortBus bus = new PortBus();
        bus.map(0x20, 2, master);
        initialise();
        bus.out(0x21, 1, 0xAB);
        assertThat(bus.in(0x21, 1)).isEqualTo(0xAB);
        assertThat(bus.in(0x21, 2)).isEqualTo(0xFFAB);
        assertThat(bus.in(0x80, 4)).isEqualTo(-1);
    }

    @Test
    void nothingAGuestWritesMakesADeviceThrow() {
        SplittableRandom random = new SplittableRandom(11);
        PortBus bus = new PortBus();
        CharStream stream = new CharStream("com1");
        Uart16550 uart = new Uart16550(pic.line(4));
        uart.connect(stream);
        LocalApic apic = new LocalApic(0);
        bus.map(0x20, 2, master);
        bus.map(0xA0, 2, slave);
        bus.map(0x3F8, 8, uart);
        bus.map(0xE9, 1, new DebugPort());
        int[] ports = {0x20, 0x21, 0xA0, 0xA1, 0xE9, 0x3F8, 0x3F9, 0x3FA, 0x3FB, 0x3FC, 0x3FD, 0x3FE, 0x3FF};
        for (int i = 0; i < 500_000; i++) {
            int port = ports[random.nextInt(ports.length)];
            int size = 1 << random.nextInt(3);
            switch (random.nextInt(5)) {
                case 0 -> bus.in(port, size);
                case 1 -> apic.write(random.nextInt(0x1000), random.nextInt(), i);
                case 2 -> apic.read(random.nextInt(0x1000), i);
                default -> bus.out(port, size, random.nextInt());
            }
            if (i % 7 == 0 && pic.pending()) {
                assertThat(pic.acknowledge()).isBetween(0, 255);
            }
            if (i % 97 == 0 && !stream.isFull()) {
                stream.input(new byte[random.nextInt(100)]);
            }
            apic.advance(i);
            if (apic.pending() >= 0) {
                apic.acknowledge();
            }
        }
    }
}
