package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.file.FileOwner;
import chronovisor.kitten.file.Lease;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.WaitKey;
import java.util.List;

/** Signals for files that have become ready: O_ASYNC. As long as no file has an owner they cost a look at an empty table. */
public final class FileOwners {

    private static final int POLL_IN = 1;
    private static final int POLL_OUT = 2;
    private static final int POLL_MESSAGE = 3;
    private static final long BAND_MESSAGE = 0x441;
    private static final long BAND_IN = 0x41;
    private static final long BAND_OUT = 0x304;

    private FileOwners() {}

    /** The owner of an open file. */
    public static FileOwner of(Trap t, long file) {
        return t.attachments().owners().getOrDefault(file, FileOwner.nobody(file));
    }

    /** A wait queue is woken: what waits there has become readable or writable. */
    static void woken(Trap t, WaitKey key) {
        if (t.attachments().owners().isEmpty()) {
            return;
        }
        boolean writable = key.kind() == WaitKey.Kind.PIPE_WRITE || key.kind() == WaitKey.Kind.SOCKET_WRITE;
        for (FileOwner owner : List.copyOf(t.attachments().owners().values())) {
            OpenFile file = t.findFile(owner.file());
            if (file != null && owner.id() != 0 && (file.flags() & OpenFlags.O_ASYNC) != 0 && concerns(t, file, key)) {
                tell(t, owner, writable);
            }
        }
    }

    /** A lease is in somebody's way: its holder is told. */
    static void leaseBroken(Trap t, Lease lease) {
        FileOwner owner = of(t, lease.file());
        if (owner.id() != 0) {
            send(t, owner, owner.signal() == 0
                    ? SignalInfo.kernel(Signals.SIGIO)
                    : new SignalInfo(owner.signal(), POLL_MESSAGE, lease.descriptor(), 0, BAND_MESSAGE, 0, 0));
        }
    }

    private static boolean concerns(Trap t, OpenFile file, WaitKey key) {
        return switch (key.kind()) {
            case PIPE_READ -> file.end() instanceof OpenFile.OnPipe end && end.reads() && end.pipe() == key.id();
            case PIPE_WRITE -> file.end() instanceof OpenFile.OnPipe end && end.writes() && end.pipe() == key.id();
            case SOCKET_READ -> file.end() instanceof OpenFile.OnSocket end && end.socket() == key.id();
            // Who writes to a socket waits for its peer.
            case SOCKET_WRITE -> file.end() instanceof OpenFile.OnSocket end
                    && t.socket(end.socket()).peer() == key.id();
            case TERMINAL -> file.end() instanceof OpenFile.OnTerminal end && end.port() == key.id();
            case STREAM -> file.end() instanceof OpenFile.OnStream end && end.port() == key.id();
            default -> false;
        };
    }

    private static void tell(Trap t, FileOwner owner, boolean writable) {
        SignalInfo info = owner.signal() == 0
                ? SignalInfo.kernel(Signals.SIGIO)
                : new SignalInfo(owner.signal(), writable ? POLL_OUT : POLL_IN, descriptor(t, owner), 0,
                        writable ? BAND_OUT : BAND_IN, 0, 0);
        send(t, owner, info);
    }

    private static void send(Trap t, FileOwner owner, SignalInfo info) {
        switch (owner.type()) {
            case FileOwner.THREAD -> SignalSender.toTask(t, owner.id(), info);
            case FileOwner.GROUP -> SignalSender.toGroup(t, owner.id(), info);
            default -> SignalSender.toProcess(t, owner.id(), info);
        }
    }

    /** The number that the file has where its owner is: what siginfo_t tells. */
    private static int descriptor(Trap t, FileOwner owner) {
        int process = owner.type() == FileOwner.PROCESS && t.findProcess(owner.id()) != null
                ? owner.id()
                : t.current() < 0 ? 0 : t.process().id();
        if (process == 0 || t.process(process).exit().ended()) {
            return 0;
        }
        return t.table(t.process(process).files()).entries().entrySet().stream()
                .filter(entry -> entry.getValue().file() == owner.file()).mapToInt(entry -> entry.getKey()).findFirst()
                .orElse(0);
    }
}
