package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.kitten.KittenOptions;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The system side of the processor as a program in ring 3 sees it, {@code src/test/native/processor.c}, against what it printed on a
 * host with AVX; recorded and replayed as every guest is. The head of the source tells how the binary and the texts are made.
 */
final class ProcessorProgramTest {

    private static final Path FOLDER = Path.of("src/test/resources/chronovisor/replay/processor");

    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"step", "flags", "segments", "transfers", "faults", "state", "frames"})
    void whatRing3SeesIsAsOnTheHost(String part) throws IOException {
        byte[] program = Files.readAllBytes(FOLDER.resolve("processor"));
        MachineSetup setup = new MachineSetup(GuestConfiguration.standard(64), "", "",
                KittenOptions.parse(KittenParts.STREAMS).withProgram(List.of("processor", part), List.of("HOME=/")),
                List.of(GuestFile.initTask("/processor", program)), "interpreter");
        GuestRuns.Outcome outcome = GuestRuns.check(temporary.resolve("journal"), setup, new KittenParts(),
                () -> new SeededEnvironment(1_700_000_000_000_000_000L, 1,
                        List.of(new Step(new Condition.Now(), new Input.StreamEnd("com2")))));
        assertThat(outcome.output("com2"))
                .isEqualTo(Files.readString(FOLDER.resolve(part + ".txt"), StandardCharsets.ISO_8859_1));
        assertThat(outcome.result().status()).isZero();
    }
}
