package chronovisor.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

final class EventCodecTest {

    static List<EventType<?>> types() {
        return EventTypes.all();
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyTypeSurvivesItsCodec(EventType<?> type) {
        SyntheticRun run = new SyntheticRun(type.id());
        List<GuestEvent> events = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            events.add(run.event(type));
        }
        assertThat(EventCodec.decode(EventCodec.encode(events))).isEqualTo(events);
    }

    @Test
    void everyRecordOfTheFamiliesHasARow() {
        TreeSet<String> records = new TreeSet<>();
        records(GuestEvent.class).forEach(type -> records.add(type.getSimpleName()));
        assertThat(EventTypes.all().stream().map(EventType::name)).containsExactlyInAnyOrderElementsOf(records);
    }

    private static Stream<Class<?>> records(Class<?> type) {
        return type.isRecord()
                ? Stream.of(type)
                : Stream.of(type.getPermittedSubclasses()).flatMap(EventCodecTest::records);
    }

    @Test
    void everyEventIsALineOfJson() {
        ObjectMapper json = new ObjectMapper();
        for (GuestEvent event : new SyntheticRun(5).batch()) {
            String line = EventJson.line(event);
            JsonNode node = json.readTree(line);
            assertThat(line).doesNotContain("\n");
            assertThat(node.get("at").asString()).isEqualTo(event.at().toString());
            assertThat(node.get("type").asString()).isEqualTo(EventTypes.of(event).name());
        }
    }

    @Test
    void damagedBatchesAreRefusedOrReadButNeverBreakTheReader() {
        byte[] good = EventCodec.encode(new SyntheticRun(9).batch());
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                EventCodec.decode(bad);
            } catch (FormatException e) {
                assertThat(e).hasMessageContaining("offset");
            }
        }
    }

    @Test
    void aPositionThatDoesNotRiseIsRefused() {
        SyntheticRun run = new SyntheticRun(2);
        GuestEvent first = run.event(EventTypes.all().getFirst());
        assertThatThrownBy(() -> EventCodec.encode(List.of(first, first)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("does not come after");
    }

    @Test
    void positionsAreParsedAsTheyArePrinted() {
        assertThat(Position.parse("12:3")).isEqualTo(new Position(12, 3));
        assertThat(Position.parse("1_000")).isEqualTo(new Position(1000, 0));
        assertThatThrownBy(() -> Position.parse("x")).isInstanceOf(IllegalArgumentException.class);
    }
}
