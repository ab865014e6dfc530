package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.ipc.MessageQueue;
import chronovisor.kitten.ipc.MessageQueue.Message;
import chronovisor.kitten.ipc.Permissions;
import chronovisor.kitten.kernel.KernelLimits;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.SignalDelivery;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import org.pcollections.TreePVector;

/** System V message queues: msgget(2), msgsnd(2), msgrcv(2), msgctl(2). */
final class MessageQueueCalls {

    private static final int NO_ERROR = 010000;
    private static final int EXCEPT = 020000;
    private static final int COPY = 040000;
    private static final int STAT = 11;
    private static final int INFO = 12;
    private static final int STAT_ANY = 13;

    private MessageQueueCalls() {}

    static Outcome get(Trap t, Call c) {
        int key = (int) c.a0();
        int flags = (int) c.a1();
        for (MessageQueue queue : t.ipc().queues().values()) {
            if (key != 0 && queue.permissions().key() == key) {
                IpcCalls.requireFound(t, queue.permissions(), flags);
                return Outcome.of(queue.id());
            }
        }
        IpcCalls.requireCreates(key, flags);
        if (t.ipc().queues().size() >= KernelLimits.of(t, KernelLimits.QUEUES)) {
            return Outcome.error(Errno.ENOSPC);
        }
        int id = t.ipc().nextId(t.ipc().queues());
        t.ipc(t.ipc().with(new MessageQueue(id, IpcCalls.created(t, key, flags), TreePVector.empty(),
                KernelLimits.of(t, KernelLimits.QUEUE_BYTES),
                0, 0, 0, 0, IpcCalls.now_s(t))));
        return Outcome.of(id);
    }

    private static MessageQueue find(Trap t, Call c) {
        MessageQueue queue = t.ipc().queues().get((int) c.a0());
        if (queue == null) {
            throw new LinuxError(c.progress().entered() ? Errno.EIDRM : Errno.EINVAL);
        }
        return queue;
    }

    private static Outcome block(MessageQueue queue) {
        return new Outcome.Block(List.of(new WaitKey(WaitKey.Kind.MESSAGE, queue.id())),
                new Call.Progress(true, 0, Call.Progress.NEVER, 0, false), SignalDelivery.RESTART_NO_HANDLER, false);
    }

