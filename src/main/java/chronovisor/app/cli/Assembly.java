package chronovisor.app.cli;

import chronovisor.cpu.Engine;
import chronovisor.cpu.Translations;
import chronovisor.jit.Engines;
import chronovisor.kitten.Kitten;
import chronovisor.kitten.KittenObserver;
import chronovisor.kitten.KittenOptions;
import chronovisor.racket.BlobExpander;
import chronovisor.racket.RacketProbes;
import chronovisor.replay.MachineParts;
import chronovisor.replay.ProbeSink;
import chronovisor.replay.Probes;
import chronovisor.vmm.GuestKernel;
import chronovisor.vmm.VirtualMachine;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** The parts that real machines are put together from. Public for programs that use this one as a library, as the job for Spark does. */
public final class Assembly implements MachineParts {

    /** The engine when none is named. */
    static final String ENGINE = Engines.JIT;

    /** Compiles translated code of all machines of this process; it keeps no process alive. */
    private static final Executor COMPILER = Executors
            .newSingleThreadExecutor(Thread.ofPlatform().daemon().name("chronovisor-jit").factory());

    private static final Translations TRANSLATIONS = new Translations();

    @Override
    public Supplier<Engine> engine(String name) {
        return Engines.named(name, COMPILER, TRANSLATIONS);
    }

    /** The name of an engine, checked: refuses the command line that names another. */
    static String engineNamed(String name) {
        if (!Engines.NAMES.contains(name)) {
            throw Failure.usage("--engine " + name + ": " + String.join(" or ", Engines.NAMES) + " expected");
        }
        return name;
    }

    @Override
    public GuestKernel kernel(KittenOptions options, KittenObserver observer) {
        return new Kitten(options, observer, new BlobExpander());
    }

    @Override
    public Probes probes(VirtualMachine vm, ProbeSink sink) {
        RacketProbes racket = RacketProbes.on(vm, new RacketEvents(sink));
        return racket == null ? Probes.NONE : new Probes() {
            @Override
            public void programLoaded(long entry) {
                racket.programLoaded(entry);
            }

            @Override
            public void restored() {
                racket.look();
            }
        };
    }
}
