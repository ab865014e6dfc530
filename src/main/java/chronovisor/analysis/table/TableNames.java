package chronovisor.analysis.table;

import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * The tables that a query names, from what DuckDB's {@code json_serialize_sql} gives of it.
 *
 * @param names
 *            in any spelling: SQL does not mind the case of letters
 * @param own
 *            names that it gives itself, by WITH; one of them can be a table's as well
 * @param catalog
 *            whether it asks for what tables there are, in whatever way
 */
record TableNames(Set<String> names, Set<String> own, boolean catalog) {

    static TableNames of(JsonNode serialized) {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        Set<String> own = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        boolean[] catalog = {false};
        visit(serialized, names, own, catalog);
        return new TableNames(names, own, catalog[0]);
    }

    /** Whether these tables are all that it needs, as far as it tells. */
    boolean within(Set<String> tables) {
        return !catalog && names.stream().allMatch(name -> tables.contains(name) || own.contains(name));
    }

    private static void visit(JsonNode node, Set<String> names, Set<String> own, boolean[] catalog) {
        switch (node.path("type").asString("")) {
            case "BASE_TABLE" -> names.add(node.path("table_name").asString(""));
            // Functions can tell of tables, or ask a query that is a text.
            case "TABLE_FUNCTION" -> catalog[0] = true;
            // SHOW has a name of what is shown instead of a query.
            case "SHOW_REF" -> catalog[0] |= node.path("query").isNull() || node.path("query").isMissingNode();
            default -> {
                // Says nothing of tables itself.
            }
        }
        node.path("cte_map").path("map").forEach(entry -> own.add(entry.path("key").asString("")));
        node.forEach(child -> visit(child, names, own, catalog));
    }
}
