package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a recording of a guest that brings its own kernel, of whose tasks nothing is known. */
final class MetalCommandsTest {

    private static final String AT = "1000000";

    @TempDir
    private Path folder;

    private Chronovisor.Result run(String... arguments) throws IOException {
        return Chronovisor.run(folder, arguments);
    }

    @Test
    void aRunIsLookedAtAsOneOfTheBuiltInKernel() throws Exception {
        String image = folder.resolve("metal.img").toString();
        assertThat(run("image", "build", "scenarios/guests/metal.xml", "-o", image).status()).isZero();
        assertThat(run("run", "--journal", "metal", image).output()).contains("all held");
        assertThat(run("replay", "metal").output()).contains("identical: ");
        assertThat(run("inspect", "metal", "--at", AT, "registers").output()).contains("core 1", "rip 0x20");
        assertThat(run("inspect", "metal", "--at", AT, "--core", "3", "registers").output()).contains("core 3",
                "rip 0x");
        assertThat(run("inspect", "metal", "--core", "4", "registers").errors()).contains("has 4 cores, from 0");
        assertThat(run("inspect", "metal", "--at", AT, "backtrace").output()).contains("#0   0x20",
                "other_core+0x", "#1   0x20", "other+0x");
        assertThat(run("profile", "--top", "0", "metal").output()).containsPattern("\\b1  main\n")
                .containsPattern("\\b3  other_core\n").doesNotContain("[0x2");
        assertThat(run("profile", "--format", "tree", "--min", "0", "metal").output())
                .containsPattern("  core 3\n.*  other\n.*  other_core\n")
                .containsPattern("  entered\n.*  entry\n.*  on_flush\n");
        assertThat(run("coverage", "metal").output()).contains("0 of them outside of all files")
                .containsPattern("\\b3  other\n");
        assertThat(run("who-wrote", "metal", "0x206000").output()).startsWith("an instruction on core ");
        // Each part of a device's state has its name and its value, the same each time.
        String devices = run("inspect", "metal", "--at", AT, "devices").output();
        assertThat(devices).contains("lapic0  id=0 tpr=0", "lvt=[0x20040 0x10000 ", "timerNext_ns=")
                .contains("rtc  ", "received=\n").doesNotContain("@")
                .isEqualTo(run("inspect", "metal", "--at", AT, "devices").output());
        assertThat(run("inspect", "metal", "--at", AT, "devices", "--json").output()).contains("\"com1\":{\"ier\":0,");
        Chronovisor.Result screen = run("who-wrote", "metal", "0xb8000");
        assertThat(screen.status()).isEqualTo(ExitCode.USAGE);
        assertThat(screen.errors()).contains("0xb8000 is device memory", "DeviceMemoryWritten");
        assertThat(run("inspect", "metal", "tasks").errors()).contains("this guest has no built-in kernel");
    }
}
