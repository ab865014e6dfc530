package chronovisor.analysis.table;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The table at the door: what can be asked besides the tables of events, each a view over those. Positions come in pairs of
 * {@code tick} and {@code sequence}; where there are two of them the second has a prefix.
 */
enum Views {
    /** System calls with their results. */
    SYSCALLS(
            "syscalls",
            "system calls: what was asked and what came of it; an open end where one never returned",
            """
                    SELECT e.journal, e.position, e.tick, e.sequence, e.core, e.task, e.number,
                        coalesce(n.name, 'system call ' || e.number) AS name,
                        e.a0, e.a1, e.a2, e.a3, e.a4, e.a5, r.result,
                        CASE WHEN r.result BETWEEN -4095 AND -1 THEN x.name END AS error,
                        r.tick AS returned_tick, r.sequence AS returned_sequence, r.tick - e.tick AS duration_ticks,
                        CASE WHEN n.transfers AND r.result >= 0 THEN r.result END AS bytes
                    FROM SyscallEntered e
                    LEFT JOIN SyscallReturned r ON r.journal = e.journal AND r.task = e.task
                        AND r.cause_tick = e.tick AND r.cause_sequence = e.sequence
                    LEFT JOIN syscall_names n ON n.number = e.number
                    LEFT JOIN error_names x ON x.number = -r.result
                    ORDER BY e.journal, e.tick, e.sequence"""),
    /** Exits from the guest to the VMM. */
    EXITS(
            "exits",
            "exits from the guest to the VMM; idle_ns is the virtual time that a HLT skipped",
            """
                    SELECT journal, position, tick, sequence, core, type AS reason, fields,
                        CASE WHEN type = 'Halted' THEN CAST(json_extract(fields, '$.idle_ns') AS BIGINT) END AS idle_ns
                    FROM events
                    WHERE family = 'VMM' AND type NOT IN ('InterruptInjected', 'StateChanged') OR type = 'ExceptionRaised'"""),
    /** Interrupts that were injected. */
    INTERRUPTS(
            "interrupts",
            "interrupts that were injected, and the task that the core ran",
            """
                    SELECT i.journal, i.position, i.tick, i.sequence, i.core, i.vector, s."to" AS task
                    FROM (SELECT *, tick * 4294967296::HUGEINT + sequence AS moment FROM InterruptInjected) i
                    ASOF LEFT JOIN (SELECT journal, core, "to", tick * 4294967296::HUGEINT + sequence AS moment
                        FROM TaskSwitched) s
                        ON s.journal = i.journal AND s.core = i.core AND i.moment >= s.moment
                    ORDER BY i.journal, i.tick, i.sequence"""),
    /** Bytes that went through pipes. */
    PIPE_TRANSFERS(
            "pipe_transfers",
            "bytes that went through pipes: each run of bytes that one call wrote and one call read; without a reader where nobody did",
            """
                    WITH written AS (SELECT journal, pipe, task, "offset" AS first, "offset" + length AS last, tick, sequence
                            FROM PipeWritten WHERE length > 0),
                        taken AS (SELECT journal, pipe, task, "offset" AS first, "offset" + length AS last, tick, sequence
                            FROM PipeRead WHERE length > 0),
                        cuts AS (SELECT journal, pipe, first AS cut FROM written UNION SELECT journal, pipe, last FROM written
                            UNION SELECT journal, pipe, first FROM taken UNION SELECT journal, pipe, last FROM taken),
                        parts AS (SELECT journal, pipe, cut, lead(cut) OVER (PARTITION BY journal, pipe ORDER BY cut) AS next
                            FROM cuts)
                    SELECT p.journal, p.pipe, p.cut AS first_byte, p.next - p.cut AS bytes, w.task AS writer,
                        CASE WHEN p.cut < r.last THEN r.task END AS reader, w.tick AS written_tick,
                        w.sequence AS written_sequence, CASE WHEN p.cut < r.last THEN r.tick END AS read_tick,
                        CASE WHEN p.cut < r.last THEN r.sequence END AS read_sequence,
                        CASE WHEN p.cut < r.last THEN r.tick - w.tick END AS latency_ticks
                    FROM parts p
                    ASOF JOIN written w ON w.journal = p.journal AND w.pipe = p.pipe AND p.cut >= w.first
                    ASOF LEFT JOIN taken r ON r.journal = p.journal AND r.pipe = p.pipe AND p.cut >= r.first
                    WHERE p.cut < w.last
                    ORDER BY p.journal, w.tick, w.sequence, p.pipe, p.cut"""),
    /** Collections of garbage. */
    GCS(
            "gcs",
            "collections of garbage by the Racket runtime; an open end where the run ended in one",
            """
                    SELECT coalesce(s.journal, e.journal) AS journal, coalesce(s.task, e.task) AS task,
                        s.tick AS started_tick, s.sequence AS started_sequence, e.tick AS ended_tick,
                        e.sequence AS ended_sequence, e.tick - s.tick AS pause_ticks, e.generation, e.before_bytes,
                        e.after_bytes, e.before_bytes - e.after_bytes AS freed_bytes, e.administrativeBefore_bytes,
                        e.administrativeAfter_bytes
                    FROM GcStarted s
                    FULL JOIN GcEnded e ON e.journal = s.journal AND e.cause_tick = s.tick AND e.cause_sequence = s.sequence
                    ORDER BY journal, coalesce(s.tick, e.tick), coalesce(s.sequence, e.sequence)"""),
    /** Tasks. */
    TASKS(
            "tasks",
            "tasks: who started them, what they ran last, and how they ended",
            """
                    WITH programs AS (SELECT journal, task, arg_max(path, struct_pack(a := tick, b := sequence)) AS path
                            FROM ProgramLoaded GROUP BY journal, task),
                        calls AS (SELECT journal, task, count(*) AS calls FROM SyscallEntered GROUP BY journal, task)
                    SELECT t.journal, t.task, t.process, t.parent, t.name, coalesce(p.path, q.path) AS program,
                        t.tick AS started_tick, t.sequence AS started_sequence, x.tick AS ended_tick,
                        x.sequence AS ended_sequence, x.status, x.signal, coalesce(c.calls, 0) AS syscalls
                    FROM TaskStarted t
                    LEFT JOIN TaskExited x ON x.journal = t.journal AND x.task = t.task
                    LEFT JOIN programs p ON p.journal = t.journal AND p.task = t.task
                    LEFT JOIN programs q ON q.journal = t.journal AND q.task = t.process
                    LEFT JOIN calls c ON c.journal = t.journal AND c.task = t.task
                    ORDER BY t.journal, t.tick, t.sequence"""),
    /** What went over terminals and serial lines. */
    CONSOLE(
            "console",
            "what went over terminals and serial lines: typed, read, written by tasks, printed by the kernel",
            """
                    SELECT * FROM (
                        SELECT journal, position, tick, sequence, core, 'written' AS what, task, device,
                            TRY(decode(bytes)) AS text, bytes FROM ConsoleWritten
                        UNION ALL SELECT journal, position, tick, sequence, core, 'read', task, device,
                            TRY(decode(bytes)), bytes FROM ConsoleRead
                        UNION ALL SELECT journal, position, tick, sequence, core, 'typed', NULL, device,
                            chr(character), NULL FROM ConsoleInputArrived
                        UNION ALL SELECT journal, position, tick, sequence, core, 'printed', NULL, NULL,
                            line, NULL FROM MessagePrinted)
                    ORDER BY journal, tick, sequence""");

    private final String table;
    private final String purpose;
    private final String query;

    Views(String table, String purpose, String query) {
        this.table = table;
        this.purpose = purpose;
        this.query = query;
    }

    /** Its name in SQL. */
    String table() {
        return table;
    }

    /** What its rows are. */
    String purpose() {
        return purpose;
    }

    /** The words of its query, and so among others the tables that it is made from. */
    Set<String> words() {
        return new TreeSet<>(List.of(query.split("\\W+")));
    }

    /** The statement that makes it. */
    String create() {
        return "CREATE VIEW " + table + " AS " + query;
    }

    /** A relation over Parquet files. */
    static String parquet(List<Path> files) {
        return files.stream().map(file -> Sql.text(file.toAbsolutePath().toString()))
                .collect(Collectors.joining(", ", "read_parquet([", "])"));
    }
}
