package chronovisor.replay;

import chronovisor.cpu.trace.CpuStep;
import chronovisor.cpu.trace.StepBatch;
import chronovisor.cpu.trace.StepReader;
import chronovisor.cpu.trace.StepVisitor;
import chronovisor.cpu.trace.TraceFormatException;
import chronovisor.isa.Instruction;
import chronovisor.journal.DamagedJournalException;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.Problem;
import chronovisor.journal.RecordType;
import chronovisor.journal.StepRun;
import chronovisor.vmm.GuestConfiguration;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * The retired instructions of a journal, in order. {@link #forEach} needs the journal and the decoder alone;
 * {@link #forEachEffect} also runs the machine again to tell what each instruction changed.
 */
public final class StepQuery {

    private final Path folder;
    private final long from;
    private final long to;

    private StepQuery(Path folder, long from, long to) {
        this.folder = folder;
        this.from = from;
        this.to = to;
    }

    /** All steps of a journal. */
    public static StepQuery of(Path folder) {
        return new StepQuery(folder, 0, Long.MAX_VALUE);
    }

    /** Only the steps that begin at these ticks, ends included. */
    public StepQuery between(long fromTick, long toTick) {
        return new StepQuery(folder, fromTick, toTick);
    }

    /** Ends a query early, without being a failure. */
    private static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1;

        Enough() {
            super(null, null, false, false);
        }
    }

    /**
     * Tells each step in the range and returns how many there were.
     *
     * @throws JournalException
     *             when the journal was recorded without steps
     * @throws DamagedJournalException
     *             when it is damaged; the steps before have been told
     */
    public long forEach(StepVisitor visitor) {
        long[] count = {0};
        StepVisitor counting = (tick, core, space, rip, bytes, instruction) -> {
            if (tick > to) {
                throw new Enough();
            }
            if (tick >= from) {
                count[0]++;
                visitor.step(tick, core, space, rip, bytes, instruction);
            }
        };
        try (JournalReader reader = JournalReader.open(folder)) {
            JournalRecord header = reader.next();
            if (header != null && header.header().property(Replay.FIDELITY).equals(Fidelity.INPUTS.text())) {
                throw new JournalException(folder + " was recorded without steps (--fidelity inputs)");
            }
            JournalRecord first = reader.next();
            if (first != null) {
                read(reader, new Merge(counting, MachineSetup.of(first.checkpoint()).configuration()));
            }
        } catch (Enough e) {
            return count[0];
        }
        return count[0];
    }

    private static void read(JournalReader reader, Merge merge) {
        JournalRecord record = reader.next(glance -> glance.type() == RecordType.STEPS);
        while (record != null) {
            try {
                for (StepRun run : record.steps()) {
                    merge.accept(new StepBatch(run.core(), run.firstTick(), run.lastTick(), run.fresh(),
                            run.packets().toByteArray()));
                }
            } catch (TraceFormatException e) {
                throw new DamagedJournalException(new Problem(record.file(), record.offset(), record.number(),
                        record.first(), "steps: " + e.getMessage()));
            }
            record = reader.next(glance -> glance.type() == RecordType.STEPS);
        }
        merge.finish();
    }

    /**
     * Runs the machine again and tells each step in the range with what it changed.
     *
     * @throws JournalException
     *             when the run diverges from the journal, or there are no steps in it
     */
    public void forEachEffect(MachineParts parts, BiConsumer<CpuStep, StepEffects> consumer) {
        ArrayDeque<StepEffects> effects = new ArrayDeque<>();
        try (Replay.Stepper stepper = Replay.of(folder, parts).stepper(from)) {
            forEach(StepVisitor.of(step -> {
                StepEffects next = effects.poll();
                while (next == null || next.tick() < step.tick()) {
                    next = stepper.next();
                    if (next == null) {
                        throw new JournalException("the replay of " + folder + " ended before tick " + step.tick());
                    }
                }
                consumer.accept(step, next);
            }));
        }
    }

    /**
     * Puts the steps of several cores into the order of their ticks. All cores' batches are cut at the same slice boundaries,
     * so what is older than the distance of two cuts is complete. With one core it only passes them on.
     */
    private static final class Merge {
        private final StepVisitor visitor;
        private final boolean oneCore;
        private final long margin;
        private final SortedMap<Integer, StepReader> readers = new TreeMap<>();
        private final SortedMap<Long, CpuStep> waiting = new TreeMap<>();

        Merge(StepVisitor visitor, GuestConfiguration configuration) {
            this.visitor = visitor;
            this.oneCore = configuration.cores() == 1;
            this.margin = Session.CUT_TICKS + configuration.schedule().sliceTicks();
        }

        void accept(StepBatch batch) {
            readers.computeIfAbsent(batch.core(), _ -> new StepReader(this::step)).accept(batch);
            pass(batch.lastTick() - margin);
        }

        private void step(long tick, int core, long space, long rip, byte[] bytes,
                Instruction instruction) {
            if (oneCore) {
                visitor.step(tick, core, space, rip, bytes, instruction);
            } else {
                waiting.put(tick, new CpuStep(tick, core, space, rip, bytes, instruction));
            }
        }

        private void pass(long before) {
            Iterator<CpuStep> steps = waiting.headMap(before).values().iterator();
            while (steps.hasNext()) {
                CpuStep step = steps.next();
                visitor.step(step.tick(), step.core(), step.addressSpace(), step.rip(), step.bytes(),
                        step.instruction());
                steps.remove();
            }
        }

        void finish() {
            pass(Long.MAX_VALUE);
        }
    }
}
