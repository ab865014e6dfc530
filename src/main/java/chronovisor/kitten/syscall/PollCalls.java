package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.console.PseudoTerminal;
import chronovisor.kitten.console.Terminal;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Pipe;
import chronovisor.kitten.file.Ring;
import chronovisor.kitten.file.Socket;
import chronovisor.kitten.kernel.Consoles;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.PseudoTerminals;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.SignalDelivery;
import chronovisor.kitten.kernel.SignalSender;
import chronovisor.kitten.kernel.Sockets;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pcollections.TreePMap;

/** Waiting for several descriptors: poll, select, epoll. */
final class PollCalls {

    private static final Set<Integer> EPOLL_WAITS = Set.of(232, 281, 441);

    private static final int IN = 1;
    private static final int PRI = 2;
    private static final int OUT = 4;
    private static final int ERR = 8;
    private static final int HUP = 0x10;
    private static final int NVAL = 0x20;
    private static final int RDNORM = 0x40;
    private static final int WRNORM = 0x100;
    private static final int RDHUP = 0x2000;
    private static final int EDGE = 1 << 31;
    private static final int ONE_SHOT = 1 << 30;
    /** EPOLLEXCLUSIVE, and what may be asked for with it. */
    private static final int EXCLUSIVE = 1 << 28;
    private static final int EXCLUSIVE_WITH = EXCLUSIVE | EDGE | 1 << 29 | IN | OUT | ERR | HUP;
    private static final int DESCRIPTORS_MAX = 1024;
    /** How many epoll instances may wait for each other in a row. */
    private static final int NESTED_MAX = 5;

    private PollCalls() {}

    /** The poll events that hold for an open file now. */
    static int ready(Trap t, OpenFile file) {
        return switch (file.end()) {
            case OpenFile.OnPipe end -> {
                Pipe pipe = t.pipe(end.pipe());
                int events = 0;
                if (end.reads()) {
                    events |= pipe.buffer().amount() > 0 ? IN | RDNORM : 0;
                    events |= pipe.writers() == 0 ? HUP : 0;
                }
                if (end.writes()) {
                    events |= pipe.space() >= (pipe.atomic() ? Pipe.ATOMIC_BYTES : 1) ? OUT | WRNORM : 0;
                    events |= pipe.readers() == 0 ? ERR : 0;
                }
                yield events;
            }
            case OpenFile.OnTerminal end -> {
                Terminal terminal = t.terminal(end.port());
                PseudoTerminal pseudo = PseudoTerminals.of(t, end.port());
                yield (pseudo == null || pseudo.output().space() > 1 ? OUT | WRNORM : 0)
                        | (Consoles.readable(t, terminal) ? IN | RDNORM : 0) | (terminal.hungUp() ? HUP : 0);
            }
            case OpenFile.OnMaster end -> {
                PseudoTerminal pseudo = PseudoTerminals.get(t, end.port());
                yield (pseudo.readable() ? IN | RDNORM : 0) | (pseudo.happened() != 0 ? PRI : 0)
                        | (pseudo.typed().space() > 0 ? OUT | WRNORM : 0) | (pseudo.left() ? HUP : 0);
            }
            case OpenFile.OnHungUp end -> IN | OUT | ERR | HUP | RDNORM | WRNORM;
            case OpenFile.OnStream end -> {
                int events = OUT | WRNORM;
                events |= t.stream(end.port()).input().amount() > 0 ? IN | RDNORM : 0;
                yield events | (t.stream(end.port()).ended() ? HUP : 0);
            }
            case OpenFile.OnCounter counter -> (counter.value() != 0 ? IN | RDNORM : 0)
                    | (counter.value() != -2 ? OUT | WRNORM : 0);
            case OpenFile.OnSocket end -> socket(t, t.socket(end.socket()));
            case OpenFile.OnQueue end -> {
                int can = PosixQueueCalls.ready(t, end.queue());
                yield ((can & 1) != 0 ? IN | RDNORM : 0) | ((can & 2) != 0 ? OUT | WRNORM : 0);
            }
            case OpenFile.OnProcess end -> {
                UserProcess process = t.findProcess(end.process());
                yield process == null || process.exit().ended() ? IN | RDNORM : 0;
            }
            case OpenFile.OnTimer timer -> EventCalls.expirations(t, file) > 0 ? IN | RDNORM : 0;
            case OpenFile.OnWatcher w -> NotificationCalls.waiting(t, file) > 0 ? IN | RDNORM : 0;
            case OpenFile.OnSignals signals ->
                (SignalSender.pendingSet(t) & signals.set()) != 0 ? IN | RDNORM : 0;
            case OpenFile.OnPoll poll ->
                poll.interests().values().stream().anyMatch(i -> holds(t, i)) ? IN | RDNORM : 0;
            case OpenFile.OnInode i -> IN | OUT | RDNORM | WRNORM;
            case OpenFile.OnLoop l -> IN | OUT | RDNORM | WRNORM;
            case OpenFile.OnListing l -> IN | OUT | RDNORM | WRNORM;
            case OpenFile.OnMemoryDevice m -> IN | OUT | RDNORM | WRNORM;
            case OpenFile.OnText x -> IN | OUT | RDNORM | WRNORM;
            case OpenFile.OnMemory x -> IN | OUT | RDNORM | WRNORM;
        };
    }

