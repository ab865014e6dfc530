package chronovisor.app.cli;

import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestImage;
import chronovisor.vmm.KernelElement;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chronovisor image}: a guest's configuration and its files in one file, in Palacios's format, for {@code run} and {@code v3_create}. */
@Command(name = "image", mixinStandardHelpOptions = true, description = "Builds and shows guest images in Palacios's format.")
final class ImageCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "build", mixinStandardHelpOptions = true, description = "Builds an image of a configuration and the files that it names, which are relative to its folder.")
    int build(@Parameters(index = "0", paramLabel = "XML", description = "The configuration.") Path configuration,
            @Option(names = {"-o",
                "--output"}, paramLabel = "IMAGE", description = "The image to write (default: the configuration's name with .img).") @Nullable Path output)
            throws IOException {
        byte[] image = GuestImage.build(configuration);
        Path out = output == null ? configuration.resolveSibling(baseName(configuration) + ".img") : output;
        Files.write(out, image);
        tellWarnings(GuestImage.parse(configuration.toString(), image));
        return ExitCode.FINE;
    }

    private static String baseName(Path configuration) {
        return String.valueOf(configuration.getFileName()).replaceAll("\\.xml$", "");
    }

    /** What of an image has no effect, a line each. */
    static void tellWarnings(GuestImage image) {
        image.document().warnings().forEach(warning -> System.err.println("chronovisor: warning: " + warning));
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Tells what is in an image.")
    int show(@Parameters(index = "0", paramLabel = "IMAGE", description = "The image.") Path file,
            @Option(names = "--xml", description = "Print its configuration, nothing else.") boolean xml,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) throws IOException {
        GuestImage image = GuestImage.read(file);
        try (PrintWriter out = Output.standard()) {
            if (xml) {
                out.println(image.document().text());
            } else if (json) {
                out.println(Output.json(object(image)));
            } else {
                tell(out, file, image);
            }
        }
        return ExitCode.FINE;
    }

    private static void tell(PrintWriter out, Path file, GuestImage image) throws IOException {
        GuestConfiguration machine = image.document().configuration();
        out.printf(Locale.ROOT, "%s: %,d bytes; %,d MB, %d core%s, %s paging%n", file, Files.size(file),
                machine.memoryBytes() >> 20, machine.cores(), machine.cores() == 1 ? "" : "s",
                machine.paging().name().toLowerCase(Locale.ROOT));
        for (int i = 0; i < image.files().size(); i++) {
            GuestImage.Content content = image.files().get(i);
            out.printf(Locale.ROOT, "file %d  %,14d bytes at %,14d  %s  %s%n", i, content.bytes().length,
                    content.offset(), content.id(), content.filename());
        }
        machine.devices().forEach(device -> out.println("device  " + device));
        KernelElement kernel = image.document().kernel();
        out.println(kernel == null
                ? "kernel  none: it does not say what to boot"
                : kernel.image() != null
                        ? "kernel  " + kernel.image() + ", the guest's own, with '" + kernel.commandLine() + "'"
                                + kernel.modules().stream().map(module -> ", module " + module.file())
                                        .collect(Collectors.joining())
                        : "kernel  init_task " + kernel.initTask()
                                + (kernel.blobs().isEmpty() ? "" : ", blobs " + kernel.blobs())
                                + (kernel.options().isEmpty() ? "" : ", " + kernel.options()));
        image.document().warnings().forEach(warning -> out.println("warning " + warning));
    }

    private static Map<String, Object> object(GuestImage image) {
        GuestConfiguration machine = image.document().configuration();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("memory_mb", machine.memoryBytes() >> 20);
        object.put("cores", machine.cores());
        object.put("paging", machine.paging().name().toLowerCase(Locale.ROOT));
        List<Map<String, Object>> files = image.files().stream().<Map<String, Object>>map(content -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("id", content.id());
            entry.put("filename", content.filename());
            entry.put("offset", content.offset());
            entry.put("size", content.bytes().length);
            return entry;
        }).toList();
        object.put("files", files);
        object.put("devices", machine.devices().stream().map(Object::toString).toList());
        KernelElement kernel = image.document().kernel();
        if (kernel != null && kernel.image() != null) {
            object.put("kernel", kernel.image());
            object.put("command_line", kernel.commandLine());
            object.put("modules", kernel.modules());
        } else if (kernel != null) {
            object.put("init_task", kernel.initTask());
            object.put("blobs", kernel.blobs());
            object.put("options", kernel.options());
        }
        object.put("warnings", image.document().warnings());
        return object;
    }
}
