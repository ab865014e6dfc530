package chronovisor.app.cli;

import chronovisor.cpu.Engine;
import chronovisor.cpu.Interpreter;
import chronovisor.kitten.Kitten;
import chronovisor.kitten.KittenObserver;
import chronovisor.kitten.KittenOptions;
import chronovisor.racket.BlobExpander;
import chronovisor.replay.MachineParts;
import chronovisor.vmm.GuestKernel;
import java.util.function.Supplier;

/** The parts that real machines are put together from. */
final class Assembly implements MachineParts {

    /** The only engine so far, and the one that the others are measured against. */
    static final String INTERPRETER = "interpreter";

    @Override
    public Supplier<Engine> engine(String name) {
        if (!name.equals(INTERPRETER)) {
            throw new IllegalArgumentException("unknown engine '" + name + "': " + INTERPRETER + " expected");
        }
        return Interpreter::new;
    }

    @Override
    public GuestKernel kernel(KittenOptions options, KittenObserver observer) {
        return new Kitten(options, observer, new BlobExpander());
    }
}
