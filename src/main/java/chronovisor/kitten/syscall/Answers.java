package chronovisor.kitten.syscall;

import chronovisor.kitten.KittenOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which row answers a number under given options: the 2012 kernel's own row until its switch is on, else the row of the
 * table if its switch is on, else nothing: ENOSYS and a line on the console.
 */
public final class Answers {

    private Answers() {}

    /** The row that answers, or null. Absent rows do not answer. */
    public static @Nullable Syscall to(KittenOptions options, int number) {
        OriginalTable.Original original = OriginalTable.row(options, number);
        if (original != null) {
            return original.row().handler() == null ? null : original.row();
        }
        Syscall row = SyscallTable.row(number);
        boolean answers = row != null && row.handler() != null
                && (row.patch().isEmpty() || options.has(row.patch()));
        return answers ? row : null;
    }

    /** Every number that has a row in either table, in order. */
    public static List<Integer> numbers() {
        TreeMap<Integer, Boolean> numbers = new TreeMap<>();
        SyscallTable.rows().forEach(row -> numbers.put(row.number(), true));
        OriginalTable.rows().forEach(original -> numbers.put(original.row().number(), true));
        return new ArrayList<>(numbers.keySet());
    }
}
