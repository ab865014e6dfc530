package chronovisor.vmm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A guest in one file, in Palacios's own format, which {@code build_vm} writes and the module loads:
 *
 * <pre>
 *   "v3vee" 0 0 0   xmlLength (4 bytes)   xml   zeros (8 bytes)
 *   numFiles (8 bytes)
 *   index (4 bytes)  size (4 bytes)  offset from the image's beginning (8 bytes)     numFiles times
 *   zeros (8 bytes)
 *   the files' bytes, one after the other
 * </pre>
 *
 * Numbers are little-endian and unsigned. The XML is the configuration, in which each {@code <file>} has got its index.
 *
 * @param document
 *            the configuration
 * @param files
 *            the files of the configuration, in its order
 */
public record GuestImage(GuestDocument document, List<Content> files) {

    /** An image larger than this could not be loaded into a guest anyway. */
    public static final long BYTES_MAX = (1L << 31) - (1 << 16);
    static final int FILES_MAX = 256;

    private static final byte[] MAGIC = {'v', '3', 'v', 'e', 'e', 0, 0, 0};
    private static final int XML_BYTES_MAX = 1 << 20;
    private static final int ENTRY_BYTES = 16;

    /**
     * A file's bytes in the image.
     *
     * @param offset
     *            of the first byte in the image
     * @param bytes
     *            the contents
     */
    @SuppressWarnings("ArrayRecordComponent") // a file's bytes as they are
    public record Content(String id, String filename, long offset, byte[] bytes) {}

    /** Keeps an unmodifiable copy. */
    public GuestImage {
        files = List.copyOf(files);
    }

    /** The contents of a file of the configuration. */
    public byte[] file(String id) {
        return files.stream().filter(file -> file.id().equals(id)).findFirst()
                .orElseThrow(() -> new ConfigurationException("the image has no file '" + id + "'")).bytes();
    }

    /** Whether the bytes begin as an image does. */
    public static boolean isImage(byte[] start) {
        return start.length >= MAGIC.length
                && ByteBuffer.wrap(start, 0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
    }

    /**
     * Makes an image of a configuration; its files are named relative to its folder.
     *
     * @throws ConfigurationException
     *             when the configuration or one of its files is not as it must be
     */
    public static byte[] build(Path configuration) throws IOException {
        GuestDocument checked = GuestConfigurationXml.read(configuration);
        XmlElement vm = XmlElement.parse(configuration.toString(), checked.text());
        XmlElement list = vm.child("files");
        List<XmlElement> elements = list == null ? List.of() : list.children("file");
        if (elements.size() > FILES_MAX) {
            throw elements.get(FILES_MAX).error("at most " + FILES_MAX + " files", "more");
        }
        List<byte[]> contents = new ArrayList<>();
        long bytes = 0;
        for (XmlElement element : elements) {
            Path file = configuration.resolveSibling(element.required("filename"));
            if (!Files.isRegularFile(file)) {
                throw element.error("a file",
                        "'" + file + "', which is " + (Files.exists(file) ? "none" : "not there"));
            }
            bytes += Files.size(file);
            if (bytes > BYTES_MAX - XML_BYTES_MAX) {
                throw element.error("files of " + (BYTES_MAX - XML_BYTES_MAX) + " bytes at most", "more");
            }
            element.put("index", Integer.toString(contents.size()));
            contents.add(Files.readAllBytes(file));
        }
        return encode(vm.toXml().getBytes(StandardCharsets.UTF_8), contents);
    }

    private static byte[] encode(byte[] xml, List<byte[]> files) {
        long size = MAGIC.length + 4L + xml.length + 8 + 8 + (long) files.size() * ENTRY_BYTES + 8;
        long offset = size;
        for (byte[] file : files) {
            size += file.length;
        }
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC).putInt(xml.length).put(xml).putLong(0).putLong(files.size());
        for (int i = 0; i < files.size(); i++) {
            out.putInt(i).putInt(files.get(i).length).putLong(offset);
            offset += files.get(i).length;
        }
        out.putLong(0);
        files.forEach(out::put);
        return out.array();
    }

