package chronovisor.analysis.table;

import chronovisor.analysis.steps.TaskSteps;
import chronovisor.analysis.table.EventTable.Column;
import chronovisor.replay.Progress;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/** How many instructions each task retired on each page of its code, from the steps in the journal. */
final class StepPages {

    static final String TABLE = "steps_by_page";
    static final String FILE = TABLE + "-0.parquet";

    static final List<Column> COLUMNS = List.of(new Column("task", "INTEGER"), new Column("core", "INTEGER"),
            new Column("page", "BIGINT"), new Column("steps", "BIGINT"), new Column("first_tick", "BIGINT"),
            new Column("last_tick", "BIGINT"));

    private record Key(int task, int core, long page) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byTask = Integer.compare(task, other.task);
            int byCore = byTask != 0 ? byTask : Integer.compare(core, other.core);
            return byCore != 0 ? byCore : Long.compareUnsigned(page, other.page);
        }
    }

    private static final class Count {
        final long first;
        long last;
        long steps;

        Count(long first) {
            this.first = first;
        }
    }

    private StepPages() {}

    static void write(Path journal, Path folder, Consumer<Progress> progress) throws SQLException {
        TreeMap<Key, Count> counts = new TreeMap<>();
        TaskSteps.forEach(journal, new TaskSteps.Visitor() {
            private int lastTask = Integer.MIN_VALUE;
            private int lastCore;
            private long lastPage;
            private Count count = new Count(0);

            @Override
            public void step(int task, long tick, int core, long rip, chronovisor.isa.Instruction instruction) {
                long page = rip & -4096L;
                if (page != lastPage || task != lastTask || core != lastCore) {
                    lastPage = page;
                    lastTask = task;
                    lastCore = core;
                    count = counts.computeIfAbsent(new Key(task, core, page), _ -> new Count(tick));
                }
                count.steps++;
                count.last = tick;
            }
        }, progress);
        try (DuckDBConnection connection = Sql.inMemory()) {
            PartTable table = new PartTable(connection, folder, TABLE, COLUMNS);
            DuckDBAppender rows = table.rows();
            for (var entry : counts.entrySet()) {
                Key key = entry.getKey();
                Count count = entry.getValue();
                rows.beginRow().append(key.task).append(key.core).append(key.page).append(count.steps)
                        .append(count.first).append(count.last).endRow();
            }
            table.flush();
        }
    }
}
