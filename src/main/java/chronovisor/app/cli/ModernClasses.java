package chronovisor.app.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Gives old classes of the libraries beside our jar a newer form, with stack maps, and changes nothing else in them. The JVM keeps classes
 * older than Java 6 in no cache (JEP 483) and verifies them slowly, which takes longer than all else before a guest's first instruction. The
 * launcher runs this after a build.
 */
final class ModernClasses {

    /** Java 6: the first whose classes have stack maps. */
    private static final int STACK_MAPS = 50;

    private static final int JAVA_8 = 52;

    private ModernClasses() {}

    /** @param arguments the folder of the libraries */
    public static void main(String[] arguments) throws IOException {
        List<Path> jars;
        try (var files = Files.list(Path.of(arguments[0]))) {
            jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        }
        URL[] all = new URL[jars.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = jars.get(i).toUri().toURL();
        }
        try (URLClassLoader loader = new URLClassLoader(all)) {
            ClassFile tool = ClassFile.of(ClassHierarchyResolverOption.of(ClassHierarchyResolver
                    .ofResourceParsing(loader).orElse(ClassHierarchyResolver.defaultResolver())));
            for (Path jar : jars) {
                if (holdsOld(jar)) {
                    rewrite(jar, tool);
                }
            }
        }
    }

    private static boolean isClass(JarEntry entry) {
        return entry.getName().endsWith(".class");
    }

    private static int version(byte[] bytes) {
        return (bytes[6] & 0xFF) << 8 | bytes[7] & 0xFF;
    }

    private static boolean holdsOld(Path file) throws IOException {
        try (JarFile jar = new JarFile(file.toFile())) {
            for (JarEntry entry : Collections.list(jar.entries())) {
                if (isClass(entry)) {
                    try (var in = jar.getInputStream(entry)) {
                        byte[] head = in.readNBytes(8);
                        if (head.length == 8 && version(head) < STACK_MAPS) {
                            return true;
                        }
                    }
                }
            }
        }
        return false;
    }

    private static void rewrite(Path file, ClassFile tool) throws IOException {
        Path made = file.resolveSibling(file.getFileName() + ".new");
        try (JarFile jar = new JarFile(file.toFile());
                OutputStream to = Files.newOutputStream(made);
                JarOutputStream out = new JarOutputStream(to)) {
            for (JarEntry entry : Collections.list(jar.entries())) {
                byte[] bytes;
                try (var in = jar.getInputStream(entry)) {
                    bytes = in.readAllBytes();
                }
                JarEntry same = new JarEntry(entry.getName());
                same.setTime(entry.getTime());
                out.putNextEntry(same);
                out.write(isClass(entry) && version(bytes) < STACK_MAPS ? modern(bytes, tool) : bytes);
                out.closeEntry();
            }
        }
        Files.move(made, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static byte[] modern(byte[] bytes, ClassFile tool) {
        ClassModel old = tool.parse(bytes);
        // Method bodies are put together anew, which makes their stack maps.
        return tool.transformClass(old, ClassTransform.transformingMethodBodies((code, element) -> code.with(element))
                .andThen((type, element) -> {
                    if (element instanceof ClassFileVersion) {
                        type.withVersion(JAVA_8, 0);
                    } else {
                        type.with(element);
                    }
                }));
    }
}
