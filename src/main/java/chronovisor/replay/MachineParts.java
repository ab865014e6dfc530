package chronovisor.replay;

import chronovisor.cpu.Engine;
import chronovisor.kitten.KittenObserver;
import chronovisor.kitten.KittenOptions;
import chronovisor.vmm.GuestKernel;
import chronovisor.vmm.VirtualMachine;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a machine is put together from besides its setup. Tests bring toys. */
public interface MachineParts {

    /**
     * Makes engines of the named kind.
     *
     * @throws IllegalArgumentException
     *             when there is no such engine
     */
    Supplier<Engine> engine(String name);

    /** Makes the kernel, or null for a guest that brings its own. */
    @Nullable
    GuestKernel kernel(KittenOptions options, KittenObserver observer);

    /** Puts probes on a machine that has just been made; what they see, they tell to the sink. */
    default Probes probes(VirtualMachine vm, ProbeSink sink) {
        return Probes.NONE;
    }
}
