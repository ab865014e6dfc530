package chronovisor.vmm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The device elements of a configuration: those that this machine has, and those of Palacios that it leaves out. */
final class DeviceElements {

    private static final String NO_PCI = "it has no PCI bus";
    private static final String NO_DISK = "it has no disks";
    private static final String NO_SCREEN = "it has no screen";

    /** Classes of Palacios that this machine does not have, and why it can do without. */
    private static final Map<String, String> LEFT_OUT = leftOut();

    private static final Set<String> SEVERAL = Set.of("CHAR_STREAM", "GENERIC");
    private static final int RANGES_MAX = 256;

    private final List<String> warnings;
    private final TreeMap<String, String> classes = new TreeMap<>();
    private final Set<String> streamNames = new TreeSet<>();
    private final Set<Integer> comPorts = new TreeSet<>();
    private final Set<String> once = new TreeSet<>();
    private final SortedMap<String, String> streamFiles = new TreeMap<>();

    DeviceElements(List<String> warnings) {
        this.warnings = warnings;
    }

    private static Map<String, String> leftOut() {
        Map<String, String> why = new TreeMap<>();
        for (String pci : List.of("PCI", "i440FX", "PIIX3", "PIIX4", "PCI_PASSTHROUGH", "LNX_VIRTIO_NIC",
                "LNX_VIRTIO_SYM", "LNX_VIRTIO_VNET", "LNX_VIRTIO_BLK", "LNX_VIRTIO_CONSOLE",
                "RTL8139", "NE2K", "VNET_NIC")) {
            why.put(pci, NO_PCI);
        }
        for (String disk : List.of("IDE", "RAMDISK", "FILEDISK", "TMPDISK", "NETDISK", "DISK_MODEL", "SYM_SWAP")) {
            why.put(disk, NO_DISK);
        }
        for (String screen : List.of("CGA_VIDEO", "VGA", "CURSES_CONSOLE", "TELNET_CONSOLE")) {
            why.put(screen, NO_SCREEN);
        }
        why.put("TIMER", "time comes from the LAPICs");
        why.put("IOAPIC", "interrupts come through the PIC and the LAPICs");
        why.put("MPTABLE", "the kernel is told the number of cores");
        return why;
    }

    /** Reads {@code <devices>}. */
    List<DeviceConfiguration> read(XmlElement vm) {
        List<DeviceConfiguration> devices = new ArrayList<>();
        XmlElement list = vm.child("devices");
        if (list == null) {
            return devices;
        }
        List<XmlElement> elements = list.children("device");
        // A frontend may be named before it is described, as in Palacios, so backends are read last.
        List<Named> named = elements.stream().map(this::declare).toList();
        for (Named device : named) {
            add(device, devices);
        }
        list.finish(false);
        return devices;
    }

    /** Files that get what a stream shows, by the stream's name. */
    SortedMap<String, String> streamFiles() {
        return streamFiles;
    }

    private record Named(XmlElement element, String kind, String id) {}

    private Named declare(XmlElement element) {
        String kind = element.setting("class");
        String id = element.required("id");
        if (kind == null) {
            // Before 2011 the class was called id, and the id name, which was not always another one.
            kind = id;
            id = element.required("name");
            if (classes.containsKey(id)) {
                warnings.add(element.place() + ": the name '" + id + "' is given again: it means the first");
                id = id + "#" + classes.size();
            }
        }
        if (classes.put(id, kind) != null) {
            throw element.error("another id", "'" + id + "' again");
        }
        return new Named(element, kind, id);
    }

