package chronovisor.analysis.table;

import chronovisor.analysis.table.JournalTables.Answer;
import chronovisor.journal.Blob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBStruct;
import org.jspecify.annotations.Nullable;

/** DuckDB's values as Java's: numbers, flags, texts, {@link Blob}, lists and maps. */
final class Rows {

    private Rows() {}

    static void tell(ResultSet rows, Answer answer) throws SQLException {
        ResultSetMetaData meta = rows.getMetaData();
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            names.add(meta.getColumnLabel(i));
        }
        answer.columns(names);
        while (rows.next()) {
            List<@Nullable Object> values = new ArrayList<>(names.size());
            for (int i = 1; i <= names.size(); i++) {
                values.add(value(rows.getObject(i)));
            }
            answer.row(values);
        }
    }

    private static @Nullable Object value(@Nullable Object value) throws SQLException {
        return switch (value) {
            case null -> null;
            case Number number -> number;
            case Boolean flag -> flag;
            case String text -> text;
            case java.sql.Blob blob -> Blob.owning(blob.getBytes(1, (int) blob.length()));
            case java.sql.Array array -> list(Arrays.asList((@Nullable Object[]) array.getArray()));
            case DuckDBStruct struct -> map(struct.getMap());
            case Map<?, ?> map -> map(map);
            default -> value.toString();
        };
    }

    private static List<@Nullable Object> list(List<? extends @Nullable Object> values) throws SQLException {
        List<@Nullable Object> list = new ArrayList<>();
        for (Object value : values) {
            list.add(value(value));
        }
        return list;
    }

    private static Map<String, @Nullable Object> map(Map<?, ?> values) throws SQLException {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : values.entrySet()) {
            map.put(String.valueOf(entry.getKey()), value(entry.getValue()));
        }
        return map;
    }
}
