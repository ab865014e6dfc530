/**
 * Reports over a journal: where its instructions went, what it did how often and how long, and which code ran.
 *
 * <pre>
 *   Timeline ──symbols as they were in the guest──▶ GuestPrograms ──┐
 *   journal ──steps, events──▶ steps.TaskSteps ──▶ CallStacks ──────┴─▶ Profile ──▶ FlameGraph, ProfileFormats
 *      └──────events──▶ Statistics ──▶ ExitTelemetry (a running host machine feeds one, too)
 * </pre>
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
