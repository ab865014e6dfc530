package chronovisor.analysis;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.WaitKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A machine in which every task waits: who for whom, and which wait nobody was ever going to end. */
final class HangCase {

    private static final int BACKTRACE_LINES_MAX = 8;
    private static final int OWNERS_LOOKED_AT = 8;

    private final Evidence evidence;
    private final Scene scene;
    private final History history;

    HangCase(Evidence evidence) {
        this.evidence = evidence;
        this.scene = evidence.scene;
        this.history = evidence.history;
    }

    /** Looks at the end of the run; gives the position of the last thing that any task did by itself. */
    Position look() {
        scene.timeline().seek(scene.timeline().last());
        Map<Long, WaitGraph.Holder> holders = holders();
        WaitGraph graph = WaitGraph.of(scene, history, holders);
        evidence.find("who waits for what", graph.lines());
        List<String> places = new ArrayList<>();
        for (WaitGraph.Wait wait : graph.waits()) {
            places.add(history.name(wait.task()) + " at " + scene.place(wait.task(),
                    scene.view().registersOf(wait.task()).map(Registers::rip).orElse(0L)));
            scene.backtrace(wait.task()).stream().limit(BACKTRACE_LINES_MAX).forEach(line -> places.add("  " + line));
        }
        evidence.find("where they wait", places);
        List<WaitGraph.Wait> roots = graph.roots();
        boolean lost = false;
        for (WaitGraph.Wait wait : graph.waits()) {
            lost |= wait.key().kind() == WaitKey.Kind.FUTEX
                    && new LostWakeUps(evidence).unfinished(wait.task(), wait.futex());
        }
        for (WaitGraph.Wait wait : roots) {
            pipe(graph, wait);
            if (wait.key().kind() == WaitKey.Kind.TERMINAL || wait.key().kind() == WaitKey.Kind.STREAM) {
                evidence.suspect(new Suspect("no-input", history.name(wait.task()) + " waits in "
                        + Words.call(wait.call()) + " for " + wait.what(), 45, began(wait.task()), List.of(), null));
            }
        }
        circle(graph, lost);
        graph.waits().forEach(wait -> neverGivenBack(wait, holders.get(wait.futex())));
        forNothing(graph, roots);
        Position last = Position.START;
        for (KittenEvent event : history.scheduling) {
            last = event instanceof KittenEvent.TaskBlocked ? event.at() : last;
        }
        return last.equals(Position.START) ? evidence.ending.at() : last;
    }

    private Position began(int task) {
        KittenEvent.TaskBlocked blocked = blocked(task);
        return blocked == null ? evidence.ending.at() : blocked.at();
    }

    private KittenEvent.@Nullable TaskBlocked blocked(int task) {
        for (KittenEvent event : history.scheduling.newestFirst()) {
            if (event instanceof KittenEvent.TaskBlocked blocked && blocked.task() == task) {
                return blocked;
            }
        }
        return null;
    }

    // Pipes.

    private void pipe(WaitGraph graph, WaitGraph.Wait wait) {
        if (wait.key().kind() != WaitKey.Kind.PIPE_READ && wait.key().kind() != WaitKey.Kind.PIPE_WRITE) {
            return;
        }
        boolean reads = wait.key().kind() == WaitKey.Kind.PIPE_READ;
        History.Flow flow = history.pipes.get(wait.key().id());
        List<String> lines = new ArrayList<>();
        if (flow != null && !flow.writes.isEmpty()) {
            KittenEvent.PipeWritten written = flow.writes.newest();
            lines.add(written.at() + "  " + history.name(written.task()) + " wrote " + written.length()
                    + " bytes after " + written.offset() + ", the last that were written");
        }
        if (flow != null && !flow.reads.isEmpty()) {
            KittenEvent.PipeRead read = flow.reads.newest();
            lines.add(read.at() + "  " + history.name(read.task()) + " read " + read.length() + " bytes after "
                    + read.offset() + ", the last that were read");
        }
        evidence.find("pipe " + wait.key().id(), lines);
        TreeSet<Integer> processes = new TreeSet<>();
        wait.wakers().forEach(task -> processes.add(history.processOf(task)));
        boolean own = wait.what().contains("of process " + history.processOf(wait.task()));
        if (reads && own && processes.stream().allMatch(process -> process == history.processOf(wait.task()))
                && graph.waits().stream().noneMatch(other -> other.task() != wait.task()
                        && history.processOf(other.task()) == history.processOf(wait.task())
                        && other.key().kind() != WaitKey.Kind.FUTEX)) {
            evidence.suspect(new Suspect("open-end", history.name(wait.task()) + " waits for the end of pipe "
                    + wait.key().id() + ", which cannot come: its own process still has the end that writes open ("
                    + wait.what() + ")", 90, began(wait.task()), List.of(), null));
        }
    }

    // Circles.

