package chronovisor.cpu.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.Exit;
import chronovisor.cpu.RandomProgram;
import chronovisor.cpu.TestMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StepTraceTest {
    private static final int TICKS = 6_000;
    private static final int CUT = 1_500;

    /** Runs a program to {@code ticks}, like a small kernel, and cuts the trace at each multiple of {@link #CUT}. */
    private static void run(TestMachine m, StepTrace trace, long ticks, Random slices) {
        Cpu cpu = m.cpu;
        while (cpu.retired < ticks) {
            long toCut = CUT - cpu.retired % CUT;
            int exit = m.run(Math.min(toCut, 1 + slices.nextInt(200)));
            handle(m, exit);
            if (cpu.retired % CUT == 0) {
                trace.cut();
            }
        }
        trace.cut();
    }

    private static void handle(TestMachine m, int exit) {
        Cpu cpu = m.cpu;
        switch (exit) {
            case Exit.SLICE -> {}
            case Exit.SYSCALL -> cpu.gpr[0] = cpu.retired;
            case Exit.CPUID -> cpu.retire(cpu.exitLength);
            case Exit.EXCEPTION, Exit.NESTED_FAULT, Exit.UNSUPPORTED -> {
                // A handler that goes on elsewhere.
                cpu.gpr[Cpu.RSP] = TestMachine.STACK;
                cpu.rip = exit != Exit.EXCEPTION || cpu.exitVector != 6 || cpu.gpr[0] % 3 == 0
                        ? TestMachine.CODE
                        : cpu.rip + 2;
            }
            default -> throw new IllegalStateException(Exit.name(exit));
        }
    }

    private static List<StepBatch> record(long seed, long sliceSeed) {
        List<StepBatch> batches = new ArrayList<>();
        try (TestMachine m = new TestMachine(RandomProgram.of(seed))) {
            StepTrace trace = new StepTrace(0, batches::add);
            m.cpu.trace = trace;
            run(m, trace, TICKS, new Random(sliceSeed));
        }
        return batches;
    }

    /** RIPs of all steps, found by running one instruction at a time without a trace. */
    private static List<Long> reference(long seed) {
        List<Long> rips = new ArrayList<>();
        try (TestMachine m = new TestMachine(RandomProgram.of(seed))) {
            Cpu cpu = m.cpu;
            while (cpu.retired < TICKS) {
                long rip = cpu.rip;
                long before = cpu.retired;
                handle(m, m.run(1));
                if (cpu.retired > before) {
                    rips.add(rip);
                }
            }
        }
        return rips;
    }

    @Test
    void readerYieldsTheStepsOfRandomPrograms() {
        for (long seed = 0; seed < 40; seed++) {
            List<Long> seen = new ArrayList<>();
            StepReader reader = new StepReader((tick, core, space, rip, bytes, instruction) -> {
                assertThat(tick).isEqualTo(seen.size());
                assertThat(bytes).hasSize(instruction.length());
                seen.add(rip);
            });
            record(seed, seed).forEach(reader::accept);
            assertThat(seen).as("seed %d", seed).isEqualTo(reference(seed));
        }
    }

    @Test
    void batchesDoNotDependOnSlices() {
        for (long seed = 100; seed < 120; seed++) {
            assertThat(record(seed, 1)).as("seed %d", seed).isEqualTo(record(seed, 2));
        }
    }

    @Test
    void slicesAndTracesDoNotChangeTheState() {
        for (long seed = 200; seed < 230; seed++) {
            try (TestMachine whole = new TestMachine(RandomProgram.of(seed));
                    TestMachine single = new TestMachine(RandomProgram.of(seed))) {
                whole.cpu.trace = new StepTrace(0, b -> {});
                run(whole, whole.cpu.trace, TICKS, new Random(seed));
                while (single.cpu.retired < TICKS) {
                    handle(single, single.run(1));
                }
                assertThat(whole.cpu.capture()).as("seed %d", seed).isEqualTo(single.cpu.capture());
            }
        }
    }

    @Test
    void readerStartsAtAReset() {
        List<StepBatch> batches = new ArrayList<>();
        try (TestMachine m = new TestMachine(RandomProgram.of(7))) {
            StepTrace trace = new StepTrace(0, batches::add);
            m.cpu.trace = trace;
            run(m, trace, CUT, new Random(1));
            trace.reset();
            run(m, trace, TICKS, new Random(1));
        }
        List<Long> all = new ArrayList<>();
        List<Long> tail = new ArrayList<>();
        StepReader whole = new StepReader(StepVisitor.of(s -> all.add(s.rip())));
        batches.forEach(whole::accept);
        StepReader late = new StepReader(StepVisitor.of(s -> tail.add(s.rip())));
        batches.stream().skip(1).forEach(late::accept);
        assertThat(tail).hasSize(TICKS - CUT).isEqualTo(all.subList(CUT, TICKS));
    }

    @Test
    void damagedBatchesAreRefusedOrDiffer() {
        List<StepBatch> batches = record(3, 3);
        Random random = new Random(1);
        for (int n = 0; n < 300; n++) {
            StepBatch b = batches.getFirst();
            byte[] payload = b.payload().clone();
            payload[random.nextInt(payload.length)] ^= (byte) (1 << random.nextInt(8));
            StepReader reader = new StepReader((tick, core, space, rip, bytes, instruction) -> {});
            try {
                reader.accept(new StepBatch(0, b.firstTick(), b.lastTick(), true, payload));
            } catch (TraceFormatException e) {
                assertThat(e).hasMessageContaining(" ");
            }
        }
    }

    @Test
    void readerRefusesABatchOutOfOrder() {
        List<StepBatch> batches = record(3, 3);
        StepReader reader = new StepReader((tick, core, space, rip, bytes, instruction) -> {});
        assertThatThrownBy(() -> reader.accept(batches.get(1))).isInstanceOf(TraceFormatException.class);
    }
}
