/**
 * The journal: sealed event types, their codecs, and a folder that holds a run.
 *
 * <pre>
 *   journals/name/
 *     19700101-0000.cq4   Chronicle Queue segment 0 (one per process start), written through chronovisor.journal.chronicle
 *     metadata.cq4t       Chronicle's own table
 *     manifest.json       the seal, written by a clean close
 *
 *   segment:  HEADER  CHECKPOINT...  (EVENTS | STEPS | CHECKPOINT)...  END
 *
 *   excerpt:  magic "CVJ1" | version | type | codec | 0 | sequence | first position | last position
 *             | raw length | stored length | SHA-256 chain | CRC32C | stored bytes | zeros to a multiple of 4
 * </pre>
 *
 * <p>
 * Chronicle has no checksums: a flipped payload bit goes unseen and a flipped length ends a tailer in silence. So the
 * trust is ours: each excerpt carries a number, a CRC32C and a hash over everything before it; the seal holds the
 * digest of each whole file and a CRC32C for each of its pages, so that one flipped bit anywhere is named. Reading for
 * verification and replay goes through {@link chronovisor.journal.SegmentFile}, which walks the file itself with every
 * length bounded (a damaged file mapped by Chronicle could take the JVM down); tailing a journal that is being written
 * goes through Chronicle.
 *
 * <p>
 * Invariants: positions rise; a journal without a seal is a sound prefix up to its last good excerpt; damage is found
 * and named, never skipped. Appending happens on one thread, the journal's writer, behind a bounded queue that holds
 * the virtual machine back when the disk is slow.
 */
@NullMarked
package chronovisor.journal;

import org.jspecify.annotations.NullMarked;
