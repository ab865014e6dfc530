package chronovisor.analysis.table;

import chronovisor.analysis.Words;
import chronovisor.kitten.syscall.OriginalTable;
import chronovisor.kitten.syscall.SyscallTable;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tables of names for what events tell by number. */
final class Names {

    private static final int ERRORS_MAX = 4096;

    private Names() {}

    /** The statements that make each of them. */
    static Map<String, String> tables() {
        TreeMap<Integer, String> calls = new TreeMap<>();
        Stream.concat(SyscallTable.rows().stream(), OriginalTable.rows().stream().map(OriginalTable.Original::row))
                .forEach(row -> calls.put(row.number(), Words.call(row.number())));
        String names = calls.entrySet().stream()
                .map(call -> "(" + call.getKey() + ", " + Sql.text(call.getValue()) + ", "
                        + Words.transfers(call.getValue()) + ")")
                .collect(Collectors.joining(", "));
        String errors = Stream.iterate(1, number -> number < ERRORS_MAX, number -> number + 1)
                .filter(number -> Words.isError(number))
                .map(number -> "(" + number + ", " + Sql.text(Words.error(number)) + ")")
                .collect(Collectors.joining(", "));
        return Map.of("syscall_names", "CREATE TABLE syscall_names (number INTEGER, name VARCHAR, transfers BOOLEAN); "
                + "INSERT INTO syscall_names VALUES " + names,
                "error_names", "CREATE TABLE error_names (number INTEGER, name VARCHAR); "
                        + "INSERT INTO error_names VALUES " + errors);
    }
}
