/**
 * Retired instructions together with whose they are, from the journal alone; and the programs that they are of.
 *
 * <pre>
 *   journal ──steps──▶ StepQuery ──┐
 *      └─────events──▶ scheduling ─┴─▶ TaskSteps: each step with its task, events between them
 * </pre>
 *
 * <table>
 * <caption>Types</caption>
 * <tr><td>{@link chronovisor.analysis.steps.TaskSteps}</td><td>each step with its task</td></tr>
 * <tr><td>{@link chronovisor.analysis.steps.GuestPrograms}</td><td>which program each task ran when; with its symbols where the run is replayed for them</td></tr>
 * <tr><td>{@link chronovisor.analysis.steps.FunctionTable}</td><td>a program's functions by address</td></tr>
 * </table>
 *
 * <p>
 * Which task a core runs is told by the kernel's events, so for steps no address space has to be looked at and nothing is executed. Invariant:
 * every step is told once, in the order of ticks, after every event that happened before it. On the caller's thread.
 */
@NullMarked
package chronovisor.analysis.steps;

import org.jspecify.annotations.NullMarked;
