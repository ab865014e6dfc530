package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.file.FileOwner;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.FileOwners;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;

/** fcntl(2) about who is told that a file is ready. */
final class OwnerCalls {

    static final int F_SETOWN = 8;
    static final int F_GETOWN = 9;
    static final int F_SETSIG = 10;
    static final int F_GETSIG = 11;
    static final int F_SETOWN_EX = 15;
    static final int F_GETOWN_EX = 16;

    private OwnerCalls() {}

    static Outcome control(Trap t, Call c, OpenFile file) {
        FileOwner owner = FileOwners.of(t, file.id());
        return switch ((int) c.a1()) {
            case F_SETOWN -> {
                int given = (int) c.a2();
                if (given == Integer.MIN_VALUE) {
                    yield Outcome.error(Errno.EINVAL);
                }
                yield set(t, owner, given < 0 ? FileOwner.GROUP : FileOwner.PROCESS, Math.abs(given));
            }
            case F_GETOWN -> Outcome.of(owner.type() == FileOwner.GROUP ? -owner.id() : owner.id());
            case F_SETSIG -> {
                if (c.a2() < 0 || c.a2() > Signals.LAST) {
                    yield Outcome.error(Errno.EINVAL);
                }
                t.put(t.attachments().with(new FileOwner(file.id(), owner.type(), owner.id(), (int) c.a2())));
                yield Outcome.ZERO;
            }
            case F_GETSIG -> Outcome.of(owner.signal());
            case F_SETOWN_EX -> {
                byte[] raw = UserMemory.read(t, c.a2(), 8);
                int type = Bytes.get32(raw, 0);
                yield type < FileOwner.THREAD || type > FileOwner.GROUP
                        ? Outcome.error(Errno.EINVAL)
                        : set(t, owner, type, Bytes.get32(raw, 4));
            }
            default -> {
                UserMemory.write(t, c.a2(), new Bytes(8).put32(owner.type()).put32(owner.id()).toArray());
                yield Outcome.ZERO;
            }
        };
    }

    private static Outcome set(Trap t, FileOwner owner, int type, int id) {
        boolean known = id == 0 || switch (type) {
            case FileOwner.THREAD -> t.findTask(id) != null;
            case FileOwner.PROCESS -> t.findProcess(id) != null;
            default -> t.processes().values().stream().anyMatch(process -> process.group() == id);
        };
        if (!known) {
            return Outcome.error(Errno.ESRCH);
        }
        t.put(t.attachments().with(new FileOwner(owner.file(), type, id, owner.signal())));
        return Outcome.ZERO;
    }
}
