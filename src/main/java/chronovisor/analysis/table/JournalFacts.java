package chronovisor.analysis.table;

import chronovisor.journal.JournalEnd;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalMap;
import chronovisor.journal.Position;
import chronovisor.journal.RecordType;
import chronovisor.replay.Indexer;
import chronovisor.replay.Replay;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a journal tells besides events: where it comes from, how it ended, and where its checkpoints are.
 *
 * @param before
 *            what its parents recorded, as far as that is wanted
 */
record JournalFacts(String name, Projection projection, List<Ancestor> before, @Nullable JournalHeader header,
        @Nullable JournalEnd end,
        Position last,
        List<Checkpoint> checkpoints) {

    /** A checkpoint, and whether the journal itself or its index has it. */
    record Checkpoint(Position at, long excerpt, String place) {}

    static JournalFacts of(String name, Projection projection, List<Ancestor> before) {
        JournalMap map = projection.map();
        List<Checkpoint> checkpoints = new ArrayList<>();
        JournalHeader header = null;
        JournalEnd end = null;
        for (JournalMap.Entry entry : map.entries()) {
            if (entry.type() == RecordType.HEADER) {
                header = map.read(entry).header();
            } else if (entry.type() == RecordType.END) {
                end = map.read(entry).end();
            }
        }
        add(checkpoints, map, "journal");
        Path index = projection.journal().resolve(Indexer.FOLDER);
        if (Files.isDirectory(index)) {
            add(checkpoints, JournalMap.of(index, false), "index");
        }
        return new JournalFacts(name, projection, before, header, end, map.last(), checkpoints);
    }

    private static void add(List<Checkpoint> into, JournalMap map, String place) {
        map.entries().stream().filter(entry -> entry.type() == RecordType.STATE)
                .forEach(entry -> into.add(new Checkpoint(entry.last(), entry.number(), place)));
    }

    /** The statements that make each of the tables of these facts. */
    static Map<String, Supplier<String>> tables(List<JournalFacts> all) {
        return Map.of(
                "journals",
                () -> "CREATE TABLE journals (journal VARCHAR, ticks BIGINT, events BIGINT, reason VARCHAR, "
                        + "status INTEGER, digest VARCHAR, fidelity VARCHAR, idle_ns BIGINT)"
                        + insert("journals", all.stream().map(JournalFacts::row).toList()),
                "lineage", () -> "CREATE TABLE lineage (journal VARCHAR, parent VARCHAR, parent_tick BIGINT, "
                        + "parent_sequence INTEGER, changes VARCHAR)"
                        + insert("lineage", all.stream().map(JournalFacts::origin).toList()),
                "checkpoints", () -> "CREATE TABLE checkpoints (journal VARCHAR, position VARCHAR, tick BIGINT, "
                        + "sequence INTEGER, excerpt BIGINT, place VARCHAR)"
                        + insert("checkpoints", all.stream().flatMap(JournalFacts::places).toList()));
    }

    private static String insert(String table, List<String> rows) {
        return rows.isEmpty() ? "" : "; INSERT INTO " + table + " VALUES " + String.join(", ", rows);
    }

    private Stream<String> places() {
        return checkpoints.stream()
                .map(at -> values(name, at.at.toString(), at.at.tick(), at.at.sequence(), at.excerpt, at.place));
    }

    private String row() {
        JournalEnd over = end;
        return values(name, over == null ? last.tick() : over.at().tick(), projection.events(),
                over == null ? null : over.reason(), over == null ? null : over.status(),
                over == null ? null : over.digest().toHex(), header == null ? null : header.property(Replay.FIDELITY),
                over == null ? null : over.idle_ns());
    }

    private String origin() {
        JournalHeader.Parent parent = header == null ? null : header.parent();
        return values(name, parent == null ? null : parent.journal(), parent == null ? null : parent.at().tick(),
                parent == null ? null : parent.at().sequence(), header == null ? "" : header.property("fork"));
    }

    private static String values(@Nullable Object... values) {
        return java.util.Arrays.stream(values).map(value -> value == null
                ? "NULL"
                : value instanceof String text ? Sql.text(text) : value.toString())
                .collect(Collectors.joining(", ", "(", ")"));
    }
}
