package chronovisor.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

/** The 8254 and the real-time clock, as their datasheets have them. */
final class TimerDevicesTest {

    private int edges;
    private boolean rtcLine;
    private final Pit8254 pit = new Pit8254(high -> edges += high ? 1 : 0);
    private final Rtc146818 clock = new Rtc146818(64 << 20, high -> rtcLine = high);

    private void program(int control, int low, int high) {
        pit.ports().out(3, 1, control);
        pit.ports().out(control >>> 6, 1, low);
        pit.ports().out(control >>> 6, 1, high);
    }

    private int count(int counter) {
        pit.ports().out(3, 1, counter << 6);
        return pit.ports().in(counter, 1) | pit.ports().in(counter, 1) << 8;
    }

    private static long ns(long ticks) {
        return (ticks * 1_000_000_000L + Pit8254.CLOCK_HZ - 1) / Pit8254.CLOCK_HZ;
    }

    @Test
    void aRateGeneratorInterruptsOncePerPeriod() {
        program(0x34, 0x9C, 0x2E); // 11,932 ticks: 100 Hz
        assertThat(pit.deadline_ns()).isEqualTo(ns(11_932));
        pit.advance(pit.deadline_ns() - 1);
        assertThat(edges).isZero();
        for (int i = 1; i <= 100; i++) {
            pit.advance(pit.deadline_ns());
            assertThat(edges).isEqualTo(i);
        }
        assertThat(pit.deadline_ns()).isEqualTo(ns(11_932 * 101L));
    }

    @Test
    void interruptOnTerminalCountComesOnce() {
        program(0x30, 100, 0);
        pit.advance(ns(40));
        assertThat(count(0)).isEqualTo(60);
        pit.advance(ns(100));
        pit.advance(ns(1_000));
        assertThat(edges).isEqualTo(1);
        assertThat(pit.deadline_ns()).isEqualTo(LocalApic.NEVER);
    }

    @Test
    void theGateOfCounter2StopsItAndPortBShowsItsOutput() {
        // As kernels calibrate: one-shot of 50 ms, gate up, wait for the output.
        pit.portB().out(0, 1, 0);
        program(0xB0, 0x0B, 0xE9); // 59,659 ticks
        pit.advance(ns(70_000));
        assertThat(pit.portB().in(0, 1) & 0x20).isZero();
        pit.portB().out(0, 1, 1);
        pit.advance(ns(70_000 + 59_658));
        assertThat(pit.portB().in(0, 1) & 0x20).isZero();
        pit.advance(ns(70_000 + 59_659));
        assertThat(pit.portB().in(0, 1) & 0x20).isEqualTo(0x20);
    }

    @Test
    void aLatchedCountStaysUntilItIsRead() {
        program(0x34, 0, 0);
        pit.advance(ns(0x1234));
        pit.ports().out(3, 1, 0);
        pit.advance(ns(0x5000));
        assertThat(pit.ports().in(0, 1) | pit.ports().in(0, 1) << 8).isEqualTo(0x10000 - 0x1234);
        assertThat(pit.ports().in(0, 1) | pit.ports().in(0, 1) << 8).isEqualTo(0x10000 - 0x5000);
    }

    @Test
    void readBackTellsTheModeAndTheOutput() {
        program(0x36, 10, 0);
        pit.ports().out(3, 1, 0xE2);
        assertThat(pit.ports().in(0, 1)).isEqualTo(0x80 | 0x36);
        pit.advance(ns(7));
        pit.ports().out(3, 1, 0xE2);
        assertThat(pit.ports().in(0, 1)).isEqualTo(0x36);
    }

    @Test
    void bcdCountersCountInDecimal() {
        program(0x31, 0x00, 0x10);
        pit.advance(ns(1));
        assertThat(count(0)).isEqualTo(0x0999);
    }

    @Test
    void lookingMoreOftenChangesNoState() {
        Pit8254 other = new Pit8254(high -> {});
        program(0x34, 0x9C, 0x2E);
        other.ports().out(3, 1, 0x34);
        other.ports().out(0, 1, 0x9C);
        other.ports().out(0, 1, 0x2E);
        for (int i = 0; i <= 50; i++) {
            pit.advance(i * 1_000_000L);
        }
        other.advance(50_000_000);
        assertThat(pit.capture()).isEqualTo(other.capture());
    }

    private int clock(int register) {
        clock.out(0, 1, register);
        return clock.in(1, 1);
    }

    private void clock(int register, int value) {
        clock.out(0, 1, register);
        clock.out(1, 1, value);
    }

