package chronovisor.app.cli;

import chronovisor.kitten.BlobException;
import chronovisor.racket.CollectionsBlob;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chronovisor blob}: a folder tree as one file, in the paper's format, for {@code exec --blob}. */
@Command(name = "blob", mixinStandardHelpOptions = true, description = "Makes, lists and checks blobs: folder trees that the kernel expands at boot.")
final class BlobCommand implements Runnable {

    /** More could not be in a guest, nor be counted by the format. */
    private static final long BYTES_MAX = 1L << 30;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** A blob that has been read: its bytes, and what they say. */
    @SuppressWarnings("ArrayRecordComponent") // a file's bytes as they are
    record Read(byte[] bytes, CollectionsBlob blob) {}

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "make", mixinStandardHelpOptions = true, description = "Makes a blob of everything below a folder.")
    int make(@Parameters(index = "0", paramLabel = "DIR", description = "The folder on the host.") Path folder,
            @Parameters(index = "1", paramLabel = "ROOT", description = "Where its contents go in the guest, absolute.") String root,
            @Parameters(index = "2", paramLabel = "OUT", description = "The blob to write.") Path out)
            throws IOException {
        if (!Files.isDirectory(folder)) {
            throw Failure.usage(folder + ": not a folder");
        }
        Files.write(out, encode(folder, root));
        return ExitCode.FINE;
    }

    /** A blob of everything below a folder of the host, for the guest's folder {@code root}. */
    static byte[] encode(Path folder, String root) throws IOException {
        TreeSet<String> folders = new TreeSet<>();
        TreeMap<String, byte[]> files = new TreeMap<>();
        long bytes = 0;
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.filter(path -> !path.equals(folder)).toList()) {
                String name = guestName(folder.relativize(path));
                if (Files.isSymbolicLink(path)) {
                    throw Failure.usage(path + ": a blob holds files and folders, no symbolic links");
                } else if (Files.isDirectory(path)) {
                    folders.add(name);
                } else if (Files.isRegularFile(path)) {
                    bytes += Files.size(path);
                    if (bytes > BYTES_MAX) {
                        throw Failure.usage(folder + ": more than " + BYTES_MAX + " bytes of files");
                    }
                    files.put(name, Files.readAllBytes(path));
                } else {
                    throw Failure.usage(path + ": neither a file nor a folder");
                }
            }
        }
        try {
            return CollectionsBlob.encode(guestName(Path.of(root)), folders, files);
        } catch (BlobException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists a blob's folders and files with their sizes.")
    int list(@Parameters(index = "0", paramLabel = "FILE", description = "The blob.") Path file,
            @Option(names = "--json", description = "Print one JSON object a line.") boolean json) throws IOException {
        CollectionsBlob blob = read(file).blob();
        try (PrintWriter out = Output.standard()) {
            for (String folder : blob.folders()) {
                Line line = new Line(hostName(blob, folder), "folder", 0);
                out.println(json ? Output.json(line) : String.format(Locale.ROOT, "%,12d  %s/", 0, line.path()));
            }
            for (CollectionsBlob.Entry entry : blob.files()) {
                Line line = new Line(hostName(blob, entry.name()), "file", entry.size());
                out.println(
                        json ? Output.json(line) : String.format(Locale.ROOT, "%,12d  %s", entry.size(), line.path()));
            }
        }
        return ExitCode.FINE;
    }

    @Command(name = "check", mixinStandardHelpOptions = true, description = "Checks every byte of a blob's structure.")
    int check(@Parameters(index = "0", paramLabel = "FILE", description = "The blob.") Path file) throws IOException {
        CollectionsBlob blob = read(file).blob();
        try (PrintWriter out = Output.standard()) {
            out.printf(Locale.ROOT, "%s: sound, %,d folders and %,d files below %s, %,d bytes of data%n", file,
                    blob.folders().size(), blob.files().size(), blob.root(), blob.dataBytes());
        }
        return ExitCode.FINE;
    }

    private record Line(String path, String kind, long bytes) {}

    /** Reads and checks a blob of the host. */
    static Read read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw Failure.usage(file + (Files.exists(file) ? ": not a file" : ": no such file"));
        }
        if (Files.size(file) > BYTES_MAX) {
            throw Failure.usage(file + ": larger than " + BYTES_MAX + " bytes");
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            return new Read(bytes, CollectionsBlob.parse(bytes));
        } catch (BlobException e) {
            throw Failure.usage(file + ": " + e.getMessage());
        }
    }

    /** The kernel's names are bytes, a character each; the host's are UTF-8. */
    private static String guestName(Path path) {
        return new String(path.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String hostName(CollectionsBlob blob, String name) {
        String path = (blob.root().equals("/") ? "" : blob.root()) + "/" + name;
        return new String(path.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
