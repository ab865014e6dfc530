package chronovisor.jit;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.Engine;
import chronovisor.cpu.Exit;
import chronovisor.cpu.Heat;
import chronovisor.cpu.Interpreter;
import chronovisor.cpu.RandomProgram;
import chronovisor.cpu.TestMachine;
import chronovisor.cpu.trace.StepBatch;
import chronovisor.cpu.trace.StepTrace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random programs on two machines side by side, interpreted and translated: at each exit, registers, flags, ticks and the exit must agree;
 * at the end also memory and the trace. {@code -Dfuzz.programs=N -Dfuzz.seed=N} runs others, and more of them.
 */
class RandomLockstepTest {
    private static final int TICKS = 8_000;

    private static final int PROGRAMS = Integer.getInteger("fuzz.programs", 300);
    private static final long SEED = Long.getLong("fuzz.seed", 1_000_000);

    @Test
    void translatedProgramsDoWhatInterpretedOnesDo() {
        for (long seed = SEED; seed < SEED + PROGRAMS; seed++) {
            compare(seed);
        }
    }

    private static void compare(long seed) {
        byte[] code = RandomProgram.of(seed);
        int[] pieces = RandomProgram.pieces(seed);
        Random random = new Random(seed);
        Heat heat = new Heat(random.nextInt(4) * 7, 2 + random.nextInt(5), 20 + random.nextInt(200), 200);
        Engine jit = new JitEngine(Runnable::run, heat);
        List<StepBatch> expected = new ArrayList<>();
        List<StepBatch> actual = new ArrayList<>();
        try (TestMachine a = new TestMachine(code, new Interpreter()); TestMachine b = new TestMachine(code, jit)) {
            boolean traced = random.nextBoolean();
            if (traced) {
                a.cpu.trace = new StepTrace(0, expected::add);
                b.cpu.trace = new StepTrace(0, actual::add);
            }
            long before = 0;
            while (a.cpu.retired < TICKS) {
                int slice = 1 + random.nextInt(random.nextInt(4) == 0 ? 10 : 400);
                int exit = a.run(slice);
                String where = "seed " + seed + ", ticks " + before + " to " + a.cpu.retired + ", exit "
                        + Exit.name(exit) + " at " + Long.toHexString(a.cpu.rip);
                assertThat(Exit.name(b.run(slice))).as(where).isEqualTo(Exit.name(exit));
                agree(a.cpu, b.cpu, where);
                long next = TestMachine.CODE + pieces[random.nextInt(pieces.length)];
                // Most programs end in a small circle: an interrupt, as it were, leads out of it.
                boolean interrupted = exit == Exit.SLICE && random.nextInt(3) == 0;
                handle(a.cpu, interrupted ? Exit.EXCEPTION : exit, next);
                handle(b.cpu, interrupted ? Exit.EXCEPTION : exit, next);
                before = a.cpu.retired;
            }
            if (traced) {
                cut(a.cpu);
                cut(b.cpu);
                assertThat(actual).as("trace of seed %d", seed).isEqualTo(expected);
            }
            byte[] memoryA = new byte[0x180000];
            byte[] memoryB = new byte[0x180000];
            a.memory.read(0, memoryA, 0, memoryA.length);
            b.memory.read(0, memoryB, 0, memoryB.length);
            int differs = Arrays.mismatch(memoryA, memoryB);
            assertThat(differs).as("memory of seed %d differs at", seed).isEqualTo(-1);
        }
    }

    private static void cut(Cpu cpu) {
        StepTrace trace = cpu.trace;
        if (trace != null) {
            trace.cut();
        }
    }

    private static void agree(Cpu a, Cpu b, String where) {
        assertThat(b.retired).as("ticks, %s", where).isEqualTo(a.retired);
        assertThat(Long.toHexString(b.rip)).as("RIP, %s", where).isEqualTo(Long.toHexString(a.rip));
        for (int r = 0; r < 16; r++) {
            assertThat(Long.toHexString(b.gpr[r])).as("register %d, %s", r, where)
                    .isEqualTo(Long.toHexString(a.gpr[r]));
        }
        assertThat(Long.toHexString(b.rflags())).as("RFLAGS, %s", where).isEqualTo(Long.toHexString(a.rflags()));
        assertThat(b.capture()).as(where).isEqualTo(a.capture());
        assertThat(b.exitVector).as("vector, %s", where).isEqualTo(a.exitVector);
        assertThat(b.exitErrorCode).as("error code, %s", where).isEqualTo(a.exitErrorCode);
        assertThat(b.exitAddress).as("address, %s", where).isEqualTo(a.exitAddress);
    }

    private static void handle(Cpu cpu, int exit, long next) {
        switch (exit) {
            case Exit.SLICE -> {
                // On it goes.
            }
            case Exit.SYSCALL -> cpu.gpr[0] = cpu.retired;
            case Exit.CPUID -> cpu.retire(cpu.exitLength);
            default -> {
                cpu.gpr[Cpu.RSP] = TestMachine.STACK;
                cpu.flagsOther &= ~(1L << 10);
                cpu.rip = next;
            }
        }
    }
}
