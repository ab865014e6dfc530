package chronovisor.journal;

import chronovisor.journal.chronicle.ChronicleSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The seal of a journal: {@code manifest.json}. It is a pure function of the other files, written line by line in one
 * fixed form, and its last line holds the digest of all lines before. So a flipped bit in it is found, and found where,
 * by making it again.
 */
record Manifest(String summary, List<Entry> files) {

    static final String FILE = "manifest.json";

    private static final String INTRODUCTION = "{\n  \"manifest\": 1,\n";
    private static final Pattern ENTRY = Pattern
            .compile("    \\{\"name\": \"([A-Za-z0-9._-]{1,64})\", \"bytes\": (\\d{1,18}), "
                    + "\"excerpts\": (\\d{1,18}), \"lastIndex\": (-?\\d{1,19}), \"sha256\": \"([0-9a-f]{64})\",\n"
                    + "     \"pages\": \"([A-Za-z0-9+/=]*)\"\\}");
    private static final String TAIL = "  \"sha256\": \"%s\"\n}\n";
    private static final int TAIL_BYTES = TAIL.length() - 2 + 64;

    /** A file, its sums and, for a segment, how many excerpts it holds and Chronicle's index of the last. */
    record Entry(String name, PageSums sums, long excerpts, long lastIndex) {}

    /** What a seal tells about the excerpts. */
    record Totals(List<Long> excerptsOfSegments, Position last, Blob chain, @Nullable JournalEnd end) {

        /**
         * Reads them from the journal itself.
         *
         * @throws DamagedJournalException
         *             when its excerpts are not sound
         */
        static Totals of(Path folder) {
            List<Long> firsts = new ArrayList<>();
            JournalEnd end = null;
            try (JournalReader reader = JournalReader.open(folder)) {
                String file = "";
                for (JournalRecord record = reader.next(); record != null; record = reader.next()) {
                    if (!file.equals(record.file())) {
                        file = record.file();
                        firsts.add(record.number());
                    }
                    if (record.type() == RecordType.END) {
                        end = record.end();
                    }
                }
                firsts.add(reader.excerpts());
                List<Long> counts = new ArrayList<>();
                for (int i = 1; i < firsts.size(); i++) {
                    counts.add(firsts.get(i) - firsts.get(i - 1));
                }
                return new Totals(counts, reader.last(), reader.chain(), end);
            }
        }
    }

    /** Writes the seal of a journal that is complete. */
    static void seal(Path folder, Totals totals) throws IOException {
        Path draft = folder.resolve(FILE + ".new");
        Files.writeString(draft, of(folder, totals).text());
        Files.move(draft, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Makes the manifest that belongs to the files of a folder. */
    static Manifest of(Path folder, Totals totals) throws IOException {
        List<Entry> files = new ArrayList<>();
        int segment = 0;
        long excerpts = 0;
        for (Path file : files(folder)) {
            String name = String.valueOf(file.getFileName());
            long count = 0;
            long index = -1;
            if (name.endsWith(".cq4")) {
                count = totals.excerptsOfSegments.get(segment);
                index = ChronicleSegment.index(segment, count - 1);
                excerpts += count;
                segment++;
            }
            files.add(new Entry(name, PageSums.of(file), count, index));
        }
        JournalEnd end = totals.end;
        String summary = "  \"excerpts\": " + excerpts + ",\n  \"last\": \"" + totals.last + "\",\n"
                + (end == null
                        ? ""
                        : "  \"ticks\": " + end.at().tick() + ",\n  \"events\": " + end.events()
                                + ",\n  \"digest\": \"" + end.digest().toHex() + "\",\n")
                + "  \"chain\": \"" + totals.chain.toHex() + "\",\n";
        return new Manifest(summary, files);
    }

    /** The files a seal covers: all but itself, and not what is in folders: an index has a seal of its own. */
    static List<Path> files(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> Files.isRegularFile(file)
                    && !String.valueOf(file.getFileName()).startsWith(FILE)).sorted().toList();
        }
    }

    String text() {
        StringBuilder text = new StringBuilder(INTRODUCTION).append(summary).append("  \"files\": [\n");
        for (int i = 0; i < files.size(); i++) {
            Entry entry = files.get(i);
            ByteBuffer pages = ByteBuffer.allocate(4 * entry.sums.pages().length);
            pages.asIntBuffer().put(entry.sums.pages());
            text.append("    {\"name\": \"").append(entry.name).append("\", \"bytes\": ").append(entry.sums.bytes())
                    .append(", \"excerpts\": ").append(entry.excerpts).append(", \"lastIndex\": ")
                    .append(entry.lastIndex).append(", \"sha256\": \"").append(entry.sums.sha256())
                    .append("\",\n     \"pages\": \"").append(Base64.getEncoder().encodeToString(pages.array()))
                    .append(i < files.size() - 1 ? "\"},\n" : "\"}\n");
        }
        text.append("  ],\n");
        return text + TAIL.formatted(digest(text.toString()));
    }

    /**
     * Reads a manifest.
     *
     * @throws FormatException
     *             when it does not agree with its own digest or is no manifest
     */
    static Manifest parse(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (text.length() < TAIL_BYTES || !text.startsWith(INTRODUCTION)) {
            throw new FormatException("it is no manifest of ours, or cut off");
        }
        String body = text.substring(0, text.length() - TAIL_BYTES);
        if (!text.substring(body.length()).equals(TAIL.formatted(digest(body)))) {
            throw new FormatException("its bytes do not fit its own digest");
        }
        List<Entry> files = new ArrayList<>();
        int list = body.indexOf("  \"files\": [\n");
        Matcher matcher = ENTRY.matcher(body);
        while (matcher.find()) {
            try {
                ByteBuffer packed = ByteBuffer.wrap(Base64.getDecoder().decode(matcher.group(6)));
                int[] pages = new int[packed.remaining() / 4];
                packed.asIntBuffer().get(pages);
                files.add(new Entry(matcher.group(1),
                        new PageSums(Long.parseLong(matcher.group(2)), matcher.group(5), pages),
                        Long.parseLong(matcher.group(3)), Long.parseLong(matcher.group(4))));
            } catch (IllegalArgumentException e) {
                throw new FormatException("its entry of " + matcher.group(1) + " is malformed", e);
            }
        }
        Manifest manifest = new Manifest(body.substring(INTRODUCTION.length(), Math.max(list, INTRODUCTION.length())),
                files);
        if (list < 0 || !manifest.text().equals(text)) {
            throw new FormatException("it is not in the form we write");
        }
        return manifest;
    }

    private static String digest(String body) {
        return HexFormat.of().formatHex(ExcerptHead.sha256().digest(body.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
