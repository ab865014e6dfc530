package chronovisor.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition.Now;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.replay.Fidelity;
import chronovisor.replay.KittenParts;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.replay.ReplaySession;
import chronovisor.replay.StepQuery;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Going anywhere in runs of embedded guests. */
final class TimelineTest {

    /** A run more or less: the profile asks for a thousand. */
    private static final int PLACES = Integer.getInteger("timeline.places", 24);

    @TempDir
    Path temporary;

    private Path record(Fidelity fidelity, MachineSetup setup, String input) {
        Path folder = temporary.resolve("journal");
        List<Step> script = new ArrayList<>();
        if (!input.isEmpty()) {
            script.add(new Step(new Now(),
                    new Input.StreamBytes("com2", input.getBytes(StandardCharsets.ISO_8859_1))));
        }
        script.add(new Step(new Now(), new Input.StreamEnd("com2")));
        try (Recording recording = Recording.start(folder, setup, new KittenParts(), fidelity,
                new SeededEnvironment(1_700_000_000_000_000_000L, 1, script), OutputListener.NONE)) {
            recording.run();
        }
        return folder;
    }

    private static List<GuestEvent> events(Path folder) {
        return JournalFlux.events(folder).flatMapIterable(batch -> batch).collectList().blockOptional().orElseThrow();
    }

    /** Random places, places of events and their neighbours, the first and the last. */
    private static Set<Position> places(Path folder, Position last) {
        SplittableRandom random = new SplittableRandom(7);
        List<GuestEvent> events = events(folder);
        TreeSet<Position> places = new TreeSet<>();
        while (places.size() < PLACES / 2) {
            places.add(new Position(random.nextLong(last.tick() + 1), random.nextInt(3)));
        }
        while (places.size() < PLACES) {
            Position at = events.get(random.nextInt(events.size())).at();
            places.add(new Position(Math.max(0, at.tick() + random.nextInt(3) - 1), at.sequence()));
        }
        places.add(Position.START);
        places.add(last);
        return places;
    }

