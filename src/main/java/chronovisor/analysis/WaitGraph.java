package chronovisor.analysis;

import chronovisor.journal.Position;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.FileLock;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Pipe;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.pcollections.PVector;

/** Who waits for what at a position, and who could end the wait: the kernel's state as a graph. */
final class WaitGraph {

    /**
     * A task that waits.
     *
     * @param task
     *            who
     * @param call
     *            in which system call
     * @param key
     *            for what
     * @param futex
     *            address of the word, where it is a futex; else 0
     * @param what
     *            in words: the thing and its state
     * @param wakers
     *            tasks that could end the wait, by what they hold
     * @param outside
     *            whether something else could: a device, a timer
     */
    record Wait(int task, int call, WaitKey key, long futex, String what, TreeSet<Integer> wakers, boolean outside) {}

    private static final int POINTER_BITS = 48;
    /** The owner of a glibc mutex lies so far behind its lock word. */
    private static final int OWNER_OFFSET = 8;
    private static final int OWNER_BITS = 0x3FFF_FFFF;

    /** Who took a lock last, and when. */
    record Holder(int task, Position at) {}

    private final Scene scene;
    private final KernelState state;
    private final History history;
    private final Map<Long, Holder> holders;
    private final List<Wait> waits = new ArrayList<>();
    private final List<Integer> running = new ArrayList<>();

    private WaitGraph(Scene scene, KernelState state, History history, Map<Long, Holder> holders) {
        this.scene = scene;
        this.state = state;
        this.history = history;
        this.holders = holders;
    }

    /**
     * The graph where the timeline stands; empty without the built-in kernel.
     *
     * @param holders
     *            of locks whose words do not tell, by the address of the word
     */
    static WaitGraph of(Scene scene, History history, Map<Long, Holder> holders) {
        KernelState state = scene.view().kernel().orElse(null);
        WaitGraph graph = new WaitGraph(scene, state == null ? KernelState.empty(1) : state, history, holders);
        graph.state.tasks().values().forEach(graph::look);
        return graph;
    }

    List<Wait> waits() {
        return waits;
    }

    /** Tasks that do not wait. */
    List<Integer> running() {
        return running;
    }

    private void look(Task task) {
        Run.Blocked blocked = task.blocked();
        if (blocked == null) {
            running.add(task.id());
            return;
        }
        boolean timed = blocked.deadline_ns() != Long.MAX_VALUE;
        for (WaitKey key : blocked.queues()) {
            waits.add(wait(task, blocked.call().number(), key, timed));
        }
        if (blocked.queues().isEmpty()) {
            waits.add(new Wait(task.id(), blocked.call().number(), new WaitKey(WaitKey.Kind.SIGNAL, task.process()), 0,
                    timed ? "a moment" : "a signal", new TreeSet<>(), timed));
        }
    }

    private Wait wait(Task task, int call, WaitKey key, boolean timed) {
        TreeSet<Integer> wakers = new TreeSet<>();
        long futex = 0;
        boolean outside = timed;
        String what = switch (key.kind()) {
            case FUTEX -> {
                futex = word(task, key);
                yield futex(task, futex, wakers);
            }
            case PIPE_READ -> pipe(key.id(), true, wakers);
            case PIPE_WRITE -> pipe(key.id(), false, wakers);
            case CHILD -> {
                List<String> children = new ArrayList<>();
                for (UserProcess process : state.processes().values()) {
                    if (process.parent() == task.process() && !process.exit().ended()) {
                        wakers.addAll(tasksOf(process.id()));
                        children.add("process " + process.id());
                    }
                }
                yield "the end of a child" + (children.isEmpty()
                        ? ", of which there is none"
                        : ": "
                                + Words.list(children));
            }
            case VFORK, PROCESS -> {
                wakers.addAll(tasksOf((int) key.id()));
                yield "process " + key.id() + (key.kind() == WaitKey.Kind.VFORK ? " to execute a program" : " to end");
            }
            case LOCK -> lock(key.id(), wakers);
            case TERMINAL, STREAM -> "input from " + (key.kind() == WaitKey.Kind.TERMINAL ? "a terminal" : "a stream")
                    + ", which nobody will type";
            case SIGNAL -> "a signal";
            case FIFO_READER, FIFO_WRITER -> {
                others(task, wakers);
                yield "somebody who opens the pipe with inode " + key.id() + " for "
                        + (key.kind() == WaitKey.Kind.FIFO_READER ? "writing" : "reading");
            }
            case SOCKET_READ, SOCKET_WRITE, COUNTER, QUEUE, MESSAGE, SEMAPHORE, POLL, EXCLUSIVE -> {
                others(task, wakers);
                yield key.toString().replace('_', ' ').replace(":", " ");
            }
        };
        wakers.remove(task.id());
        return new Wait(task.id(), call, key, futex, what, wakers, outside);
    }

    private void others(Task task, Set<Integer> wakers) {
        for (Task other : state.tasks().values()) {
            if (other.id() != task.id()) {
                wakers.add(other.id());
            }
        }
    }

    /** The address of a futex, as the waiting call names it. */
    private static long word(Task task, WaitKey key) {
        Run.Blocked blocked = task.blocked();
        long named = blocked == null ? 0 : blocked.call().a0();
        return key.id() >= 0 ? key.id() & (1L << POINTER_BITS) - 1 : named;
    }

