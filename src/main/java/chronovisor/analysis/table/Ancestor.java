package chronovisor.analysis.table;

import chronovisor.journal.JournalException;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalMap;
import chronovisor.journal.Position;
import chronovisor.replay.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a journal's parent, or its parent's, recorded before the fork began. */
record Ancestor(Projection projection, Position end) {

    /**
     * All that came before a journal, the oldest first; none when it is no fork. Parents are looked for beside it.
     *
     * @throws JournalException
     *             when one is not there, or is not the one that was forked any more
     */
    static List<Ancestor> of(Projection fork, Consumer<Progress> progress) {
        List<Ancestor> found = new ArrayList<>();
        Projection child = fork;
        for (JournalHeader.Parent parent = parent(child); parent != null; parent = parent(child)) {
            Path folder = child.journal().toAbsolutePath().normalize().resolveSibling(parent.journal());
            if (!Files.isDirectory(folder)) {
                throw new JournalException(child.journal() + " is a fork of " + parent.journal()
                        + ", which is not beside it");
            }
            Projection projection = Projection.of(folder, progress);
            if (parent.chain().size() > 0 && !projection.map().chainAt(parent.at()).equals(parent.chain())) {
                throw new JournalException(folder + " is not the journal any more that " + child.journal()
                        + " is a fork of");
            }
            found.addFirst(new Ancestor(projection, parent.at()));
            child = projection;
        }
        return found;
    }

    private static JournalHeader.@Nullable Parent parent(Projection projection) {
        JournalMap map = projection.map();
        JournalHeader header = map.entries().isEmpty() ? null : map.read(map.entries().getFirst()).header();
        return header == null ? null : header.parent();
    }

    /** Which of its rows are meant. */
    String condition() {
        return "(tick, sequence) < (" + end.tick() + ", " + end.sequence() + ")";
    }
}
