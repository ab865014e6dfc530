/**
 * MMX and SSE to SSE4.2 (SDM vol. 1, chapters 9 to 12; vol. 2 for each instruction).
 *
 * <pre>
 *   VectorFamilies --asks--&gt; SseMoves, PackedFamilies, ShuffleFamilies, SseArithmetic, SseConversions ... (bind)
 *                                   |                                      |
 *                            PackedInteger, PackedShuffle            SseFloat, SseSlow (meanings on longs)
 * </pre>
 *
 * Invariants: a step loads its memory operand first (which may fault), computes, and only then changes a register, so a
 * fault has no partial effect; a store that crosses a page is checked before its first half is written. Meanings are
 * static methods on 64-bit halves; register numbers are captured when a step is bound.
 */
@NullMarked
package chronovisor.cpu.vector;

import org.jspecify.annotations.NullMarked;