    /** Changes whenever something happens to a file that an edge-triggered interest is told again; never 0. */
    private static long activity(Trap t, OpenFile file, int ready) {
        long count = switch (file.end()) {
            case OpenFile.OnPipe end -> {
                Ring ring = t.pipe(end.pipe()).buffer();
                yield end.reads() ? ring.written() : ring.read();
            }
            case OpenFile.OnCounter counter -> counter.value();
            case OpenFile.OnSocket end -> t.socket(end.socket()).waiting_bytes();
            case OpenFile.OnStream end -> t.stream(end.port()).input().written();
            case OpenFile.OnTerminal end -> t.terminal(end.port()).ready().length();
            case OpenFile.OnMaster end -> PseudoTerminals.get(t, end.port()).output().written();
            case OpenFile.OnHungUp end -> 0;
            case OpenFile.OnQueue q -> 0;
            case OpenFile.OnProcess p -> 0;
            case OpenFile.OnTimer timer -> 0;
            case OpenFile.OnWatcher w -> NotificationCalls.waiting(t, file);
            case OpenFile.OnSignals signals -> 0;
            case OpenFile.OnPoll poll -> 0;
            case OpenFile.OnInode i -> 0;
            case OpenFile.OnLoop l -> 0;
            case OpenFile.OnListing l -> 0;
            case OpenFile.OnMemoryDevice m -> 0;
            case OpenFile.OnText x -> 0;
            case OpenFile.OnMemory x -> 0;
        };
        return count << 16 | ready | 0x8000;
    }

    /** Fails with ELOOP when an epoll instance would wait for itself, or through too many others. */
    private static void requireShallow(Trap t, OpenFile file, OpenFile target) {
        if (target.end() instanceof OpenFile.OnPoll && (reaches(t, target, file.id(), 0)
                || height(t, target, 0) + depth(t, file.id(), 0) > NESTED_MAX)) {
            throw new LinuxError(Errno.ELOOP);
        }
    }

    private static boolean reaches(Trap t, OpenFile from, long wanted, int level) {
        if (from.id() == wanted || level > NESTED_MAX) {
            return true;
        }
        return from.end() instanceof OpenFile.OnPoll poll && poll.interests().values().stream()
                .map(interest -> t.findFile(interest.file()))
                .anyMatch(file -> file != null && reaches(t, file, wanted, level + 1));
    }

    /** How many instances hang below an instance, itself included. */
    private static int height(Trap t, OpenFile file, int level) {
        int below = 0;
        if (file.end() instanceof OpenFile.OnPoll poll && level <= NESTED_MAX) {
            for (OpenFile.Interest interest : poll.interests().values()) {
                OpenFile next = t.findFile(interest.file());
                below = Math.max(below, next == null ? 0 : height(t, next, level + 1));
            }
            return below + 1;
        }
        return 0;
    }

