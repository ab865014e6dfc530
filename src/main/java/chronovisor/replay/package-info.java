/**
 * Recording and replaying runs.
 *
 * <pre>
 *              Environment (live or scripted)                journal (causes)
 *                        │                                        │
 *              RecordingEnvironment                       ReplayingEnvironment
 *                        └──────────────┬─────────────────────────┘
 *                                VirtualMachine ── StepTrace per core
 *                                       │ observers             │ batches
 *                                  EventMapper                  │
 *                        ┌──────────────┴───────────────────────┤
 *                    Recorder ──▶ JournalWriter             Checker ◀── journal (effects)
 * </pre>
 *
 * <p>
 * One mapper turns what the machine and its kernel tell into events with positions, whether it is recorded, replayed or
 * neither, so a position means the same in each. Replay feeds causes at exactly their positions and compares every event and
 * every step batch; the first difference is a {@link chronovisor.replay.Divergence}.
 *
 * <p>
 * A {@link chronovisor.replay.SavedMachine} has any number of twins. {@link chronovisor.replay.CloneFleet} runs many under a
 * {@link chronovisor.replay.SharingPolicy} and counts what sharing their frames saves and costs; what it tells are the host's events, in no
 * journal. {@link chronovisor.replay.Overcommit} runs machines by turns that have more memory together than their host.
 *
 * <p>
 * Invariants: batches are cut where the run says so (counts, ticks, waiting for input), never by host time; events are
 * flushed before steps, so a journal that ends anywhere holds every event up to the last tick its steps tell about.
 * Everything here runs on the machine's thread.
 */
@NullMarked
package chronovisor.replay;

import org.jspecify.annotations.NullMarked;
