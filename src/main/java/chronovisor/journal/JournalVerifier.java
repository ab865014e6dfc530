package chronovisor.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Checks a whole journal: the seal with every page of every file, then every excerpt and every event in it. */
public final class JournalVerifier {

    private static final int PAGES_NAMED_MAX = 32;
    private static final String INDEX = "index";

    private final Path folder;
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private long events;
    private long pages;
    private boolean stateSeen;
    private @Nullable JournalEnd end;

    private JournalVerifier(Path folder) {
        this.folder = folder;
    }

    /**
     * Verifies a journal.
     *
     * @throws JournalException
     *             when there is no journal or it cannot be read
     */
    public static Verification verify(Path folder) {
        return verify(folder, excerpts -> {});
    }

    /** Verifies a journal and tells the number of excerpts read as it goes. */
    public static Verification verify(Path folder, LongConsumer progress) {
        try {
            return new JournalVerifier(folder).run(progress);
        } catch (IOException e) {
            throw new JournalException("cannot read the journal " + folder + ": " + e.getMessage(), e);
        }
    }

    private Verification run(LongConsumer progress) throws IOException {
        boolean sealed = Files.exists(folder.resolve(Manifest.FILE));
        Manifest manifest = null;
        String broken = "";
        if (sealed) {
            try {
                manifest = Manifest.parse(Files.readAllBytes(folder.resolve(Manifest.FILE)));
            } catch (FormatException e) {
                broken = String.valueOf(e.getMessage());
            }
        }
        if (manifest != null) {
            checkFiles(manifest);
        }
        long excerpts = 0;
        Position last = Position.START;
        if (JournalReader.segments(folder).isEmpty() && !problems.isEmpty()) {
            notes.add("no segment is left to read");
        } else {
            try (JournalReader reader = JournalReader.open(folder)) {
                read(reader, progress);
                excerpts = reader.excerpts();
                last = reader.last();
            }
        }
        if (sealed && manifest == null) {
            manifestDamage(broken);
        }
        if (!sealed) {
            notes.add(end == null
                    ? "not sealed: the recorder was stopped; the sound prefix ends at " + last
                    : "not sealed: the recorder was stopped after the run had ended");
        }
        checkIndex();
        JournalEnd over = end;
        problems.sort(Comparator.comparing(Problem::file).thenComparingLong(Problem::offset));
        return new Verification(sealed, over != null, over != null ? over.at().tick() : last.tick(), events, bytes(),
                over != null ? over.digest().toHex() : "", excerpts, last, over, problems, notes);
    }

    private void read(JournalReader reader, LongConsumer progress) {
        JournalRecord record = null;
        try {
            for (record = reader.next(); record != null; record = reader.next()) {
                progress.accept(reader.excerpts());
                look(record);
            }
        } catch (DamagedJournalException e) {
            // With a good seal the damaged page is named already, and more exactly.
            if (problems.isEmpty()) {
                problems.addAll(e.problems());
            }
        } catch (FormatException e) {
            if (record != null) {
                problems.add(new Problem(record.file(), record.offset(), record.number(), record.first(),
                        record.type() + " record: " + e.getMessage()));
            }
        }
    }

    private void look(JournalRecord record) {
        if (record.number() == 0 && record.type() != RecordType.HEADER) {
            throw new FormatException("the first record is no header");
        }
        if (end != null) {
            throw new FormatException("a record after the end");
        }
        switch (record.type()) {
            case HEADER -> record.header();
            case CHECKPOINT -> record.checkpoint();
            case EVENTS -> events += record.events().size();
            case STEPS -> record.steps();
            case EFFECTS -> record.payload();
            case PAGES -> {
                PagePack pack = record.pages();
                if (pack.first() != pages) {
                    throw new FormatException("pages from " + pack.first() + " instead of " + pages);
                }
                pages += pack.pages();
            }
            case STATE -> {
                MachineCheckpoint state = record.state();
                if (state.whole() != !stateSeen || state.pagesBefore() + state.pagesNew() != pages) {
                    throw new FormatException("a checkpoint that does not continue the one before");
                }
                stateSeen = true;
            }
            case END -> end = record.end();
        }
    }

    /** Checkpoints that were added later are in a folder of their own, sealed by themselves. */
    private void checkIndex() {
        Path index = folder.resolve(INDEX);
        if (Files.isDirectory(index)) {
            for (Problem problem : verify(index).problems()) {
                problems.add(new Problem(INDEX + "/" + problem.file(), problem.offset(), problem.excerpt(),
                        problem.position(), problem.what()));
            }
        }
    }

