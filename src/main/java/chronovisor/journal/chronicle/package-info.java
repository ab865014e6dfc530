/**
 * The only room that knows Chronicle Queue. It appends byte arrays to one segment of a queue and tails them; what the
 * bytes mean is the journal's.
 *
 * <p>
 * Traps of Chronicle that are handled here: roll cycles follow time, so a segment number is given as time; the file is
 * written through a mapping, where a full disk would be a SIGBUS, so the room ahead of each append is first written with
 * zeros through a plain channel, which can fail politely; files are sparse and long, so a closed segment is cut to its
 * last page; metadata of a read-only tailer is never written.
 */
@NullMarked
package chronovisor.journal.chronicle;

import org.jspecify.annotations.NullMarked;
