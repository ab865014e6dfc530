/**
 * Binary floating point done with integers, for what Java's own {@code float} and {@code double} cannot say: 80-bit
 * extended precision, directed rounding, and which exceptions an operation raised.
 *
 * <pre>
 *   bits --unpack--&gt; Unpacked a, b --add/multiply/...--&gt; Unpacked r (exact, or with a sticky last bit) --round--&gt; pack --&gt; bits
 * </pre>
 *
 * Invariants: a finite {@link chronovisor.cpu.softfloat.Unpacked} has its highest bit set; NaNs never reach the
 * arithmetic, because x87 and SSE choose among them by different rules. Objects are scratch space of one core, owned by
 * the thread that runs it; nothing is allocated per operation.
 */
@NullMarked
package chronovisor.cpu.softfloat;

import org.jspecify.annotations.NullMarked;
