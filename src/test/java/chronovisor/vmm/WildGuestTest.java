package chronovisor.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Interpreter;
import chronovisor.environment.SeededEnvironment;
import chronovisor.memory.FramePool;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Guests of random bytes: whatever they do, the machine ends or stops in a known state, and does so again. */
final class WildGuestTest {

    private static final int GUESTS = 2_000;
    private static final long TICKS_MAX = 5_000;

    private static String run(byte[] code) {
        try (FramePool pool = new FramePool(8 << 20)) {
            TinyKernel kernel = new TinyKernel();
            VirtualMachine vm = new VirtualMachine(GuestConfiguration.standard(32), pool,
                    new SeededEnvironment(1, 2, List.of()), Interpreter::new, kernel, MachineObserver.NONE);
            vm.boot("", List.of(GuestFile.initTask("/wild", code)));
            vm.core(0).cpu().gpr[3] = TinyKernel.DATA;
            vm.core(0).cpu().gpr[6] = TinyKernel.DATA + 100;
            vm.core(0).cpu().gpr[7] = TinyKernel.DATA + 4000;
            RunResult result = vm.run(TICKS_MAX);
            String end = result + " " + kernel.exceptions + " " + java.util.HexFormat.of().formatHex(vm.digest());
            vm.close();
            assertThat(pool.framesUsed()).isZero();
            return end;
        }
    }

    @Test
    void randomCodeEndsInAKnownStateEachTimeTheSame() {
        SplittableRandom random = new SplittableRandom(2026);
        for (int guest = 0; guest < GUESTS; guest++) {
            byte[] code = new byte[64];
            random.nextBytes(code);
            for (int i = 0; i + 1 < code.length; i += 8) {
                // Mostly two-byte opcodes and operand-size prefixes would never come up by chance.
                switch (random.nextInt(6)) {
                    case 0 -> code[i] = 0x0F;
                    case 1 -> code[i] = 0x66;
                    case 2 -> code[i] = 0x48;
                    default -> {
                        // As random as it was.
                    }
                }
            }
            String end;
            try {
                end = run(code);
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("guest " + guest + ": " + java.util.HexFormat.of().formatHex(code), e);
            }
            if (guest % 10 == 0) {
                assertThat(run(code)).isEqualTo(end);
            }
        }
    }
}
