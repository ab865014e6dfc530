/**
 * Files as values: inodes, directories, open files, descriptor tables, pipes. What a file holds is bytes in guest frames;
 * here are only the frame numbers. Names are bytes, kept as Latin-1 strings (one character a byte).
 *
 * <pre>
 *   Process --descriptor--&gt; DescriptorTable --&gt; OpenFile (offset, flags) --&gt; Inode | Pipe | Terminal | Stream
 * </pre>
 */
@NullMarked
package chronovisor.kitten.file;

import org.jspecify.annotations.NullMarked;
