package chronovisor.app.host;

import chronovisor.kitten.KittenOptions;
import chronovisor.kitten.elf.ElfException;
import chronovisor.kitten.elf.ElfFile;
import chronovisor.replay.MachineSetup;
import chronovisor.vmm.BootModule;
import chronovisor.vmm.ConfigurationException;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.GuestImage;
import chronovisor.vmm.KernelElement;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What a guest image boots into: the machine, the kernel's options, the init_task and the files around it. */
public final class ImageSetup {

    private static final String ARGUMENTS = "init_argv";
    private static final String ENVIRONMENT = "init_envp";
    /** As many as Kitten takes. */
    private static final int ARGUMENTS_MAX = 32;
    private static final int ENVIRONMENT_MAX = 64;

    private ImageSetup() {}

    /**
     * The setup of an image.
     *
     * @param changes
     *            options of the kernel that win over the image's, by name
     * @param machine
     *            changes the machine
     * @throws ConfigurationException
     *             when the image does not say what to boot, or what it says does not fit together
     */
    public static MachineSetup of(GuestImage image, String engine, Map<String, String> changes,
            UnaryOperator<GuestConfiguration> machine) {
        KernelElement kernel = image.document().kernel();
        if (kernel == null) {
            throw new ConfigurationException("the configuration does not say what to boot: it has neither a <kernel>"
                    + " nor a file with the id '" + KernelElement.INIT_TASK + "', and this machine has no firmware that"
                    + " would look for a system on its disks");
        }
        GuestConfiguration wanted = machine.apply(image.document().configuration());
        List<GuestFile> disks = Disks.contents(image, wanted);
        GuestConfiguration configuration = Disks.measured(wanted, disks);
        if (kernel.image() != null) {
            return ofOwnKernel(image, kernel, kernel.image(), engine, changes, configuration, disks);
        }
        String name = baseName(image, kernel.initTask());
        Map<String, String> options = new TreeMap<>(kernel.options());
        options.putAll(changes);
        try {
            List<String> argv = words(options.remove(ARGUMENTS), ARGUMENTS_MAX);
            List<String> envp = words(options.remove(ENVIRONMENT), ENVIRONMENT_MAX);
            KittenOptions booted = KittenOptions.parse(options)
                    .withProgram(argv.isEmpty() ? List.of(name) : argv, envp);
            List<GuestFile> files = files(image, kernel, name);
            files.addAll(disks);
            return new MachineSetup(configuration, image.document().text(), "", booted, files, engine);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(kernel.place() + ": " + e.getMessage(), e);
        }
    }

    private static MachineSetup ofOwnKernel(GuestImage image, KernelElement kernel, String id, String engine,
            Map<String, String> changes, GuestConfiguration configuration, List<GuestFile> disks) {
        if (!changes.isEmpty()) {
            throw new ConfigurationException(kernel.place() + ": the guest brings its own kernel, which is not told "
                    + changes.keySet());
        }
        List<GuestFile> files = new ArrayList<>();
        files.add(GuestFile.kernel("/" + baseName(image, id), image.file(id)));
        for (KernelElement.Module module : kernel.modules()) {
            files.add(GuestFile.module(module.text(), image.file(module.file())));
        }
        files.addAll(disks);
        return new MachineSetup(configuration, image.document().text(), kernel.commandLine(),
                KittenOptions.parse(Map.of()), files, engine);
    }

    private static List<GuestFile> files(GuestImage image, KernelElement kernel, String name) {
        List<GuestFile> files = new ArrayList<>();
        for (KernelElement.Placed placed : kernel.placed()) {
            files.add(GuestFile.file(placed.path(), placed.mode(), image.file(placed.file())));
        }
        for (String blob : kernel.blobs()) {
            files.add(GuestFile.blob(baseName(image, blob), image.file(blob)));
        }
        byte[] elf = image.file(kernel.initTask());
        requireProgram(kernel, name, elf, files);
        files.add(GuestFile.initTask("/" + name, elf));
        return files;
    }

    /** What cannot start is told before anything is started. */
    private static void requireProgram(KernelElement kernel, String name, byte[] elf, List<GuestFile> files) {
        try {
            ElfFile program = ElfFile.parse(name, elf);
            String interpreter = program.interpreter();
            if (interpreter != null && files.stream().noneMatch(file -> file.kind() == BootModule.Kind.BLOB
                    || file.path().equals(interpreter))) {
                program.requireStatic();
            }
        } catch (ElfException e) {
            throw new ConfigurationException(kernel.place() + ": " + e.getMessage(), e);
        }
    }

    private static String baseName(GuestImage image, String id) {
        String filename = image.document().configuration().files().stream().filter(file -> file.id().equals(id))
                .findFirst().map(GuestConfiguration.GuestFileReference::filename).orElse(id);
        return filename.substring(filename.lastIndexOf('/') + 1);
    }

    /** Makes the file of the host that gets what a stream shows. An image may come from anywhere: it makes files, but overwrites none. */
    public static OutputStream newStreamFile(String name) throws IOException {
        return Files.newOutputStream(Path.of(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
    }

    /** Words between blanks; what is within quotes, single or double, is in one word. */
    static List<String> words(@Nullable String text, int max) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean started = false;
        char quote = 0;
        for (char c : text == null ? new char[0] : text.toCharArray()) {
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
                started = true;
            } else if (Character.isWhitespace(c)) {
                if (started) {
                    words.add(word.toString());
                    word.setLength(0);
                    started = false;
                }
            } else {
                word.append(c);
                started = true;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("a quote is not closed in: " + text);
        }
        if (started) {
            words.add(word.toString());
        }
        if (words.size() > max) {
            throw new IllegalArgumentException("at most " + max + " words expected, found " + words.size());
        }
        return words;
    }

    /** The name by which the guest's console is typed on: its keyboard, if that is what the kernel hears, else its serial port. */
    public static @Nullable String typedOn(MachineSetup setup) {
        String keyboard = setup.configuration().keyboard();
        return keyboard != null && setup.kernel().keyboardConsole() ? keyboard : setup.configuration().streamAt(1);
    }
}
