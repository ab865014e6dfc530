/**
 * GDB's remote serial protocol over a machine that can be stopped: a recorded run, forwards and backwards, or a live one.
 *
 * <pre>
 *   stock gdb ──socket── Connection (frames, acknowledgements, interrupt byte)
 *                            │ packets
 *                        GdbSession ── Replies (stop replies) ── Transfers (qXfer) ── HostIo (vFile) ── Monitor (qRcmd)
 *                            │ Plan, Place                           │ looks
 *                         Target ──────────────────────────────── View, Inferior
 *                   ┌────────┴─────────────────────┐
 *            DivertedTarget                     LiveTarget
 *       ┌───────────┴──────────┐                 Session
 * TimelineTarget           LiveTarget
 *    Timeline      Session, begun by a change
 * </pre>
 *
 * <p>
 * GDB sees one program, the <em>inferior</em>: the first process of the guest, or the one that {@code monitor process} names. Its
 * threads are all tasks of the guest, so that other processes can be looked at. Breakpoints count in every process that runs the
 * inferior's program file; watchpoints watch the inferior's memory; signals are reported where its own tasks get them.
 *
 * <p>
 * A recorded run has one schedule. To step a thread is to go to where it has retired its next instruction, whoever else runs
 * before. A signal is reported where the recording still stands before it is delivered: at the instruction that faults.
 *
 * <p>
 * Invariants: a peer may send anything; it gets an error, never more memory than a packet's size, and never the server's end.
 * Looking changes nothing: neither page tables nor devices nor the journal. What changes the guest begins a throwaway run
 * where the run was recorded, and is refused where it is being recorded. Everything here runs on the thread that calls {@link chronovisor.debug.GdbServer#serve}, which is the machine's.
 *
 * <p>
 * Source: "Debugging with GDB", appendix E (the remote protocol) and G (target descriptions).
 */
@NullMarked
package chronovisor.debug;

import org.jspecify.annotations.NullMarked;
