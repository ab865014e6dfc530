/**
 * Probes that a person asks for: entries into functions, their returns, writes to and reads of memory. On a run that is being recorded, or
 * afterwards, on one that was recorded long ago.
 *
 * <pre>
 *                      ProbeSpec…
 *                          │
 *   machine ──stops──▶ ProbeWatcher ──ProbeHit──▶ CallMatcher ──ProbeEvent──▶ SideJournal
 *      ▲                                              ▲
 *      ├── a recording (LiveProbes)                   │ in the order of the segments
 *      └── SegmentHits: a segment between checkpoints; ───────────────┘
 *          Retrace: all of them, on all processors
 * </pre>
 *
 * <table>
 * <caption>Types</caption>
 * <tr><td>{@link chronovisor.analysis.probe.ProbeSpec}</td><td>what is asked for, and how it is written</td></tr>
 * <tr><td>{@link chronovisor.analysis.probe.Retrace}</td><td>probes on a recorded run</td></tr>
 * <tr><td>{@link chronovisor.analysis.probe.SegmentHits}</td><td>probes on one segment, anywhere</td></tr>
 * <tr><td>{@link chronovisor.analysis.probe.LiveProbes}</td><td>probes on a machine that runs</td></tr>
 * <tr><td>{@link chronovisor.analysis.probe.SideJournal}</td><td>where the events go</td></tr>
 * <tr><td>{@code ProbeWatcher}</td><td>puts stops on a machine and tells hits</td></tr>
 * <tr><td>{@code ProbeSites}</td><td>where the probes are in one program</td></tr>
 * <tr><td>{@code ProbeHit}</td><td>what a machine tells; of it alone all events follow</td></tr>
 * <tr><td>{@code CallMatcher}</td><td>pairs returns with calls, and numbers the events</td></tr>
 * </table>
 *
 * <p>
 * The same probes give the same events on a recording and afterwards, however the run is divided into segments. So a hit belongs to the
 * instruction that <em>retires</em>: one that is about to be executed when a segment ends, or an interrupt takes the core away, is told by
 * whoever executes it. What has to be remembered for longer, which calls are open, is remembered where the segments are put together.
 *
 * <p>
 * Invariants: nothing here changes what the guest sees, or when. A watcher belongs to its machine's thread.
 */
@NullMarked
package chronovisor.analysis.probe;

import org.jspecify.annotations.NullMarked;
