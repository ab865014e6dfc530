package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.RacketEvent;
import chronovisor.replay.Fidelity;
import chronovisor.replay.KittenParts;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.replay.Session;
import chronovisor.vmm.GuestConfiguration;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What probes tell of collections, against what Racket itself logs with {@code -W debug@GC}: each line has its event, in order, with the
 * same sizes. Racket prints kilobytes, rounded towards zero.
 */
final class RacketCollectionsTest {

    private static final Pattern PRECISE = Pattern.compile(
            "GC: (\\d+):(min|mIn|MAJ|MST) @ (-?[\\d,]+)K\\(\\+(-?[\\d,]+)K\\)\\[\\+[\\d,]+K\\];"
                    + " free (-?[\\d,]+)K\\((\\+?-?[\\d,]+)K\\) .*");
    private static final Pattern CONSERVATIVE = Pattern.compile("GC: MAJ @ ([\\d,]+)K; free (-?[\\d,]+)K .*");

    @TempDir
    Path folder;

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    private MachineSetup setup(String which, int cores, String program) throws Exception {
        Path home = Rackets.home();
        List<String> arguments = new ArrayList<>(List.of("-W", "debug@GC"));
        arguments.addAll(Rackets.START);
        arguments.addAll(program.isEmpty() ? List.of("-n", "-f", "/dev/null") : List.of("-u", "tmp/" + program));
        return Rackets.setup(home, which, GuestConfiguration.standard(1024).withCores(cores),
                List.of(Rackets.program("test2.rkt"), Rackets.program("place-worker.rkt")), arguments);
    }

    @ParameterizedTest
    @ValueSource(strings = {"racket3m", "racketcgc"})
    void everyLoggedCollectionOfAStartIsAnEventWithTheSameSizes(String which) throws Exception {
        everyLoggedCollectionIsAnEvent(which, 1, "");
    }

    @Test
    void everyLoggedCollectionOfPlacesOnTwoCoresIsAnEventOfItsTask() throws Exception {
        everyLoggedCollectionIsAnEvent("racket3m", 2, "test2.rkt");
    }

    private void everyLoggedCollectionIsAnEvent(String which, int cores, String program) throws Exception {
        MachineSetup setup = setup(which, cores, program);
        OutputListener keep = (stream, bytes, tick) -> {
            if (stream.equals("com3")) {
                log.writeBytes(bytes);
            }
        };
        String digest;
        try (Recording recording = Recording.start(folder.resolve("gc"), setup, new Assembly(), Fidelity.STEPS,
                Rackets.quiet(), keep)) {
            assertThat(recording.run().status()).isZero();
            digest = recording.digest();
        }
        List<GuestEvent> events = Objects.requireNonNull(JournalFlux.events(folder.resolve("gc"))
                .flatMapIterable(batch -> batch).collectList().block());
        Map<Object, List<String>> told = new TreeMap<>();
        long faults = 0;
        long signals = 0;
        for (GuestEvent event : events) {
            switch (event) {
                case RacketEvent.GcEnded end ->
                    told.computeIfAbsent(end.task(), _ -> new ArrayList<>()).add(line(end, which));
                case RacketEvent.WriteBarrierFaulted _ -> faults++;
                case KittenEvent.SignalDelivered signal -> signals += signal.signal() == 11 ? 1 : 0;
                case GuestEvent _ -> {}
            }
        }
        Map<Object, List<String>> logged = new TreeMap<>();
        log.toString(StandardCharsets.UTF_8).lines().forEach(line -> note(line, logged));
        // Places are Racket's numbers in the log and the kernel's tasks in the events.
        assertThat(told.values()).hasSize(program.isEmpty() ? 1 : 3);
        assertThat(told.values()).containsExactlyInAnyOrderElementsOf(logged.values());
        assertThat(faults).as("write barrier faults").isEqualTo(signals);
        if (program.isEmpty()) {
            try (Session plain = Session.live(setup, new KittenParts(), Rackets.quiet(), OutputListener.NONE)) {
                plain.run();
                assertThat(HexFormat.of().formatHex(plain.vm().digest())).as("without probes").isEqualTo(digest);
            }
        }
    }

    private static String line(RacketEvent.GcEnded end, String which) {
        long delta = end.before_bytes() - end.after_bytes();
        if (which.equals(Rackets.CONSERVATIVE)) {
            return "major " + end.before_bytes() / 1024 + " " + delta / 1024;
        }
        long administrative = end.administrativeBefore_bytes() - end.administrativeAfter_bytes() - delta;
        return end.generation() + " " + end.before_bytes() / 1024 + " "
                + (end.administrativeBefore_bytes() - end.before_bytes()) / 1024 + " " + delta / 1024 + " "
                + administrative / 1024;
    }

    private static void note(String line, Map<Object, List<String>> logged) {
        Matcher precise = PRECISE.matcher(line);
        Matcher conservative = CONSERVATIVE.matcher(line);
        if (precise.matches()) {
            String generation = switch (precise.group(2)) {
                case "min" -> "minor";
                case "mIn" -> "incremental";
                case "MAJ" -> "major";
                default -> "master";
            };
            logged.computeIfAbsent(Integer.parseInt(precise.group(1)), _ -> new ArrayList<>())
                    .add(String.format(Locale.ROOT, "%s %d %d %d %d", generation, number(precise.group(3)),
                            number(precise.group(4)), number(precise.group(5)), number(precise.group(6))));
        } else if (conservative.matches()) {
            logged.computeIfAbsent(0, _ -> new ArrayList<>())
                    .add("major " + number(conservative.group(1)) + " " + number(conservative.group(2)));
        } else if (line.startsWith("GC: ") && !line.contains("atexit")) {
            throw new AssertionError("a line of the collector's that is not understood: " + line);
        }
    }

    private static long number(String text) {
        return Long.parseLong(text.replace(",", "").replace("+", ""));
    }
}
