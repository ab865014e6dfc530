package chronovisor.jit;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.Engine;
import chronovisor.cpu.Heat;
import chronovisor.cpu.Interpreter;
import chronovisor.cpu.Region;
import chronovisor.cpu.Translation;
import chronovisor.cpu.Translations;
import chronovisor.cpu.Translator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The interpreter, with hot code translated to JVM code. One per virtual machine. */
public final class JitEngine implements Engine {
    private final Interpreter interpreter;

    /**
     * An engine with no code yet.
     *
     * @param compiler runs the compilations; several machines may share it. With {@code Runnable::run} they are done at once, on the
     *     machine's own thread.
     */
    public JitEngine(Executor compiler) {
        this(compiler, Heat.NORMAL);
    }

    /** As {@link #JitEngine(Executor)}, with another idea of what is hot. */
    public JitEngine(Executor compiler, Heat heat) {
        this(compiler, new Translations(), heat);
    }

    /** As {@link #JitEngine(Executor, Heat)}, with code that other machines have, too. */
    public JitEngine(Executor compiler, Translations shared, Heat heat) {
        interpreter = new Interpreter(new Background(compiler, shared, heat.hot() == Heat.NORMAL.hot()), shared, heat);
    }

    @Override
    public int run(Cpu cpu, long ticksMax) {
        return interpreter.run(cpu, ticksMax);
    }

    /** About what HotSpot's quick compiler needs for a unit. */
    private static final long HOTSPOT_NS = 2_000_000;

    /** Regions of a machine that wait for the compiler; code that changes faster than it is translated stays the interpreter's. */
    private static final int WAITING_MAX = 64;

    private static final class Background implements Translator {
        private final Executor compiler;
        private final Translations shared;
        private final boolean warm;
        private final AtomicInteger waiting = new AtomicInteger();
        private final Queue<Translation> ready = new ConcurrentLinkedQueue<>();

        Background(Executor compiler, Translations shared, boolean warm) {
            this.compiler = compiler;
            this.shared = shared;
            this.warm = warm;
        }

        @Override
        public boolean translate(Region region) {
            if (waiting.get() >= WAITING_MAX) {
                return false;
            }
            waiting.incrementAndGet();
            compiler.execute(() -> {
                Translation known = shared.of(region);
                if (known != null) {
                    waiting.decrementAndGet();
                    ready.add(known);
                    return;
                }
                Translation translation = RegionCompiler.compile(region, warm);
                waiting.decrementAndGet();
                if (translation == null) {
                    return;
                }
                shared.keep(translation);
                if (warm) {
                    // HotSpot has its method queued now. Until it is compiled, our interpreter is the faster one.
                    LockSupport.parkNanos(HOTSPOT_NS);
                }
                ready.add(translation);
            });
            return true;
        }

        @Override
        public @Nullable Translation poll() {
            return ready.poll();
        }
    }
}
