package chronovisor.app.cli;

import chronovisor.analysis.table.JournalTables;
import chronovisor.journal.Blob;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints the answer to a query. */
abstract class RowPrinter implements JournalTables.Answer {

    /** Rows between two looks whether anybody reads. */
    private static final int LOOK_ROWS = 1024;

    /** Standard output has no reader any more. */
    static final class ReaderGone extends RuntimeException {
        private static final long serialVersionUID = 1;

        ReaderGone() {
            super(null, null, false, false);
        }
    }

    final PrintWriter out;
    List<String> names = List.of();
    private long rows;

    private RowPrinter(PrintWriter out) {
        this.out = out;
    }

    static RowPrinter of(RowFormat format, PrintWriter out) {
        return switch (format) {
            case TABLE -> new Table(out);
            case CSV -> new Csv(out);
            case JSON -> new Json(out);
        };
    }

    @Override
    public void columns(List<String> columns) {
        names = columns;
    }

    @Override
    public void row(List<@Nullable Object> values) {
        print(values);
        if (++rows % LOOK_ROWS == 0 && out.checkError()) {
            throw new ReaderGone();
        }
    }

    long rows() {
        return rows;
    }

    abstract void print(List<@Nullable Object> values);

    /** There are no more rows. */
    void end() {
        out.flush();
    }

    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Blob blob -> blob.isText() ? blob.toText() : "0x" + blob.toHex();
            default -> value.toString();
        };
    }

    /** Columns as wide as what is in the first rows, so that long answers need not be held. */
    private static final class Table extends RowPrinter {
        private static final int HELD_ROWS_MAX = 1000;
        private static final int WIDTH_MAX = 60;

        private final List<List<@Nullable Object>> held = new ArrayList<>();
        private int[] widths = {};

        Table(PrintWriter out) {
            super(out);
        }

        @Override
        void print(List<@Nullable Object> values) {
            if (widths.length > 0) {
                line(values);
            } else {
                held.add(values);
                if (held.size() == HELD_ROWS_MAX) {
                    begin();
                }
            }
        }

        private void begin() {
            widths = new int[names.size()];
            for (int i = 0; i < widths.length; i++) {
                widths[i] = names.get(i).length();
                for (List<@Nullable Object> row : held) {
                    widths[i] = Math.max(widths[i], Math.min(WIDTH_MAX, shown(row.get(i)).length()));
                }
            }
            line(new ArrayList<@Nullable Object>(names));
            StringBuilder rule = new StringBuilder();
            for (int width : widths) {
                rule.append(rule.isEmpty() ? "" : "  ").append("-".repeat(width));
            }
            out.println(rule);
            held.forEach(this::line);
            held.clear();
        }

        private static String shown(@Nullable Object value) {
            return text(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
                    .replaceAll("\\p{Cntrl}", "?");
        }

        private void line(List<@Nullable Object> values) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String text = shown(values.get(i));
                String pad = " ".repeat(Math.max(0, widths[i] - text.length()));
                line.append(i == 0 ? "" : "  ").append(values.get(i) instanceof Number ? pad + text : text + pad);
            }
            out.println(line.toString().stripTrailing());
        }

        @Override
        void end() {
            if (widths.length == 0) {
                begin();
            }
            super.end();
        }
    }

    private static final class Csv extends RowPrinter {
        Csv(PrintWriter out) {
            super(out);
        }

        @Override
        public void columns(List<String> columns) {
            super.columns(columns);
            print(new ArrayList<@Nullable Object>(columns));
        }

        @Override
        void print(List<@Nullable Object> values) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < values.size(); i++) {
                String text = text(values.get(i));
                boolean quote = values.get(i) != null && text.isEmpty()
                        || text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
                line.append(i == 0 ? "" : ",").append(quote ? '"' + text.replace("\"", "\"\"") + '"' : text);
            }
            out.append(line).append("\r\n");
        }
    }

    private static final class Json extends RowPrinter {
        Json(PrintWriter out) {
            super(out);
        }

        @Override
        void print(List<@Nullable Object> values) {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                object.put(names.get(i), plain(values.get(i)));
            }
            out.println(Output.json(object));
        }

        private static @Nullable Object plain(@Nullable Object value) {
            return switch (value) {
                case Blob blob -> blob.isText() ? blob.toText() : Map.of("hex", blob.toHex());
                case Double real when !Double.isFinite(real) -> String.format(Locale.ROOT, "%s", real);
                case List<?> list -> list.stream().map(Json::plain).toList();
                case null, default -> value;
            };
        }
    }
}
