/**
 * The step trace: every retired instruction, packed like a processor trace, and its reader.
 *
 * <pre>
 *   Dispatch ─ one bit per conditional branch, indirect transfer, return ─┐
 *   Interpreter ─ code bytes, redirects, missed targets ──────────────────┴─ StepTrace ─ StepBatch… ─ StepReader ─ CpuStep…
 * </pre>
 *
 * A batch is a pure function of the instructions executed since {@link chronovisor.cpu.trace.StepTrace#reset} and of where it was cut.
 * Writer and reader keep the same return stack, target cache and code overlay ({@link chronovisor.cpu.trace.Predictors}). A reader can
 * start at any batch that follows a reset.
 */
@NullMarked
package chronovisor.cpu.trace;

import org.jspecify.annotations.NullMarked;
