package chronovisor.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The I/O APIC and the messages between APICs, by the 82093AA data sheet and SDM vol. 3, chapter 12. */
final class IoApicTest {

    private static final int MASKED = 1 << 16;
    private static final int LEVEL = 1 << 15;
    private static final int REMOTE_IRR = 1 << 14;

    private final LocalApic[] apics = {new LocalApic(0), new LocalApic(1), new LocalApic(2)};
    private final ApicBus bus = new ApicBus(apics);
    private final IoApic82093 ioApic = new IoApic82093(bus);

    @BeforeEach
    void enable() {
        for (LocalApic apic : apics) {
            apic.write(LocalApic.SVR, 0x1FF, 0);
        }
    }

    private long register(int index) {
        ioApic.write(0, 4, index);
        return ioApic.read(16, 4);
    }

    private void redirect(int pin, int low, int destination) {
        ioApic.write(0, 4, 0x11 + 2 * pin);
        ioApic.write(16, 4, destination << 24);
        ioApic.write(0, 4, 0x10 + 2 * pin);
        ioApic.write(16, 4, low);
    }

    @Test
    void atResetAllPinsAreMaskedAndItsVersionTellsHowManyThereAre() {
        assertThat(register(1)).isEqualTo(0x170011);
        for (int pin = 0; pin < IoApic82093.PINS; pin++) {
            assertThat(register(0x10 + 2 * pin)).isEqualTo(MASKED);
        }
    }

    @Test
    void readOnlyBitsOfAnEntryAreNotWritten() {
        redirect(3, -1, 5);
        assertThat(register(0x16)).isEqualTo(0x1_AFFF);
        assertThat(register(0x17)).isEqualTo(5L << 24);
        ioApic.write(0, 4, 0);
        ioApic.write(16, 4, -1);
        assertThat(register(0)).isEqualTo(0x0F00_0000);
        assertThat(register(2)).as("the arbitration number follows").isEqualTo(0x0F00_0000);
    }

    @Test
    void anEdgeInterruptsOnceAndIsLostWhileItsPinIsMasked() {
        redirect(4, 0x31 | MASKED, 1);
        ioApic.line(4).set(true);
        ioApic.line(4).set(false);
        redirect(4, 0x31, 1);
        assertThat(apics[1].pending()).isEqualTo(-1);
        ioApic.line(4).set(true);
        ioApic.line(4).set(true);
        assertThat(apics[1].acknowledge()).isEqualTo(0x31);
        assertThat(apics[1].pending()).isEqualTo(-1);
        assertThat(apics[0].pending()).isEqualTo(-1);
    }

    @Test
    void aLevelInterruptsAgainAfterItsEndWhileItIsHigh() {
        redirect(11, 0x41 | LEVEL, 2);
        ioApic.line(11).set(true);
        assertThat(register(0x26) & REMOTE_IRR).isEqualTo(REMOTE_IRR);
        assertThat(apics[2].acknowledge()).isEqualTo(0x41);
        assertThat(apics[2].read(LocalApic.TMR + 0x20, 0)).isEqualTo(1 << 1);
        assertThat(apics[2].pending()).isEqualTo(-1);
        apics[2].write(LocalApic.EOI, 0, 0);
        assertThat(apics[2].acknowledge()).as("it is still high").isEqualTo(0x41);
        ioApic.line(11).set(false);
        apics[2].write(LocalApic.EOI, 0, 0);
        assertThat(register(0x26) & REMOTE_IRR).isZero();
        assertThat(apics[2].pending()).isEqualTo(-1);
    }

    @Test
    void anActiveLowPinInterruptsWhenItFalls() {
        redirect(5, 0x51 | 1 << 13 | MASKED, 0);
        ioApic.line(5).set(true);
        redirect(5, 0x51 | 1 << 13, 0);
        assertThat(apics[0].pending()).isEqualTo(-1);
        ioApic.line(5).set(false);
        assertThat(apics[0].pending()).isEqualTo(0x51);
    }

    @Test
    void lowestPriorityAndLogicalDestinationsChooseAmongProcessors() {
        for (int i = 0; i < 3; i++) {
            apics[i].write(LocalApic.LDR, 1 << 24 + i, 0);
        }
        apics[1].write(LocalApic.TPR, 0x20, 0);
        // Lowest priority among the second and the third, which are a set in the flat model.
        redirect(6, 0x61 | 1 << 8 | 1 << 11, 0b110);
        ioApic.line(6).set(true);
        assertThat(apics[2].pending()).isEqualTo(0x61);
        assertThat(apics[1].pending()).isEqualTo(-1);
        apics[0].write(LocalApic.DFR, 0x0FFF_FFFF, 0);
        apics[0].write(LocalApic.LDR, 0x23 << 24, 0);
        assertThat(bus.deliver(0, 0x62, 0x21, true, false)).as("cluster 2").isTrue();
        assertThat(apics[0].pending()).isEqualTo(0x62);
    }

    @Test
    void commandsReachOneAllOrTheOthers() {
        apics[0].write(LocalApic.ICR_HIGH, 2 << 24, 0);
        apics[0].write(LocalApic.ICR_LOW, 0x4070, 0);
        apics[1].write(LocalApic.ICR_LOW, 0x4071 | 3 << 18, 0);
        assertThat(apics[0].pending()).isEqualTo(0x71);
        assertThat(apics[1].pending()).isEqualTo(-1);
        assertThat(apics[2].pending()).isEqualTo(0x71);
        apics[1].write(LocalApic.ICR_LOW, 0x4072 | 2 << 18, 0);
        assertThat(apics[1].pending()).isEqualTo(0x72);
        apics[2].write(LocalApic.ICR_LOW, 0x4005 | 1 << 18, 0);
        apics[2].write(LocalApic.ESR, 0, 0);
        assertThat(apics[2].read(LocalApic.ESR, 0)).as("a vector below 16").isEqualTo(0x20);
    }

    @Test
    void aProcessorStartsAfterInitAndOneStartupMessage() {
        LocalApic other = apics[1];
        apics[0].write(LocalApic.ICR_HIGH, 1 << 24, 0);
        apics[0].write(LocalApic.ICR_LOW, 0x4608, 0);
        assertThat(other.hasStartup()).as("it runs, so it does not listen").isFalse();
        apics[0].write(LocalApic.ICR_LOW, 0x4500, 0);
        assertThat(other.hasInit()).isTrue();
        other.takeInit();
        assertThat(other.isStopped()).isTrue();
        assertThat(other.read(LocalApic.ID, 0)).isEqualTo(1 << 24);
        assertThat(other.read(LocalApic.SVR, 0)).isEqualTo(0xFF);
        apics[0].write(LocalApic.ICR_LOW, 0x4608, 0);
        apics[0].write(LocalApic.ICR_LOW, 0x4609, 0);
        assertThat(other.hasStartup()).isTrue();
        assertThat(other.takeStartup()).isEqualTo(8);
        assertThat(other.isStopped()).isFalse();
        // INIT level de-assert changes nothing.
        apics[0].write(LocalApic.ICR_LOW, 0x8500, 0);
        assertThat(other.hasInit()).isFalse();
    }
}
