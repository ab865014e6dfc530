/**
 * Guest code as JVM code.
 *
 * <pre>
 *   interpreter ── samples ── hot block ── Region ──► RegionCompiler ──► a hidden class ──► Translation ──► Unit (one a machine)
 *        ▲                                            UnitEmitter       (on the executor)                      │
 *        └──── side exits: deadline, cold edge, indirect transfer without a unit, code written ◄───────────────┘
 * </pre>
 *
 * A unit is one method for a region of blocks: blocks are labels and edges are jumps, so that guest loops are JVM loops. Guest registers,
 * flags, fuel (how many instructions may still retire) and the trace's branch word are local variables; they are written back where the
 * unit is left. On a loop's way there is no call: even one that is hardly ever made would have HotSpot keep the registers in memory.
 * What is a JVM operation is emitted as one; everything else calls the static methods on values that the interpreter calls, or the bound
 * step itself, which is a constant of the class, so that HotSpot can inline it.
 *
 * <p>Invariants:
 * <ul>
 *   <li>A unit retires, faults, and tells the trace exactly as the interpreter does: what a journal holds does not tell the engine.
 *   <li>When a translation comes, and whether one is thrown away, is never visible to a guest.
 *   <li>A block runs only when it fits into the slice. Code that is written to is left before the next instruction.
 *   <li>Flags are computed where they are read: an operation keeps its operands, and exits and handlers compute what is missing. What is
 *       pending is known for every place when it is emitted; a block that several kinds reach is emitted more than once ({@code BlockEmitter}).
 *   <li>A loop of one block tells the trace how often it went round when it is left, with the bits and batches that single branches give.
 * </ul>
 * Translated code is bound to no machine, and kept for all that share {@link chronovisor.cpu.Translations}; a unit is one machine's.
 * Regions are compiled on the executor that the engine is given; all else belongs to the thread that runs the machine.
 */
@NullMarked
package chronovisor.jit;

import org.jspecify.annotations.NullMarked;
