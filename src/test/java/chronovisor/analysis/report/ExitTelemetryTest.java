package chronovisor.analysis.report;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.Runs;
import chronovisor.journal.EventFields;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import chronovisor.journal.Stamp;
import chronovisor.journal.VmmEvent;
import chronovisor.replay.StepQuery;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExitTelemetryTest {

    @TempDir
    private static Path folder;
    private static Path journal = Path.of("");
    private static List<GuestEvent> events = List.of();

    @BeforeAll
    static void record() {
        journal = Runs.record(folder, "echo");
        events = Runs.events(journal);
    }

    @Test
    void anExitTellsTheRipOfTheStepThatFollows() {
        Map<Long, Long> rips = new HashMap<>();
        StepQuery.of(journal).forEach((tick, core, space, rip, bytes, instruction) -> rips.put(tick, rip));
        List<GuestEvent> writes = events.stream()
                .filter(event -> event instanceof VmmEvent.PortStringWritten && event.at().tick() > 0
                        && rips.containsKey(event.at().tick()))
                .toList();
        assertThat(writes).isNotEmpty()
                .allMatch(event -> ((VmmEvent.Exit) event).rip() == Objects
                        .requireNonNull(rips.get(event.at().tick())));
    }

    @Test
    void everyExitIsCountedOnceWithItsHandler() {
        ExitTelemetry telemetry = Statistics.of(journal, _ -> {}).telemetry();
        assertThat(telemetry.rows().stream().mapToLong(ExitTelemetry.Row::count).sum())
                .isEqualTo(events.stream().filter(event -> ExitReason.of(event) != null).count());
        assertThat(telemetry.rows()).map(ExitTelemetry.Row::reason).contains(new ExitReason("IOIO_OUTS", "com1"),
                new ExitReason("NPF", "lapic"), new ExitReason("NPF", "vmm"), new ExitReason("INTR", "guest"),
                new ExitReason("IOIO_OUT", "pic"));
        assertThat(telemetry.lines()).anyMatch(line -> line.contains("IOIO_OUTS") && line.contains("port 0x3f8, "));
    }

    @Test
    void timeIsWhatTheGuestRanBetweenExits() {
        assertThat(new ExitTelemetry().rows()).isEmpty();
        ExitTelemetry telemetry = Statistics.of(journal, _ -> {}).telemetry();
        long last = events.stream().filter(event -> ExitReason.of(event) != null).mapToLong(e -> e.at().tick()).max()
                .orElseThrow();
        assertThat(telemetry.rows().stream().mapToLong(ExitTelemetry.Row::guest_ticks).sum()).isEqualTo(last);
    }

    @Test
    void aJournalThatDoesNotTellRipAgreesWithAnyPlace() {
        VmmEvent.PortWritten now = new VmmEvent.PortWritten(new Stamp(new Position(7, 1), 0, null), 0x3F8, 1, 65,
                0x401000);
        assertThat(EventFields.agrees(new VmmEvent.PortWritten(now.stamp(), now.port(), now.size(),
                now.value(), 0), now)).isTrue();
        assertThat(EventFields.agrees(new VmmEvent.PortWritten(now.stamp(), now.port(), now.size(),
                now.value() + 1, 0), now)).isFalse();
        assertThat(EventFields.agrees(new VmmEvent.PortWritten(now.stamp(), now.port(), now.size(),
                now.value(), now.rip() + 1), now)).isFalse();
    }
}
