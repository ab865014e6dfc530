/**
 * Journals as tables: a columnar projection of their events in Parquet files beside them, and SQL over one or several of those.
 *
 * <pre>
 *   journal ──records──▶ ProjectionWriter ──rows──▶ PartTable… ──COPY──▶ journal/tables/KEY/*.parquet, tables.json
 *      │                       ▲                                              │
 *      │                 EventTable (columns derived                          ├──▶ EventsOfTables: the same events again
 *      │                 from the sealed records)                             │
 *      └──heads────────▶ Projection: stale? built anew                        ▼
 *                                                              JournalTables (DuckDB in memory: Views over the files) ◀── SQL
 * </pre>
 *
 * <p>
 * A projection is made once and used until the journal's hash chain is another one; its folder is named by that chain, so what a query
 * reads is never of another state of the journal than the one it was opened for. It is lossless: {@link EventsOfTables} gives the
 * events back, and their digest is the one that was taken while they were written. What is derived from events — system calls with
 * their results, transfers through pipes, collections — is a view in SQL over the tables of events, in {@link Views}, and is
 * never stored.
 *
 * <p>
 * Invariants: the journal's own files are only read. A query can read the tables and nothing else: no other file, no network, no
 * extension; and it can write nothing. Nothing here decides what a guest sees. All of it runs on the caller's thread; DuckDB has
 * threads of its own, and no other package imports it.
 */
@NullMarked
package chronovisor.analysis.table;

import org.jspecify.annotations.NullMarked;
