package chronovisor.timeline;

import chronovisor.journal.JournalException;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which journal is a fork of which, by what each tells of its parent. */
public final class Lineage {

    /**
     * A journal in the tree.
     *
     * @param name
     *            its folder's name
     * @param header
     *            what it tells of itself
     * @param forks
     *            journals that name it as their parent, by position
     */
    public record Branch(String name, JournalHeader header, List<Branch> forks) {

        /** Where it begins in its parent; null for one without. */
        public JournalHeader.@Nullable Parent parent() {
            return header.parent();
        }
    }

    private Lineage() {}

    /** The trees of these journals. One whose parent is not among them is a root; what cannot be read is left out. */
    public static List<Branch> of(List<Path> folders) {
        Map<String, Branch> byName = new TreeMap<>();
        for (Path folder : folders) {
            JournalHeader header = header(folder);
            if (header != null) {
                String name = String.valueOf(folder.getFileName());
                byName.put(name, new Branch(name, header, new ArrayList<>()));
            }
        }
        List<Branch> roots = new ArrayList<>();
        for (Branch branch : byName.values()) {
            JournalHeader.Parent link = branch.parent();
            Branch parent = link == null ? null : byName.get(link.journal());
            (parent == null ? roots : parent.forks).add(branch);
        }
        byName.values().forEach(branch -> branch.forks.sort((a, b) -> {
            JournalHeader.Parent left = a.parent();
            JournalHeader.Parent right = b.parent();
            return left == null || right == null ? 0 : left.at().compareTo(right.at());
        }));
        return roots;
    }

    private static @Nullable JournalHeader header(Path folder) {
        try {
            JournalMap map = JournalMap.of(folder, false);
            return map.entries().isEmpty() ? null : map.read(map.entries().getFirst()).header();
        } catch (JournalException | chronovisor.journal.FormatException
                | chronovisor.journal.DamagedJournalException e) {
            // A damaged journal is verify's to tell about.
            return null;
        }
    }
}