    /**
     * Reads an image from a file.
     *
     * @throws ConfigurationException
     *             naming the file and the offset of what is not as it must be
     */
    public static GuestImage read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new ConfigurationException(file + (Files.exists(file) ? ": not a file" : ": no such file"));
        }
        if (Files.size(file) > BYTES_MAX) {
            throw new ConfigurationException(file + ": larger than " + BYTES_MAX + " bytes");
        }
        return parse(file.toString(), Files.readAllBytes(file));
    }

    /**
     * Reads an image. It may be hostile.
     *
     * @param name
     *            names it in errors
     */
    public static GuestImage parse(String name, byte[] image) {
        return new Reader(name, image).read();
    }

    private static final class Reader {
        private final String name;
        private final ByteBuffer in;

        Reader(String name, byte[] image) {
            this.name = name;
            this.in = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        }

        GuestImage read() {
            need(MAGIC.length, "the mark of an image");
            if (!ByteBuffer.wrap(in.array(), 0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
                throw wrong("\"v3vee\" and three zeros", "other bytes");
            }
            in.position(MAGIC.length);
            need(4, "the length of the configuration");
            long length = Integer.toUnsignedLong(in.getInt());
            if (length > XML_BYTES_MAX || length > in.remaining()) {
                in.position(in.position() - 4);
                throw wrong("a configuration of at most " + Math.min(XML_BYTES_MAX, in.remaining() - 4) + " bytes",
                        length + " bytes");
            }
            GuestDocument document = document(Math.toIntExact(length));
            zeros();
            return new GuestImage(document, files(document.configuration().files()));
        }

        private GuestDocument document(int length) {
            int start = in.position();
            try {
                String text = StandardCharsets.UTF_8.newDecoder().decode(in.slice(start, length)).toString();
                in.position(start + length);
                return GuestConfigurationXml.document(name, text);
            } catch (CharacterCodingException e) {
                ConfigurationException wrong = wrong("UTF-8 text", "other bytes");
                wrong.initCause(e);
                throw wrong;
            }
        }

        private List<Content> files(List<GuestConfiguration.GuestFileReference> references) {
            need(8, "the number of files");
            long count = in.getLong();
            if (count != references.size() || count > FILES_MAX) {
                in.position(in.position() - 8);
                throw wrong("as many files as the configuration has, " + references.size(),
                        Long.toUnsignedString(count));
            }
            int table = in.position();
            need(references.size() * ENTRY_BYTES, "the table of files");
            in.position(table + references.size() * ENTRY_BYTES);
            zeros();
            int data = in.position();
            List<Content> files = new ArrayList<>();
            // Files that overlap would let a small image ask for much memory.
            int left = in.limit() - data;
            for (int i = 0; i < references.size(); i++) {
                in.position(table + i * ENTRY_BYTES);
                Content file = entry(references.get(i), i, data);
                left -= file.bytes().length;
                if (left < 0) {
                    in.position(table + i * ENTRY_BYTES + 4);
                    throw wrong("files that do not overlap", "more bytes of files than the image has");
                }
                files.add(file);
            }
            return files;
        }

        private Content entry(GuestConfiguration.GuestFileReference reference, int number, int data) {
            int at = in.position();
            int index = in.getInt();
            long size = Integer.toUnsignedLong(in.getInt());
            long offset = in.getLong();
            if (index != number) {
                in.position(at);
                throw wrong("the file's index " + number, Integer.toUnsignedString(index));
            }
            if (offset < data || offset > in.limit() || size > in.limit() - offset) {
                in.position(at + 4);
                throw wrong("a file between offset " + data + " and the end at " + in.limit(),
                        size + " bytes at " + Long.toUnsignedString(offset));
            }
            byte[] bytes = new byte[Math.toIntExact(size)];
            in.get(Math.toIntExact(offset), bytes);
            return new Content(reference.id(), reference.filename(), offset, bytes);
        }

        private void zeros() {
            need(8, "eight zeros");
            long found = in.getLong();
            if (found != 0) {
                in.position(in.position() - 8);
                throw wrong("eight zeros", "0x" + Long.toHexString(found));
            }
        }

        private void need(int count, String what) {
            if (in.remaining() < count) {
                throw wrong(what, "the end of the file");
            }
        }

        private ConfigurationException wrong(String expected, String found) {
            return new ConfigurationException(
                    name + ": expected " + expected + " at offset " + in.position() + ", found " + found);
        }
    }
}
