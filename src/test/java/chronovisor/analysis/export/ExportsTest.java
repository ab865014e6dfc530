package chronovisor.analysis.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.analysis.Runs;
import chronovisor.analysis.export.TraceReaders.Picture;
import chronovisor.analysis.probe.ProbeSpec;
import chronovisor.analysis.probe.Retrace;
import chronovisor.analysis.probe.SideJournal;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.journal.VmmEvent;
import chronovisor.replay.EmbeddedGuests;
import chronovisor.replay.Fidelity;
import chronovisor.replay.KittenParts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What other tools get is what the journal has. */
class ExportsTest {

    private static final Path BABELTRACE = Path.of("/usr/bin/babeltrace2");

    @TempDir
    Path folder;

    private Path record(String guest) {
        EmbeddedGuests.Guest one = EmbeddedGuests.all().stream().filter(each -> each.name().equals(guest)).findFirst()
                .orElseGet(() -> new EmbeddedGuests.Guest(guest, guest, List.of(), ""));
        return Runs.record(folder, one, Fidelity.STEPS);
    }

    private static Picture perfetto(Path journal) throws IOException {
        return perfetto(journal, TraceTime.SPREAD);
    }

    private static Picture perfetto(Path journal, TraceTime time) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Exports.perfetto(journal, time, out, progress -> {});
        return TraceReaders.perfetto(out.toByteArray());
    }

    private static Picture chrome(Path journal) throws IOException {
        return chrome(journal, TraceTime.SPREAD);
    }

    private static Picture chrome(Path journal, TraceTime time) throws IOException {
        StringWriter out = new StringWriter();
        Exports.chrome(journal, time, "a \"title\"", out, progress -> {});
        return TraceReaders.chrome(out.toString());
    }

    /** The readers themselves check that every slice ends on its track, in order, and that every track has been told. */
    @ParameterizedTest
    @ValueSource(strings = {"hello", "echo", "ipc", "rows-process", "rows-signals", "posix-threads", "faults-write",
        "pipe-race", "timers"})
    void bothFormatsOfPicturesShowTheSame(String guest) throws IOException {
        Path journal = record(guest);
        Picture perfetto = perfetto(journal);
        assertThat(perfetto.slices()).isEqualTo(chrome(journal).slices()).isNotEmpty();
        assertThat(perfetto.values()).isEqualTo(chrome(journal).values());
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo", "rows-process", "posix-threads"})
    void everyEventIsOnce(String guest) throws IOException {
        Path journal = record(guest);
        Map<String, Integer> drawn = new TreeMap<>(perfetto(journal).events());
        Map<String, Integer> expected = new TreeMap<>();
        for (GuestEvent event : Runs.events(journal)) {
            // These end what is open.
            if (!(event instanceof KittenEvent.SyscallReturned)
                    && !(event instanceof KittenEvent.TaskSwitched switched && switched.to() == -1)) {
                expected.put(event.at() + " " + EventTypes.of(event).name(), 1);
            }
        }
        // A wake-up and a start are seen on both sides, and a read of several writes once for each.
        drawn.replaceAll((at, times) -> at.contains("TaskWoken") || at.contains("TaskStarted")
                || at.contains("PipeRead") ? 1 : times);
        assertThat(drawn).isEqualTo(expected);
    }

    @Test
    void anArrowGoesFromEachWriteToTheReadsThatTookItsBytes() throws IOException {
        Path journal = record("ipc");
        List<String> expected = new ArrayList<>();
        List<KittenEvent.PipeWritten> writes = new ArrayList<>();
        for (GuestEvent event : Runs.events(journal)) {
            if (event instanceof KittenEvent.PipeWritten written) {
                writes.add(written);
            } else if (event instanceof KittenEvent.PipeRead read) {
                writes.stream()
                        .filter(written -> written.pipe() == read.pipe()
                                && written.offset() < read.offset() + read.length()
                                && read.offset() < written.offset() + written.length())
                        .forEach(written -> expected.add(written.at() + " > " + read.at()));
            }
        }
        assertThat(expected).isNotEmpty();
        assertThat(chrome(journal).arrows()).containsAll(expected);
        assertThat(perfetto(journal).arrows()).containsAll(expected);
    }

    @Test
    void aWaitEndsWhereItsTaskIsWokenByAnotherOnesCall() throws IOException {
        Path journal = record("posix-threads");
        Picture picture = chrome(journal);
        long woken = Runs.events(journal).stream().filter(KittenEvent.TaskWoken.class::isInstance).count();
        assertThat(picture.slices()).filteredOn(slice -> slice.contains(" blocked "))
                .hasSizeGreaterThan((int) woken / 2);
        assertThat(picture.arrows()).hasSizeGreaterThan((int) woken / 2);
    }

    @Test
    void timeIsVirtualTimeAndGoesOnWhileTheMachineIsIdle() throws IOException {
        Path journal = record("timers");
        List<GuestEvent> events = Runs.events(journal);
        long idle_ns = events.stream().filter(VmmEvent.Halted.class::isInstance)
                .mapToLong(event -> ((VmmEvent.Halted) event).idle_ns()).sum();
        Position last = events.getLast().at();
        assertThat(idle_ns).isPositive();
        // A viewer's nanoseconds: a thousand for each of virtual time, and a few in which events of one tick lie.
        assertThat(perfetto(journal).end()).isBetween((last.tick() + idle_ns) * 1000,
                (last.tick() + idle_ns) * 1000 + 100_000);
    }

    @Test
    void inTheGuestsOwnTimeSlicesLastAsLongAsTheyDidThere() throws IOException {
        Path journal = record("timers");
        List<GuestEvent> events = Runs.events(journal);
        List<Long> idle_ns = events.stream().filter(VmmEvent.Halted.class::isInstance)
                .map(event -> ((VmmEvent.Halted) event).idle_ns()).toList();
        Picture picture = perfetto(journal, TraceTime.GUEST);
        assertThat(picture.end()).isEqualTo(
                events.getLast().at().tick() + idle_ns.stream().mapToLong(Long::longValue).sum());
        List<Long> halted_ns = picture.slices().stream().map(slice -> slice.split(" ", -1))
                .filter(words -> words[1].equals("halted"))
                .map(words -> Long.parseLong(words[3]) - Long.parseLong(words[2])).toList();
        assertThat(halted_ns).isNotEmpty().isEqualTo(idle_ns);
        assertThat(chrome(journal, TraceTime.GUEST).slices()).isEqualTo(picture.slices());
    }

    @Test
    void mappedMemoryIsWhatTheRegionsOfAProcessMakeUp() throws IOException {
        MemorySizes sizes = new MemorySizes();
        sizes.map(1, 0x1000, 0x5000);
        sizes.map(1, 0x5000, 0x6000);
        sizes.map(1, 0x2000, 0x3000);
        assertThat(sizes.bytes(1)).isEqualTo(0x5000);
        sizes.unmap(1, 0x2000, 0x4000);
        assertThat(sizes.bytes(1)).isEqualTo(0x3000);
        sizes.fork(1, 2);
        sizes.unmap(2, 0, Long.MAX_VALUE);
        assertThat(sizes.bytes(2)).isZero();
        assertThat(sizes.bytes(1)).isEqualTo(0x3000);
        assertThat(perfetto(record("rows-memory")).values().keySet()).anyMatch(name -> name.startsWith("mapped memory"))
                .anyMatch(name -> name.equals("memory written"));
    }

    @Test
    void jsonHasALineForEachEvent() throws IOException {
        Path journal = record("hello");
        StringWriter out = new StringWriter();
        Exports.json(journal, out, progress -> {});
        assertThat(out.toString().lines().toList()).containsExactlyElementsOf(
                Runs.events(journal).stream().map(chronovisor.journal.EventJson::line).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo", "rows-io", "posix-threads"})
    void babeltraceReadsEveryEventOfACommonTrace(String guest) throws Exception {
        assumeTrue(Files.isExecutable(BABELTRACE), "babeltrace2 is not on this host: the trace was not read by it");
        Path journal = record(guest);
        Path trace = Files.createDirectory(folder.resolve("trace"));
        Exports.ctf(journal, guest, trace, progress -> {});
        Path read = folder.resolve("read.txt");
        Process process = new ProcessBuilder(BABELTRACE.toString(), "--clock-cycles", trace.toString())
                .redirectErrorStream(true).redirectOutput(read.toFile()).start();
        assertThat(process.waitFor()).as(() -> text(read)).isZero();
        List<String> lines = Files.readAllLines(read, StandardCharsets.UTF_8);
        List<GuestEvent> events = Runs.events(journal);
        assertThat(lines).hasSameSizeAs(events);
        for (int i = 0; i < events.size(); i++) {
            GuestEvent event = events.get(i);
            assertThat(lines.get(i)).contains(":" + EventTypes.of(event).name() + ": { tick = " + event.at().tick()
                    + ", sequence = " + event.at().sequence() + ", core = " + event.core() + ",");
            if (event instanceof KittenEvent.SyscallEntered call) {
                assertThat(lines.get(i)).contains("number = " + call.number() + ", a0 = " + call.a0() + ",");
            }
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void callsThatWereProbedNestOnTheirTasksTrack() throws IOException {
        List<ProbeSpec> specs = List.of(ProbeSpec.parse("function *"));
        Path side = folder.resolve("side");
        try (SideJournal journal = new SideJournal(side, "lines", specs)) {
            Retrace.run(record("lines"), new KittenParts(), specs, 1, journal, progress -> {});
            journal.end();
        }
        assertThat(chrome(side).slices()).filteredOn(slice -> slice.contains(" twice ")).hasSize(5);
        assertThat(perfetto(side).slices()).isEqualTo(chrome(side).slices());
    }

    @Test
    void theSameJournalGivesTheSameBytes() throws IOException {
        Path journal = record("ipc");
        Path first = Files.createDirectory(folder.resolve("first"));
        Path second = Files.createDirectory(folder.resolve("second"));
        Exports.ctf(journal, "ipc", first, progress -> {});
        Exports.ctf(journal, "ipc", second, progress -> {});
        assertThat(first.resolve("events")).hasSameBinaryContentAs(second.resolve("events"));
        assertThat(first.resolve("metadata")).hasSameBinaryContentAs(second.resolve("metadata"));
        ByteArrayOutputStream once = new ByteArrayOutputStream();
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        Exports.perfetto(journal, TraceTime.SPREAD, once, progress -> {});
        Exports.perfetto(journal, TraceTime.SPREAD, again, progress -> {});
        assertThat(once.toByteArray()).isEqualTo(again.toByteArray());
    }
}