    private void circle(WaitGraph graph, boolean lost) {
        for (WaitGraph.Wait wait : graph.waits()) {
            List<Integer> circle = graph.circle(wait.task());
            if (circle.size() < 2) {
                continue;
            }
            List<String> words = new ArrayList<>();
            List<Position> positions = new ArrayList<>();
            boolean exact = true;
            for (WaitGraph.Wait part : graph.waits()) {
                if (!circle.contains(part.task())) {
                    continue;
                }
                Position began = began(part.task());
                positions.add(began);
                words.add(history.name(part.task()) + " waits since " + began + " for " + part.what());
                exact &= part.wakers().size() == 1;
            }
            evidence.suspect(new Suspect("deadlock", "tasks wait for each other: " + String.join("; ", words),
                    lost ? 40 : exact ? 115 : 70, positions.stream().max(Position::compareTo).orElseThrow(),
                    positions, null));
            return;
        }
    }

    /** The holders of the locks that are waited for. */
    private Map<Long, WaitGraph.Holder> holders() {
        Map<Long, WaitGraph.Holder> holders = new TreeMap<>();
        for (WaitGraph.Wait wait : WaitGraph.of(scene, history, holders).waits()) {
            if (wait.futex() != 0 && wait.wakers().size() != 1) {
                WaitGraph.Holder holder = holder(wait);
                if (holder != null && scene.timeline().last().compareTo(holder.at()) >= 0) {
                    holders.put(wait.futex(), holder);
                }
            }
        }
        scene.timeline().seek(scene.timeline().last());
        return holders;
    }

    /** Who changed a lock's word from free to taken last: whatever sort of lock it is, that is its holder. */
    private WaitGraph.@Nullable Holder holder(WaitGraph.Wait wait) {
        Position before = began(wait.task());
        Position end = scene.timeline().last();
        Position at = end;
        for (int i = 0; i < OWNERS_LOOKED_AT; i++) {
            scene.timeline().seek(at);
            long root = scene.root(wait.task());
            var found = scene.timeline().lastWriter(root, wait.futex(), 4, at);
            if (found.isEmpty()) {
                return null;
            }
            at = found.get().before();
            scene.timeline().seek(at);
            int writer = scene.view().taskOn(found.get().core());
            long word = scene.view().word(root, wait.futex()).orElse(0L) & 0xFFFF_FFFFL;
            if (word == 0 && (writer != wait.task() || takes(writer, found.get().rip()))) {
                return new WaitGraph.Holder(writer, at);
            }
            if (word == 0 && at.compareTo(before) < 0) {
                return null;
            }
        }
        return null;
    }

    /** Whether an instruction takes a lock and does not just make the word ready: only then the waiter itself may be the holder. */
    private boolean takes(int task, long rip) {
        Instruction instruction = scene.instruction(task, rip);
        return instruction != null && (instruction.operation() == Operation.CMPXCHG
                || instruction.operation() == Operation.XCHG);
    }

    /** A lock whose holder waits for it itself, or has ended. */
    private void neverGivenBack(WaitGraph.Wait wait, WaitGraph.@Nullable Holder holder) {
        if (holder == null) {
            return;
        }
        Position began = began(wait.task());
        String lock = history.name(wait.task()) + " waits in " + Words.call(wait.call()) + " since " + began + " for "
                + wait.what();
        History.Life life = history.lives.get(holder.task());
        if (holder.task() == wait.task()) {
            StringBuilder text = new StringBuilder(lock).append(": it holds that lock itself");
            List<Position> positions = new ArrayList<>(List.of(holder.at()));
            for (SignalHistory.Signal handler : history.signals.handlersAt(wait.task(), began)) {
                KittenEvent.SignalDelivered to = handler.delivered;
                if (to != null && to.at().compareTo(holder.at()) > 0) {
                    text.append("; it waits in the handler of ").append(Words.signal(to.signal()))
                            .append(", which interrupted it at ").append(to.at()).append(" with the lock taken");
                    positions.add(to.at());
                    break;
                }
            }
            evidence.suspect(new Suspect("self-deadlock", text.toString(), 118, holder.at(), positions, null));
        } else if (life != null && life.exit != null) {
            Position end = life.exit.at();
            evidence.suspect(new Suspect("abandoned-lock", lock + ", which ended at " + end
                    + " without giving it back", 112, end, List.of(holder.at(), began), null));
        }
    }

    private void forNothing(WaitGraph graph, List<WaitGraph.Wait> roots) {
        for (WaitGraph.Wait wait : roots) {
            if (wait.wakers().isEmpty() && wait.key().kind() != WaitKey.Kind.TERMINAL
                    && wait.key().kind() != WaitKey.Kind.STREAM) {
                evidence.suspect(new Suspect("nobody-left", history.name(wait.task()) + " waits in "
                        + Words.call(wait.call()) + " for " + wait.what() + ", and no task is left that could end that",
                        75, began(wait.task()), List.of(), null));
            }
        }
        if (evidence.suspects.isEmpty() && !graph.waits().isEmpty()) {
            WaitGraph.Wait wait = roots.getFirst();
            evidence.suspect(new Suspect("wait", history.name(wait.task()) + " waits in " + Words.call(wait.call())
                    + " for " + wait.what(), 35, began(wait.task()), List.of(), null));
        }
    }
}
