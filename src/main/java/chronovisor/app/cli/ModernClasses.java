package chronovisor.app.cli;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

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
        List<Path> jars = Jars.in(Path.of(arguments[0]));
        URL[] all = new URL[jars.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = jars.get(i).toUri().toURL();
        }
        try (URLClassLoader loader = new URLClassLoader(all)) {
            ClassFile tool = ClassFile.of(ClassHierarchyResolverOption.of(ClassHierarchyResolver
                    .ofResourceParsing(loader).orElse(ClassHierarchyResolver.defaultResolver())));
            for (Path jar : jars) {
                if (holdsOld(jar)) {
                    Jars.rewrite(jar, (name, old) -> {
                        byte[] bytes = old.readAllBytes();
                        return isClass(name) && version(bytes) < STACK_MAPS ? modern(bytes, tool) : bytes;
                    });
                }
            }
        }
    }

    private static boolean isClass(String name) {
        return name.endsWith(".class");
    }

    private static int version(byte[] bytes) {
        return (bytes[6] & 0xFF) << 8 | bytes[7] & 0xFF;
    }

    private static boolean holdsOld(Path file) throws IOException {
        try (JarFile jar = new JarFile(file.toFile())) {
            for (JarEntry entry : Collections.list(jar.entries())) {
                if (isClass(entry.getName())) {
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
