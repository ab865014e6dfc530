/**
 * The virtual machine monitor: a guest's configuration, its cores and platform, the run loop with its exits, VM states.
 *
 * <pre>
 *   VirtualMachine.run ──▶ engine runs a core ──▶ exit ──▶ ExitHandler ──▶ Platform (ports, LAPIC, streams)
 *        ▲   │                                      ├──▶ DeviceMemory: the instruction again, with its accesses going to devices
 *        │   └─ slice boundary: Environment.poll    └──▶ Ring0 (SYSCALL, exceptions, interrupts): GuestKernel or BareMetal
 *        └──── idle: next timer deadline, or Environment.await
 * </pre>
 *
 * Rules:
 * <ul>
 * <li>A VM belongs to the thread that calls {@code run}. Nothing here starts threads or asks the host's time.</li>
 * <li>What happens at a tick depends on the machine's state and the inputs only: slice boundaries are multiples of the slice
 * length, or drawn from the seed that the configuration names, timers fire at their exact tick, and stopping at a tick and going on changes nothing.</li>
 * <li>An exit's effect is told to the {@link chronovisor.vmm.MachineObserver} after it has been carried out.</li>
 * <li>Copy-on-write after a fork or checkpoint is the host's affair: it is no exit of the guest, so that a run with
 * checkpoints tells the same events as one without.</li>
 * <li>Under shadow paging each core has a {@link chronovisor.memory.ShadowPages}: what it lacks is an exit, and it is state like a
 * device's.</li>
 * <li>A guest without a built-in kernel brings its own: {@code Multiboot} loads it, and it finds what
 * {@code FirmwareTables} has left. Its exceptions and interrupts go through its IDT, and its other cores wait for INIT and
 * start-up messages.</li>
 * <li>{@link chronovisor.vmm.PlatformMap} says where devices are, {@link chronovisor.vmm.Hypercalls} what a guest's kernel can ask for; what it
 * gives to the balloon is back, as zeros, when it is touched.</li>
 * <li>{@link chronovisor.vmm.Stops} is how debuggers and probes look in: before an instruction, after an access. They change nothing that
 * the guest or an event could show.</li>
 * <li>What the machine cannot do stops it, with the position and what was asked.</li>
 * </ul>
 */
@NullMarked
package chronovisor.vmm;

import org.jspecify.annotations.NullMarked;
