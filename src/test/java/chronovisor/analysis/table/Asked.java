package chronovisor.analysis.table;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a query answered. */
final class Asked implements JournalTables.Answer {

    List<String> columns = List.of();
    final List<List<@Nullable Object>> rows = new ArrayList<>();

    static JournalTables open(Path... journals) {
        return JournalTables.open(List.of(journals), progress -> {});
    }

    static Asked of(JournalTables tables, String query) {
        Asked asked = new Asked();
        tables.query(query, asked);
        return asked;
    }

    /** The number in the first column of the only row. */
    static long number(JournalTables tables, String query) {
        Asked asked = of(tables, query);
        return asked.rows.getFirst().getFirst() instanceof Number number ? number.longValue() : Long.MIN_VALUE;
    }

    @Override
    public void columns(List<String> names) {
        columns = names;
    }

    @Override
    public void row(List<@Nullable Object> values) {
        rows.add(values);
    }
}
