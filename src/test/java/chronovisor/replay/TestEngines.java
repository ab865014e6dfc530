package chronovisor.replay;

import chronovisor.cpu.Engine;
import chronovisor.cpu.Heat;
import chronovisor.jit.Engines;
import chronovisor.jit.JitEngine;
import java.util.function.Supplier;

/** Engines for tests: code is translated early, and at once. */
public final class TestEngines {
    private static final Heat EARLY = new Heat(101, 2, 220, 2_000);

    private TestEngines() {}

    /** As {@link Engines#named}. */
    public static Supplier<Engine> named(String name) {
        return name.equals(Engines.JIT)
                ? () -> new JitEngine(Runnable::run, EARLY)
                : Engines.named(name, Runnable::run);
    }
}
