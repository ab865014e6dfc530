/**
 * Racket, as seen from outside: probes of its runtime, and its collections as one blob, the paper's way into a guest.
 *
 * <pre>
 *   ELF symbols of a program --&gt; RacketRuntime: which functions mean what
 *                                      |
 *   vmm.Stops --before an instruction--&gt; RacketProbes --Call: arguments, memory--&gt; RacketObserver --app--&gt; RacketEvents
 *
 *   app --folder of .zo files--&gt; CollectionsBlob.encode --bytes--&gt; boot module of kind BLOB
 *                                                                      |
 *   kitten.Boot --bytes--&gt; BlobExpander --mkdir, open, write, lseek--&gt; kitten.kernel.BootFiles
 * </pre>
 *
 * Invariants: probes never change a guest, its timing or what else is told; a runtime is known by its symbols, never by its name, and no
 * address is written down here. What cannot be seen: Racket CS, whose collector and threads are Scheme code in a boot image without symbols;
 * places of the conservative collector, which are green threads of Racket code; the number of a future that is touched (the object is
 * moved by collections), though what becomes of it is told with its number. A blob changes a guest at boot only, before init_task runs,
 * through the kernel's own file functions; it is hostile until it is parsed: every count and size is held against the bytes that are left,
 * every path is relative and free of {@code ..}, and what is wrong is told with its offset. Calls come on the virtual machine's thread.
 */
@NullMarked
package chronovisor.racket;

import org.jspecify.annotations.NullMarked;