    /** How many instances are above an instance, itself included. */
    private static int depth(Trap t, long id, int level) {
        int above = 0;
        for (OpenFile file : t.files().values()) {
            if (level <= NESTED_MAX && file.end() instanceof OpenFile.OnPoll poll
                    && poll.interests().values().stream().anyMatch(interest -> interest.file() == id)) {
                above = Math.max(above, depth(t, file.id(), level + 1));
            }
        }
        return above + 1;
    }

    private static int socket(Trap t, Socket socket) {
        boolean ended = socket.state() == Socket.State.ENDED || socket.readShut();
        int events = !socket.received().isEmpty() || !socket.waiting().isEmpty() || ended ? IN | RDNORM : 0;
        events |= ended ? RDHUP : 0;
        events |= socket.error() != 0 ? ERR : 0;
        boolean unconnected = socket.connects() && socket.state() == Socket.State.NEW;
        events |= unconnected || (socket.readShut() && socket.writeShut()) ? HUP : 0;
        Socket peer = t.findSocket(socket.peer());
        boolean room = socket.state() != Socket.State.LISTENING
                && (peer == null || Sockets.room(peer) >= Socket.BYTES_MAX / 4 || socket.writeShut());
        return events | (room ? OUT | WRNORM : 0);
    }

    private static boolean holds(Trap t, OpenFile.Interest interest) {
        OpenFile file = t.findFile(interest.file());
        return file != null && (ready(t, file) & (interest.events() | ERR | HUP)) != 0;
    }

    static Outcome poll(Trap t, Call c) {
        long timeout_ns = (int) c.a2() < 0 ? Long.MAX_VALUE : (int) c.a2() * 1_000_000L;
        return poll(t, c, timeout_ns);
    }

    static Outcome ppoll(Trap t, Call c) {
        long timeout_ns = c.a2() == 0 || c.progress().entered() ? Long.MAX_VALUE : TimeCalls.loadTime(t, c.a2());
        if (c.a3() != 0 && !c.progress().entered()) {
            if (c.a4() != 8) {
                return Outcome.error(Errno.EINVAL);
            }
            SignalCalls.replaceMask(t, UserMemory.read64(t, c.a3()));
        }
        return withTimeLeft(t, c, c.a2(), false, poll(t, c, timeout_ns));
    }

    private static Outcome poll(Trap t, Call c, long timeout_ns) {
        long count = c.a1() & 0xFFFFFFFFL;
        if (count > Descriptors.limit(t)) {
            return Outcome.error(Errno.EINVAL);
        }
        byte[] raw = UserMemory.read(t, c.a0(), (int) count * 8);
        DescriptorTable table = t.table(t.process().files());
        int found = 0;
        for (int i = 0; i < count; i++) {
            int number = Bytes.get32(raw, 8 * i);
            int wanted = Bytes.get16(raw, 8 * i + 4);
            int events = 0;
            if (number >= 0) {
                DescriptorTable.Descriptor entry = table.get(number);
                events = entry == null ? NVAL : ready(t, t.file(entry.file())) & (wanted | ERR | HUP);
            }
            raw[8 * i + 6] = (byte) events;
            raw[8 * i + 7] = (byte) (events >> 8);
            found += events != 0 ? 1 : 0;
        }
        if (found > 0) {
            UserMemory.write(t, c.a0(), raw);
            return Outcome.of(found);
        }
        return wait(t, c, timeout_ns, () -> UserMemory.write(t, c.a0(), raw));
    }

    /** Waits for anything to happen, or for the timeout: then stores and returns 0. */
    private static Outcome wait(Trap t, Call c, long timeout_ns, Runnable store) {
        long deadline_ns = c.progress().entered() ? c.progress().deadline_ns() : TimeCalls.after(t, timeout_ns);
        if (deadline_ns <= t.now_ns()) {
            store.run();
            return Outcome.ZERO;
        }
        return new Outcome.Block(List.of(new WaitKey(WaitKey.Kind.POLL, 0)),
                new Call.Progress(true, 0, deadline_ns, 0, false), SignalDelivery.RESTART_NO_HANDLER, false);
    }

