package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host's library goes beside the jar, and the others go. */
class NativeLibrariesTest {

    @TempDir
    Path folder;

    private Path jar(String... entries) throws IOException {
        Path jar = folder.resolve("some.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (String entry : entries) {
                out.putNextEntry(new JarEntry(entry));
                out.write(entry.getBytes(StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
        return jar;
    }

    @Test
    void theHostsLibraryLiesBesideAJarThatHasNoneAnyMore() throws Exception {
        Path jar = jar("a/B.class", "libduckdb_java.so_linux_amd64", "libduckdb_java.so_macos_arm64");
        NativeLibraries.unpack(folder, "linux_amd64");
        assertThat(folder.resolve("libduckdb_java.so_linux_amd64")).hasContent("libduckdb_java.so_linux_amd64");
        try (JarFile read = new JarFile(jar.toFile())) {
            assertThat(read.stream().map(JarEntry::getName)).containsExactly("a/B.class");
        }
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void aJarWithoutTheHostsLibraryIsLeftAlone() throws Exception {
        Path jar = jar("a/B.class", "libduckdb_java.so_macos_arm64");
        byte[] before = Files.readAllBytes(jar);
        NativeLibraries.unpack(folder, "linux_amd64");
        assertThat(Files.readAllBytes(jar)).isEqualTo(before);
    }
}
