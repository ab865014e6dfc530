/**
 * The unit of work for many processors or many hosts: a segment of a journal, from one checkpoint to the next.
 *
 * <pre>
 *   journal ──checkpoints──▶ Segments ──SegmentUnit…──▶ (anywhere) replay, checked ──▶ SegmentCounts ──plus──▶ the whole run's
 * </pre>
 *
 * <table>
 * <caption>Types</caption>
 * <tr><td>{@link chronovisor.analysis.segment.SegmentUnit}</td><td>a segment, as something that can be sent</td></tr>
 * <tr><td>{@link chronovisor.analysis.segment.Segments}</td><td>divides a journal, and executes one segment of it</td></tr>
 * <tr><td>{@link chronovisor.analysis.segment.SegmentCounts}</td><td>what happened how often; of two segments it is the sum</td></tr>
 * </table>
 *
 * <p>
 * {@code replay-tools/spark} maps these over a cluster; {@link chronovisor.analysis.probe.Retrace} over this host's processors. Invariants:
 * the sum over all segments is what {@link chronovisor.analysis.report.Statistics} counts in the whole journal, however it is divided.
 */
@NullMarked
package chronovisor.analysis.segment;

import org.jspecify.annotations.NullMarked;
