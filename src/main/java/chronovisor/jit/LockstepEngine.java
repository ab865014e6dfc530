package chronovisor.jit;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.CpuImage;
import chronovisor.cpu.Engine;
import chronovisor.cpu.Exit;
import chronovisor.cpu.Interpreter;
import chronovisor.memory.FrameState;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.HostMemory;
import chronovisor.memory.Mmu;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Translated code and the interpreter side by side: for finding out where they differ. Each stretch runs on the machine's memory by
 * translated code and on a copy-on-write twin by the interpreter; registers, ticks, exits and memory must agree, else the first instruction
 * after which they do not is looked for and named. Slow, and not for use.
 */
final class LockstepEngine implements Engine {
    private static final int FRAME_BYTES = 4096;
    private static final long STRETCH = 20_000;

    private final Supplier<Engine> suspects;
    private final Engine suspect;

    LockstepEngine(Executor compiler) {
        this(() -> new JitEngine(compiler));
    }

    /** Compares engines of this make with the interpreter. */
    LockstepEngine(Supplier<Engine> suspects) {
        this.suspects = suspects;
        this.suspect = suspects.get();
    }

    @Override
    public int run(Cpu cpu, long ticksMax) {
        long end = cpu.retired + Math.min(ticksMax, Long.MAX_VALUE / 4);
        int exit = Exit.SLICE;
        while (exit == Exit.SLICE && cpu.retired < end) {
            exit = stretch(cpu, Math.min(STRETCH, end - cpu.retired));
        }
        return exit;
    }

    private int stretch(Cpu cpu, long ticks) {
        if (cpu.mmu.isOpen()) {
            // A device would be accessed twice; and one instruction is interpreted by both.
            return through(suspect, cpu, ticks);
        }
        GuestMemory memory = cpu.mmu.memory();
        CpuImage before = cpu.capture();
        try (GuestMemory start = memory.fork()) {
            int exit = through(suspect, cpu, ticks);
            Run interpreted = new Run(cpu, before, start, new Interpreter(), ticks);
            try (GuestMemory twin = interpreted.memory) {
                String difference = difference(cpu, exit, interpreted.cpu, interpreted.exit, memory, twin);
                if (difference != null) {
                    throw new IllegalStateException(located(cpu, before, start, ticks, difference));
                }
            }
            return exit;
        }
    }

    /** Runs; frames that are only shared with a twin get unshared on the way, as nobody but us has caused that. */
    private static int through(Engine engine, Cpu cpu, long ticks) {
        GuestMemory memory = cpu.mmu.memory();
        long end = cpu.retired + ticks;
        while (true) {
            int exit = engine.run(cpu, end - cpu.retired);
            FrameState state = exit == Exit.NESTED_FAULT ? memory.state(cpu.exitGfn) : FrameState.ABSENT;
            if (state != FrameState.SHARED && state != FrameState.PRIVATE) {
                return exit;
            }
            memory.resolve(cpu.exitGfn, cpu.exitWrite);
        }
    }

    /** One run of an engine from a state, on memory of its own. */
    private static final class Run {
        final GuestMemory memory;
        final Cpu cpu;
        final int exit;

        Run(Cpu like, CpuImage image, GuestMemory start, Engine engine, long ticks) {
            memory = start.fork();
            cpu = new Cpu(like.core, new Mmu(memory));
            cpu.model = like.model;
            cpu.tickBase = like.tickBase;
            cpu.tscOffset = like.tscOffset;
            cpu.stops = like.stops;
            cpu.restore(image);
            exit = through(engine, cpu, ticks);
        }
    }

    private static @Nullable String difference(Cpu a, int exitA, Cpu b, int exitB, GuestMemory memoryA,
            GuestMemory memoryB) {
        if (exitA != exitB) {
            return "exit " + Exit.name(exitA) + ", interpreted " + Exit.name(exitB);
        }
        if (a.rip != b.rip || a.retired != b.retired) {
            return "RIP 0x%x at tick %d, interpreted 0x%x at %d".formatted(a.rip, a.retired, b.rip, b.retired);
        }
        for (int r = 0; r < 16; r++) {
            if (a.gpr[r] != b.gpr[r]) {
                return "register %d is 0x%x, interpreted 0x%x".formatted(r, a.gpr[r], b.gpr[r]);
            }
        }
        if (a.rflags() != b.rflags()) {
            return "RFLAGS is 0x%x, interpreted 0x%x".formatted(a.rflags(), b.rflags());
        }
        if (!a.capture().equals(b.capture())) {
            return "the processor's state differs";
        }
        return memory(memoryA, memoryB);
    }

    private static @Nullable String memory(GuestMemory a, GuestMemory b) {
        @Nullable
        String[] first = {null};
        b.forEachFrame((gfn, hostB) -> {
            long hostA = a.hostOf(gfn);
            if (first[0] == null && hostA != hostB) {
                for (int i = 0; i < FRAME_BYTES; i += 8) {
                    if (hostA == 0 || HostMemory.get64(hostA + i) != HostMemory.get64(hostB + i)) {
                        first[0] = "memory at 0x%x differs".formatted(gfn * FRAME_BYTES + i);
                        return;
                    }
                }
            }
        });
        return first[0];
    }

    /** Runs both again from the same state, fewer and fewer instructions, until the first that makes a difference is known. */
    private String located(Cpu cpu, CpuImage before, GuestMemory start, long ticks, String difference) {
        long agree = 0;
        long differ = ticks;
        String what = difference;
        long rip = before.rip();
        while (differ - agree > 1) {
            long middle = (agree + differ) / 2;
            Run a = new Run(cpu, before, start, suspects.get(), middle);
            Run b = new Run(cpu, before, start, new Interpreter(), middle);
            try (GuestMemory memoryA = a.memory; GuestMemory memoryB = b.memory) {
                String now = difference(a.cpu, a.exit, b.cpu, b.exit, memoryA, memoryB);
                if (now == null) {
                    agree = middle;
                    rip = b.cpu.rip;
                } else {
                    differ = middle;
                    what = now;
                }
            }
        }
        return "translated code differs after the instruction at 0x%x, tick %d: %s".formatted(rip,
                before.retired() + agree, what);
    }
}
