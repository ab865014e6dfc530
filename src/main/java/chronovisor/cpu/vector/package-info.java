/**
 * MMX, SSE to SSE4.2, AVX, AVX2, FMA and F16C (SDM vol. 1, chapters 9 to 12 and 14; vol. 2 for each instruction).
 *
 * <pre>
 *   VectorFamilies --asks--&gt; SseMoves, PackedFamilies, SseArithmetic ...   VexFamilies, VexArithmetic, FusedFamilies ... (bind)
 *                                   |                                                |
 *                                   +--- FloatLanes, FloatPairs, Lane ... &lt;---VexTwin+    (which meaning an operation has)
 *                                                   |
 *             PackedInteger, PackedShuffle; SseFloat, SseSlow, FusedMultiplyAdd, HalfFloat    (meanings on longs)
 * </pre>
 *
 * Invariants: a step loads its memory operand first (which may fault), computes, and only then changes a register, so a
 * fault has no partial effect; a store that crosses a page is checked before its first half is written. Exceptions of
 * floating point are collected from all lanes before one is raised. Meanings are static methods on 64-bit halves; register
 * numbers are captured when a step is bound. Legacy encodings leave bits 128 to 255 of a register alone, VEX-encoded ones
 * clear what is above their vector length.
 */
@NullMarked
package chronovisor.cpu.vector;

import org.jspecify.annotations.NullMarked;
