/**
 * Journals for the tools that people already use.
 *
 * <pre>
 *   journal ──events──▶ Picture ──tracks, slices, arrows, counters──▶ Canvas ─┬─ PerfettoCanvas ──▶ ui.perfetto.dev, trace_processor
 *      │                   └── PictureClock, Lanes, Arrows, MemorySizes          ├─ ChromeCanvas ────▶ chrome://tracing, Perfetto
 *      │                                                                         └─ PageCanvas ──────▶ any browser
 *      └──────events──▶ CtfTrace ──▶ babeltrace2, Trace Compass
 * </pre>
 *
 * <table>
 * <caption>Types</caption>
 * <tr><td>{@link chronovisor.analysis.export.Exports}</td><td>the door: one method a format</td></tr>
 * <tr><td>{@code Picture}</td><td>turns events into tracks, slices, arrows and counters; knows no format</td></tr>
 * <tr><td>{@code PictureClock}</td><td>where in a viewer's time an event lies</td></tr>
 * <tr><td>{@code Lanes}</td><td>the tracks of processes and tasks, and what is open on each</td></tr>
 * <tr><td>{@code MemorySizes}</td><td>how much address space each process has mapped</td></tr>
 * <tr><td>{@code Canvas}</td><td>what a format has to be able to draw</td></tr>
 * <tr><td>{@code PerfettoCanvas}, {@code ChromeCanvas}</td><td>the two formats of pictures</td></tr>
 * <tr><td>{@code PageCanvas}</td><td>a page of our own, with {@code timeline.html} and {@code timeline.js}</td></tr>
 * <tr><td>{@code Arrows}</td><td>where arrows begin, until what they lead to has come</td></tr>
 * <tr><td>{@code JsonText}</td><td>strings as JSON has them</td></tr>
 * <tr><td>{@code CtfTrace}, {@code CtfMetadata}</td><td>the Common Trace Format, version 1.8</td></tr>
 * </table>
 *
 * <p>
 * Invariants: the same journal gives the same bytes. Everything but the page streams: memory does not grow with the length of the run. On the
 * caller's thread.
 */
@NullMarked
package chronovisor.analysis.export;

import org.jspecify.annotations.NullMarked;
