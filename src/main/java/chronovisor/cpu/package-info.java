/**
 * One x86-64 processor: architectural state, one file of semantics per instruction family, and the interpreter.
 *
 * <pre>
 *   Interpreter ── jump cache ── Node ── ops (packed long[])  ── Dispatch (a switch over groups) ── PackedGroups
 *        │                         └──── steps (bound closures) ── Arithmetic, Logic, Shifts, … (static methods on values)
 *        └─ BlockCache by guest-physical page ◄── code-write notification from guest memory
 * </pre>
 *
 * Invariants:
 * <ul>
 *   <li>A fault or an exit leaves RIP at the instruction and nothing else changed; registers and flags are committed last.
 *   <li>{@code retired} counts exactly the instructions that completed; a slice stops exactly at its tick.
 *   <li>Semantics are written once, as static methods on values; interpreter and translator only plumb operands.
 *   <li>16- and 32-bit code, which starts a processor, is run by {@code LegacyMode} one instruction at a time, and is not in the step trace.
 *   <li>What the step trace contains depends only on the instructions executed, never on blocks, caches or slices.
 * </ul>
 * A {@code Cpu} and everything reachable from it is owned by the thread that runs its virtual machine.
 */
@NullMarked
package chronovisor.cpu;

import org.jspecify.annotations.NullMarked;
