/**
 * Reports over a journal: where its instructions went, and what it did how often and how long.
 *
 * <pre>
 *   Timeline ──symbols as they were in the guest──▶ steps.GuestPrograms ──┐
 *   journal ──steps, events──▶ steps.TaskSteps ──▶ CallStacks ────────────┴─▶ Profile ──▶ FlameGraph, ProfileFormats
 *      └──────events──▶ Statistics ──▶ ExitTelemetry (a running host machine feeds one, too)
 *             └───────▶ TaskStates (for who follows a run)
 * </pre>
 *
 * <table>
 * <caption>Types</caption>
 * <tr><td>{@link chronovisor.analysis.report.Profile}</td><td>instructions by function, and by stack in a {@code CallTree}</td></tr>
 * <tr><td>{@code CallStacks}</td><td>the stack of each task, from the calls and returns it made</td></tr>
 * <tr><td>{@code FlameGraph}, {@code ProfileFormats}</td><td>a profile as a page or picture, and for other tools</td></tr>
 * <tr><td>{@link chronovisor.analysis.report.Statistics}</td><td>counts and durations by what they are of; {@code Histogram} for durations</td></tr>
 * <tr><td>{@link chronovisor.analysis.report.ExitTelemetry}</td><td>exits by core, AMD-V's name of their reason ({@code ExitReason}) and handler</td></tr>
 * <tr><td>{@link chronovisor.analysis.report.TaskStates}</td><td>what each task does now</td></tr>
 * </table>
 *
 * <p>
 * Counts are exact: every retired instruction is in the journal and is counted once, at the function it lies in and on the stack that
 * the calls and returns before it made. Only the names of functions need the guest itself, since its files are in its memory: for them
 * the run is replayed once, from checkpoint to checkpoint. Where that cannot be done, addresses stay addresses and the report says why.
 *
 * <p>
 * Invariants: the same journal gives the same report, byte for byte. On the caller's thread.
 */
@NullMarked
package chronovisor.analysis.report;

import org.jspecify.annotations.NullMarked;