    /** Stores the time that is left, as Linux does whether the call waits, returns or is interrupted. */
    private static Outcome withTimeLeft(Trap t, Call c, long address, boolean micros, Outcome outcome) {
        if (address == 0) {
            return outcome;
        }
        long deadline_ns = switch (outcome) {
            case Outcome.Block block -> block.progress().deadline_ns();
            case Outcome.Value value -> c.progress().entered() ? c.progress().deadline_ns() : Call.Progress.NEVER;
            case Outcome.Gone gone -> Call.Progress.NEVER;
        };
        // What is ready at once leaves the time as it was.
        if (deadline_ns != Call.Progress.NEVER) {
            long left_ns = Math.max(0, deadline_ns - t.now_ns());
            if (micros) {
                UserMemory.write(t, address, new Bytes(16).put64(left_ns / 1_000_000_000L)
                        .put64(left_ns % 1_000_000_000L / 1000).toArray());
            } else {
                TimeCalls.storeTime(t, address, left_ns);
            }
        }
        return outcome;
    }

    static Outcome select(Trap t, Call c) {
        long timeout_ns = Long.MAX_VALUE;
        if (c.a4() != 0 && !c.progress().entered()) {
            byte[] raw = UserMemory.read(t, c.a4(), 16);
            long micros = Bytes.get64(raw, 8);
            long seconds = Bytes.get64(raw, 0);
            if (seconds < 0 || micros < 0) {
                return Outcome.error(Errno.EINVAL);
            }
            timeout_ns = seconds > Integer.MAX_VALUE ? Long.MAX_VALUE : seconds * 1_000_000_000L + micros * 1000;
        }
        return withTimeLeft(t, c, c.a4(), true, select(t, c, timeout_ns));
    }

    static Outcome pselect6(Trap t, Call c) {
        long timeout_ns = c.a4() == 0 || c.progress().entered() ? Long.MAX_VALUE : TimeCalls.loadTime(t, c.a4());
        if (c.a5() != 0 && !c.progress().entered()) {
            long mask = UserMemory.read64(t, c.a5());
            if (mask != 0) {
                SignalCalls.replaceMask(t, UserMemory.read64(t, mask));
            }
        }
        return withTimeLeft(t, c, c.a4(), false, select(t, c, timeout_ns));
    }

