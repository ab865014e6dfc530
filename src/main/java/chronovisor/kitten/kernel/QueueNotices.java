package chronovisor.kitten.kernel;

import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.ipc.PosixQueue;
import java.nio.charset.StandardCharsets;
import org.pcollections.TreePVector;

/** Who asked to be told of messages, mq_notify(3). */
public final class QueueNotices {

    /** How many bytes a library wants back when a thread is to be told. */
    public static final int COOKIE_BYTES = 32;

    private static final int GIVEN = 1;
    private static final int REMOVED = 2;

    private QueueNotices() {}

    /** A thread of the library is told that a message has come. */
    public static void given(Trap t, PosixQueue.Notice notice) {
        tell(t, notice, GIVEN);
    }

    /** A process wants to be told no more, if it was the one that did. */
    public static void remove(Trap t, PosixQueue queue, int process) {
        PosixQueue.Notice notice = queue.notice();
        if (notice != null && notice.process() == process) {
            t.ipc(t.ipc().with(queue.withNotice(null)));
            tell(t, notice, REMOVED);
        }
    }

    /** The current process closes a descriptor: of a queue it then wants to be told no more, whatever else it has open. */
    static void closed(Trap t, OpenFile file) {
        PosixQueue queue = file.end() instanceof OpenFile.OnQueue end ? t.ipc().posix().get(end.queue()) : null;
        if (queue != null) {
            remove(t, queue, t.process().id());
        }
    }

    /** A C library's thread reads the cookie, whose last byte says what has happened. */
    private static void tell(Trap t, PosixQueue.Notice notice, int what) {
        if (notice.socket() != 0 && t.findSocket(notice.socket()) != null) {
            byte[] bytes = notice.cookie().getBytes(StandardCharsets.ISO_8859_1);
            bytes[COOKIE_BYTES - 1] = (byte) what;
            Sockets.put(t, notice.socket(), bytes, "", TreePVector.empty());
        }
    }
}