    private String futex(Task task, long address, Set<Integer> wakers) {
        Optional<Long> value = scene.word(task.id(), address);
        StringBuilder what = new StringBuilder("futex ").append(scene.place(task.id(), address));
        value.ifPresent(word -> what.append(", whose word is ").append(word.intValue()));
        int now = value.map(Long::intValue).orElse(0);
        int owner = now & OWNER_BITS;
        int behind = scene.word(task.id(), address + OWNER_OFFSET).map(Long::intValue).orElse(0);
        Task ending = state.tasks().get(owner);
        Run.Blocked blocked = task.blocked();
        boolean inherits = blocked != null
                && ((int) blocked.call().a1() & Numbers.FUTEX_COMMAND) == Numbers.FUTEX_LOCK_PI;
        if (ending != null && (inherits || ending.clearOnExit() == address)) {
            wakers.add(owner);
            what.append(inherits ? ", held by " : ", which is cleared at the end of ").append(history.name(owner));
        } else if (now != 0 && owner(task, behind)) {
            wakers.add(behind);
            what.append(", held by ").append(history.name(behind));
        } else if (now != 0 && holders.containsKey(address)) {
            Holder holder = holders.get(address);
            if (holder.task() != task.id() && state.tasks().containsKey(holder.task())) {
                wakers.add(holder.task());
            }
            what.append(", taken by ").append(history.name(holder.task())).append(" at ").append(holder.at());
        } else {
            AddressSpace space = scene.view().space(task.id()).orElse(null);
            for (Task other : state.tasks().values()) {
                boolean shares = space != null && scene.view().space(other.id())
                        .map(found -> found.id() == space.id()).orElse(false);
                if (shares && other.id() != task.id()) {
                    wakers.add(other.id());
                }
            }
        }
        return what.toString();
    }

    /** Whether a number behind a lock's word is its owner, as in glibc: a task that shares the word and does not wait for it itself. */
    private boolean owner(Task waiter, int number) {
        Task found = state.tasks().get(number);
        return number > 1 && found != null && number != waiter.id() && found.process() == waiter.process();
    }

    private String pipe(long id, boolean reads, Set<Integer> wakers) {
        Pipe pipe = state.pipes().get(id);
        List<String> holders = new ArrayList<>();
        for (UserProcess process : state.processes().values()) {
            DescriptorTable table = state.tables().get(process.files());
            if (table == null || process.exit().ended()) {
                continue;
            }
            table.entries().forEach((number, descriptor) -> {
                OpenFile file = state.files().get(descriptor.file());
                if (file != null && file.end() instanceof OpenFile.OnPipe end && end.pipe() == id
                        && (reads ? end.writes() : end.reads())) {
                    wakers.addAll(tasksOf(process.id()));
                    holders.add("descriptor " + number + " of process " + process.id());
                }
            });
        }
        String ends = holders.isEmpty() ? "nobody" : Words.list(holders);
        String fill = pipe == null ? "" : " with " + Words.count(pipe.buffer().amount(), "byte") + " in it";
        return reads
                ? "bytes in pipe " + id + fill + "; what could write: " + ends
                : "room in pipe " + id + fill + "; what could read: " + ends;
    }

    private String lock(long inode, Set<Integer> wakers) {
        PVector<FileLock> locks = state.locks().get(inode);
        if (locks != null) {
            for (FileLock held : locks) {
                wakers.addAll(held.kind() == FileLock.Kind.PROCESS
                        ? tasksOf((int) held.owner())
                        : state.tasks().keySet());
            }
        }
        return "a lock of file " + inode + (locks == null ? "" : ", " + Words.count(locks.size(), "lock") + " held");
    }

    private List<Integer> tasksOf(int process) {
        return state.tasks().values().stream().filter(task -> task.process() == process).map(Task::id).toList();
    }

    /** The waits that hold all the others up: nobody is left who could end them, or they wait for each other. */
    List<Wait> roots() {
        List<Wait> roots = new ArrayList<>();
        for (Wait wait : waits) {
            boolean alive = wait.outside || wait.wakers.stream().anyMatch(this::free);
            boolean follows = !alive && !reaches(wait.task, wait.task)
                    && wait.wakers.stream().anyMatch(this::waiting);
            if (!alive && !follows) {
                roots.add(wait);
            }
        }
        return roots.isEmpty() ? waits : roots;
    }

    private boolean waiting(int task) {
        return waits.stream().anyMatch(wait -> wait.task == task);
    }

    private boolean free(int task) {
        return running.contains(task);
    }

    /** The tasks of a circle of waits through a task, in order; empty when there is none. */
    List<Integer> circle(int task) {
        List<Integer> path = new ArrayList<>();
        return walk(task, task, path, new TreeSet<>()) ? path : List.of();
    }

    private boolean reaches(int from, int to) {
        return !circleFrom(from, to).isEmpty();
    }

    private List<Integer> circleFrom(int from, int to) {
        List<Integer> path = new ArrayList<>();
        return walk(from, to, path, new TreeSet<>()) ? path : List.of();
    }

    private boolean walk(int from, int to, List<Integer> path, Set<Integer> seen) {
        if (!seen.add(from)) {
            return false;
        }
        path.add(from);
        for (Wait wait : waits) {
            if (wait.task == from && wait.wakers.contains(to)) {
                return true;
            }
        }
        for (Wait wait : waits) {
            if (wait.task != from) {
                continue;
            }
            for (int next : wait.wakers) {
                if (waiting(next) && walk(next, to, path, seen)) {
                    return true;
                }
            }
        }
        path.removeLast();
        return false;
    }

    /** Lines for people, one a wait. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Wait wait : waits) {
            List<String> names = wait.wakers.stream().map(history::name).toList();
            lines.add(history.name(wait.task) + " waits in " + Words.call(wait.call) + " for " + wait.what
                    + (wait.outside
                            ? "; its time limit ends that"
                            : names.isEmpty()
                                    ? "; no task is left that could end that"
                                    : "; could be woken by " + Words.list(names)));
        }
        running.forEach(task -> lines.add(history.name(task) + " does not wait"));
        return lines;
    }
}
