package chronovisor.kitten.file;

import org.pcollections.PVector;
import org.pcollections.TreePMap;

/**
 * An open file description (open(2)): what descriptors share after dup and fork.
 *
 * @param id
 *            key in the kernel's table
 * @param inode
 *            the inode it was opened on
 * @param flags
 *            access mode and status flags
 * @param offset
 *            file offset; for directories the position in the listing
 * @param references
 *            descriptors and mappings that hold it
 * @param path
 *            the absolute path it was opened by, for /proc/self/fd
 * @param end
 *            what reads and writes reach
 */
public record OpenFile(long id, long inode, int flags, long offset, int references, String path, End end) {

    /** What is at the other side of a descriptor. */
    public sealed interface End {}

    /** The inode's own bytes, or a directory's entries. */
    public record OnInode() implements End {}

    /** A directory being listed: the names as they were when the listing began. */
    public record OnListing(PVector<String> names) implements End {}

    /** One end of a pipe. */
    public record OnPipe(long pipe, boolean reads, boolean writes) implements End {}

    /** A terminal (line discipline and modes). */
    public record OnTerminal(int port) implements End {}

    /** The master's side of a pseudo terminal. */
    public record OnMaster(int port) implements End {}

    /** What was a terminal until that was hung up. */
    public record OnHungUp() implements End {}

    /** A raw serial byte stream. */
    public record OnStream(int port) implements End {}

    /** A memory device: {@code null}, {@code zero}, {@code full}, {@code random}. */
    public record OnMemoryDevice(String name) implements End {}

    /** Text made up when the file was opened. */
    public record OnText(String text) implements End {}

    /** An address space, by its number: /proc/PID/mem. It may be gone. */
    public record OnMemory(int space) implements End {}

    /** An event counter (eventfd(2)). */
    public record OnCounter(long value, boolean semaphore) implements End {}

    /** A timer (timerfd_create(2)); its key is the open file's number. */
    public record OnTimer() implements End {}

    /** Signals that are read instead of delivered (signalfd(2)), as a set. */
    public record OnSignals(long set) implements End {}

    /** A socket. */
    public record OnSocket(long socket) implements End {}

    /** A process (pidfd_open(2)). */
    public record OnProcess(int process) implements End {}

    /** A POSIX message queue. */
    public record OnQueue(long queue) implements End {}

    /** A loop device, by its number. */
    public record OnLoop(int number) implements End {}

    /** An inotify(7) instance; its watches are kept under the open file's number. */
    public record OnWatcher() implements End {}

    /** Interest list of epoll(7): descriptor to interest. */
    public record OnPoll(TreePMap<Integer, Interest> interests, long turns) implements End {}

    /**
     * What an epoll instance wants to know about a file.
     *
     * @param reported
     *            for edge-triggered interests: what had happened to the file when it was reported last, 0 for never
     * @param turn
     *            files are asked in the order of their turns; who was reported comes last
     */
    public record Interest(long file, int events, long data, long reported, long turn) {}

    public OpenFile withOffset(long newOffset) {
        return new OpenFile(id, inode, flags, newOffset, references, path, end);
    }

    public OpenFile withFlags(int newFlags) {
        return new OpenFile(id, inode, newFlags, offset, references, path, end);
    }

    public OpenFile withReferences(int count) {
        return new OpenFile(id, inode, flags, offset, count, path, end);
    }

    public OpenFile withEnd(End newEnd) {
        return new OpenFile(id, inode, flags, offset, references, path, newEnd);
    }

    /** Whether reading is allowed by the access mode. */
    public boolean readable() {
        return (flags & 3) != 1 && (flags & 0x200000) == 0;
    }

    /** Whether writing is allowed by the access mode. */
    public boolean writable() {
        return (flags & 3) != 0 && (flags & 0x200000) == 0;
    }
}
