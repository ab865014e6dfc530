package chronovisor.cpu.trace;

import chronovisor.isa.Instruction;

/** Is told of each step by a {@link StepReader}. */
@FunctionalInterface
public interface StepVisitor {
    /**
     * One retired instruction, as in {@link CpuStep}.
     *
     * @param bytes
     *            its encoding, shared: not to be written to
     */
    void step(long tick, int core, long addressSpace, long rip, byte[] bytes, Instruction instruction);

    /** A visitor that makes records. */
    static StepVisitor of(java.util.function.Consumer<? super CpuStep> consumer) {
        return (tick, core, space, rip, bytes, instruction) -> consumer
                .accept(new CpuStep(tick, core, space, rip, bytes, instruction));
    }
}
