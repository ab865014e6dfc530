package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.jit.Engines;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.RunResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Threads that are right come to the same under every schedule: all of POSIX's, in turn and in drawn orders. */
final class PosixThreadsTest {

    private static final EmbeddedGuests.Guest GUEST = EmbeddedGuests.all().stream()
            .filter(guest -> guest.name().equals("posix-threads")).findFirst().orElseThrow();

    /** @param seed of the drawn schedule; negative for round robin */
    @ParameterizedTest
    @CsvSource({"2, -1", "4, -1", "1, 1", "1, 2", "2, 3", "2, 4", "4, 5", "4, 6"})
    void theyDoWhatTheyDoOnAHostUnderEverySchedule(int cores, long seed) {
        MachineSetup setup = GUEST.setup();
        GuestConfiguration machine = setup.configuration().withCores(cores);
        setup = new MachineSetup(seed < 0 ? machine : machine.withChaos(seed), "", "", setup.kernel(), setup.files(),
                Engines.JIT);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Session session = Session.live(setup, new KittenParts(), GUEST.environment(), (stream, bytes, tick) -> {
            if (stream.equals("com2")) {
                out.writeBytes(bytes);
            }
        })) {
            RunResult result = session.run();
            assertThat(result.kind()).as(result.reason()).isEqualTo(RunResult.Kind.SHUTDOWN);
            assertThat(out.toString(StandardCharsets.ISO_8859_1)).isEqualTo(GUEST.expectedOutput());
            assertThat(result.status()).isEqualTo(GUEST.expectedStatus());
        }
    }
}
