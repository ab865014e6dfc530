/**
 * Racket, as seen from outside: its collections as one blob, the paper's way into a guest.
 *
 * <pre>
 *   app --folder of .zo files--&gt; CollectionsBlob.encode --bytes--&gt; boot module of kind BLOB
 *                                                                      |
 *   kitten.Boot --bytes--&gt; BlobExpander --mkdir, open, write, lseek--&gt; kitten.kernel.BootFiles
 * </pre>
 *
 * Invariants: nothing here changes a guest but at boot, before init_task runs, through the kernel's own file functions. A
 * blob is hostile until it is parsed: every count and size is held against the bytes that are left, every path is relative
 * and free of {@code ..}, and what is wrong is told with its offset. Calls come on the virtual machine's thread.
 */
@NullMarked
package chronovisor.racket;

import org.jspecify.annotations.NullMarked;
