package chronovisor.kitten.ipc;

import org.pcollections.PVector;

/**
 * A message queue (msgget(2)).
 *
 * @param bytes_max
 *            how many bytes it may hold
 * @param sender
 *            process that sent last
 * @param receiver
 *            process that received last
 */
public record MessageQueue(int id, Permissions permissions, PVector<Message> messages, long bytes_max, int sender,
        int receiver, long sent_s, long received_s, long changed_s) {

    /**
     * A message; of System V {@code type} is its type, of POSIX its priority.
     *
     * @param frames
     *            guest frames with its bytes
     */
    public record Message(long type, PVector<Long> frames, int length) {}

    /** Bytes in all messages. */
    public long bytes() {
        long total = 0;
        for (Message message : messages) {
            total += message.length();
        }
        return total;
    }

    public MessageQueue withPermissions(Permissions changed, long limit_bytes, long now_s) {
        return new MessageQueue(id, changed, messages, limit_bytes, sender, receiver, sent_s, received_s, now_s);
    }

    public MessageQueue sent(PVector<Message> changed, int process, long now_s) {
        return new MessageQueue(id, permissions, changed, bytes_max, process, receiver, now_s, received_s, changed_s);
    }

    public MessageQueue received(PVector<Message> changed, int process, long now_s) {
        return new MessageQueue(id, permissions, changed, bytes_max, sender, process, sent_s, now_s, changed_s);
    }
}
