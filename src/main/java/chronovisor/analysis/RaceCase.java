package chronovisor.analysis;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.journal.EventJson;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.kitten.task.Registers;
import chronovisor.timeline.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the order in which tasks ran decides, and where it did. */
final class RaceCase {

    private static final int SEEDS = 6;
    private static final int ATTEMPTS_MAX = 220;
    private static final int WRITES_LOOKED_AT = 64;
    /** How long ago another task may have been where two race. */
    private static final long RACE_TICKS = 1 << 16;
    private static final int RACE_STEPS = 48;

    private final Evidence evidence;
    private final Scene scene;
    private final History history;

    RaceCase(Evidence evidence) {
        this.evidence = evidence;
        this.scene = evidence.scene;
        this.history = evidence.history;
    }

    /** Whether more than one task has run, so that there is an order to ask about. */
    boolean possible() {
        return history.lives.values().stream().filter(life -> life.started != null || life.exit != null).count() > 1;
    }

    /** Pipes in which the bytes of several writers lie between each other, where the failing task had read from them. */
    void pipes(Position failure) {
        history.pipes.forEach((pipe, flow) -> {
            KittenEvent.PipeRead read = lastRead(flow, failure);
            if (read != null) {
                List<KittenEvent.PipeWritten> writes = flow.writes.list();
                int last = writes.size() - 1;
                while (last >= 0 && writes.get(last).offset() >= read.offset() + read.length()) {
                    last--;
                }
                between(pipe, read, writes, last);
            }
        });
    }

    /** The last write before an end that came between two of another task, which had not waited meanwhile. */
    private void between(long pipe, KittenEvent.PipeRead read, List<KittenEvent.PipeWritten> writes, int last) {
        for (int i = last; i > 0 && i > last - WRITES_LOOKED_AT; i--) {
            KittenEvent.PipeWritten first = writes.get(i - 1);
            KittenEvent.PipeWritten other = writes.get(i);
            if (first.task() == other.task() || !interrupted(first, other)) {
                continue;
            }
            for (KittenEvent.PipeWritten then : writes.subList(i + 1, writes.size())) {
                if (then.task() == first.task()) {
                    tell(pipe, read, first, other, then);
                    return;
                }
            }
        }
    }

    private static KittenEvent.@Nullable PipeRead lastRead(History.Flow flow, Position before) {
        for (KittenEvent.PipeRead read : flow.reads.newestFirst()) {
            if (read.at().compareTo(before) < 0) {
                return read;
            }
        }
        return null;
    }

    /** Whether a writer could have gone on and was not let, between its write and another's. */
    private boolean interrupted(KittenEvent.PipeWritten first, KittenEvent.PipeWritten between) {
        for (KittenEvent event : history.scheduling) {
            if (event.at().compareTo(first.at()) > 0 && event.at().compareTo(between.at()) < 0
                    && event instanceof KittenEvent.TaskBlocked blocked && blocked.task() == first.task()) {
                return false;
            }
        }
        return true;
    }

    private void tell(long pipe, KittenEvent.PipeRead read, KittenEvent.PipeWritten first,
            KittenEvent.PipeWritten between, KittenEvent.PipeWritten then) {
        List<String> lines = new ArrayList<>();
        for (KittenEvent.PipeWritten written : List.of(first, between, then)) {
            lines.add(written.at() + "  " + history.name(written.task()) + " wrote " + written.length()
                    + " bytes after " + written.offset());
        }
        lines.add(read.at() + "  " + history.name(read.task()) + " read " + read.length() + " bytes after "
                + read.offset() + ", the last before the failure");
        evidence.find("writers of pipe " + pipe + " between each other", lines);
        evidence.suspect(new Suspect("pipe-race", "two writers race on pipe " + pipe + ": between "
                + history.name(first.task()) + "'s writes at " + first.at() + " and " + then.at() + " "
                + history.name(between.task()) + " wrote " + between.length() + " bytes of its own at " + between.at()
                + ", which " + history.name(read.task()) + " then read in the middle", 80, between.at(),
                List.of(first.at(), then.at(), read.at()), null));
    }

