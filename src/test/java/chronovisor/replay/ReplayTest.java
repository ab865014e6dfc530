package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import chronovisor.environment.LiveEnvironment;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.journal.Blob;
import chronovisor.journal.Checkpoint;
import chronovisor.journal.FormatException;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.JournalWriter;
import chronovisor.journal.Position;
import chronovisor.journal.Verification;
import chronovisor.kitten.KittenOptions;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.RunResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

final class ReplayTest {

    @TempDir
    Path temporary;

    private Path folder() {
        return temporary.resolve("journal");
    }

    static MachineSetup setup() {
        return new MachineSetup(GuestConfiguration.standard(32).withSlice(10_000), "", "init_argv=toy",
                KittenOptions.standard().withProgram(List.of("toy", "ä"), List.of("A=1")),
                List.of(GuestFile.initTask("/toy", "toy".getBytes(StandardCharsets.UTF_8)),
                        GuestFile.directory("/tmp", 01777), GuestFile.symlink("/link", "/toy"),
                        GuestFile.file("/data", 0644, new byte[10_000])),
                "toy");
    }

    private static Environment scripted() {
        List<Step> script = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            script.add(new Step(new Condition.AtTick(49_850L * i + 20_000),
                    new Input.StreamBytes("com1", ("line " + i + "\n").getBytes(StandardCharsets.UTF_8))));
            // The toy idles at each 50th call and gets this early.
            script.add(new Step(new Condition.AtTick(49_850L * i + 49_851), new Input.OperatorCommand("go " + i)));
        }
        script.add(new Step(new Condition.Now(), new Input.StreamEnd("com1")));
        return new SeededEnvironment(1_700_000_000_000_000_000L, 5, script);
    }

    private String record(Path folder, Fidelity fidelity) {
        try (Recording recording = Recording.start(folder, setup(), new ToyParts(), fidelity, scripted(),
                OutputListener.NONE)) {
            assertThat(recording.run().status()).isEqualTo(7);
            return recording.digest();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"INPUTS", "STEPS"})
    void aRecordedRunReplaysIdentically(Fidelity fidelity) {
        String digest = record(folder(), fidelity);
        Verification verification = JournalVerifier.verify(folder());
        assertThat(verification.problems()).isEmpty();
        assertThat(verification.digest()).isEqualTo(digest);
        ReplayResult result = Replay.of(folder(), new ToyParts()).run();
        assertThat(result.divergence()).isNull();
        assertThat(result.identical()).isTrue();
        assertThat(result.complete()).isTrue();
        assertThat(result.digest()).isEqualTo(digest);
        assertThat(result.events()).isEqualTo(verification.events());
    }

    @Test
    void twoRecordingsOfTheSameInputsAreTheSame() {
        assertThat(record(folder(), Fidelity.STEPS)).isEqualTo(record(temporary.resolve("two"), Fidelity.INPUTS));
    }

    @Test
    void aRunWithoutAJournalIsTheSameRun() {
        try (Session session = Session.live(setup(), new ToyParts(), scripted(), OutputListener.NONE)) {
            session.run();
            assertThat(java.util.HexFormat.of().formatHex(session.vm().digest()))
                    .isEqualTo(record(folder(), Fidelity.STEPS));
        }
    }

    @Test
    void whatHostThreadsFeedAtRandomMomentsIsReplayed() throws InterruptedException {
        LiveEnvironment environment = LiveEnvironment.ofHost();
        environment.feederComes();
        Thread feeder = new Thread(() -> {
            Random random = new Random();
            try {
                for (int i = 0; i < 60; i++) {
                    byte[] bytes = new byte[1 + random.nextInt(20)];
                    random.nextBytes(bytes);
                    environment.feed("com1", bytes, 0, bytes.length);
                    Thread.sleep(0, random.nextInt(500_000));
                    environment.command("go " + i);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            environment.feederGone();
        });
        feeder.start();
        List<String> live = new ArrayList<>();
        try (Recording recording = Recording.start(folder(), setup(), new ToyParts(), Fidelity.STEPS, environment,
                (stream, bytes, tick) -> live.add(stream + tick + bytes[0]))) {
            recording.run();
        }
        feeder.join();
        List<String> replayed = new ArrayList<>();
        ReplayResult result = Replay.of(folder(), new ToyParts())
                .withOutput((stream, bytes, tick) -> replayed.add(stream + tick + bytes[0])).run();
        assertThat(result.divergence()).isNull();
        assertThat(replayed).isNotEmpty().isEqualTo(live);
    }

    @Test
    void aMachineThatDoesSomethingElseDivergesWhereItDoes() {
        record(folder(), Fidelity.STEPS);
        ReplayResult result = Replay.of(folder(), new ToyParts(123)).run();
        assertThat(result.identical()).isFalse();
        Divergence divergence = Objects.requireNonNull(result.divergence());
        assertThat(divergence.at().tick()).isEqualTo(123 * 997);
        assertThat(divergence.expected()).contains("PortWritten");
        assertThat(divergence.actual()).contains("PortWritten").isNotEqualTo(divergence.expected());
        assertThat(divergence.context()).hasSize(8);
    }

    @Test
    void aMachineThatDoesSomethingElseEndsInAnotherStateWhenOnlyInputsAreKept() {
        record(folder(), Fidelity.INPUTS);
        ReplayResult result = Replay.of(folder(), new ToyParts(123)).run();
        assertThat(Objects.requireNonNull(result.divergence()).expected()).contains("final state");
    }

    @ParameterizedTest
    @EnumSource(names = {"INPUTS", "STEPS"})
    void aRecordingThatWasCutOffReplaysAsFarAsItGoes(Fidelity fidelity) {
        try (Recording recording = Recording.start(folder(), setup(), new ToyParts(), fidelity, scripted(),
                OutputListener.NONE)) {
            RunResult result = recording.session().run(250_000);
            assertThat(result.kind()).isEqualTo(RunResult.Kind.TICK_REACHED);
        }
        assertThat(JournalVerifier.verify(folder()).sealed()).isFalse();
        ReplayResult result = Replay.of(folder(), new ToyParts()).run();
        assertThat(result.divergence()).isNull();
        assertThat(result.complete()).isFalse();
        assertThat(result.ticks()).isGreaterThan(100_000);
    }

    @Test
    void aFullJournalStopsTheMachineAndItsPrefixReplays() {
        JournalWriter.Limits limits = new JournalWriter.Limits(1 << 20, 39_000);
        assertThatThrownBy(() -> {
            try (Recording recording = Recording.start(folder(), setup(), new ToyParts(), Fidelity.STEPS, scripted(),
                    OutputListener.NONE, new TreeMap<>(), limits)) {
                recording.run();
            }
        }).isInstanceOf(JournalException.class).hasMessageContaining("limit");
        ReplayResult result = Replay.of(folder(), new ToyParts()).run();
        assertThat(result.divergence()).isNull();
        assertThat(result.complete()).isFalse();
    }

    @Test
    void aRecorderKilledWhileItsMachineWaitedLeavesAReplayablePrefix() {
        Environment environment = new PassingEnvironment(scripted()) {
            private int waits;

            @Override
            public @Nullable Input await() {
                if (++waits == 3) {
                    throw new IllegalStateException("killed");
                }
                return super.await();
            }
        };
        assertThatThrownBy(() -> {
            try (Recording recording = Recording.start(folder(), setup(), new ToyParts(), Fidelity.STEPS, environment,
                    OutputListener.NONE)) {
                recording.run();
            }
        }).hasMessage("killed");
        ReplayResult result = Replay.of(folder(), new ToyParts()).run();
        assertThat(result.divergence()).isNull();
        assertThat(result.complete()).isFalse();
        assertThat(result.ticks()).isEqualTo(3 * 50 * 997);
    }

    @Test
    void aDamagedJournalReplaysUpToItsDamage() throws IOException {
        record(folder(), Fidelity.STEPS);
        Path segment = folder().resolve("19700101-0000.cq4");
        byte[] bytes = Files.readAllBytes(segment);
        bytes[bytes.length * 19 / 20] ^= 1;
        Files.write(segment, bytes);
        ReplayResult result = Replay.of(folder(), new ToyParts()).run();
        assertThat(result.divergence()).isNull();
        assertThat(result.complete()).isFalse();
        assertThat(result.damage()).isNotNull();
        assertThat(result.ticks()).isGreaterThan(50_000);
    }

    @Test
    void runAndReplayAndJournalStreamTheSameEvents() {
        EventStream running = new EventStream();
        Mono<List<GuestEvent>> live = running.flux().flatMapIterable(batch -> batch).collectList().cache();
        live.subscribe();
        try (Recording recording = Recording.start(folder(), setup(), new ToyParts(), Fidelity.STEPS, scripted(),
                OutputListener.NONE, new TreeMap<>(), JournalWriter.Limits.DEFAULT, running)) {
            recording.run();
        }
        EventStream replaying = new EventStream();
        Mono<List<GuestEvent>> again = replaying.flux().flatMapIterable(batch -> batch).collectList().cache();
        again.subscribe();
        assertThat(Replay.of(folder(), new ToyParts()).withEvents(replaying).run().identical()).isTrue();
        List<GuestEvent> journal = JournalFlux.events(folder()).flatMapIterable(batch -> batch).collectList().block();
        assertThat(journal).hasSizeGreaterThan(1000);
        assertThat(live.block(Duration.ofSeconds(10))).isEqualTo(journal);
        assertThat(again.block(Duration.ofSeconds(10))).isEqualTo(journal);
    }

    @Test
    void aForgedSetupIsRefused() {
        Random random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            Checkpoint good = setup().checkpoint();
            SortedMap<String, Blob> sections = new TreeMap<>(good.sections());
            String name = List.of("machine", "kernel", "files").get(random.nextInt(3));
            byte[] bytes = good.section(name).toByteArray();
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            sections.put(name, Blob.of(bytes));
            try {
                MachineSetup.of(new Checkpoint(Position.START, sections));
            } catch (FormatException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    @Test
    void theSetupSurvivesTheJournal() {
        MachineSetup read = MachineSetup.of(setup().checkpoint());
        assertThat(read.configuration()).isEqualTo(setup().configuration());
        assertThat(read.kernel()).isEqualTo(setup().kernel());
        assertThat(read.files()).hasSize(4);
        assertThat(read.files().get(3).data()).isEqualTo(new byte[10_000]);
        assertThat(read.files().get(2).target()).isEqualTo("/toy");
        assertThat(read.commandLine()).isEqualTo("init_argv=toy");
    }
}
