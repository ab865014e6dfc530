package chronovisor.vmm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the built-in kernel boots, an element of ours: which of the document's files is the init_task, which are blobs that the
 * kernel expands, which are placed in its file system, and the kernel's options by their names.
 *
 * <pre>
 * &lt;kernel init_task="racket" profile="paper">
 *   &lt;init_argv>racket -X /tmp/racket&lt;/init_argv>
 *   &lt;init_envp>HOME=/&lt;/init_envp>
 *   &lt;blob file="collects"/>
 *   &lt;place file="test" path="/tmp/test.rkt" mode="0644"/>
 * &lt;/kernel>
 * </pre>
 *
 * A document without it boots its file with the id {@code init_task}, if it has one. {@code <kernel image="id">} boots a multiboot kernel of
 * the guest's own instead, with the text of {@code <command_line>} and its modules:
 *
 * <pre>
 * &lt;kernel image="metal">
 *   &lt;command_line>metal verbose&lt;/command_line>
 *   &lt;module file="initrd">initrd root=/dev/ram0&lt;/module>
 * &lt;/kernel>
 * </pre>
 *
 * @param place
 *            where it is in the document, for errors
 * @param image
 *            id of the kernel that the guest brings, null for the built-in one
 * @param commandLine
 *            of the guest's own kernel
 * @param modules
 *            of the guest's own kernel, in order
 * @param initTask
 *            id of the init_task's ELF
 * @param blobs
 *            ids of blobs, in order
 * @param placed
 *            files of the kernel's file system
 * @param options
 *            further settings, which the kernel understands
 */
public record KernelElement(String place, @Nullable String image, String commandLine,
        List<Module> modules, String initTask, List<String> blobs, List<Placed> placed,
        SortedMap<String, String> options) {

    /** The id of the init_task when nothing else is said. */
    public static final String INIT_TASK = "init_task";

    private static final int MODE_MAX = 07777;
    private static final int PATH_CHARACTERS_MAX = 1024;

    /** A file in the kernel's file system. */
    public record Placed(String file, String path, int mode) {}

    /**
     * A module of the guest's own kernel.
     *
     * @param text
     *            what the kernel is told with it: a name and arguments, by custom
     */
    public record Module(String file, String text) {}

    /** Keeps unmodifiable copies. */
    public KernelElement {
        modules = List.copyOf(modules);
        blobs = List.copyOf(blobs);
        placed = List.copyOf(placed);
        options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
    }

    static @Nullable KernelElement read(XmlElement vm, List<GuestConfiguration.GuestFileReference> files) {
        XmlElement kernel = vm.child("kernel");
        if (kernel == null) {
            return files.stream().anyMatch(file -> file.id().equals(INIT_TASK))
                    ? new KernelElement(vm.place(), null, "", List.of(), INIT_TASK, List.of(), List.of(),
                            new TreeMap<>())
                    : null;
        }
        String image = kernel.setting("image");
        if (image != null) {
            return ofOwn(kernel, image, files);
        }
        String named = kernel.setting("init_task");
        String initTask = known(kernel, named == null ? INIT_TASK : named, files);
        List<String> blobs = new ArrayList<>();
        for (XmlElement blob : kernel.children("blob")) {
            blobs.add(known(blob, blob.required("file"), files));
            blob.finish(false);
        }
        List<Placed> placed = new ArrayList<>();
        for (XmlElement place : kernel.children("place")) {
            placed.add(placed(place, files));
        }
        SortedMap<String, String> options = new TreeMap<>();
        for (String key : kernel.settings()) {
            String value = kernel.setting(key);
            options.put(key, value == null ? "" : value);
        }
        kernel.finish(false);
        return new KernelElement(kernel.place(), null, "", List.of(), initTask, blobs, placed, options);
    }

    private static KernelElement ofOwn(XmlElement kernel, String image,
            List<GuestConfiguration.GuestFileReference> files) {
        String commandLine = kernel.setting("command_line");
        List<Module> modules = new ArrayList<>();
        for (XmlElement module : kernel.children("module")) {
            String file = known(module, module.required("file"), files);
            String text = module.text();
            modules.add(new Module(file, text.isEmpty() ? file : text));
            module.finish(true);
        }
        kernel.finish(false);
        return new KernelElement(kernel.place(), known(kernel, image, files), commandLine == null ? "" : commandLine,
                modules, INIT_TASK, List.of(), List.of(), new TreeMap<>());
    }

    private static Placed placed(XmlElement place, List<GuestConfiguration.GuestFileReference> files) {
        String file = known(place, place.required("file"), files);
        String path = place.required("path");
        if (!path.startsWith("/") || path.endsWith("/") || path.length() > PATH_CHARACTERS_MAX
                || List.of(path.split("/", -1)).contains("..")) {
            throw place.error("an absolute path in the guest", "'" + path + "'");
        }
        String octal = place.setting("mode");
        int mode = octal == null ? 0644 : (int) place.number("mode", "0" + octal, 0, MODE_MAX);
        place.finish(false);
        return new Placed(file, path, mode);
    }

    private static String known(XmlElement element, String id, List<GuestConfiguration.GuestFileReference> files) {
        if (files.stream().noneMatch(file -> file.id().equals(id))) {
            throw element.error("the id of a <file>", "'" + id + "'");
        }
        return id;
    }
}
