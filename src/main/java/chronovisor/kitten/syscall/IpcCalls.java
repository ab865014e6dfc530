package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.ipc.MessageQueue.Message;
import chronovisor.kitten.ipc.Permissions;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.task.UserProcess.Credentials;
import java.util.List;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/** What the kinds of inter-process communication have in common. */
final class IpcCalls {

    static final int REMOVE = 0;
    static final int SET = 1;
    static final int STAT = 2;
    static final int INFO = 3;
    static final int NO_WAIT = 04000;

    private static final int CREATE = 01000;
    private static final int EXCLUSIVE = 02000;
    private static final int INDEX = 0x7FFF;

    private IpcCalls() {}

    static long now_s(Trap t) {
        return t.realtime_ns() / 1_000_000_000L;
    }

    /** What is found under a key may not be meant to be new, and must be accessible. */
    static void requireFound(Trap t, Permissions permissions, int flags) {
        if ((flags & (CREATE | EXCLUSIVE)) == (CREATE | EXCLUSIVE)) {
            throw new LinuxError(Errno.EEXIST);
        }
        require(t, permissions, flags & 0777);
    }

    /** What is not found must be meant to be made. */
    static void requireCreates(int key, int flags) {
        if (key != 0 && (flags & CREATE) == 0) {
            throw new LinuxError(Errno.ENOENT);
        }
    }

    static void require(Trap t, Permissions permissions, int wanted) {
        if (!permissions.allows(t.process().credentials(), wanted)) {
            throw new LinuxError(Errno.EACCES);
        }
    }

    static void requireOwner(Trap t, Permissions permissions) {
        if (!permissions.owns(t.process().credentials())) {
            throw new LinuxError(Errno.EPERM);
        }
    }

    /** The permissions of a new object. */
    static Permissions created(Trap t, int key, int flags) {
        Credentials who = t.process().credentials();
        return new Permissions(key, who.euid(), who.egid(), who.euid(), who.egid(), flags & 0777);
    }

    /** The permissions that IPC_SET asks for. */
    static Permissions changed(Trap t, Permissions old, byte[] raw) {
        requireOwner(t, old);
        return old.withOwner(Bytes.get32(raw, 4), Bytes.get32(raw, 8), Bytes.get32(raw, 20));
    }

    /** The highest index in use. */
    static long highest(TreePMap<Integer, ?> objects) {
        long highest = 0;
        for (int id : objects.keySet()) {
            highest = Math.max(highest, id & INDEX);
        }
        return highest;
    }

    /** The object of an index, else EINVAL. */
    static <T> T atIndex(TreePMap<Integer, T> objects, int index) {
        for (var entry : objects.entrySet()) {
            if ((entry.getKey() & INDEX) == (index & INDEX)) {
                return entry.getValue();
            }
        }
        throw new LinuxError(Errno.EINVAL);
    }

    /** A message with its bytes in frames of the kernel's. */
    static Message message(Trap t, long type, byte[] bytes) {
        PVector<Long> frames = TreePVector.empty();
        try {
            for (int at = 0; at < bytes.length; at += 4096) {
                frames = frames.plus(t.allocateKernelFrame());
            }
        } catch (LinuxError e) {
            frames.forEach(t::releaseKernelFrame);
            throw new LinuxError(Errno.ENOMEM);
        }
        for (int at = 0; at < bytes.length; at += 4096) {
            t.memory().write(frames.get(at >>> 12) << 12, bytes, at, Math.min(4096, bytes.length - at));
        }
        return new Message(type, frames, bytes.length);
    }

    /** The bytes of a message. */
    static byte[] bytes(Trap t, Message message) {
        byte[] bytes = new byte[message.length()];
        List<Long> frames = message.frames();
        for (int at = 0; at < bytes.length; at += 4096) {
            t.memory().read(frames.get(at >>> 12) << 12, bytes, at, Math.min(4096, bytes.length - at));
        }
        return bytes;
    }

    static void free(Trap t, Message message) {
        message.frames().forEach(t::releaseKernelFrame);
    }
}
