package chronovisor.app.cli;

import chronovisor.vmm.GuestFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Files of the host as they go into a guest: whole trees and single files, in a fixed order. */
final class HostTree {

    /** More than this cannot be meant, and would not fit a guest. */
    private static final long BYTES_MAX = 2L << 30;

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

    /** One file, from {@code HOST:GUEST}; the guest's path is absolute. */
    static GuestFile file(String hostAndGuest) throws IOException {
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
        return GuestFile.file(normal(guest), mode(host), Files.readAllBytes(host));
    }

    /** A path of the guest as typed on the host: below the root, without dots. */
    static String normal(String path) {
        return Path.of("/").resolve(path).normalize().toString();
    }

    private static int mode(Path path) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
        int mode = 0;
        for (PosixFilePermission permission : permissions) {
            // The enum's order is rwx for owner, group, others.
            mode |= 0400 >> permission.ordinal();
        }
        return mode;
    }
}
