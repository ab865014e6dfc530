package chronovisor.jit;

import chronovisor.cpu.Engine;
import chronovisor.cpu.Heat;
import chronovisor.cpu.Interpreter;
import chronovisor.cpu.Translations;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** The engines by name. They differ in speed only. */
public final class Engines {
    /** Decodes once, then interprets. */
    public static final String INTERPRETER = "interpreter";

    /** As the interpreter, with hot code translated to JVM code. */
    public static final String JIT = "jit";

    /** Both side by side; stops at the first difference. For looking for faults of ours. */
    public static final String LOCKSTEP = "lockstep";

    /** All names. */
    public static final List<String> NAMES = List.of(INTERPRETER, JIT, LOCKSTEP);

    private Engines() {}

    /**
     * Makes engines of a kind, one for each machine.
     *
     * @param compiler runs the compilations of translated code; all machines may share it
     * @throws IllegalArgumentException when there is none of this name
     */
    public static Supplier<Engine> named(String name, Executor compiler) {
        return named(name, compiler, new Translations());
    }

    /**
     * As {@link #named(String, Executor)}.
     *
     * @param shared translated code of all machines that share it
     */
    public static Supplier<Engine> named(String name, Executor compiler, Translations shared) {
        return switch (name) {
            case INTERPRETER -> Interpreter::new;
            case JIT -> () -> new JitEngine(compiler, shared, Heat.NORMAL);
            case LOCKSTEP -> () -> new LockstepEngine(compiler);
            default -> throw new IllegalArgumentException(
                    "unknown engine '" + name + "': one of " + String.join(", ", NAMES) + " expected");
        };
    }
}
