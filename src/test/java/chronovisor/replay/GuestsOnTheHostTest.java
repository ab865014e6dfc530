package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the embedded guests on the host itself, which is the judge of what they must do in a guest. */
final class GuestsOnTheHostTest {

    @TempDir
    Path stage;

    @BeforeEach
    void onlyLinux() {
        assumeTrue(System.getProperty("os.name").equals("Linux") && System.getProperty("os.arch").equals("amd64"),
                "only x86-64 Linux runs the guests itself");
    }

    /** What a program of root may do differs from host to host; the others do not ask for it. */
    static List<EmbeddedGuests.Guest> guests() {
        return EmbeddedGuests.all().stream().filter(guest -> !guest.arguments().contains("privileged")
                || guest.program().equals("faults")).toList();
    }

    /** Programs tell how nice they are, and this test may be nicer than they expect. */
    private static List<String> atNormalPriority() throws IOException, InterruptedException {
        int nice = niceness(List.of("nice"));
        if (nice == 0) {
            return List.of();
        }
        List<String> prefix = List.of("nice", "-n", Integer.toString(-nice));
        List<String> asked = new ArrayList<>(prefix);
        asked.add("nice");
        assumeTrue(niceness(asked) == 0, "only a test that is not nice, or of root, runs the guests itself");
        return prefix;
    }

    private static int niceness(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        return process.waitFor() == 0 ? Integer.parseInt(answer) : 1;
    }

    private static boolean hasIpv6() throws IOException {
        Path addresses = Path.of("/proc/net/if_inet6");
        return Files.exists(addresses) && Files.readString(addresses).contains("00000000000000000000000000000001");
    }

    @ParameterizedTest
    @MethodSource("guests")
    void theHostPrintsWhatIsExpected(EmbeddedGuests.Guest guest) throws IOException, InterruptedException {
        assumeTrue(!guest.program().equals("internet") || hasIpv6(), "only a host with IPv6 tells how it behaves");
        List<String> command = new ArrayList<>(atNormalPriority());
        command.add(guest.binary().toAbsolutePath().toString());
        command.addAll(guest.arguments());
        ProcessBuilder builder = new ProcessBuilder(command).directory(stage.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().put("HOME", "/");
        Process process = builder.start();
        try (OutputStream input = process.getOutputStream()) {
            input.write(guest.input().getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            // A program may end before it has read everything.
            assertThat(e).hasMessageContaining("pipe");
        }
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends").isTrue();
        String printed = new String(output, StandardCharsets.ISO_8859_1);
        int lacking = printed.indexOf("IPV6_ADDRFORM: ENOPROTOOPT\n");
        if (lacking >= 0) {
            assertThat(printed.substring(0, lacking)).isEqualTo(guest.expectedOutput().substring(0, lacking));
            abort("this host's kernel has no IPV6_ADDRFORM, on which the rest depends");
        }
        assertThat(printed).isEqualTo(guest.expectedOutput());
        assertThat(process.exitValue()).isEqualTo(guest.expectedStatus());
    }
}