    private static Outcome select(Trap t, Call c, long timeout_ns) {
        int count = (int) c.a0();
        if (count < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        count = Math.min(count, DESCRIPTORS_MAX);
        int bytes = (count + 63) / 64 * 8;
        long[] addresses = {c.a1(), c.a2(), c.a3()};
        int[] masks = {IN | HUP | ERR, OUT | ERR, PRI};
        byte[][] results = new byte[3][bytes];
        DescriptorTable table = t.table(t.process().files());
        int found = 0;
        for (int set = 0; set < 3; set++) {
            if (addresses[set] == 0) {
                continue;
            }
            byte[] wanted = UserMemory.read(t, addresses[set], bytes);
            for (int number = 0; number < count; number++) {
                if ((wanted[number >> 3] & 1 << (number & 7)) == 0) {
                    continue;
                }
                DescriptorTable.Descriptor entry = table.get(number);
                if (entry == null) {
                    return Outcome.error(Errno.EBADF);
                }
                if ((ready(t, t.file(entry.file())) & masks[set]) != 0) {
                    results[set][number >> 3] |= (byte) (1 << (number & 7));
                    found++;
                }
            }
        }
        Runnable store = () -> {
            for (int set = 0; set < 3; set++) {
                if (addresses[set] != 0) {
                    UserMemory.write(t, addresses[set], results[set]);
                }
            }
        };
        if (found > 0) {
            store.run();
            return Outcome.of(found);
        }
        return wait(t, c, timeout_ns, store);
    }

    static Outcome epollCreate(Trap t, Call c) {
        return (int) c.a0() <= 0 ? Outcome.error(Errno.EINVAL) : makePoll(t, false);
    }

    static Outcome epollCreate1(Trap t, Call c) {
        return (c.a0() & ~OpenFlags.O_CLOEXEC) != 0 ? Outcome.error(Errno.EINVAL) : makePoll(t, c.a0() != 0);
    }

    private static Outcome makePoll(Trap t, boolean closes) {
        Inode inode = Inode.create(t.nextInode(), 0600, 0, 0, Inode.Data.EMPTY,
                t.realtime_ns());
        t.put(inode.withLinks(0, t.realtime_ns()));
        OpenFile file = Descriptors.open(t, inode.number(), OpenFlags.O_RDWR, "anon_inode:[eventpoll]",
                new OpenFile.OnPoll(TreePMap.empty(), 1));
        return Outcome.of(Descriptors.install(t, file, closes, 0));
    }

    static Outcome epollControl(Trap t, Call c) {
        OpenFile file = Descriptors.usable(t, c.a0());
        OpenFile target = Descriptors.usable(t, c.a2());
        if (!(file.end() instanceof OpenFile.OnPoll poll) || file.id() == target.id()) {
            return Outcome.error(Errno.EINVAL);
        }
        if (Transfer.seekable(target)) {
            return Outcome.error(Errno.EPERM);
        }
        int number = (int) c.a2();
        OpenFile.Interest old = poll.interests().get(number);
        boolean known = old != null && old.file() == target.id();
        TreePMap<Integer, OpenFile.Interest> changed;
        switch ((int) c.a1()) {
            case 1, 3 -> {
                if (known == ((int) c.a1() == 1)) {
                    return Outcome.error(known ? Errno.EEXIST : Errno.ENOENT);
                }
                byte[] raw = UserMemory.read(t, c.a3(), 12);
                int events = Bytes.get32(raw, 0);
                boolean wasExclusive = old != null && known && (old.events() & EXCLUSIVE) != 0;
                if ((events & EXCLUSIVE) != 0 && (known || (events & ~EXCLUSIVE_WITH) != 0
                        || target.end() instanceof OpenFile.OnPoll) || wasExclusive) {
                    return Outcome.error(Errno.EINVAL);
                }
                if (!known) {
                    requireShallow(t, file, target);
                }
                changed = poll.interests().plus(number,
                        new OpenFile.Interest(target.id(), Bytes.get32(raw, 0), Bytes.get64(raw, 4), 0,
                                known && old != null ? old.turn() : poll.turns()));
            }
            case 2 -> {
                if (!known) {
                    return Outcome.error(Errno.ENOENT);
                }
                changed = poll.interests().minus(number);
            }
            default -> {
                return Outcome.error(Errno.EINVAL);
            }
        }
        t.put(t.file(file.id()).withEnd(new OpenFile.OnPoll(changed, poll.turns() + 1)));
        // A file that is ready already must be told to who waits.
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.POLL, 0), Integer.MAX_VALUE);
        Scheduler.wake(t, changes(file), Integer.MAX_VALUE);
        return Outcome.ZERO;
    }

    /** Where those wait for changes of what an epoll asks about who wait for files that they share alone. */
    private static WaitKey changes(OpenFile epoll) {
        return new WaitKey(WaitKey.Kind.POLL, epoll.id()).exclusive();
    }

    static Outcome epollWait(Trap t, Call c) {
        return epoll(t, c, (int) c.a3() < 0 ? Long.MAX_VALUE : (int) c.a3() * 1_000_000L);
    }

    static Outcome epollPwait(Trap t, Call c) {
        replaceMask(t, c);
        return epollWait(t, c);
    }

    static Outcome epollPwait2(Trap t, Call c) {
        long timeout_ns = c.a3() == 0 || c.progress().entered() ? Long.MAX_VALUE : TimeCalls.loadTime(t, c.a3());
        replaceMask(t, c);
        return epoll(t, c, timeout_ns);
    }

    private static void replaceMask(Trap t, Call c) {
        if (c.a4() != 0 && !c.progress().entered()) {
            if (c.a5() != 8) {
                throw new LinuxError(Errno.EINVAL);
            }
            SignalCalls.replaceMask(t, UserMemory.read64(t, c.a4()));
        }
    }

    private static Outcome epoll(Trap t, Call c, long timeout_ns) {
        OpenFile file = Descriptors.usable(t, c.a0());
        if ((int) c.a2() <= 0 || !(file.end() instanceof OpenFile.OnPoll poll)) {
            throw new LinuxError(Errno.EINVAL);
        }
        Bytes out = new Bytes();
        int found = 0;
        long turns = poll.turns();
        TreePMap<Integer, OpenFile.Interest> interests = poll.interests();
        List<Map.Entry<Integer, OpenFile.Interest>> inTurn = new ArrayList<>(interests.entrySet());
        inTurn.sort(Comparator.comparingLong(entry -> entry.getValue().turn()));
        for (Map.Entry<Integer, OpenFile.Interest> entry : inTurn) {
            OpenFile.Interest interest = entry.getValue();
            OpenFile target = t.findFile(interest.file());
            if (target == null) {
                interests = interests.minus(entry.getKey());
                continue;
            }
            boolean edge = (interest.events() & EDGE) != 0;
            // Of those that share the news one is told; the others go on waiting, whatever else wakes them meanwhile.
            boolean elsewhere = (interest.events() & EXCLUSIVE) != 0 && c.progress().entered()
                    && c.progress().extra() != Scheduler.TOLD && isSomebodyTold(t);
            boolean asleep = elsewhere || (interest.events() & ~(EDGE | ONE_SHOT)) == 0;
            int now = asleep ? 0 : ready(t, target) & (interest.events() | ERR | HUP) & 0x3FFF;
            long activity = activity(t, target, now);
            if (now == 0 || found == (int) c.a2() || (edge && activity == interest.reported())) {
                continue;
            }
            out.put32(now).put64(interest.data());
            found++;
            int events = (interest.events() & ONE_SHOT) != 0
                    ? interest.events() & (EDGE | ONE_SHOT)
                    : interest.events();
            interests = interests.plus(entry.getKey(),
                    new OpenFile.Interest(interest.file(), events, interest.data(), activity, turns++));
        }
        t.put(file.withEnd(new OpenFile.OnPoll(interests, turns)));
        if (found > 0) {
            UserMemory.write(t, c.a1(), out.toArray());
            return Outcome.of(found);
        }
        Outcome wait = wait(t, c, timeout_ns, () -> {});
        return wait instanceof Outcome.Block block ? withExclusive(t, file, interests, block) : wait;
    }

    /** Whether a task that was chosen to be told has not got to it yet. */
    private static boolean isSomebodyTold(Trap t) {
        return t.tasks().values().stream().anyMatch(task -> task.run() instanceof Run.Resuming(Call call)
                && EPOLL_WAITS.contains(call.number()) && call.progress().extra() == Scheduler.TOLD);
    }

    /**
     * Waits also as one of those of whom one is woken, for the files that are asked about with EPOLLEXCLUSIVE; and only so when these are all
     * there are: what becomes of other files is none of its business.
     */
    private static Outcome withExclusive(Trap t, OpenFile epoll, TreePMap<Integer, OpenFile.Interest> interests,
            Outcome.Block block) {
        List<WaitKey> queues = new ArrayList<>();
        boolean alone = true;
        for (OpenFile.Interest interest : interests.values()) {
            OpenFile file = t.findFile(interest.file());
            if ((interest.events() & EXCLUSIVE) == 0 || file == null) {
                alone = false;
                continue;
            }
            if ((interest.events() & IN) != 0) {
                queues.add(Transfer.readQueue(t, file).exclusive());
            }
            if ((interest.events() & OUT) != 0) {
                queues.add(Transfer.writeQueue(t, file).exclusive());
            }
            alone &= (interest.events() & (IN | OUT)) != 0;
        }
        if (alone && !queues.isEmpty()) {
            queues.add(changes(epoll));
        } else {
            queues.addAll(block.queues());
        }
        return new Outcome.Block(queues.stream().distinct().toList(), block.progress(), block.interrupted(), false);
    }
}