    private void at(String time) {
        clock.advance(ChronoUnit.NANOS.between(Instant.EPOCH, Instant.parse(time)));
    }

    @Test
    void theClockTellsTheTimeInBcdAndBinary() {
        at("2026-11-30T19:48:57Z");
        assertThat(new int[]{clock(0), clock(2), clock(4), clock(7), clock(8), clock(9), clock(0x32)})
                .containsExactly(0x57, 0x48, 0x19, 0x30, 0x11, 0x26, 0x20);
        clock(11, 4);
        assertThat(new int[]{clock(0), clock(2), clock(4)}).containsExactly(57, 48, 0x80 | 7);
        assertThat(clock(6)).isEqualTo(2);
    }

    @Test
    void aClockThatIsSetGoesOnFromThere() {
        at("2026-11-30T00:00:00Z");
        clock(11, 0x82);
        for (int[] set : new int[][]{{0, 0x30}, {2, 0x59}, {4, 0x23}, {7, 0x31}, {8, 0x12}, {9, 0x99}, {0x32, 0x19}}) {
            clock(set[0], set[1]);
        }
        clock(11, 0x02);
        at("2026-11-30T00:00:31Z");
        assertThat(new int[]{clock(0), clock(2), clock(4), clock(7), clock(8), clock(9), clock(0x32)})
                .containsExactly(0x01, 0x00, 0x00, 0x01, 0x01, 0x00, 0x20);
    }

    @Test
    void whatIsNoTimeIsNotTaken() {
        at("2026-11-30T12:00:00Z");
        clock(8, 0x77);
        assertThat(clock(8)).isEqualTo(0x11);
    }

    @Test
    void flagsTellOfAlarmsAndUpdatesSinceTheyWereRead() {
        at("2026-11-30T12:00:00Z");
        clock(1, 0x05);
        clock(3, 0xFF);
        clock(5, 0xFF);
        clock(11, 0x22);
        clock(12);
        assertThat(clock(12)).isZero();
        at("2026-11-30T12:00:04Z");
        assertThat(clock(12) & 0xB0).isEqualTo(0x10);
        at("2026-11-30T12:00:06Z");
        assertThat(clock(12) & 0xB0).isEqualTo(0xB0);
    }

    @Test
    void theTimeIsNotToBeReadAtASecondsEnd() {
        clock.advance(1_999_900_000L);
        assertThat(clock(10)).isEqualTo(0xA6);
        clock.advance(2_000_000_000L);
        assertThat(clock(10)).isEqualTo(0x26);
    }

    @Test
    void aPeriodicInterruptIsHighFromItsPeriodUntilItsFlagIsRead() {
        clock(10, 0x26); // 1,024 Hz
        clock(11, 0x42);
        assertThat(clock.deadline_ns()).isEqualTo(976_562);
        clock.advance(976_561);
        assertThat(rtcLine).isFalse();
        clock.advance(976_562);
        assertThat(rtcLine).isTrue();
        assertThat(clock.deadline_ns()).isEqualTo(LocalApic.NEVER);
        assertThat(clock(12)).isEqualTo(0xC0);
        assertThat(rtcLine).isFalse();
        assertThat(clock.deadline_ns()).isEqualTo(2 * 976_562);
    }

    @Test
    void anAlarmInterruptsAtItsTimeAndAnUpdateEverySecond() {
        at("2026-11-30T12:00:00Z");
        clock(1, 0x10);
        clock(3, 0x30);
        clock(5, 0xC0);
        clock(12);
        clock(11, 0x22);
        assertThat(Instant.ofEpochSecond(0, clock.deadline_ns())).isEqualTo("2026-11-30T12:30:10Z");
        at("2026-11-30T12:30:10Z");
        assertThat(rtcLine).isTrue();
        assertThat(clock(12)).isEqualTo(0xB0 | 0x40);
        clock(11, 0x12);
        assertThat(Instant.ofEpochSecond(0, clock.deadline_ns())).isEqualTo("2026-11-30T12:30:11Z");
    }

    @Test
    void lookingAtTheClockMoreOftenChangesNoState() {
        Rtc146818 other = new Rtc146818(64 << 20, high -> {});
        clock(11, 0x72);
        other.out(0, 1, 11);
        other.out(1, 1, 0x72);
        for (long i = 1; i <= 50; i++) {
            clock.advance(i * 100_000_000L);
        }
        other.advance(5_000_000_000L);
        assertThat(clock.capture()).isEqualTo(other.capture());
    }
}
