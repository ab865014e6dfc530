/**
 * Retired instructions together with whose they are, from the journal alone.
 *
 * <pre>
 *   journal ──steps──▶ StepQuery ──┐
 *      └─────events──▶ scheduling ─┴─▶ TaskSteps: each step with its task, events between them
 * </pre>
 *
 * Which task a core runs is told by the kernel's events, so no address space has to be looked at and nothing is executed. Invariant:
 * every step is told once, in the order of ticks, after every event that happened before it. On the caller's thread.
 */
@NullMarked
package chronovisor.analysis.steps;

import org.jspecify.annotations.NullMarked;
