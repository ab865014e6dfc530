package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition;
import chronovisor.environment.SeededEnvironment.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What must hold for every guest, for each embedded one; and it writes what it writes on a host. */
final class EmbeddedGuestsTest {

    @TempDir
    Path temporary;

    private static Environment environment(String input) {
        List<Step> script = new ArrayList<>();
        if (!input.isEmpty()) {
            script.add(new Step(new Condition.Now(),
                    new Input.StreamBytes("com2", input.getBytes(StandardCharsets.ISO_8859_1))));
        }
        script.add(new Step(new Condition.Now(), new Input.StreamEnd("com2")));
        return new SeededEnvironment(1_700_000_000_000_000_000L, 1, script);
    }

    @ParameterizedTest
    @CsvSource({"hello, hello, '', ''", "hello-pie, hello-pie, '', ''", "bare, bare, '', ''",
        "files, files, '', ''", "timers, timers, '', ''", "vsyscall, vsyscall, '', ''",
        "sockets, sockets, '', ''", "kinds, kinds, '', ''", "ipc, ipc, '', ''",
        "attributes, attributes, '', ''", "attributes-privileged, attributes, privileged, ''",
        "echo, echo, '', 'first|second line|quit|never seen|'",
        "echo-end, echo, '', 'only|'",
        "checksum-short, checksum, 1000, ''", "faults-read, faults, read, ''", "faults-write, faults, write, ''",
        "faults-execute, faults, execute, ''", "faults-divide, faults, divide, ''",
        "faults-overflow, faults, overflow, ''", "faults-undefined, faults, undefined, ''",
        "faults-protection, faults, protection, ''", "faults-privileged, faults, privileged, ''"})
    void recordedVerifiedReplayedAndRestoredItIsTheSame(String expected, String guest, String argument, String input)
            throws IOException {
        MachineSetup setup = argument.isEmpty() ? KittenParts.guest(guest) : KittenParts.guest(guest, argument);
        GuestRuns.Outcome outcome = GuestRuns.check(temporary.resolve("journal"), setup, new KittenParts(),
                () -> environment(input.replace('|', '\n')));
        assertThat(outcome.output("com2")).isEqualTo(Files.readString(
                Path.of("scenarios/guests/expected", expected + ".txt"), StandardCharsets.ISO_8859_1));
        assertThat(outcome.result().status()).isEqualTo(Integer.parseInt(
                Files.readString(Path.of("scenarios/guests/expected", expected + ".status")).strip()));
    }
}
