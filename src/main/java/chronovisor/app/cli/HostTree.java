package chronovisor.app.cli;

import chronovisor.vmm.BootModule;
import chronovisor.vmm.GuestFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Files of the host as they go into a guest: whole trees and single files, in a fixed order. */
final class HostTree {

    /** More than this cannot be meant, and would not fit a guest. */
    private static final long BYTES_MAX = 2L << 30;
    /** As many as Linux follows. */
    private static final int LINKS_MAX = 40;

    private HostTree() {}

    /** Everything below a folder, at the same paths below the guest's root; sorted, so that a run repeats. */
    static List<GuestFile> folder(Path root) throws IOException {
        return folder(root, "/");
    }

    /** Everything below a folder, and the folder itself, at and below a path of the guest. */
    static List<GuestFile> folder(Path root, String place) throws IOException {
        if (!Files.isDirectory(root)) {
            throw Failure.usage(root + ": not a folder");
        }
        List<GuestFile> files = new ArrayList<>();
        long bytes = 0;
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted().toList()) {
                if (path.equals(root)) {
                    continue;
                }
                String guest = normal(place + "/" + root.relativize(path));
                if (Files.isSymbolicLink(path)) {
                    files.add(GuestFile.symlink(guest, Files.readSymbolicLink(path).toString()));
                } else if (Files.isDirectory(path)) {
                    files.add(GuestFile.directory(guest, mode(path)));
                } else if (Files.isRegularFile(path)) {
                    bytes += Files.size(path);
                    if (bytes > BYTES_MAX) {
                        throw Failure.usage(root + ": more than " + BYTES_MAX + " bytes of files");
                    }
                    files.add(GuestFile.file(guest, mode(path), Files.readAllBytes(path)));
                } else {
                    throw Failure.usage(path + ": neither a file, a folder nor a symbolic link");
                }
            }
        }
        return files;
    }

    /** One file beside others, from {@code HOST:GUEST}; the guest's path is absolute, and may lead through links of theirs. */
    static GuestFile file(String hostAndGuest, List<GuestFile> others) throws IOException {
        int colon = hostAndGuest.lastIndexOf(':');
        if (colon <= 0 || colon == hostAndGuest.length() - 1) {
            throw Failure.usage("--file " + hostAndGuest + ": HOST:GUEST expected");
        }
        Path host = Path.of(hostAndGuest.substring(0, colon));
        String guest = hostAndGuest.substring(colon + 1);
        if (!guest.startsWith("/")) {
            throw Failure.usage("--file " + hostAndGuest + ": the guest's path must be absolute");
        }
        if (!Files.isRegularFile(host)) {
            throw Failure.usage(host + (Files.exists(host) ? ": not a file" : ": no such file"));
        }
        if (Files.size(host) > BYTES_MAX) {
            throw Failure.usage(host + ": larger than " + BYTES_MAX + " bytes");
        }
        return GuestFile.file(resolved(guest, others), mode(host), Files.readAllBytes(host));
    }

    /** A path of the guest as typed on the host: below the root, without dots. */
    static String normal(String path) {
        return Path.of("/").resolve(path).normalize().toString();
    }

    /** Where a path of the guest leads, links among its files followed, as far as they lead anywhere. */
    static String resolved(String path, List<GuestFile> files) {
        Map<String, String> links = new HashMap<>();
        for (GuestFile file : files) {
            if (file.kind() == BootModule.Kind.SYMLINK) {
                links.put(file.path(), file.target());
            } else {
                links.remove(file.path());
            }
        }
        Path place = Path.of(normal(path));
        for (int followed = 0; followed < LINKS_MAX; followed++) {
            Path linked = null;
            for (int names = 1; names <= place.getNameCount() && linked == null; names++) {
                Path link = Path.of("/").resolve(place.subpath(0, names));
                String target = links.get(link.toString());
                if (target != null) {
                    Path rest = link.relativize(place);
                    linked = Path.of("/").resolve(link).resolveSibling(target).resolve(rest).normalize();
                }
            }
            if (linked == null) {
                return place.toString();
            }
            place = linked;
        }
        throw Failure.usage(path + ": too many symbolic links");
    }

    /** Whether a file of that name is among them, wherever links may lead to it. */
    static boolean has(List<GuestFile> files, String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return !name.isEmpty() && files.stream().anyMatch(file -> file.path().endsWith("/" + name));
    }

    /** The permissions with the bits for set-user-ID, set-group-ID and sticky. */
    private static int mode(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
    }
}
