package chronovisor.analysis.table;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.duckdb.DuckDBConnection;

/** What all use of DuckDB shares. */
final class Sql {

    private Sql() {}

    /** A database in memory that loads no extension and asks no network for one. */
    static DuckDBConnection inMemory() throws SQLException {
        return inMemory(false);
    }

    /**
     * Such a database.
     *
     * @param streaming
     *            whether rows come as they are asked for; what fails meanwhile then has no words
     */
    static DuckDBConnection inMemory(boolean streaming) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("autoinstall_known_extensions", "false");
        properties.setProperty("autoload_known_extensions", "false");
        properties.setProperty("jdbc_stream_results", Boolean.toString(streaming));
        return DriverManager.getConnection("jdbc:duckdb:", properties).unwrap(DuckDBConnection.class);
    }

    /** A literal. */
    static String text(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }

    /**
     * What a statement failed with, on one line: the complaint, without the drawing of where, and with the line and column that the
     * drawing shows.
     */
    static String complaint(SQLException e) {
        String message = String.valueOf(e.getMessage()).strip();
        int drawing = message.indexOf("\nLINE ");
        String words = drawing < 0 ? message : message.substring(0, drawing);
        return words.lines().map(String::strip).filter(line -> !line.isEmpty())
                .reduce((a, b) -> a + " " + b).orElse("no reason given") + where(message, drawing);
    }

    private static String where(String message, int drawing) {
        if (drawing < 0) {
            return "";
        }
        String[] lines = message.substring(drawing + 1).split("\n", -1);
        int text = lines[0].indexOf(": ") + 2;
        int caret = lines.length < 2 ? -1 : lines[1].indexOf('^');
        String line = lines[0].substring("LINE ".length(), Math.max("LINE ".length(), text - 2));
        // A long line is shown as an excerpt, and then the caret tells no column.
        return caret < text || lines[0].startsWith("...", text)
                ? " (line " + line + ")"
                : " (line " + line + ", column " + (caret - text + 1) + ")";
    }
}