    private void checkFiles(Manifest manifest) throws IOException {
        Set<String> listed = new HashSet<>();
        for (Manifest.Entry entry : manifest.files()) {
            listed.add(entry.name());
            Path file = folder.resolve(entry.name());
            if (!Files.isRegularFile(file)) {
                problems.add(new Problem(entry.name(), 0, 0, Position.START, "the file is missing"));
                continue;
            }
            PageSums actual = PageSums.of(file);
            if (!actual.sha256().equals(entry.sums().sha256())
                    || !Arrays.equals(actual.pages(), entry.sums().pages())) {
                checkPages(file, entry, actual);
            }
        }
        for (Path file : Manifest.files(folder)) {
            String name = String.valueOf(file.getFileName());
            if (!listed.contains(name)) {
                problems.add(new Problem(name, 0, -1, null, "a file that the manifest does not list"));
            }
        }
    }

    private void checkPages(Path file, Manifest.Entry entry, PageSums actual) throws IOException {
        List<ExcerptScan.Found> good = entry.excerpts() > 0 ? ExcerptScan.all(file, 0) : List.of();
        long before = problems.size();
        if (actual.bytes() != entry.sums().bytes()) {
            long at = Math.min(actual.bytes(), entry.sums().bytes());
            add(entry, good, at,
                    "the file has " + actual.bytes() + " bytes instead of " + entry.sums().bytes());
        }
        int[] expected = entry.sums().pages();
        int pages = (int) (Math.min(actual.bytes(), entry.sums().bytes()) / PageSums.PAGE);
        long damaged = 0;
        for (int page = 0; page < Math.min(expected.length, actual.pages().length); page++) {
            boolean whole = page < pages || actual.bytes() == entry.sums().bytes();
            if (whole && expected[page] != actual.pages()[page] && ++damaged <= PAGES_NAMED_MAX) {
                long from = (long) page * PageSums.PAGE;
                int length = (int) Math.min(PageSums.PAGE, entry.sums().bytes() - from);
                int bit = PageSums.flippedBit(length, expected[page], actual.pages()[page]);
                add(entry, good, bit < 0 ? from : from + bit / 8,
                        bit < 0 ? "the page does not fit its CRC32C" : "bit " + bit % 8 + " is flipped");
            }
        }
        if (damaged > PAGES_NAMED_MAX) {
            notes.add(damaged - PAGES_NAMED_MAX + " more damaged pages in " + entry.name());
        }
        if (problems.size() == before) {
            add(entry, good, 0, "the file does not fit its SHA-256");
        }
    }

    /** Names the excerpt and position an offset belongs to, by the good excerpts around it. */
    private void add(Manifest.Entry entry, List<ExcerptScan.Found> good, long offset, String what) {
        long excerpt = 0;
        Position position = Position.START;
        for (ExcerptScan.Found found : good) {
            if (offset >= found.end()) {
                excerpt = found.head().number() + 1;
                position = found.head().last();
            } else if (offset >= found.offset() - 4) {
                excerpt = found.head().number();
                position = found.head().first();
                break;
            } else {
                break;
            }
        }
        String place = entry.excerpts() == 0 ? " (Chronicle's own table, before any excerpt)" : "";
        problems.add(new Problem(entry.name(), offset, excerpt, position, what + place));
    }

    private void manifestDamage(String broken) throws IOException {
        String what = broken;
        long offset = 0;
        Path file = folder.resolve(Manifest.FILE);
        if (problems.isEmpty()) {
            byte[] right = Manifest.of(folder, Manifest.Totals.of(folder)).text().getBytes(StandardCharsets.ISO_8859_1);
            byte[] found = Files.readAllBytes(file);
            offset = Math.max(0, Arrays.mismatch(right, found));
            what += offset < Math.min(right.length, found.length)
                    ? "; it differs from the one the files call for (or they are damaged where no excerpt is)"
                    : "; it has " + found.length + " bytes instead of " + right.length;
        }
        problems.add(new Problem(Manifest.FILE, offset, 0, Position.START, what));
    }

    private long bytes() throws IOException {
        long total = 0;
        for (Path file : Manifest.files(folder)) {
            total += Files.size(file);
        }
        Path seal = folder.resolve(Manifest.FILE);
        return total + (Files.exists(seal) ? Files.size(seal) : 0);
    }
}
