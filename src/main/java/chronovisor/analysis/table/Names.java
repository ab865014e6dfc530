package chronovisor.analysis.table;

import chronovisor.analysis.Words;
import chronovisor.kitten.syscall.OriginalTable;
import chronovisor.kitten.syscall.SyscallTable;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tables of names for what events tell by number. */
final class Names {

    private static final int ERRORS_MAX = 4096;

    private Names() {}

    /** The statements that make each of them. */
    static Map<String, Supplier<String>> tables() {
        return Map.of("syscall_names", Names::calls, "error_names", Names::errors);
    }

    private static String calls() {
        TreeMap<Integer, String> calls = new TreeMap<>();
        Stream.concat(SyscallTable.rows().stream(), OriginalTable.rows().stream().map(OriginalTable.Original::row))
                .forEach(row -> calls.put(row.number(), Words.call(row.number())));
        return "CREATE TABLE syscall_names (number INTEGER, name VARCHAR, transfers BOOLEAN); "
                + "INSERT INTO syscall_names VALUES " + calls.entrySet().stream()
                        .map(call -> "(" + call.getKey() + ", " + Sql.text(call.getValue()) + ", "
                                + Words.transfers(call.getValue()) + ")")
                        .collect(Collectors.joining(", "));
    }

    private static String errors() {
        return "CREATE TABLE error_names (number INTEGER, name VARCHAR); INSERT INTO error_names VALUES "
                + Stream.iterate(1, number -> number < ERRORS_MAX, number -> number + 1)
                        .filter(number -> Words.isError(number))
                        .map(number -> "(" + number + ", " + Sql.text(Words.error(number)) + ")")
                        .collect(Collectors.joining(", "));
    }
}
