package chronovisor.app.host;

import chronovisor.vmm.ConfigurationException;
import chronovisor.vmm.DeviceConfiguration;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.GuestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the disks of an image hold when its machine is made: files of the image, or of the folder that the command is in. */
final class Disks {

    private static final long BYTES_MAX = 1L << 30;

    private Disks() {}

    /** The machine with the sizes of its disks, of which the files are. */
    static GuestConfiguration measured(GuestConfiguration machine, List<GuestFile> disks) {
        Map<String, Integer> sizes = new HashMap<>();
        disks.forEach(file -> sizes.put(file.path(), file.data().length));
        List<DeviceConfiguration> devices = new ArrayList<>();
        for (DeviceConfiguration device : machine.devices()) {
            devices.add(device instanceof DeviceConfiguration.Disk disk
                    ? new DeviceConfiguration.Disk(disk.id(), disk.file(), disk.ofHost(), disk.frontend(),
                            disk.writable(), Objects.requireNonNull(sizes.get(disk.id())))
                    : device);
        }
        return machine.withDevices(devices);
    }

    /** What they hold, as boot files. */
    static List<GuestFile> contents(GuestImage image, GuestConfiguration machine) {
        List<GuestFile> files = new ArrayList<>();
        for (DeviceConfiguration device : machine.devices()) {
            if (device instanceof DeviceConfiguration.Disk disk) {
                files.add(GuestFile.disk(disk.id(), contents(image, disk)));
            }
        }
        return files;
    }

    /** An image may come from anywhere, so it names plain files here, and no links to others. */
    private static byte[] contents(GuestImage image, DeviceConfiguration.Disk disk) {
        if (!disk.ofHost()) {
            return image.file(disk.file());
        }
        Path file = Path.of(disk.file());
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > BYTES_MAX) {
                throw new ConfigurationException("disk '" + disk.id() + "': a file '" + file + "' of at most "
                        + (BYTES_MAX >> 20) + " MB is expected in this folder");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new ConfigurationException("disk '" + disk.id() + "': " + file + " cannot be read: " + e.getMessage(),
                    e);
        }
    }
}
