/**
 * How fast it is, against what else runs the same program on this host.
 *
 * <pre>
 *   Programs ── Program (binary, arguments, files, what it needs)
 *                  │
 *   SpeedBench: a round = every runner once, in turn; several rounds
 *                  │ HostMeter (a process: time, peak memory, output)
 *       ┌──────────┼───────────────────────────┬──────────────────────────┐
 *     Peer       Chronovisor                 Chronovisor                Chronovisor
 *  native, qemu  exec --no-journal           exec --fidelity F          replay
 *                  └── RunFigures ────────────┴──────────────────────────┘
 *                  │
 *               Sample[] ── medians ──▶ SpeedTable (for people), Report (JSON)
 *
 *   SystemPeer: qemu-system with a kernel of its own (replay-tools/peer-kernel) under the program, also recording
 *   TimelineBench: seek, step back and fork in one long recorded run
 *   TablesBench: questions in SQL to journals, and to DuckDB alone over the same files
 * </pre>
 *
 * <p>
 * Invariants: every run is a process of its own, started as a person starts it, so a time is what a person waits; what the warm
 * machine does is told beside it ({@link chronovisor.app.bench.RunFigures#steadyMips}). Ratios are made of runs of the same round, in which everybody's
 * turn comes under much the same load, and the load is told. A run whose output or status differs from the other runners' is an error, not a figure.
 * Nothing here knows what is fast enough.
 *
 * <p>
 * All of it runs on the caller's thread; {@code HostMeter} has a thread that watches the process.
 */
@NullMarked
package chronovisor.app.bench;

import org.jspecify.annotations.NullMarked;
