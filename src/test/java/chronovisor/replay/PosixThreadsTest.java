package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.jit.Engines;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.RunResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Threads that are right come to the same under every schedule: all of POSIX's, in turn and in drawn orders. */
final class PosixThreadsTest {

    /** @param seed of the drawn schedule; negative for round robin */
    @ParameterizedTest
    @CsvSource({"2, -1", "4, -1", "1, 1", "1, 2", "2, 3", "2, 4", "4, 5", "4, 6"})
    void theyDoWhatTheyDoOnAHostUnderEverySchedule(int cores, long seed) {
        matches(named("posix-threads"), cores, seed);
    }

    @ParameterizedTest
    @CsvSource({"2, -1", "4, -1", "4, 1"})
    void signalsReachWhatComputesOnOtherCores(int cores, long seed) {
        matches(named("spinners"), cores, seed);
    }

    /** @param seed of the drawn schedule, which leaves alone what priorities promise; negative for round robin */
    @ParameterizedTest
    @CsvSource({"2, -1", "4, -1", "1, 1", "2, 2", "4, 3"})
    void whoHasAHigherPriorityRunsFirst(int cores, long seed) {
        matches(named("priorities"), cores, seed);
    }

    @ParameterizedTest
    @CsvSource({"turns, 1", "shares, 1", "shares, 2"})
    void aProcessorIsDividedAsPoliciesAndNiceValuesSay(String what, int cores) {
        matches(new EmbeddedGuests.Guest("priorities-" + what, "priorities", List.of(what), ""), cores, -1);
    }

    private static EmbeddedGuests.Guest named(String name) {
        return EmbeddedGuests.all().stream().filter(any -> any.name().equals(name)).findFirst().orElseThrow();
    }

    private static void matches(EmbeddedGuests.Guest guest, int cores, long seed) {
        MachineSetup setup = guest.setup();
        GuestConfiguration machine = setup.configuration().withCores(cores);
        setup = new MachineSetup(seed < 0 ? machine : machine.withChaos(seed), "", "", setup.kernel(), setup.files(),
                Engines.JIT);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Session session = Session.live(setup, new KittenParts(), guest.environment(), (stream, bytes, tick) -> {
            if (stream.equals("com2")) {
                out.writeBytes(bytes);
            }
        })) {
            RunResult result = session.run();
            assertThat(result.kind()).as(result.reason()).isEqualTo(RunResult.Kind.SHUTDOWN);
            assertThat(out.toString(StandardCharsets.ISO_8859_1)).isEqualTo(guest.expectedOutput());
            assertThat(result.status()).isEqualTo(guest.expectedStatus());
        }
    }
}
