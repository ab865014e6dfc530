package chronovisor.kitten.ipc;

import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;

/**
 * A POSIX message queue.
 *
 * @param id
 *            number of its inode
 * @param name
 *            its name without the slash; null when it was unlinked
 * @param messages_max
 *            how many messages it may hold
 * @param message_bytes_max
 *            how long one may be
 * @param messages
 *            highest priority first, then oldest first
 * @param notice
 *            who is told when a message comes to the empty queue, or null
 */
public record PosixQueue(long id, @Nullable String name, long messages_max, long message_bytes_max,
        PVector<MessageQueue.Message> messages, @Nullable Notice notice) {

    /**
     * Who is told, and how: {@code signal} 0 is registered only to keep others away.
     *
     * @param socket
     *            the socket that gets the cookie when a thread is to be told; 0 for none
     * @param cookie
     *            its bytes, one a character
     */
    public record Notice(int process, int signal, long value, long socket, String cookie) {}

    public PosixQueue withMessages(PVector<MessageQueue.Message> changed) {
        return new PosixQueue(id, name, messages_max, message_bytes_max, changed, notice);
    }

    public PosixQueue withNotice(@Nullable Notice changed) {
        return new PosixQueue(id, name, messages_max, message_bytes_max, messages, changed);
    }

    public PosixQueue unlinked() {
        return new PosixQueue(id, null, messages_max, message_bytes_max, messages, notice);
    }
}