    private static void wake(Trap t, int queue) {
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.MESSAGE, queue));
    }

    static Outcome send(Trap t, Call c) {
        long type = UserMemory.read64(t, c.a1());
        if (c.a2() < 0 || c.a2() > KernelLimits.of(t, KernelLimits.MESSAGE_BYTES) || (int) c.a0() < 0 || type < 1) {
            return Outcome.error(Errno.EINVAL);
        }
        byte[] bytes = UserMemory.read(t, c.a1() + 8, (int) c.a2());
        MessageQueue queue = find(t, c);
        IpcCalls.require(t, queue.permissions(), Permissions.WRITE);
        boolean full = queue.bytes() + bytes.length > queue.bytes_max()
                || queue.messages().size() + 1 > queue.bytes_max();
        if (full) {
            return (c.a3() & IpcCalls.NO_WAIT) != 0 ? Outcome.error(Errno.EAGAIN) : block(queue);
        }
        t.ipc(t.ipc().with(queue.sent(queue.messages().plus(IpcCalls.message(t, type, bytes)), t.process().id(),
                IpcCalls.now_s(t))));
        wake(t, queue.id());
        return Outcome.ZERO;
    }

    static Outcome receive(Trap t, Call c) {
        int flags = (int) c.a4();
        long type = c.a3();
        if ((int) c.a0() < 0 || c.a2() < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if ((flags & COPY) != 0) {
            boolean shape = (flags & EXCEPT) != 0 || (flags & IpcCalls.NO_WAIT) == 0;
            return shape ? Outcome.error(Errno.EINVAL) : peek(t, c, find(t, c), type);
        }
        MessageQueue queue = find(t, c);
        IpcCalls.require(t, queue.permissions(), Permissions.READ);
        int at = select(queue, type, (flags & EXCEPT) != 0);
        if (at < 0) {
            return (flags & IpcCalls.NO_WAIT) != 0 ? Outcome.error(Errno.ENOMSG) : block(queue);
        }
        Message message = queue.messages().get(at);
        if (message.length() > c.a2() && (flags & NO_ERROR) == 0) {
            return Outcome.error(Errno.E2BIG);
        }
        int length = (int) Math.min(c.a2(), message.length());
        byte[] bytes = IpcCalls.bytes(t, message);
        UserMemory.write64(t, c.a1(), message.type());
        UserMemory.write(t, t.process().addressSpace(), c.a1() + 8, bytes, 0, length);
        IpcCalls.free(t, message);
        t.ipc(t.ipc().with(queue.received(queue.messages().minus(at), t.process().id(), IpcCalls.now_s(t))));
        wake(t, queue.id());
        return Outcome.of(length);
    }

    /** MSG_COPY: a message by its place in the queue, which keeps it. */
    private static Outcome peek(Trap t, Call c, MessageQueue queue, long index) {
        IpcCalls.require(t, queue.permissions(), Permissions.READ);
        if (index < 0 || index >= queue.messages().size()) {
            return Outcome.error(Errno.ENOMSG);
        }
        Message message = queue.messages().get((int) index);
        if (message.length() > c.a2() && ((int) c.a4() & NO_ERROR) == 0) {
            return Outcome.error(Errno.E2BIG);
        }
        int length = (int) Math.min(c.a2(), message.length());
        UserMemory.write64(t, c.a1(), message.type());
        UserMemory.write(t, t.process().addressSpace(), c.a1() + 8, IpcCalls.bytes(t, message), 0, length);
        return Outcome.of(length);
    }

    /** Which message is meant; -1 for none. */
    private static int select(MessageQueue queue, long type, boolean except) {
        int found = -1;
        long lowest = Long.MAX_VALUE;
        for (int i = 0; i < queue.messages().size(); i++) {
            long its = queue.messages().get(i).type();
            if (type >= 0) {
                if (type == 0 || (its == type) != except) {
                    return i;
                }
            } else if (its <= -type && its < lowest) {
                lowest = its;
                found = i;
            }
        }
        return found;
    }

    static Outcome control(Trap t, Call c) {
        int id = (int) c.a0();
        int command = (int) c.a1();
        if (id < 0 || command < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return switch (command) {
            case IpcCalls.INFO, INFO -> {
                boolean used = command == INFO;
                var queues = t.ipc().queues();
                int messages = queues.values().stream().mapToInt(queue -> queue.messages().size()).sum();
                long bytes = queues.values().stream().mapToLong(MessageQueue::bytes).sum();
                int queueBytes = (int) KernelLimits.of(t, KernelLimits.QUEUE_BYTES);
                UserMemory.write(t, c.a2(), new Bytes(32).put32(used ? queues.size() : 512_000)
                        .put32(used ? messages : queueBytes).put32((int) KernelLimits.of(t, KernelLimits.MESSAGE_BYTES))
                        .put32(queueBytes)
                        .put32((int) KernelLimits.of(t, KernelLimits.QUEUES)).put32(16)
                        .put32(used ? (int) bytes : queueBytes).put32(0xFFFF)
                        .toArray());
                yield Outcome.of(IpcCalls.highest(queues));
            }
            case IpcCalls.STAT, STAT, STAT_ANY -> {
                MessageQueue queue = command == IpcCalls.STAT ? find(t, c) : IpcCalls.atIndex(t.ipc().queues(), id);
                if (command != STAT_ANY) {
                    IpcCalls.require(t, queue.permissions(), Permissions.READ);
                }
                UserMemory.write(t, c.a2(), describe(queue));
                yield command == IpcCalls.STAT ? Outcome.ZERO : Outcome.of(queue.id());
            }
            case IpcCalls.SET -> {
                byte[] raw = UserMemory.read(t, c.a2(), 120);
                MessageQueue queue = find(t, c);
                Permissions changed = IpcCalls.changed(t, queue.permissions(), raw);
                long limit = Bytes.get64(raw, 88);
                if (limit > KernelLimits.of(t, KernelLimits.QUEUE_BYTES)
                        && !t.process().credentials().can(Capabilities.SYS_RESOURCE)) {
                    yield Outcome.error(Errno.EPERM);
                }
                t.ipc(t.ipc().with(queue.withPermissions(changed, limit, IpcCalls.now_s(t))));
                wake(t, queue.id());
                yield Outcome.ZERO;
            }
            case IpcCalls.REMOVE -> {
                MessageQueue queue = find(t, c);
                IpcCalls.requireOwner(t, queue.permissions());
                queue.messages().forEach(message -> IpcCalls.free(t, message));
                t.ipc(t.ipc().withoutQueue(id));
                wake(t, id);
                yield Outcome.ZERO;
            }
            default -> Outcome.error(Errno.EINVAL);
        };
    }

    private static byte[] describe(MessageQueue queue) {
        Bytes out = new Bytes(120);
        queue.permissions().encode(out, queue.id());
        return out.put64(queue.sent_s()).put64(queue.received_s()).put64(queue.changed_s()).put64(queue.bytes())
                .put64(queue.messages().size()).put64(queue.bytes_max()).put32(queue.sender())
                .put32(queue.receiver()).put64(0).put64(0).toArray();
    }
}
