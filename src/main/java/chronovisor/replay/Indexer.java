package chronovisor.replay;

import chronovisor.journal.Blob;
import chronovisor.journal.Folders;
import chronovisor.journal.JournalEnd;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalMap;
import chronovisor.journal.JournalWriter;
import chronovisor.journal.RecordType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Adds checkpoints to a journal that is there already: in a folder {@code index} inside its own, which is written like a
 * journal and names the one it belongs to by its chain. The journal itself is not touched.
 */
public final class Indexer {

    /** Name of the folder. */
    public static final String FOLDER = "index";

    static final String OF = "index_of";

    private Indexer() {}

    /**
     * Replays a journal and writes its index; one that is there is replaced when the new one is complete.
     *
     * @return how many checkpoints it has
     * @throws JournalException
     *             when the journal cannot be replayed, diverges, or its folder cannot be written
     */
    public static int index(Path folder, MachineParts parts, CheckpointPlan plan, Consumer<Progress> progress) {
        Path draft = folder.resolve(FOLDER + ".new");
        remove(draft);
        try (ReplaySession session = ReplaySession.openWithoutIndex(folder, parts)) {
            TreeMap<String, String> properties = new TreeMap<>();
            properties.put(OF, session.map().chain().toHex());
            JournalHeader header = new JournalHeader(properties, "", List.of(), null);
            // Closed in this order: the writer, which still works on states, the maker, the session that has their frames.
            try (CheckpointMaker maker = new CheckpointMaker();
                    JournalWriter writer = JournalWriter.create(draft, header)) {
                session.runThrough(plan, state -> writer.append(out -> maker.write(state, out)), progress);
                writer.end(new JournalEnd(session.position(), Blob.of(session.vm().digest()), 0, 0, "index", 0));
            }
        } catch (RuntimeException e) {
            remove(draft);
            throw e;
        }
        try {
            Path place = folder.resolve(FOLDER);
            remove(place);
            Files.move(draft, place);
            return (int) JournalMap.of(place, false).entries().stream()
                    .filter(entry -> entry.type() == RecordType.STATE).count();
        } catch (IOException e) {
            throw new JournalException("cannot put the index into " + folder + ": " + e.getMessage(), e);
        }
    }

    private static void remove(Path folder) {
        try {
            Folders.remove(folder);
        } catch (IOException e) {
            throw new JournalException("cannot remove the old index " + folder + ": " + e.getMessage(), e);
        }
    }
}