    @ParameterizedTest
    @CsvSource({"echo, '', 'first|second line|quit|'", "timers, '', ''", "ipc, '', ''", "sockets, '', ''",
        "faults, write, ''", "checksum, 100000, ''"})
    void theStateBySeekingIsTheStateByRunningThere(String guest, String argument, String input) {
        MachineSetup setup = argument.isEmpty() ? KittenParts.guest(guest) : KittenParts.guest(guest, argument);
        Path folder = record(Fidelity.STEPS, setup, input.replace('|', '\n'));
        Map<Position, String> digests = new TreeMap<>();
        Map<Position, Position> stops = new TreeMap<>();
        try (ReplaySession running = ReplaySession.open(folder, new KittenParts(), null, 0)) {
            for (Position place : places(folder, running.map().last())) {
                running.runTo(place);
                stops.put(place, running.position());
                digests.put(place, HexFormat.of().formatHex(running.vm().digest()));
            }
        }
        List<Position> order = new ArrayList<>(digests.keySet());
        SplittableRandom random = new SplittableRandom(11);
        try (Timeline timeline = Timeline.open(folder, new KittenParts())) {
            for (int i = order.size(); i > 0; i--) {
                Position place = order.remove(random.nextInt(i));
                Position stop = timeline.seek(place);
                assertThat(stop).as("where a seek to %s lands", place).isEqualTo(stops.get(place));
                assertThat(HexFormat.of().formatHex(timeline.digest())).as("state at %s", place)
                        .isEqualTo(digests.get(place));
                assertThat(timeline.seek(stop)).isEqualTo(stop);
                assertThat(HexFormat.of().formatHex(timeline.digest())).isEqualTo(digests.get(place));
                if (stop.tick() > 3) {
                    timeline.reverseStep(3);
                    assertThat(timeline.position().tick()).isEqualTo(stop.tick() - 3);
                    timeline.seek(place);
                    assertThat(HexFormat.of().formatHex(timeline.digest())).isEqualTo(digests.get(place));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "jit"})
    void addressesAreFoundForwardsAndBackwards(String engine) {
        Path folder = record(Fidelity.STEPS, KittenParts.guest("hello"), "");
        Map<Long, List<Long>> ticks = new TreeMap<>();
        StepQuery.of(folder).forEach((tick, core, space, rip, bytes, instruction) -> ticks
                .computeIfAbsent(rip, _ -> new ArrayList<>()).add(tick));
        long address = ticks.entrySet().stream().filter(entry -> entry.getValue().size() > 5).findFirst().orElseThrow()
                .getKey();
        List<Long> expected = ticks.get(address);
        try (Timeline timeline = Timeline.open(folder, new KittenParts(), engine, Timeline.SNAPSHOT_BYTES)) {
            List<Long> found = new ArrayList<>();
            timeline.allForward(Condition.address(address)).doOnNext(stop -> {
                assertThat(timeline.view().registers(0).rip()).isEqualTo(address);
                found.add(stop.at().tick());
            }).blockLast();
            assertThat(found).isEqualTo(expected);
            found.clear();
            timeline.seek(timeline.last());
            timeline.allBackward(Condition.address(address)).doOnNext(stop -> {
                assertThat(timeline.view().registers(0).rip()).isEqualTo(address);
                found.addFirst(stop.at().tick());
            }).blockLast();
            assertThat(found).isEqualTo(expected);
            assertThat(timeline.position()).isEqualTo(timeline.first());
        }
    }

    @ParameterizedTest
    @CsvSource({"STEPS", "INPUTS"})
    void eventsAndTextAreFoundForwardsAndBackwards(Fidelity fidelity) {
        Path folder = record(fidelity, KittenParts.guest("echo"), "one\ntwo\nquit\n");
        try (Timeline timeline = Timeline.open(folder, new KittenParts())) {
            Stop two = timeline.forward(Condition.consoleText("two"));
            assertThat(two.met()).isTrue();
            Position after = two.at();
            Stop call = timeline.backward(Condition.syscall("writev"));
            assertThat(call.event()).isInstanceOf(KittenEvent.SyscallEntered.class);
            assertThat(call.at()).isLessThan(after);
            assertThat(timeline.view().registers(0).gpr(0)).isEqualTo(20);
            Stop again = timeline.forward(Condition.consoleText("two"));
            assertThat(again.at()).isEqualTo(after);
            assertThat(timeline.forward(Condition.consoleText("two")).reason()).isEqualTo(Stop.Reason.END);
            assertThat(timeline.atEnd()).isTrue();
            assertThat(timeline.backward(Condition.event("ProgramLoaded")).met()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "jit"})
    void theLastWriterOfAByteIsFound(String engine) {
        Path folder = record(Fidelity.STEPS, KittenParts.guest("echo"), "one\ntwo\nquit\n");
        try (Timeline timeline = Timeline.open(folder, new KittenParts(), engine, Timeline.SNAPSHOT_BYTES)) {
            Stop read = timeline.forward(Condition.event("ConsoleRead"));
            GuestEvent consoleRead = java.util.Objects.requireNonNull(read.event());
            GuestEvent entered = timeline.previousEvent(consoleRead.at(),
                    (Condition.Event) Condition.syscall("read")).orElseThrow();
            long buffer = ((KittenEvent.SyscallEntered) entered).a1();
            Position here = timeline.position();
            Access kernel = timeline.lastWriter(buffer, 1, here).orElseThrow();
            assertThat(kernel.kernel()).isNotNull();
            assertThat(timeline.position()).isEqualTo(here);
            assertThat(kernel.before()).isLessThanOrEqualTo(consoleRead.at());
            long stack = timeline.view().registers(0).gpr(4);
            Optional<Access> own = timeline.lastWriter(stack, 8, here);
            Access access = own.orElseThrow();
            assertThat(access.kernel()).isNull();
            timeline.seek(access.before());
            assertThat(timeline.view().registers(access.core()).rip()).isEqualTo(access.rip());
            Stop forward = timeline.forward(new Condition.Memory(Condition.ANY, stack, 8, false));
            assertThat(java.util.Objects.requireNonNull(forward.access()).before()).isEqualTo(access.before());
            Stop none = timeline.forward(here, new Condition.Memory(Condition.ANY, stack, 8, false));
            assertThat(none.met()).isFalse();
        }
    }

    @Test
    void aRegisterIsWatched() {
        Path folder = record(Fidelity.STEPS, KittenParts.guest("hello"), "");
        try (Timeline timeline = Timeline.open(folder, new KittenParts())) {
            timeline.seek(new Position(200, 0));
            long rbx = timeline.view().registers(0).gpr(3);
            Stop changed = timeline.forward(new Condition.Register(0, 3));
            assertThat(changed.met()).isTrue();
            long now = timeline.view().registers(0).gpr(3);
            assertThat(now).isNotEqualTo(rbx);
            timeline.backward(new Condition.Register(0, 3));
            assertThat(timeline.view().registers(0).gpr(3)).isEqualTo(rbx);
            assertThat(timeline.position().tick()).isEqualTo(changed.at().tick() - 1);
        }
    }
}
