/**
 * Going anywhere in a recorded run, forwards and backwards, and asking what happened.
 *
 * <pre>
 *                     seek, step, reverseStep, forward, backward, lastWriter
 *                                          │
 *                                       Timeline ──────────── View (registers, memory, kernel, devices, here)
 *                  ┌───────────────────────┼──────────────────────┐
 *               Search                 Snapshots                EventScan
 *        (runs segments with      (states in memory,        (events in the journal,
 *         breakpoints, watches)    shared frames)            nothing is run)
 *                  └───────────┬───────────┘                      │
 *                        ReplaySession ◀──── checkpoints, events ── journal
 * </pre>
 *
 * <p>
 * A position is a point between events: {@code tick:sequence} is where all events before {@code tick:sequence} have happened.
 * The machine can stop between instructions, and at one tick between what an interrupt, a fault or a slice boundary does; what
 * one entry into the kernel does is not divided. So {@link chronovisor.timeline.Timeline#seek} lands at the first stop at or
 * after the position that was asked for, and where it has landed is itself a position that a seek lands at exactly.
 *
 * <p>
 * {@code seek} = nearest state before, then replay. States are the journal's checkpoints and snapshots in memory; snapshots
 * share what they have in common and are dropped when they take too much. Going backwards is searching the segments between
 * states from the last to the first and, in the one that has a hit, going to its last hit.
 *
 * <p>
 * Invariants: nothing here writes into the journal or can be seen by the guest. A state that is reached by seeking equals the
 * state that is reached by running there: same digest. Every event of a replay is compared with the journal on the way; a
 * difference ends it with an error that names the position. A timeline belongs to one thread at a time; its streams do their
 * work on the thread that asks for the next element.
 */
@NullMarked
package chronovisor.timeline;

import org.jspecify.annotations.NullMarked;