    /**
     * Tries other schedules from earlier and earlier positions.
     *
     * @return what came of it; null when the order does not decide, as far as it was tried
     */
    @Nullable
    Attempt schedules(Attempts attempts, Position failure) {
        var variants = Bisection.schedules(scene.timeline(), attempts, SEEDS);
        Bisection.Result result = new Bisection(scene.timeline(), attempts, variants, ATTEMPTS_MAX).before(failure);
        Attempt by = result.by();
        Position avoidable = result.avoidable();
        if (by == null || avoidable == null) {
            evidence.find("other schedules", List.of("the same failure came in all of " + result.attempts()
                    + " forks with other schedules, from " + result.inevitable() + " on"));
            return null;
        }
        List<String> lines = new ArrayList<>();
        lines.add(
                "from " + avoidable + " on " + by.change() + " avoids it; from " + result.inevitable() + " on none of "
                        + result.futures() + " schedules did (" + result.attempts() + " forks)");
        lines.addAll(decision(avoidable, result.inevitable()));
        evidence.find("when it was decided", lines);
        data(avoidable, result.inevitable());
        boolean named = evidence.suspects.stream().anyMatch(suspect -> suspect.kind().equals("lost-wake-up")
                || suspect.kind().equals("pipe-race"));
        evidence.suspect(new Suspect("race", "the order in which tasks run decides: from " + avoidable
                + " on it could still be avoided, by " + by.change() + ", and after "
                + result.inevitable() + " no more", named ? 60 : 100, avoidable, List.of(result.inevitable()), null));
        return by;
    }

    /**
     * Whether the deciding instruction goes to memory that another task had gone to and was interrupted behind: then the two race for
     * it.
     */
    private void data(Position avoidable, Position inevitable) {
        scene.timeline().seek(avoidable);
        int core = scene.view().currentCore();
        int task = scene.view().taskOn(core);
        long rip = scene.view().rip(core);
        Instruction instruction = task < 0 ? null : scene.instruction(task, rip);
        Operand memory = instruction == null ? null : instruction.memory();
        if (instruction == null || memory == null || memory.bits() == 0 || memory.base() == Numbers.RSP) {
            return;
        }
        long address = scene.address(instruction, memory, rip, scene.view().general(core), task);
        String code = scene.code(task, rip);
        String word = scene.place(task, address);
        List<Integer> others = scene.view().tasks().stream().filter(other -> other.id() != task
                && other.blocked() == null && history.processOf(other.id()) == history.processOf(task))
                .map(chronovisor.kitten.task.Task::id).toList();
        for (int other : others) {
            Steps steps = Steps.before(scene, other, avoidable, RACE_TICKS, RACE_STEPS);
            for (int i = steps.size() - 1; i >= 0; i--) {
                Steps.Step step = steps.get(i);
                Instruction earlier = step.instruction();
                Operand operand = earlier == null ? null : earlier.memory();
                if (earlier == null || operand == null || operand.bits() == 0
                        || scene.address(earlier, operand, step.rip(), step.general(), other) != address) {
                    continue;
                }
                scene.timeline().seek(avoidable);
                long interrupted = scene.view().registersOf(other).map(Registers::rip).orElse(0L);
                evidence.suspect(new Suspect("data-race", "two tasks race for " + word + ": "
                        + history.name(other) + " went there at " + step.before() + " by "
                        + scene.code(other, step.rip()) + " and was interrupted at " + scene.place(other, interrupted)
                        + "; at " + avoidable + " " + history.name(task) + " came in between, by " + code
                        + ". From there on it was decided", 112, avoidable, List.of(step.before(), inevitable),
                        null));
                return;
            }
        }
    }

    /** What happened between the last position with a choice and the first without. */
    List<String> decision(Position avoidable, Position inevitable) {
        List<String> lines = new ArrayList<>();
        scene.timeline().seek(avoidable);
        int core = scene.view().currentCore();
        int task = scene.view().taskOn(core);
        if (task >= 0) {
            lines.add("at " + scene.timeline().position() + " " + history.name(task) + " ran "
                    + scene.code(task, scene.view().rip(core)));
        }
        scene.view().tasks().stream().filter(other -> other.id() != task && other.blocked() == null).forEach(other -> {
            long rip = scene.view().registersOf(other.id()).map(Registers::rip).orElse(0L);
            lines.add("  while " + history.name(other.id()) + " was at " + scene.place(other.id(), rip));
        });
        Position from = avoidable;
        for (int i = 0; i < 4; i++) {
            Optional<GuestEvent> next = scene.timeline().nextEvent(from, new Condition.Event("any", event -> true));
            if (next.isEmpty() || next.get().at().tick() > inevitable.tick() + 1) {
                break;
            }
            lines.add("  " + EventJson.text(next.get()));
            from = new Position(next.get().at().tick(), next.get().at().sequence() + 1);
        }
        return lines;
    }
}
