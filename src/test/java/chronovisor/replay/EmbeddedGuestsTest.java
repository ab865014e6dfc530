package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold for every guest, for each embedded one; and it writes what it writes on a host. */
final class EmbeddedGuestsTest {

    @TempDir
    Path temporary;

    static List<EmbeddedGuests.Guest> guests() {
        return EmbeddedGuests.all();
    }

    @ParameterizedTest
    @MethodSource("guests")
    void recordedVerifiedReplayedAndRestoredItIsTheSame(EmbeddedGuests.Guest guest) {
        GuestRuns.Outcome outcome = GuestRuns.check(temporary.resolve("journal"), guest.setup(), new KittenParts(),
                guest::environment);
        assertThat(outcome.output("com2")).isEqualTo(guest.expectedOutput());
        assertThat(outcome.result().status()).isEqualTo(guest.expectedStatus());
    }
}
