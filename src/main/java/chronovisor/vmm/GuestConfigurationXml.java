package chronovisor.vmm;

import chronovisor.cpu.CpuModel;
import chronovisor.cpu.CpuModels;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads a Palacios guest configuration, strictly: what is not understood is an error that says where. Beside Palacios's
 * elements there are two of ours: {@code <schedule policy="chaos" slice_ticks="100000" chaos_seed="7"/>} and {@code <cpu model="x86-64"/>}.
 */
public final class GuestConfigurationXml {

    private static final int FILE_BYTES_MAX = 1 << 20;

    /** Classes of Palacios that this machine does not have yet. */
    private static final Set<String> KNOWN = Set.of("8254_PIT", "CGA_VIDEO", "CURSES_CONSOLE", "DISK_MODEL", "FILEDISK",
            "GENERIC", "IDE", "IOAPIC", "KEYBOARD", "LNX_VIRTIO_BALLOON", "LNX_VIRTIO_BLK", "LNX_VIRTIO_CONSOLE",
            "LNX_VIRTIO_NIC", "MPTABLE", "NVRAM", "PCI", "PIIX3", "RAMDISK", "TIMER", "TMPDISK", "VGA", "i440FX");

    private GuestConfigurationXml() {}

    /**
     * Reads a file.
     *
     * @throws ConfigurationException
     *             {@code file:line:column: expected …, found …}
     */
    public static GuestConfiguration read(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new ConfigurationException(file + ": expected a configuration file, found none");
            }
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new ConfigurationException(
                        file + ": expected at most " + FILE_BYTES_MAX + " bytes, found " + Files.size(file));
            }
            return parse(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
        } catch (CharacterCodingException e) {
            throw new ConfigurationException(file + ": expected UTF-8 text, found other bytes", e);
        } catch (IOException e) {
            throw new ConfigurationException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** Reads a document; {@code file} names it in errors. */
    public static GuestConfiguration parse(String file, String document) {
        XmlElement vm = XmlElement.parse(file, document);
        if (!vm.name().equals("vm")) {
            throw vm.error("<vm>", "<" + vm.name() + ">");
        }
        choice(vm, "class", "PC", "PC");
        long megabytes = memory(vm);
        XmlElement paging = vm.child("paging");
        GuestConfiguration.Paging mode = GuestConfiguration.Paging.NESTED;
        boolean largePages = false;
        if (paging != null) {
            mode = GuestConfiguration.Paging
                    .valueOf(choice(paging, "mode", "nested", "shadow", "nested").toUpperCase(Locale.ROOT));
            choice(paging, "strategy", "VTLB", "VTLB");
            largePages = choice(paging, "large_pages", "false", "true", "false").equals("true");
            paging.finish(false);
        }
        boolean telemetry = choice(vm, "telemetry", "disable", "enable", "disable").equals("enable");
        String hertz = vm.setting("schedule_hz");
        int scheduleHz = hertz == null ? 100 : (int) vm.number("schedule_hz", hertz, 1, 100_000);
        int cores = cores(vm);
        Schedule schedule = schedule(vm);
        CpuModel model = model(vm);
        refuse(vm, "memmap", "mapped host memory");
        refuse(vm, "extensions", "extensions");
        List<GuestConfiguration.GuestFileReference> files = files(vm);
        List<DeviceConfiguration> devices = devices(vm);
        vm.finish(false);
        return new GuestConfiguration(megabytes << 20, cores, mode, largePages, telemetry, scheduleHz, schedule, model,
                files, devices);
    }

    private static String choice(XmlElement element, String key, String otherwise, String... allowed) {
        String value = element.setting(key);
        if (value == null) {
            return otherwise;
        }
        for (String one : allowed) {
            if (one.equals(value)) {
                return value;
            }
        }
        throw element.error(key + " of " + String.join(" or ", allowed), "'" + value + "'");
    }

    private static long memory(XmlElement vm) {
        XmlElement memory = vm.child("memory");
        if (memory == null) {
            throw vm.error("<memory> in <vm>", "none");
        }
        choice(memory, "alignment", "2MB", "2MB", "4MB");
        memory.finish(true);
        return memory.number("megabytes of memory", memory.text(), GuestConfiguration.MEMORY_MB_MIN,
                GuestConfiguration.MEMORY_MB_MAX);
    }

    private static int cores(XmlElement vm) {
        XmlElement cores = vm.child("cores");
        if (cores == null) {
            return 1;
        }
        int count = (int) cores.number("count", cores.required("count"), 1, GuestConfiguration.CORES_MAX);
        List<XmlElement> each = cores.children("core");
        if (each.size() > count) {
            throw each.get(count).error("at most " + count + " <core>", "more");
        }
        for (XmlElement core : each) {
            // Which host processor a core is bound to changes nothing here.
            core.setting("target_cpu");
            core.setting("vcpu_id");
            core.finish(false);
        }
        cores.finish(false);
        return count;
    }

    private static Schedule schedule(XmlElement vm) {
        XmlElement schedule = vm.child("schedule");
        if (schedule == null) {
            return new Schedule.RoundRobin(GuestConfiguration.SLICE_TICKS);
        }
        boolean chaos = choice(schedule, "policy", "round-robin", "round-robin", "chaos").equals("chaos");
        String slice = schedule.setting("slice_ticks");
        long ticks = slice == null
                ? chaos ? Schedule.CHAOS_TICKS : GuestConfiguration.SLICE_TICKS
                : schedule.number("slice_ticks", slice, 1, 1L << 40);
        long seed = chaos ? schedule.number("chaos_seed", schedule.required("chaos_seed"), 0, Long.MAX_VALUE) : 0;
        schedule.finish(false);
        return chaos ? new Schedule.Chaos(ticks, seed) : new Schedule.RoundRobin(ticks);
    }

    private static CpuModel model(XmlElement vm) {
        XmlElement cpu = vm.child("cpu");
        if (cpu == null) {
            return CpuModels.standard();
        }
        String name = choice(cpu, "model", CpuModels.DEFAULT, CpuModels.names().toArray(new String[0]));
        cpu.finish(false);
        return CpuModels.named(name);
    }

    private static void refuse(XmlElement vm, String key, String what) {
        for (XmlElement element : vm.children(key)) {
            throw element.error("no <" + key + ">, as " + what + " are not supported yet", "it");
        }
    }

    private static List<GuestConfiguration.GuestFileReference> files(XmlElement vm) {
        List<GuestConfiguration.GuestFileReference> references = new ArrayList<>();
        Set<String> ids = new TreeSet<>();
        XmlElement files = vm.child("files");
        if (files != null) {
            for (XmlElement file : files.children("file")) {
                String id = file.required("id");
                if (!ids.add(id)) {
                    throw file.error("another id", "'" + id + "' again");
                }
                references.add(new GuestConfiguration.GuestFileReference(id, file.required("filename")));
                file.finish(false);
            }
            files.finish(false);
        }
        return references;
    }

    private static List<DeviceConfiguration> devices(XmlElement vm) {
        List<DeviceConfiguration> devices = new ArrayList<>();
        Devices known = new Devices();
        XmlElement list = vm.child("devices");
        if (list != null) {
            List<XmlElement> elements = list.children("device");
            // A frontend may be named before it is described, as in Palacios, so backends are read last.
            for (XmlElement element : elements) {
                known.declare(element);
            }
            for (XmlElement element : elements) {
                devices.add(known.read(element));
                element.finish(false);
            }
            list.finish(false);
        }
        return devices;
    }

    /** What has been declared so far. */
    private static final class Devices {
        private final Set<String> ids = new TreeSet<>();
        private final Set<String> serials = new TreeSet<>();
        private final Set<String> names = new TreeSet<>();
        private final Set<Integer> comPorts = new TreeSet<>();
        private final Set<String> once = new TreeSet<>();

        void declare(XmlElement element) {
            String id = element.required("id");
            String kind = element.required("class");
            if (!ids.add(id)) {
                throw element.error("another id", "'" + id + "' again");
            }
            if (kind.equals("SERIAL")) {
                serials.add(id);
            }
            if (!kind.equals("CHAR_STREAM") && !once.add(kind)) {
                throw element.error("one device of class " + kind, "another");
            }
        }

        DeviceConfiguration read(XmlElement element) {
            String id = element.required("id");
            String kind = element.required("class");
            return switch (kind) {
                case "SERIAL" -> new DeviceConfiguration.Serial(id);
                case "KEYBOARD" -> new DeviceConfiguration.Keyboard(id);
                case "8259A" -> new DeviceConfiguration.Pic(id);
                case "LAPIC" -> new DeviceConfiguration.Apic(id);
                case "OS_DEBUG" -> new DeviceConfiguration.Debug(id, 0xC0C0);
                case "BOCHS_DEBUG" -> new DeviceConfiguration.Debug(id, 0xE9);
                case "CHAR_STREAM" -> stream(element, id);
                default -> throw element.error("a device class of this machine", "'" + kind + "', which is "
                        + (KNOWN.contains(kind) ? "not supported yet" : "unknown"));
            };
        }

        private DeviceConfiguration stream(XmlElement element, String id) {
            String name = element.required("name");
            if (!names.add(name)) {
                throw element.error("another stream name", "'" + name + "' again");
            }
            XmlElement frontend = element.child("frontend");
            if (frontend == null) {
                throw element.error("<frontend> in the CHAR_STREAM '" + id + "'", "none");
            }
            String tag = frontend.required("tag");
            if (!serials.contains(tag)) {
                throw frontend.error("the id of a SERIAL", "'" + tag + "'");
            }
            int comPort = (int) frontend.number("com_port", frontend.required("com_port"), 1, 4);
            if (!comPorts.add(comPort)) {
                throw frontend.error("another com_port", comPort + " again");
            }
            frontend.finish(false);
            return new DeviceConfiguration.Stream(id, name, tag, comPort);
        }
    }
}
