package chronovisor.analysis.table;

import chronovisor.analysis.table.EventTable.Column;
import chronovisor.journal.EventType;
import chronovisor.journal.EventTypes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What makes each table of SQL over journals. A table is made when a query names it first, with what it is made from: a hundred of them,
 * each with files to be opened, take longer than many a query.
 */
final class Definitions {

    private final List<JournalFacts> journals;
    private final boolean withSteps;
    private final Map<String, Supplier<String>> statements = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, Views> views = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    /**
     * The definitions of some journals' tables.
     *
     * @param withSteps
     *            whether the tables of executed pages have been made
     */
    Definitions(List<JournalFacts> journals, boolean withSteps) {
        this.journals = journals;
        this.withSteps = withSteps;
        statements.put(ProjectionWriter.EVENTS,
                () -> eventView(ProjectionWriter.EVENTS, ProjectionWriter.columns()));
        for (EventType<?> type : EventTypes.all()) {
            statements.put(type.name(), () -> eventView(type.name(), EventTable.of(type).columns()));
        }
        statements.putAll(JournalFacts.tables(journals));
        statements.putAll(Names.tables());
        for (Views view : Views.values()) {
            statements.put(view.table(), view::create);
            views.put(view.table(), view);
        }
        statements.put(StepPages.TABLE, this::stepPages);
    }

    /** All tables. */
    Set<String> names() {
        return statements.keySet();
    }

    /**
     * The statements that make tables, each after those that it is made from.
     *
     * @param wanted
     *            names of tables
     * @param made
     *            what is there; what these statements make is added
     */
    List<String> making(Collection<String> wanted, Set<String> made) {
        List<String> sql = new ArrayList<>();
        wanted.forEach(name -> add(name, made, sql));
        return sql;
    }

    private void add(String name, Set<String> made, List<String> sql) {
        Supplier<String> statement = statements.get(name);
        if (statement != null && made.add(name)) {
            Views view = views.get(name);
            if (view != null) {
                view.words().forEach(word -> add(word, made, sql));
            }
            sql.add(statement.get());
        }
    }

    private String eventView(String name, List<Column> columns) {
        List<String> parts = new ArrayList<>();
        for (JournalFacts facts : journals) {
            facts.before().forEach(one -> add(parts, facts, one.projection(), name, " WHERE " + one.condition()));
            add(parts, facts, facts.projection(), name, "");
        }
        String query = parts.isEmpty()
                ? "SELECT CAST(NULL AS VARCHAR) AS journal, CAST(NULL AS VARCHAR) AS position, " + empty(columns)
                : String.join(" UNION ALL ", parts);
        return "CREATE VIEW \"" + name + "\" AS " + query;
    }

    private static void add(List<String> parts, JournalFacts facts, Projection projection, String table,
            String where) {
        List<Path> files = projection.files(table);
        if (!files.isEmpty()) {
            parts.add(
                    "SELECT " + Sql.text(facts.name()) + " AS journal, concat(tick, ':', sequence) AS position, * FROM "
                            + Views.parquet(files) + where);
        }
    }

    private static String empty(List<Column> columns) {
        return columns.stream().map(column -> "CAST(NULL AS " + column.type() + ") AS " + column.quoted())
                .collect(Collectors.joining(", ", "", " WHERE false"));
    }

    private String stepPages() {
        List<String> parts = new ArrayList<>();
        for (JournalFacts facts : journals) {
            Path file = facts.projection().stepPages();
            if (withSteps && file != null) {
                parts.add("SELECT " + Sql.text(facts.name()) + " AS journal, * FROM " + Views.parquet(List.of(file)));
            }
        }
        // What was not made is not empty: whoever gets at it by a way that is not seen here is told so.
        return "CREATE VIEW " + StepPages.TABLE + " AS " + (parts.isEmpty()
                ? "SELECT CAST(NULL AS VARCHAR) AS journal, " + empty(StepPages.COLUMNS).replace("WHERE false",
                        "WHERE error('write " + StepPages.TABLE
                                + " in the query: it is made when a query names it') IS NULL")
                : String.join(" UNION ALL ", parts));
    }
}
