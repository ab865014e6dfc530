package chronovisor.app.host;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.replay.KittenParts;
import chronovisor.vmm.VmState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines of one host that fail in every way end with the reason, and those beside them go on. */
final class HostFailureTest {

    private static final long PATIENCE_s = 120;
    private static final Path GUESTS = Path.of("scenarios/guests");

    @TempDir
    private Path folder;

    private HostedVm launched(Host host, String command, int number) throws IOException {
        Path xml = folder.resolve("vm" + number + ".xml");
        Files.writeString(xml, Files.readString(GUESTS.resolve("metal.xml")).replace("<command_line>metal",
                "<command_line>" + command).replace("bin/metal", "metal").replace("count=\"4\"", "count=\"2\""));
        host.create(xml, command.replace(' ', '-'), true);
        HostedVm machine = host.find("/dev/v3-vm" + number);
        machine.launch();
        return machine;
    }

    private static void awaitOver(HostedVm machine) throws InterruptedException {
        long until_ns = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_s);
        while (!machine.isOver() && System.nanoTime() < until_ns) {
            Thread.sleep(5);
        }
        assertThat(machine.isOver()).isTrue();
    }

    private static String printed(HostedVm machine, String stream) throws InterruptedException {
        return new String(Objects.requireNonNull(machine.stream(stream)).read(0, 0).bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void eachThatFailsIsInErrorAndTheOthersGoOn() throws IOException, InterruptedException {
        Files.copy(GUESTS.resolve("bin/metal"), folder.resolve("metal"));
        Files.copy(GUESTS.resolve("metal.disk"), folder.resolve("metal.disk"));
        Files.copy(GUESTS.resolve("metal.module"), folder.resolve("metal.module"));
        try (Host host = new Host(new KittenParts(), "interpreter", name -> folder.resolve("journal-" + name))) {
            host.memory(2048);
            host.create(Path.of("scenarios/palacios/kitten.xml"), "kitten", true);
            HostedVm kitten = host.find("/dev/v3-vm0");
            kitten.launch();
            HostedVm tripleFault = launched(host, "metal triple-fault", 1);
            HostedVm wild = launched(host, "metal wild", 2);
            HostedVm abusing = launched(host, "metal abuse", 3);
            HostedVm whole = launched(host, "metal", 4);
            for (HostedVm machine : new HostedVm[]{tripleFault, wild, abusing, whole}) {
                awaitOver(machine);
            }
            assertThat(tripleFault.status().state()).isEqualTo(VmState.ERROR);
            assertThat(tripleFault.status().reason()).startsWith("triple fault at rip 0x");
            assertThat(wild.status().state()).isEqualTo(VmState.ERROR);
            assertThat(wild.status().reason()).contains("code or tables in device memory (ioapic), at rip 0xfec00000");
            assertThat(abusing.status().state()).as(abusing.status().reason()).isEqualTo(VmState.STOPPED);
            assertThat(printed(abusing, "com1")).contains("abused");
            assertThat(whole.status().state()).as(whole.status().reason()).isEqualTo(VmState.STOPPED);
            assertThat(printed(whole, "com1")).endsWith("all held\n");
            kitten.type("keyboard", "still here\nquit\n".getBytes(StandardCharsets.UTF_8));
            awaitOver(kitten);
            assertThat(printed(kitten, "stream1")).contains("1: still here");
            assertThat(kitten.status().state()).as(kitten.status().reason()).isEqualTo(VmState.STOPPED);
        }
    }
}
