package chronovisor.debug;

import chronovisor.kitten.file.Inode;
import chronovisor.timeline.View;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Packets {@code vFile}: the client reads the guest's own files, so that it finds the program and its libraries by itself. A file
 * that was opened stays what it was then in name; its bytes are read where the machine stands.
 */
final class HostIo {

    private static final int OPEN_MAX = 64;
    private static final int PATH_CHARACTERS_MAX = 4096;
    // File-I/O error numbers of the protocol, which are its own (E.13.9).
    private static final int ENOENT = 2;
    private static final int EBADF = 9;
    private static final int EINVAL = 22;
    private static final int EMFILE = 24;
    private static final int ENOSYS = 88;
    private static final int ENAMETOOLONG = 91;
    private static final int STAT_BYTES = 64;

    private final Target target;
    private final Map<Integer, Long> open = new TreeMap<>();

    HostIo(Target target) {
        this.target = target;
    }

    /** Answers what follows {@code vFile:}. */
    byte[] answer(String request) {
        int colon = request.indexOf(':');
        String operation = colon < 0 ? request : request.substring(0, colon);
        String[] arguments = request.substring(colon + 1).split(",", -1);
        try {
            return switch (operation) {
                case "setfs" -> text("F0");
                case "open" -> text(open(arguments));
                case "close" -> text(open.remove(number(arguments, 0)) == null ? error(EBADF) : "F0");
                case "pread" -> pread(arguments);
                case "fstat" -> fstat(arguments);
                case "readlink" -> text(error(EINVAL));
                default -> text(error(ENOSYS));
            };
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return text(error(EINVAL));
        }
    }

    private String open(String[] arguments) {
        String path = new String(HexFormat.of().parseHex(arguments[0]), StandardCharsets.UTF_8);
        if (path.length() > PATH_CHARACTERS_MAX) {
            return error(ENAMETOOLONG);
        }
        Inode inode = target.inferior().files().find(path).orElse(null);
        if (inode == null || !inode.isRegular()) {
            return error(ENOENT);
        }
        for (int descriptor = 1; descriptor <= OPEN_MAX; descriptor++) {
            if (open.putIfAbsent(descriptor, inode.number()) == null) {
                return "F" + Integer.toHexString(descriptor);
            }
        }
        return error(EMFILE);
    }

    private byte[] pread(String[] arguments) {
        Inode inode = inode(number(arguments, 0));
        if (inode == null) {
            return text(error(EBADF));
        }
        // A byte may take two, and the reply has a head.
        int length = (int) Math.min(Long.parseUnsignedLong(arguments[1], 16), Connection.PACKET_BYTES_MAX / 2 - 16);
        long offset = Long.parseLong(arguments[2], 16);
        if (length < 0 || offset < 0) {
            return text(error(EINVAL));
        }
        return attached(GuestFiles.read(target.view(), inode, offset, length));
    }

    private byte[] fstat(String[] arguments) {
        Inode inode = inode(number(arguments, 0));
        if (inode == null) {
            return text(error(EBADF));
        }
        // struct stat of the protocol (E.13.8): big endian.
        ByteBuffer stat = ByteBuffer.allocate(STAT_BYTES);
        stat.putInt(0).putInt((int) inode.number()).putInt(inode.mode()).putInt(inode.links()).putInt(inode.uid())
                .putInt(inode.gid()).putInt(0).putLong(inode.size()).putLong(4096).putLong((inode.size() + 511) / 512)
                .putInt(seconds(inode.accessed_ns())).putInt(seconds(inode.modified_ns()))
                .putInt(seconds(inode.changed_ns()));
        return attached(stat.array());
    }

    private static int seconds(long ns) {
        return (int) (ns / 1_000_000_000L);
    }

    private @Nullable Inode inode(int descriptor) {
        Long number = open.get(descriptor);
        View view = target.view();
        return number == null ? null : view.kernel().map(state -> state.inodes().get(number)).orElse(null);
    }

    private static int number(String[] arguments, int index) {
        return Integer.parseInt(arguments[index], 16);
    }

    private static byte[] attached(byte[] bytes) {
        ByteArrayOutputStream reply = new ByteArrayOutputStream();
        reply.writeBytes(text("F" + Integer.toHexString(bytes.length) + ";"));
        reply.writeBytes(bytes);
        return reply.toByteArray();
    }

    private static String error(int number) {
        return "F-1," + Integer.toHexString(number);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
