package chronovisor.analysis.table;

import chronovisor.journal.DamagedJournalException;
import chronovisor.journal.Folders;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalMap;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.Problem;
import chronovisor.replay.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A journal's events as Parquet files, beside it in {@code tables/}, in a folder that is named by the journal's hash chain. It is made
 * when there is none for the chain as it is now; what belongs to an earlier state of the journal is removed then.
 */
public final class Projection {

    /** Name of the folder in a journal's that holds projections. */
    public static final String FOLDER = "tables";

    private static final int CHAIN_DIGITS = 32;

    private final JournalMap map;
    private final Path folder;
    private final ProjectionSeal seal;

    private Projection(JournalMap map, Path folder, ProjectionSeal seal) {
        this.map = map;
        this.folder = folder;
        this.seal = seal;
    }

    /**
     * The projection of a journal as it is now, made if need be. Where the journal's folder cannot be written it is made where the host
     * keeps a user's caches, and used again from there: nobody else can have put one there.
     *
     * @param progress
     *            is told how far the reading is
     * @throws DamagedJournalException
     *             when the journal is damaged
     * @throws JournalException
     *             when there is no journal, or no folder to write to
     */
    public static Projection of(Path journal, Consumer<Progress> progress) {
        JournalMap map = JournalMap.of(journal, false);
        Problem damage = map.damage();
        if (damage != null) {
            throw new DamagedJournalException(damage);
        }
        String chain = map.chain().toHex();
        Path place = place(journal);
        Path folder = place.resolve("v" + ProjectionSeal.VERSION + "-" + chain.substring(0, CHAIN_DIGITS));
        ProjectionSeal seal = ProjectionSeal.read(folder, chain);
        if (seal == null) {
            seal = build(journal, place, folder, chain, progress);
        }
        return new Projection(map, folder, seal);
    }

    private static Path place(Path journal) {
        Path beside = journal.resolve(FOLDER);
        if (Files.isWritable(Files.isDirectory(beside) ? beside : journal)) {
            return beside;
        }
        String name = journal.toAbsolutePath().normalize().toString().replaceAll("[^A-Za-z0-9]", "_");
        String caches = System.getenv("XDG_CACHE_HOME");
        Path base = caches != null && !caches.isBlank()
                ? Path.of(caches)
                : Path.of(System.getProperty("user.home", "."), ".cache");
        return base.resolve("chronovisor").resolve("tables").resolve(name);
    }

    private static ProjectionSeal build(Path journal, Path place, Path folder, String chain,
            Consumer<Progress> progress) {
        try {
            Files.createDirectories(place);
            Path draft = Files.createTempDirectory(place, "new-");
            try {
                ProjectionSeal seal = write(journal, draft, chain, progress);
                seal.write(draft);
                removeOthers(place, folder);
                put(draft, folder, chain);
                return seal;
            } finally {
                remove(draft);
            }
        } catch (SQLException e) {
            throw new JournalException("cannot write the tables of " + journal + ": " + Sql.complaint(e), e);
        } catch (IOException e) {
            throw new JournalException("cannot write the tables of " + journal + ": " + e.getMessage(), e);
        }
    }

    private static ProjectionSeal write(Path journal, Path draft, String chain, Consumer<Progress> progress)
            throws SQLException, IOException {
        try (JournalReader reader = JournalReader.open(journal);
                ProjectionWriter writer = new ProjectionWriter(draft)) {
            for (JournalRecord record = reader.nextEvents(); record != null; record = reader.nextEvents()) {
                for (GuestEvent event : record.events()) {
                    writer.add(event);
                }
                progress.accept(new Progress(record.last().tick(), writer.events(), 0));
            }
            writer.finish();
            if (!reader.chain().toHex().equals(chain)) {
                throw new JournalException(journal + " was written to while its tables were made; ask again");
            }
            return ProjectionSeal.of(draft, chain, writer.events(), writer.digest(), writer.files());
        }
    }

    /** Another process may have made the same meanwhile: then that one stays. */
    private static void put(Path draft, Path folder, String chain) throws IOException {
        if (ProjectionSeal.read(folder, chain) == null) {
            remove(folder);
            Files.move(draft, folder);
        }
    }

    private static void removeOthers(Path place, Path folder) throws IOException {
        List<Path> old;
        try (var folders = Files.list(place)) {
            old = folders.filter(path -> !path.equals(folder) && String.valueOf(path.getFileName()).startsWith("v"))
                    .toList();
        }
        old.forEach(Projection::remove);
    }

    private static void remove(Path folder) {
        try {
            Folders.remove(folder);
        } catch (IOException e) {
            throw new JournalException("cannot remove the old tables " + folder + ": " + e.getMessage(), e);
        }
    }

    /** The journal. */
    public Path journal() {
        return map.folder();
    }

    /** Where its records are, as it was when the projection was looked for. */
    JournalMap map() {
        return map;
    }

    /** Where the files are. */
    public Path folder() {
        return folder;
    }

    /** How many events there are. */
    public long events() {
        return seal.events();
    }

    /** {@link EventDigest} of them all. */
    public String digest() {
        return seal.digest();
    }

    /** The files of each table that has rows, in order, by its name. */
    public Map<String, List<Path>> files() {
        Map<String, List<Path>> files = new TreeMap<>();
        seal.files().forEach((table, names) -> files.put(table,
                names.stream().map(file -> folder.resolve(file.name())).toList()));
        return files;
    }

    /** The files of a table; none when it has no rows. */
    List<Path> files(String table) {
        return files().getOrDefault(table, List.of());
    }

    /** The file of the table of executed pages, when it has been made. */
    @Nullable
    Path stepPages() {
        Path file = folder.resolve(StepPages.FILE);
        return Files.exists(file) ? file : null;
    }

    /**
     * Makes the table of executed pages, which takes a pass over all steps.
     *
     * @throws JournalException
     *             when the journal was recorded without steps
     */
    void makeStepPages(Consumer<Progress> progress) {
        if (stepPages() != null) {
            return;
        }
        try {
            Path draft = Files.createTempDirectory(folder, "new-");
            try {
                StepPages.write(journal(), draft, progress);
                Files.move(draft.resolve(StepPages.FILE), folder.resolve(StepPages.FILE));
            } finally {
                remove(draft);
            }
        } catch (SQLException e) {
            throw new JournalException("cannot write the tables of " + journal() + ": " + Sql.complaint(e), e);
        } catch (IOException e) {
            throw new JournalException("cannot write the tables of " + journal() + ": " + e.getMessage(), e);
        }
    }
}
