package chronovisor.racket;

import chronovisor.kitten.BlobException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * A folder tree as one run of bytes, in the paper's format (its section 4.3):
 *
 * <pre>
 *   numFolders (4 bytes)  numFiles (4 bytes)  rootFolderPath NUL
 *   folderPath NUL                             numFolders times
 *   fileSize (4 bytes)  filename NUL  data     numFiles times
 * </pre>
 *
 * Numbers are little-endian and unsigned. The root is absolute and is not counted among the folders; folders and files are
 * named relative to it, a folder after the one it is in. Paths are bytes: here they are text of one character a byte, as
 * the kernel has them.
 *
 * @param root
 *            where the tree goes
 * @param folders
 *            in the blob's order
 * @param files
 *            in the blob's order
 */
public record CollectionsBlob(String root, List<String> folders, List<Entry> files) {

    /** Longest path, with its NUL, that Kitten takes. */
    private static final int PATH_BYTES_MAX = 1024;
    /** Offsets of the two counts. */
    private static final int FOLDER_COUNT = 0;
    private static final int FILE_COUNT = 4;

    /**
     * A file in the blob.
     *
     * @param name
     *            relative to the root
     * @param offset
     *            of its data
     * @param size
     *            bytes of data
     */
    public record Entry(String name, int offset, int size) {}

    /** Keeps unmodifiable copies. */
    public CollectionsBlob {
        folders = List.copyOf(folders);
        files = List.copyOf(files);
    }

    /** Bytes of data in all files. */
    public long dataBytes() {
        return files.stream().mapToLong(Entry::size).sum();
    }

    /**
     * Reads and checks a whole blob.
     *
     * @throws BlobException
     *             with the offset of what is wrong
     */
    public static CollectionsBlob parse(byte[] blob) throws BlobException {
        Reader in = new Reader(blob);
        long folderCount = in.number("the number of folders");
        long fileCount = in.number("the number of files");
        int at = in.offset();
        String root = in.path("the root folder");
        if (!root.startsWith("/")) {
            throw BlobException.at(at, "the root folder \"" + root + "\" is not absolute");
        }
        if (root.length() > 1) {
            checkRelative(at, root.substring(1));
        }
        // Every folder takes two bytes at least, and every file six: counts that cannot be true are refused unread.
        in.room(FOLDER_COUNT, folderCount, 2, "folders");
        List<String> folders = new ArrayList<>();
        Set<String> known = new HashSet<>(Set.of(""));
        for (long i = 0; i < folderCount; i++) {
            int offset = in.offset();
            String folder = in.path("folder " + i);
            checkRelative(offset, folder);
            requireParent(known, offset, folder);
            if (!known.add(folder)) {
                throw BlobException.at(offset, "folder \"" + folder + "\" comes twice");
            }
            folders.add(folder);
        }
        in.room(FILE_COUNT, fileCount, 6, "files");
        List<Entry> files = new ArrayList<>();
        Set<String> named = new HashSet<>(known);
        for (long i = 0; i < fileCount; i++) {
            int offset = in.offset();
            long size = in.number("the size of file " + i);
            String name = in.path("file " + i);
            checkRelative(offset + 4, name);
            requireParent(known, offset + 4, name);
            if (!named.add(name)) {
                throw BlobException.at(offset + 4, "\"" + name + "\" comes twice");
            }
            files.add(new Entry(name, in.offset(), in.data(offset, size, name)));
        }
        in.end();
        return new CollectionsBlob(root, folders, files);
    }

    private static void requireParent(Set<String> known, int offset, String path) throws BlobException {
        String parent = path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
        if (!known.contains(parent)) {
            throw BlobException.at(offset, "\"" + path + "\" is in a folder that has not been named before");
        }
    }

    private static void checkRelative(int offset, String path) throws BlobException {
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw BlobException.at(offset, "\"" + path + "\" is not a plain path relative to the root folder");
            }
        }
    }

    /**
     * Makes a blob. What it makes parses to the same.
     *
     * @param root
     *            absolute path in the guest
     * @param folders
     *            relative to the root; sorted, so that a folder comes after the one it is in
     * @param files
     *            contents by relative path
     * @throws BlobException
     *             when the result would not be a valid blob
     */
    public static byte[] encode(String root, SortedSet<String> folders, SortedMap<String, byte[]> files)
            throws BlobException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        number(out, folders.size());
        number(out, files.size());
        path(out, root);
        folders.forEach(folder -> path(out, folder));
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            number(out, file.getValue().length);
            path(out, file.getKey());
            out.writeBytes(file.getValue());
        }
        byte[] blob = out.toByteArray();
        parse(blob);
        return blob;
    }

    private static void number(ByteArrayOutputStream out, int value) {
        out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    private static void path(ByteArrayOutputStream out, String path) {
        out.writeBytes(path.getBytes(StandardCharsets.ISO_8859_1));
        out.write(0);
    }

    /** Reads front to back, and never past the end. */
    private static final class Reader {
        private final ByteBuffer bytes;

        Reader(byte[] blob) {
            bytes = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
        }

        int offset() {
            return bytes.position();
        }

        long number(String what) throws BlobException {
            if (bytes.remaining() < 4) {
                throw BlobException.at(offset(), "the blob ends before " + what);
            }
            return Integer.toUnsignedLong(bytes.getInt());
        }

        String path(String what) throws BlobException {
            int start = offset();
            int limit = Math.min(bytes.remaining(), PATH_BYTES_MAX);
            for (int length = 0; length < limit; length++) {
                if (bytes.get(start + length) == 0) {
                    bytes.position(start + length + 1);
                    return new String(bytes.array(), start, length, StandardCharsets.ISO_8859_1);
                }
            }
            throw BlobException.at(start, limit < PATH_BYTES_MAX
                    ? "the blob ends within the path of " + what
                    : "the path of " + what + " is longer than " + (PATH_BYTES_MAX - 1) + " bytes");
        }

        void room(int countOffset, long count, int each, String what) throws BlobException {
            if (count * each > bytes.remaining()) {
                throw BlobException.at(countOffset,
                        count + " " + what + " cannot be in the " + bytes.remaining() + " bytes that are left");
            }
        }

        int data(int sizeOffset, long size, String name) throws BlobException {
            if (size > bytes.remaining()) {
                throw BlobException.at(sizeOffset,
                        "\"" + name + "\" has " + size + " bytes, and " + bytes.remaining() + " are left");
            }
            bytes.position(offset() + (int) size);
            return (int) size;
        }

        void end() throws BlobException {
            if (bytes.hasRemaining()) {
                throw BlobException.at(offset(), bytes.remaining() + " bytes follow the last file");
            }
        }
    }
}
