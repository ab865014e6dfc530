/**
 * Proof against hardware: single instructions with given state, run by this processor and by a real one.
 *
 * <pre>
 *   HardwareCase ─┬─ Subject (interpreter) ──┐
 *                 └─ Oracle (native harness) ─┴─ Difference: accepted with a reason, or a failure
 * </pre>
 */
@NullMarked
package chronovisor.cpu.hardware;

import org.jspecify.annotations.NullMarked;
