package chronovisor.replay;

import chronovisor.environment.SeededEnvironment;
import chronovisor.kitten.KittenOptions;
import chronovisor.vmm.DeviceConfiguration;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestConfiguration.Paging;
import chronovisor.vmm.GuestConfigurationXml;
import chronovisor.vmm.GuestFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The embedded guest that brings its own kernel, and what it printed under QEMU. */
final class MetalGuest {

    private static final Path FOLDER = Path.of("scenarios/guests");

    private MetalGuest() {}

    static MachineSetup setup(Paging paging, int cores, String engine) {
        byte[] disk = bytes("metal.disk");
        GuestConfiguration read = GuestConfigurationXml.read(FOLDER.resolve("metal.xml")).configuration();
        List<DeviceConfiguration> devices = new ArrayList<>();
        for (DeviceConfiguration device : read.devices()) {
            devices.add(device instanceof DeviceConfiguration.Disk d
                    ? new DeviceConfiguration.Disk(d.id(), d.file(), false, d.frontend(), true, disk.length)
                    : device);
        }
        return new MachineSetup(read.withDevices(devices).withPaging(paging).withCores(cores), "", "metal",
                KittenOptions.parse(Map.of()),
                List.of(GuestFile.kernel("/metal", bytes("bin/metal")),
                        GuestFile.module("metal.module", bytes("metal.module")), GuestFile.disk("disk", disk)),
                engine);
    }

    static SeededEnvironment inputs() {
        return new SeededEnvironment(1_700_000_000_000_000_000L, 1, List.of());
    }

    /** What it says on a machine of so many cores. */
    static String expected(int cores) {
        return new String(bytes("expected/metal.txt"), StandardCharsets.US_ASCII).replace("cores 4\n",
                "cores " + cores + "\n");
    }

    private static byte[] bytes(String file) {
        try {
            return Files.readAllBytes(FOLDER.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
