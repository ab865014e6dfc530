package chronovisor.analysis.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.analysis.Runs;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.JournalWriter;
import chronovisor.journal.Position;
import chronovisor.journal.ProbeEvent;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.EmbeddedGuests;
import chronovisor.replay.Fidelity;
import chronovisor.replay.Fork;
import chronovisor.replay.KittenParts;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.replay.StepQuery;
import chronovisor.timeline.Timeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Probes tell the same on a recording and afterwards, and tell what happened. */
class ProbesTest {

    @TempDir
    Path folder;

    private static EmbeddedGuests.Guest guest(String name) {
        return EmbeddedGuests.all().stream().filter(each -> each.name().equals(name)).findFirst()
                .orElseGet(() -> new EmbeddedGuests.Guest(name, name, List.of(), ""));
    }

    private static List<ProbeSpec> specs(String... texts) {
        return java.util.Arrays.stream(texts).map(ProbeSpec::parse).toList();
    }

    private Path recordWith(String name, MachineSetup setup, long checkpointTicks, List<ProbeSpec> specs,
            List<ProbeEvent> live) {
        Path journal = folder.resolve(name);
        try (Recording recording = Recording.start(journal, setup, new KittenParts(), Fidelity.STEPS,
                guest(name).environment(), OutputListener.NONE, new TreeMap<>(), JournalWriter.Limits.DEFAULT, null,
                CheckpointPlan.every(checkpointTicks))) {
            try (LiveProbes _ = new LiveProbes(recording.session(), specs, live::add)) {
                recording.run();
            }
        }
        return journal;
    }

    private static List<ProbeEvent> trace(Path journal, int threads, List<ProbeSpec> specs) {
        List<ProbeEvent> events = new ArrayList<>();
        Retrace.run(journal, new KittenParts(), specs, threads, events::add, progress -> {});
        return events;
    }

    @ParameterizedTest
    @CsvSource({"hello,300", "files,60000", "ipc,15000", "rows-process,8000", "rows-signals,6000",
        "posix-threads,100000", "collector,30000", "lines,300", "timers,10000", "faults-write,500", "hello-pie,300"})
    void aTraceAfterwardsTellsExactlyWhatARecordingWithTheProbesTells(String name, long checkpointTicks) {
        List<ProbeSpec> specs = specs("function *", "write 0x7fffffffec00..0x7fffffffed00",
                "write 0x7fffffffdff3..0x7fffffffe005", "memory read __libc");
        List<ProbeEvent> live = new ArrayList<>();
        Path journal = recordWith(name, guest(name).setup(), checkpointTicks, specs, live);
        assertThat(live).isNotEmpty();
        assertThat(trace(journal, 2, specs)).isEqualTo(live);
    }

    /** A fork's machine begins in the middle of calls that its journal has never seen. */
    @ParameterizedTest
    @CsvSource({"ipc,15000,14000", "rows-signals,6000,8000", "posix-threads,100000,40000"})
    void soItIsOnAFork(String name, long checkpointTicks, long at) {
        List<ProbeSpec> specs = specs("function *", "write 0x7fffffffec00..0x7fffffffed00");
        Path journal = recordWith(name, guest(name).setup(), checkpointTicks, List.of(), new ArrayList<>());
        Path fork = folder.resolve("fork");
        List<ProbeEvent> live = new ArrayList<>();
        try (Timeline timeline = Timeline.open(journal, new KittenParts())) {
            timeline.seek(new Position(at, 0));
            try (Recording recording = timeline.fork(Fork.Changes.none(timeline.setup()), fork, new KittenParts(),
                    OutputListener.NONE, new TreeMap<>(), CheckpointPlan.every(checkpointTicks));
                    LiveProbes _ = new LiveProbes(recording.session(), specs, live::add)) {
                recording.run();
            }
        }
        assertThat(live).isNotEmpty();
        assertThat(trace(fork, 2, specs)).isEqualTo(live);
        List<ProbeEvent> parents = trace(journal, 2, specs("entry *"));
        assertThat(live.stream().filter(ProbeEvent.FunctionEntered.class::isInstance).count())
                .isEqualTo(parents.stream().filter(event -> event.at().tick() >= at).count());
    }

