/**
 * Devices of a PC, one in each file, by datasheet.
 *
 * <pre>
 *   core ── port I/O ──▶ PortBus ── offset ──▶ Uart16550 ──▶ CharStream ──▶ host
 *                                   Keyboard8042 ◀── typed text
 *                                   Pit8254 (PitCounter), Rtc146818, VgaText
 *                                   PciBus (PciFunction), VirtioPci ──▶ VirtioBlock, VirtioConsole ──▶ GuestRam (VirtioQueue)
 *        ── hypercall ─▶ Balloon ────────────────┤
 *        ── memory ────▶ MemoryBus: VgaText      │ IRQ line
 *                        IoApic82093 ◀───────────┤
 *                            │ ApicBus           ▼
 *                        LocalApic   core ◀── Pic8259
 * </pre>
 *
 * Rules: a device knows offsets, not its place. Time is a parameter (virtual nanoseconds), never fetched, and how often it is told changes no state. All state of a
 * device is in its immutable {@link chronovisor.device.DeviceState}: {@code capture()} gives it, {@code restore()} takes it,
 * and its canonical bytes go into digests. A device's calls all come on its VM's thread. Nothing a guest writes may make a
 * device throw.
 */
@NullMarked
package chronovisor.device;

import org.jspecify.annotations.NullMarked;
