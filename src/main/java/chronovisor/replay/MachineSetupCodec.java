package chronovisor.replay;

import chronovisor.cpu.CpuModel;
import chronovisor.journal.Blob;
import chronovisor.journal.ByteSink;
import chronovisor.journal.ByteSource;
import chronovisor.journal.Checkpoint;
import chronovisor.journal.FormatException;
import chronovisor.journal.Position;
import chronovisor.kitten.KittenOptions;
import chronovisor.vmm.BootModule;
import chronovisor.vmm.ConfigurationException;
import chronovisor.vmm.DeviceConfiguration;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * A machine's setup as the sections of a checkpoint: {@code machine}, {@code kernel}, {@code files} and the contents of each
 * file in a section of its own; {@code chaos}, the seed, when the schedule is drawn. Enumerations are written by name.
 */
final class MachineSetupCodec {

    private static final String MACHINE = "machine";
    private static final String KERNEL = "kernel";
    private static final String FILES = "files";
    private static final String CHAOS = "chaos";

    private MachineSetupCodec() {}

    static Checkpoint encode(MachineSetup setup) {
        TreeMap<String, Blob> sections = new TreeMap<>();
        sections.put(MACHINE, Blob.of(machine(setup)));
        sections.put(KERNEL, Blob.of(kernel(setup.kernel())));
        if (setup.configuration().schedule() instanceof Schedule.Chaos chaos) {
            sections.put(CHAOS, Blob.of(new ByteSink().varint(chaos.seed()).toByteArray()));
        }
        ByteSink list = new ByteSink();
        list.varint(setup.files().size());
        for (int i = 0; i < setup.files().size(); i++) {
            GuestFile file = setup.files().get(i);
            list.text(file.path()).text(file.kind().name()).varint(file.mode()).text(file.target());
            sections.put(section(i), Blob.owning(file.data()));
        }
        sections.put(FILES, Blob.of(list.toByteArray()));
        return new Checkpoint(Position.START, sections);
    }

    static MachineSetup decode(Checkpoint checkpoint) {
        ByteSource in = new ByteSource(checkpoint.section(MACHINE).toByteArray());
        String engine = in.text();
        String commandLine = in.text();
        String text = in.text();
        try {
            GuestConfiguration configuration = configuration(in);
            in.end();
            if (checkpoint.sections().containsKey(CHAOS)) {
                ByteSource chaos = new ByteSource(checkpoint.section(CHAOS).toByteArray());
                configuration = configuration.withSchedule(
                        new Schedule.Chaos(configuration.schedule().sliceTicks(), chaos.varint()));
                chaos.end();
            }
            KittenOptions kernel = kernel(new ByteSource(checkpoint.section(KERNEL).toByteArray()));
            return new MachineSetup(configuration, text, commandLine, kernel, files(checkpoint), engine);
        } catch (ConfigurationException | IllegalArgumentException e) {
            throw new FormatException("the initial checkpoint does not describe a machine: " + e.getMessage(), e);
        }
    }

    private static String section(int file) {
        return "file.%05d".formatted(file);
    }