    @Test
    void theEventsDoNotDependOnHowManySegmentsAreExecutedAtATime() {
        List<ProbeSpec> specs = specs("function *", "write 0x7fffffffe000..0x7ffffffff000");
        List<ProbeEvent> live = new ArrayList<>();
        Path journal = recordWith("lines", guest("lines").setup(), 100, specs, live);
        for (int threads : new int[]{1, 2, 5, 100}) {
            assertThat(trace(journal, threads, specs)).isEqualTo(live);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void soItIsOnSeveralCoresAndUnderChaos(long seed) {
        List<ProbeSpec> specs = specs("function pthread_*", "function *lock*", "function work*", "write environ");
        List<ProbeEvent> live = new ArrayList<>();
        MachineSetup plain = guest("posix-threads").setup();
        MachineSetup setup = plain.with(plain.kernel(), plain.configuration().withCores(2).withChaos(seed));
        Path journal = recordWith("posix-threads", setup, 10_000, specs, live);
        assertThat(live).isNotEmpty();
        assertThat(trace(journal, 2, specs)).isEqualTo(live);
    }

    @Test
    void aRunWithProbesIsTheSameRun() {
        List<ProbeEvent> live = new ArrayList<>();
        Path with = recordWith("ipc", guest("ipc").setup(), 1000, specs("function *", "write 0x7ffffffde000+65536"),
                live);
        Path without = folder.resolve("without");
        try (Recording recording = Recording.start(without, guest("ipc").setup(), new KittenParts(), Fidelity.STEPS,
                guest("ipc").environment(), OutputListener.NONE)) {
            recording.run();
        }
        assertThat(Runs.events(with)).isEqualTo(Runs.events(without));
    }

    @Test
    void callsHaveTheirArgumentsAndReturnsTheirCalls() {
        List<ProbeEvent> events = trace(Runs.record(folder, "lines"), 1, specs("function twice"));
        assertThat(events).hasSize(10);
        for (int i = 0; i < 10; i += 2) {
            ProbeEvent.FunctionEntered entered = (ProbeEvent.FunctionEntered) events.get(i);
            ProbeEvent.FunctionReturned returned = (ProbeEvent.FunctionReturned) events.get(i + 1);
            assertThat((int) entered.a0()).isEqualTo(i);
            assertThat((int) returned.result()).isEqualTo(2 * i);
            assertThat(returned.cause()).isEqualTo(entered.at());
            assertThat(returned.at().tick() - entered.at().tick()).isEqualTo(7);
        }
    }

    @Test
    void everyEntryIsAStepAtTheFunctionsAddress() {
        Path journal = Runs.record(folder, "ipc");
        List<ProbeEvent> events = trace(journal, 1, specs("entry memcpy"));
        long address = ((ProbeEvent.FunctionEntered) events.getFirst()).address();
        List<Long> ticks = new ArrayList<>();
        StepQuery.of(journal).forEach((tick, core, space, rip, bytes, instruction) -> {
            if (rip == address) {
                ticks.add(tick);
            }
        });
        assertThat(events.stream().map(event -> event.at().tick())).containsExactlyElementsOf(ticks);
    }

    @Test
    void aWriteIsToldWithItsInstructionAndTheKernelsWithNone() {
        List<ProbeEvent> events = trace(Runs.record(folder, "echo"), 1, specs("write 0x7fffffffe000..0x7ffffffff000"));
        assertThat(events).allSatisfy(event -> assertThat(event).isInstanceOf(ProbeEvent.MemoryWritten.class));
        // The stack is written by instructions, and by the kernel where a call fills a buffer of the program's.
        assertThat(events).anySatisfy(event -> assertThat(((ProbeEvent.MemoryWritten) event).rip()).isPositive());
    }

    @Test
    void aSideJournalIsOneThatReadersRead() {
        Path journal = Runs.record(folder, "lines");
        List<ProbeSpec> specs = specs("function twice");
        List<ProbeEvent> events = trace(journal, 1, specs);
        Path side = folder.resolve("side");
        try (SideJournal out = new SideJournal(side, "lines", specs)) {
            events.forEach(out);
            out.end();
        }
        assertThat(Runs.events(side)).isEqualTo(List.<GuestEvent>copyOf(events));
        assertThat(JournalVerifier.verify(side).sound()).isTrue();
    }

    @Test
    void specsAreReadAsPeopleWriteThem() {
        assertThat(ProbeSpec.parse("function entry/exit main with arguments"))
                .isEqualTo(new ProbeSpec.Function("main", true, true, "function entry/exit main with arguments"));
        assertThat(ProbeSpec.parse("exit GC_*")).isEqualTo(new ProbeSpec.Function("GC_*", false, true, "exit GC_*"));
        assertThat(ProbeSpec.parse("memory write in range 0x1000..0x1010"))
                .isEqualTo(new ProbeSpec.Memory("0x1000", 16, true, false, "memory write in range 0x1000..0x1010"));
        assertThat(ProbeSpec.parse("memory environ"))
                .isEqualTo(new ProbeSpec.Memory("environ", 0, true, false, "memory environ"));
        assertThat(ProbeSpec.parse("read/write 4096+8"))
                .isEqualTo(new ProbeSpec.Memory("4096", 8, true, true, "read/write 4096+8"));
        for (String wrong : new String[]{"", "main", "function", "function a b", "entry main write 0x1",
            "write 0x10..0x8", "write 0x10+0", "write 0x10+99999999999", "entry 0xzz"}) {
            assertThatThrownBy(() -> ProbeSpec.parse(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
