package chronovisor.vmm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The device elements of a configuration: those that this machine has, and those of Palacios that it leaves out. */
final class DeviceElements {

    private static final String NO_BRIDGES = "all PCI devices are on bus 0 and share request 11";
    private static final String NO_NETWORK = "it has no network";
    private static final String OTHER_DISKS = "disks are RAMDISK or FILEDISK behind LNX_VIRTIO_BLK";
    private static final String NO_TERMINAL = "what the screen shows is asked for by the command screen";

    /** Classes of Palacios that this machine does not have, and why it can do without. */
    private static final Map<String, String> LEFT_OUT = leftOut();

    private static final Set<String> SEVERAL = Set.of("CHAR_STREAM", "GENERIC", "RAMDISK", "FILEDISK", "LNX_VIRTIO_BLK",
            "LNX_VIRTIO_CONSOLE");
    private static final String DISK_CONTROLLER = "LNX_VIRTIO_BLK";
    private static final String CONSOLE = "LNX_VIRTIO_CONSOLE";
    private static final String PLAIN_FILE = "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}";
    private static final int RANGES_MAX = 256;

    private final List<String> warnings;
    private final List<GuestConfiguration.GuestFileReference> files;
    private final Set<String> backed = new TreeSet<>();
    private final TreeMap<String, String> classes = new TreeMap<>();
    private final Set<String> streamNames = new TreeSet<>();
    private final Set<Integer> comPorts = new TreeSet<>();
    private final Set<String> once = new TreeSet<>();
    private final SortedMap<String, String> streamFiles = new TreeMap<>();

    DeviceElements(List<String> warnings, List<GuestConfiguration.GuestFileReference> files) {
        this.warnings = warnings;
        this.files = files;
    }

    private static Map<String, String> leftOut() {
        Map<String, String> why = new TreeMap<>();
        for (String pci : List.of("PIIX3", "PIIX4", "PCI_PASSTHROUGH")) {
            why.put(pci, NO_BRIDGES);
        }
        for (String network : List.of("LNX_VIRTIO_NIC", "LNX_VIRTIO_SYM", "LNX_VIRTIO_VNET", "RTL8139", "NE2K",
                "VNET_NIC")) {
            why.put(network, NO_NETWORK);
        }
        for (String disk : List.of("IDE", "TMPDISK", "NETDISK", "DISK_MODEL", "SYM_SWAP")) {
            why.put(disk, OTHER_DISKS);
        }
        for (String screen : List.of("CURSES_CONSOLE", "TELNET_CONSOLE")) {
            why.put(screen, NO_TERMINAL);
        }
        why.put("TIMER", "time comes from the LAPICs");
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
        String only = device.kind.equals("VGA") ? "CGA_VIDEO" : device.kind;
        if (!SEVERAL.contains(device.kind) && !once.add(only)) {
            throw element.error("one device of class " + only, "another");
        }
        if ((device.kind.equals("RAMDISK") || device.kind.equals("FILEDISK")) && !isBehindVirtio(element)) {
            element.overlook();
            warnings.add(element.place() + ": device '" + id + "' of class " + device.kind + " is left out: "
                    + OTHER_DISKS);
            return;
        }
        devices.add(switch (device.kind) {
            case "SERIAL" -> new DeviceConfiguration.Serial(id);
            case "KEYBOARD" -> new DeviceConfiguration.Keyboard(id);
            case "8259A" -> new DeviceConfiguration.Pic(id);
            case "IOAPIC" -> ioApic(element, id);
            case "MPTABLE" -> new DeviceConfiguration.MpTable(id);
            case "PCI" -> new DeviceConfiguration.Pci(id);
            case "i440FX" -> {
                onBus(element);
                yield new DeviceConfiguration.HostBridge(id);
            }
            case DISK_CONTROLLER -> {
                onBus(element);
                yield new DeviceConfiguration.VirtioDisk(id);
            }
            case CONSOLE -> {
                onBus(element);
                yield new DeviceConfiguration.VirtioConsole(id);
            }
            case "RAMDISK", "FILEDISK" -> disk(element, id, device.kind.equals("FILEDISK"));
            case "CGA_VIDEO", "VGA" -> screen(element, id);
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

    private DeviceConfiguration ioApic(XmlElement element, String id) {
        String apic = element.setting("apic");
        if (apic != null && !"LAPIC".equals(classes.get(apic))) {
            throw element.error("apic of the id of a LAPIC", "'" + apic + "'");
        }
        return new DeviceConfiguration.IoApic(id);
    }

    private void onBus(XmlElement element) {
        String bus = element.required("bus");
        if (!"PCI".equals(classes.get(bus))) {
            throw element.error("bus of the id of a PCI", "'" + bus + "'");
        }
    }

    private boolean isBehindVirtio(XmlElement element) {
        XmlElement frontend = element.child("frontend");
        if (frontend == null) {
            return false;
        }
        String tag = frontend.required("tag");
        requireKnown(frontend, tag);
        return DISK_CONTROLLER.equals(classes.get(tag));
    }

    private DeviceConfiguration disk(XmlElement element, String id, boolean ofHost) {
        XmlElement frontend = Objects.requireNonNull(element.child("frontend"));
        String tag = frontend.required("tag");
        frontend.finish(false);
        if (!backed.add(tag)) {
            throw frontend.error("one disk behind '" + tag + "'", "another");
        }
        String file = element.required(ofHost ? "path" : "file");
        if (ofHost && !file.matches(PLAIN_FILE)) {
            throw element.error("path of a plain file name", "'" + file + "'");
        }
        if (!ofHost && files.stream().noneMatch(one -> one.id().equals(file))) {
            throw element.error("file of the id of a <file>", "'" + file + "'");
        }
        boolean writes = GuestConfigurationXml
                .choice(element, "writable", ofHost ? "0" : "1", "0", "1", "false", "true")
                .matches("1|true");
        if (ofHost) {
            warnings.add(element.place() + ": device '" + id + "' of class FILEDISK is read when the machine is made:"
                    + " what the guest writes stays in the machine");
        }
        return new DeviceConfiguration.Disk(id, file, ofHost, tag, writes, 0);
    }

    private DeviceConfiguration screen(XmlElement element, String id) {
        String passthrough = element.setting("passthrough");
        if (passthrough != null && !passthrough.equals("disable")) {
            warnings.add(element.place() + ": device '" + id + "' is no passage to the host's screen");
        }
        return new DeviceConfiguration.Screen(id);
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
        int comPort = 0;
        if (CONSOLE.equals(classes.get(tag))) {
            if (!backed.add(tag)) {
                throw frontend.error("one stream behind '" + tag + "'", "another");
            }
        } else if ("SERIAL".equals(classes.get(tag))) {
            comPort = (int) frontend.number("com_port", frontend.required("com_port"), 1, 4);
            if (!comPorts.add(comPort)) {
                throw frontend.error("another com_port", comPort + " again");
            }
        } else {
            throw frontend.error("the id of a SERIAL or LNX_VIRTIO_CONSOLE", "'" + tag + "'");
        }
        frontend.finish(false);
        String file = element.setting("file");
        if (file != null) {
            if (!file.matches(PLAIN_FILE)) {
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