    private static List<GuestFile> files(Checkpoint checkpoint) {
        ByteSource in = new ByteSource(checkpoint.section(FILES).toByteArray());
        int count = in.varint(in.remaining());
        List<GuestFile> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String path = in.text();
            BootModule.Kind kind = BootModule.Kind.valueOf(in.text());
            int mode = in.varint(0xFFFF);
            String target = in.text();
            files.add(new GuestFile(path, kind, mode, checkpoint.section(section(i)).toByteArray(), target));
        }
        in.end();
        return files;
    }

    private static byte[] machine(MachineSetup setup) {
        GuestConfiguration configuration = setup.configuration();
        ByteSink out = new ByteSink();
        out.text(setup.engine()).text(setup.commandLine()).text(setup.configurationText());
        out.varint(configuration.memoryBytes()).varint(configuration.cores()).text(configuration.paging().name())
                .flag(configuration.largePages()).flag(configuration.telemetry()).varint(configuration.scheduleHz())
                .varint(configuration.schedule().sliceTicks()).text(configuration.cpu().text());
        out.varint(configuration.files().size());
        configuration.files().forEach(file -> out.text(file.id()).text(file.filename()));
        out.varint(configuration.devices().size());
        configuration.devices().forEach(device -> device(out, device));
        return out.toByteArray();
    }

    private static void device(ByteSink out, DeviceConfiguration device) {
        switch (device) {
            case DeviceConfiguration.Serial(String id) -> out.text("serial").text(id);
            case DeviceConfiguration.Stream(String id, String name, String frontend, int port) ->
                out.text("stream").text(id).text(name).text(frontend).varint(port);
            case DeviceConfiguration.Keyboard(String id) -> out.text("keyboard").text(id);
            case DeviceConfiguration.Pit(String id) -> out.text("pit").text(id);
            case DeviceConfiguration.Nvram(String id) -> out.text("nvram").text(id);
            case DeviceConfiguration.Balloon(String id) -> out.text("balloon").text(id);
            case DeviceConfiguration.Pic(String id) -> out.text("pic").text(id);
            case DeviceConfiguration.Apic(String id) -> out.text("apic").text(id);
            case DeviceConfiguration.MpTable(String id) -> out.text("mptable").text(id);
            case DeviceConfiguration.Screen(String id) -> out.text("screen").text(id);
            case DeviceConfiguration.Pci(String id) -> out.text("pci").text(id);
            case DeviceConfiguration.HostBridge(String id) -> out.text("host bridge").text(id);
            case DeviceConfiguration.VirtioDisk(String id) -> out.text("virtio disk").text(id);
            case DeviceConfiguration.VirtioConsole(String id) -> out.text("virtio console").text(id);
            case DeviceConfiguration.Disk(String id, String file, boolean ofHost, String frontend, boolean writable, long bytes) ->
                out.text("disk").text(id).text(file).flag(ofHost).text(frontend).flag(writable).varint(bytes);
            case DeviceConfiguration.IoApic(String id) -> out.text("ioapic").text(id);
            case DeviceConfiguration.Generic(String id, var ranges) -> {
                out.text("generic").text(id).varint(ranges.size());
                ranges.forEach(range -> out.varint(range.start()).varint(range.end()).text(range.mode().name()));
            }
            case DeviceConfiguration.Debug(String id, int port) -> out.text("debug").text(id).varint(port);
        }
    }

    private static GuestConfiguration configuration(ByteSource in) {
        long memory = in.varint();
        int cores = in.varint(GuestConfiguration.CORES_MAX);
        GuestConfiguration.Paging paging = GuestConfiguration.Paging.valueOf(in.text());
        boolean largePages = in.flag();
        boolean telemetry = in.flag();
        int hz = in.varint(Integer.MAX_VALUE);
        long slice = in.varint();
        CpuModel model = CpuModel.parse(in.text());
        var files = list(in, i -> new GuestConfiguration.GuestFileReference(in.text(), in.text()));
        List<DeviceConfiguration> devices = list(in, i -> device(in));
        return new GuestConfiguration(memory, cores, paging, largePages, telemetry, hz, new Schedule.RoundRobin(slice),
                model, files,
                devices);
    }

    private static DeviceConfiguration device(ByteSource in) {
        String kind = in.text();
        String id = in.text();
        return switch (kind) {
            case "serial" -> new DeviceConfiguration.Serial(id);
            case "stream" -> new DeviceConfiguration.Stream(id, in.text(), in.text(), in.varint(4));
            case "keyboard" -> new DeviceConfiguration.Keyboard(id);
            case "pit" -> new DeviceConfiguration.Pit(id);
            case "nvram" -> new DeviceConfiguration.Nvram(id);
            case "balloon" -> new DeviceConfiguration.Balloon(id);
            case "pic" -> new DeviceConfiguration.Pic(id);
            case "apic" -> new DeviceConfiguration.Apic(id);
            case "mptable" -> new DeviceConfiguration.MpTable(id);
            case "screen" -> new DeviceConfiguration.Screen(id);
            case "pci" -> new DeviceConfiguration.Pci(id);
            case "host bridge" -> new DeviceConfiguration.HostBridge(id);
            case "virtio disk" -> new DeviceConfiguration.VirtioDisk(id);
            case "virtio console" -> new DeviceConfiguration.VirtioConsole(id);
            case "disk" -> new DeviceConfiguration.Disk(id, in.text(), in.flag(), in.text(), in.flag(), in.varint());
            case "ioapic" -> new DeviceConfiguration.IoApic(id);
            case "generic" -> new DeviceConfiguration.Generic(id, list(in, i -> range(in)));
            case "debug" -> new DeviceConfiguration.Debug(id, in.varint(0xFFFF));
            default -> throw in.broken("a device of unknown kind '" + kind + "'");
        };
    }

    private static DeviceConfiguration.PortRange range(ByteSource in) {
        int start = in.varint(0xFFFF);
        int end = in.varint(0xFFFF);
        if (end < start) {
            throw in.broken("ports from " + start + " to " + end);
        }
        String mode = in.text();
        return new DeviceConfiguration.PortRange(start, end, DeviceConfiguration.PortMode.named(mode)
                .orElseThrow(() -> in.broken("ports with the unknown mode '" + mode + "'")));
    }

    private static byte[] kernel(KittenOptions options) {
        ByteSink out = new ByteSink();
        out.text(options.profile());
        texts(out, List.copyOf(options.patches()));
        texts(out, options.argv());
        texts(out, options.envp());
        out.text(options.stdin()).text(options.stdout()).text(options.stderr()).flag(options.tty())
                .text(options.directory()).varint(options.heap_bytes()).varint(options.stack_bytes())
                .varint(options.kmem_bytes()).varint(options.sched_hz());
        return out.toByteArray();
    }

    private static KittenOptions kernel(ByteSource in) {
        Function<ByteSource, List<String>> texts = source -> list(source, i -> source.text());
        KittenOptions options = new KittenOptions(in.text(), new TreeSet<>(texts.apply(in)), texts.apply(in),
                texts.apply(in), in.text(), in.text(), in.text(), in.flag(), in.text(), in.varint(), in.varint(),
                in.varint(), in.varint(Integer.MAX_VALUE));
        in.end();
        return options;
    }

    private static void texts(ByteSink out, List<String> texts) {
        out.varint(texts.size());
        texts.forEach(out::text);
    }

    private static <T> List<T> list(ByteSource in, IntFunction<T> element) {
        int count = in.varint(in.remaining());
        List<T> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            list.add(element.apply(i));
        }
        return list;
    }
}
