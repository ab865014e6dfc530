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
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads a Palacios guest configuration, strictly: what is not understood is an error that says where, and what is understood but
 * has no effect here is told as a warning that says where. A setting is an attribute or a child element, never both.
 *
 * <p>
 * Beside Palacios's elements there are three of ours: {@code <schedule policy="chaos" slice_ticks="100000" chaos_seed="7"/>},
 * {@code <cpu model="x86-64"/>}, and {@code <kernel>}, see {@link KernelElement}. Configurations of Palacios before 2011 named a
 * device's class {@code id} and its id {@code name}, and wrote {@code <paging mode="VTLB">shadow</paging>}; those are read, too.
 */
public final class GuestConfigurationXml {

    private static final int FILE_BYTES_MAX = 1 << 20;

    private GuestConfigurationXml() {}

    /**
     * Reads a file.
     *
     * @throws ConfigurationException
     *             {@code file:line:column: expected …, found …}
     */
    public static GuestDocument read(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new ConfigurationException(file + ": expected a configuration file, found none");
            }
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new ConfigurationException(
                        file + ": expected at most " + FILE_BYTES_MAX + " bytes, found " + Files.size(file));
            }
            return document(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
        } catch (CharacterCodingException e) {
            throw new ConfigurationException(file + ": expected UTF-8 text, found other bytes", e);
        } catch (IOException e) {
            throw new ConfigurationException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** The guest of a document; {@code file} names it in errors. */
    public static GuestConfiguration parse(String file, String document) {
        return document(file, document).configuration();
    }

    /** Reads a document; {@code file} names it in errors. */
    public static GuestDocument document(String file, String document) {
        return read(XmlElement.parse(file, document), document);
    }

    static GuestDocument read(XmlElement vm, String text) {
        if (!vm.name().equals("vm")) {
            throw vm.error("<vm>", "<" + vm.name() + ">");
        }
        List<String> warnings = new ArrayList<>();
        choice(vm, "class", "PC", "PC");
        long megabytes = memory(vm);
        GuestConfiguration.Paging mode = GuestConfiguration.Paging.NESTED;
        boolean largePages = false;
        XmlElement paging = vm.child("paging");
        if (paging != null) {
            mode = paging(paging);
            largePages = choice(paging, "large_pages", "false", "true", "false").equals("true");
            paging.finish(true);
        }
        boolean telemetry = choice(vm, "telemetry", "disable", "enable", "disable").equals("enable");
        String hertz = vm.setting("schedule_hz");
        int scheduleHz = hertz == null ? 100 : (int) vm.number("schedule_hz", hertz, 1, 100_000);
        int cores = cores(vm);
        Schedule schedule = schedule(vm);
        CpuModel model = model(vm);
        memmap(vm, warnings);
        extensions(vm, warnings);
        List<GuestConfiguration.GuestFileReference> files = files(vm);
        KernelElement kernel = KernelElement.read(vm, files);
        DeviceElements devices = new DeviceElements(warnings, files);
        List<DeviceConfiguration> read = devices.read(vm);
        vm.finish(false);
        return new GuestDocument(new GuestConfiguration(megabytes << 20, cores, mode, largePages, telemetry, scheduleHz,
                schedule, model, files, read), text, kernel, devices.streamFiles(), warnings);
    }

    private static GuestConfiguration.Paging paging(XmlElement paging) {
        String mode = paging.setting("mode");
        String text = paging.text();
        if (!text.isEmpty()) {
            // The old form: the mode as text, and how a shadow is made as the attribute "mode".
            if (mode != null && !mode.equals("VTLB")) {
                throw paging.error("mode of VTLB beside the text '" + text + "'", "'" + mode + "'");
            }
            mode = text;
        } else {
            choice(paging, "strategy", "VTLB", "VTLB");
        }
        return switch (mode) {
            case null -> GuestConfiguration.Paging.NESTED;
            case "nested" -> GuestConfiguration.Paging.NESTED;
            case "shadow" -> GuestConfiguration.Paging.SHADOW;
            default -> throw paging.error("mode of shadow or nested", "'" + mode + "'");
        };
    }

    private static void memmap(XmlElement vm, List<String> warnings) {
        XmlElement memmap = vm.child("memmap");
        if (memmap == null) {
            return;
        }
        for (XmlElement region : memmap.children("region")) {
            long start = region.number("start", region.required("start"), 0, Long.MAX_VALUE);
            long end = region.number("end", region.required("end"), start + 1, Long.MAX_VALUE);
            region.number("host_addr", region.required("host_addr"), 0, Long.MAX_VALUE);
            region.finish(false);
            warnings.add("%s: the region 0x%x to 0x%x is not mapped to the host's memory: it is the guest's own"
                    .formatted(region.place(), start, end));
        }
        memmap.finish(false);
    }

    private static void extensions(XmlElement vm, List<String> warnings) {
        XmlElement extensions = vm.child("extensions");
        if (extensions == null) {
            return;
        }
        for (XmlElement extension : extensions.children("extension")) {
            String name = extension.required("name");
            extension.overlook();
            warnings.add(
                    extension.place() + ": the extension '" + name + "' is left out: this machine does not have it");
        }
        extensions.finish(false);
    }

    static String choice(XmlElement element, String key, String otherwise, String... allowed) {
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
                // An image's builder has numbered the files.
                String index = file.setting("index");
                if (index != null && file.number("index", index, 0, Integer.MAX_VALUE) != references.size() - 1) {
                    throw file.error("the index " + (references.size() - 1), index);
                }
                file.finish(false);
            }
            files.finish(false);
        }
        return references;
    }
}
