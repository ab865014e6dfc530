package chronovisor.app.cli;

import chronovisor.kitten.elf.DynamicSection;
import chronovisor.kitten.elf.ElfException;
import chronovisor.kitten.elf.ElfFile;
import chronovisor.kitten.kernel.Scripts;
import chronovisor.vmm.GuestFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a program of this host needs to start in a guest ({@code exec --host-libraries}): who reads it when it is a script, its loader,
 * the libraries that it and they name. Found as ld.so(8) would find them, and put at the same paths. What a program opens itself later,
 * it has to be given.
 */
final class HostLibraries {

    private static final List<Path> FOLDERS = Stream.of("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64",
            "/usr/lib64", "/lib", "/usr/lib").map(Path::of).toList();
    private static final Path MORE_FOLDERS = Path.of("/etc/ld.so.conf.d");
    private static final Path CACHE = Path.of("/etc/ld.so.cache");
    private static final String LIBRARY_PATH = "LD_LIBRARY_PATH=";

    private final List<GuestFile> present;
    private final List<Path> first = new ArrayList<>();
    private final List<GuestFile> found = new ArrayList<>();
    private final Set<String> names = new LinkedHashSet<>();
    private String loader = "";

    private HostLibraries(List<GuestFile> present, List<String> environment) {
        this.present = present;
        for (String variable : environment) {
            if (variable.startsWith(LIBRARY_PATH)) {
                Stream.of(variable.substring(LIBRARY_PATH.length()).split(":")).map(Path::of).forEach(first::add);
            }
        }
    }

    /**
     * The files that a program lacks in a guest: none if it is static, or if its loader (or reader) is there already.
     *
     * @param present
     *            what the guest has
     * @param environment
     *            of the program, for LD_LIBRARY_PATH
     */
    static List<GuestFile> of(Path program, byte[] image, List<GuestFile> present, List<String> environment)
            throws IOException {
        HostLibraries libraries = new HostLibraries(present, environment);
        try {
            Scripts.Line line = Scripts.Line.of(image);
            if (line != null) {
                libraries.reader(Path.of(line.reader()));
            } else {
                libraries.program(program, image);
            }
        } catch (ElfException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
        return libraries.found;
    }

    private void reader(Path reader) throws IOException, ElfException {
        if (!HostTree.has(present, reader.toString()) && Files.isRegularFile(reader)) {
            program(reader, add(reader));
        }
    }

    private void program(Path program, byte[] image) throws IOException, ElfException {
        String interpreter = ElfFile.parse(program.toString(), image).interpreter();
        if (interpreter == null || HostTree.has(present, interpreter) || !Files.isRegularFile(Path.of(interpreter))) {
            return;
        }
        loader = interpreter;
        add(Path.of(interpreter));
        needs(program, image);
    }

    private void needs(Path file, byte[] image) throws IOException, ElfException {
        DynamicSection dynamic = DynamicSection.parse(file.toString(), image);
        for (String name : dynamic.needed()) {
            if (!names.add(name) || HostTree.has(present, name)) {
                continue;
            }
            Path library = find(name, file, dynamic.path());
            if (library != null) {
                needs(library, add(library));
            } else if (!isLoader(name)) {
                throw Failure.usage(file + ": needs the library " + name
                        + ", which is not where this host's loader looks; put it into the guest, see --file");
            }
        }
    }

    /** musl's C library and its loader are one file, which libraries name otherwise. */
    private boolean isLoader(String name) {
        return loader.contains("ld-musl") && name.startsWith("libc.");
    }

    private @Nullable Path find(String name, Path asker, List<String> path) throws IOException {
        if (name.contains("/")) {
            return library(Path.of(name));
        }
        List<Path> folders = new ArrayList<>(first);
        Path origin = asker.toAbsolutePath().getParent();
        for (String folder : path) {
            folders.add(Path.of(folder.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", String.valueOf(origin))));
        }
        folders.addAll(FOLDERS);
        for (Path folder : folders) {
            Path library = library(folder.resolve(name));
            if (library != null) {
                return library;
            }
        }
        for (Path folder : configured()) {
            Path library = library(folder.resolve(name));
            if (library != null) {
                // The guest's loader knows of these folders by the cache only.
                if (names.add(CACHE.toString()) && !HostTree.has(present, CACHE.toString())
                        && Files.isRegularFile(CACHE)) {
                    add(CACHE);
                }
                return library;
            }
        }
        return null;
    }

    private static @Nullable Path library(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            return null;
        }
        try (InputStream in = Files.newInputStream(path)) {
            return DynamicSection.isElf(in.readNBytes(DynamicSection.HEADER_BYTES)) ? path : null;
        }
    }

    /** The folders that this host's loader is configured to look into: what packages and most people put below ld.so.conf.d. */
    private static List<Path> configured() throws IOException {
        List<Path> folders = new ArrayList<>();
        if (!Files.isDirectory(MORE_FOLDERS)) {
            return folders;
        }
        try (Stream<Path> files = Files.list(MORE_FOLDERS)) {
            for (Path file : files.sorted().toList()) {
                for (String line : Files.readAllLines(file)) {
                    if (line.startsWith("/")) {
                        folders.add(Path.of(line.strip()));
                    }
                }
            }
        }
        return folders;
    }

    private byte[] add(Path host) throws IOException {
        GuestFile file = HostTree.file(host + ":" + host.toAbsolutePath(), present);
        found.add(file);
        return file.data();
    }
}
