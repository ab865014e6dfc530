/**
 * Why a recorded run ended as it did: projections over its events, looks at the machine at the positions that matter, and forks that
 * test what is suspected.
 *
 * <pre>
 *   journal ──events──▶ History ─────┐
 *                                    ├──▶ Diagnostician ──▶ findings, suspects ──▶ Attempts (forks) ──▶ Diagnosis
 *   Timeline ──states──▶ FaultSite, ─┘         │
 *                        Provenance, PageHistory, WaitGraph, Bisection
 * </pre>
 *
 * <p>
 * Nothing here knows a guest. What is suspected follows from the events and from the kernel's state: a call that this kernel answers
 * otherwise than Linux, a signal that could not be delivered, a wake-up before the wait, memory that was given back. What can be
 * tested is tested, by forks from before the failure with one thing changed, beside a fork with nothing changed; the diagnosis says
 * of every suspect whether that was done and what came of it.
 *
 * <p>
 * Invariants: the journal is only read; forks are not kept. Every sentence of a diagnosis that tells of a moment names its position.
 * All of it runs on the caller's thread.
 */
@NullMarked
package chronovisor.analysis;

import org.jspecify.annotations.NullMarked;
