/**
 * The door: the only way for anything that is not a function of the guest's image and configuration to get in — the clock
 * at boot, entropy, console input, operator commands.
 *
 * <pre>
 *   host threads ──queues──▶ LiveEnvironment ─┐
 *   a scenario's script ──▶ SeededEnvironment ┼─▶ Environment ──▶ the VM, on its thread, at slice boundaries and when idle
 *   a journal ──▶ (replay's implementation)  ─┘
 * </pre>
 *
 * The VM calls {@link chronovisor.environment.Environment} on its own thread only. Which position an input is given at is
 * recorded by whoever wraps the door; an environment itself need not be repeatable.
 */
@NullMarked
package chronovisor.environment;

import org.jspecify.annotations.NullMarked;
