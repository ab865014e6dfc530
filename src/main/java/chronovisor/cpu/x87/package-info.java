/**
 * The x87 floating-point unit (SDM vol. 1, chapter 8), in 80-bit extended precision, exact to the last bit and flag.
 *
 * <pre>
 *   X87Families (binds) --&gt; X87Arithmetic, X87Transfer, X87Compare, X87Transcendental (meanings) --&gt; X87 (state), SoftFloat
 * </pre>
 *
 * Invariants: every meaning first reads memory (which may fault), then computes in {@link chronovisor.cpu.softfloat},
 * then writes memory (which may fault), and only then changes {@link chronovisor.cpu.x87.X87}. An unmasked exception
 * is pending in the status word and is delivered as #MF by the next waiting instruction (CR0.NE is taken as set).
 *
 * Accepted differences from hardware, all others being held at none by HardwareAnswersTest and HardwareComparison:
 * transcendental results are rounded correctly, where processors are now and then off by one in the last place (one case
 * in twenty-five at most in the long runs), and C1 goes with them; the last instruction's offset, opcode and data offset are
 * kept by FLDENV, FRSTOR and FXRSTOR only, no instruction sets them; CR0.TS and CR0.EM raise nothing.
 */
@NullMarked
package chronovisor.cpu.x87;

import org.jspecify.annotations.NullMarked;