    private void add(Named device, List<DeviceConfiguration> devices) {
        XmlElement element = device.element;
        String id = device.id;
        String why = LEFT_OUT.get(device.kind);
        if (why != null) {
            for (XmlElement frontend : element.children("frontend")) {
                requireKnown(frontend, frontend.required("tag"));
            }
            element.overlook();
            warnings.add(element.place() + ": device '" + id + "' of class " + device.kind
                    + " is left out: this machine does not have it; " + why);
            return;
        }
        if (!SEVERAL.contains(device.kind) && !once.add(device.kind)) {
            throw element.error("one device of class " + device.kind, "another");
        }
        devices.add(switch (device.kind) {
            case "SERIAL" -> new DeviceConfiguration.Serial(id);
            case "KEYBOARD" -> new DeviceConfiguration.Keyboard(id);
            case "8259A" -> new DeviceConfiguration.Pic(id);
            case "LAPIC" -> new DeviceConfiguration.Apic(id);
            case "LNX_VIRTIO_BALLOON" -> balloon(element, id);
            case "8254_PIT" -> new DeviceConfiguration.Pit(id);
            case "NVRAM" -> nvram(element, id);
            case "OS_DEBUG" -> new DeviceConfiguration.Debug(id, PlatformMap.OS_DEBUG);
            case "BOCHS_DEBUG" -> new DeviceConfiguration.Debug(id, PlatformMap.BOCHS_DEBUG);
            case "CHAR_STREAM" -> stream(element, id);
            case "GENERIC" -> generic(element, id);
            default -> throw element.error("a device class of Palacios", "'" + device.kind + "', which is unknown");
        });
        element.finish(false);
    }

    private DeviceConfiguration nvram(XmlElement element, String id) {
        String storage = element.setting("storage");
        if (storage != null) {
            requireKnown(element, storage);
            warnings.add(element.place() + ": device '" + id + "' of class NVRAM tells of no disk: there is none");
        }
        return new DeviceConfiguration.Nvram(id);
    }

    private DeviceConfiguration balloon(XmlElement element, String id) {
        String bus = element.setting("bus");
        if (bus != null) {
            requireKnown(element, bus);
            warnings.add(element.place() + ": device '" + id + "' of class LNX_VIRTIO_BALLOON is on no bus: "
                    + "the guest's kernel asks it by hypercalls");
        }
        return new DeviceConfiguration.Balloon(id);
    }

    private void requireKnown(XmlElement frontend, String tag) {
        if (!classes.containsKey(tag) && !classes.containsValue(tag)) {
            throw frontend.error("the id of a device", "'" + tag + "'");
        }
    }

    private DeviceConfiguration generic(XmlElement element, String id) {
        List<DeviceConfiguration.PortRange> ranges = new ArrayList<>();
        for (XmlElement ports : element.children("ports")) {
            int start = (int) ports.number("start", ports.required("start"), 0, 0xFFFF);
            int end = (int) ports.number("end", ports.required("end"), start, 0xFFFF);
            DeviceConfiguration.PortMode mode = mode(ports);
            ports.finish(false);
            if (mode.passesThrough()) {
                warnings.add("%s: the ports 0x%x to 0x%x do not lead to the host's: nothing is there"
                        .formatted(ports.place(), start, end));
            }
            if (ranges.size() == RANGES_MAX) {
                throw ports.error("at most " + RANGES_MAX + " ranges of ports", "more");
            }
            ranges.add(new DeviceConfiguration.PortRange(start, end, mode));
        }
        return new DeviceConfiguration.Generic(id, ranges);
    }

    private static DeviceConfiguration.PortMode mode(XmlElement ports) {
        String mode = ports.required("mode");
        return DeviceConfiguration.PortMode.named(mode).orElseThrow(() -> ports
                .error("mode of IGNORE, PASSTHROUGH, PRINT_AND_IGNORE or PRINT_AND_PASSTHROUGH", "'" + mode + "'"));
    }

    private DeviceConfiguration stream(XmlElement element, String id) {
        String name = element.required("name");
        if (!streamNames.add(name)) {
            throw element.error("another stream name", "'" + name + "' again");
        }
        XmlElement frontend = element.child("frontend");
        if (frontend == null) {
            throw element.error("<frontend> in the CHAR_STREAM '" + id + "'", "none");
        }
        String tag = frontend.required("tag");
        if (!"SERIAL".equals(classes.get(tag))) {
            throw frontend.error("the id of a SERIAL", "'" + tag + "'");
        }
        int comPort = (int) frontend.number("com_port", frontend.required("com_port"), 1, 4);
        if (!comPorts.add(comPort)) {
            throw frontend.error("another com_port", comPort + " again");
        }
        frontend.finish(false);
        String file = element.setting("file");
        if (file != null) {
            if (!file.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")) {
                throw element.error("a plain file name", "'" + file + "'");
            }
            if (streamFiles.containsValue(file)) {
                throw element.error("a file for one stream", "'" + file + "' again");
            }
            streamFiles.put(name, file);
        }
        return new DeviceConfiguration.Stream(id, name, tag, comPort);
    }
}
