package chronovisor.cpu;

/** Something that runs guest instructions: every engine retires identical instructions at identical ticks. */
public interface Engine {
    /**
     * Runs {@code cpu} until it has retired {@code ticksMax} more instructions or something needs the machine.
     *
     * @return one of the {@link Exit} codes; the processor's state is exact, details are in its {@code exit…} fields
     */
    int run(Cpu cpu, long ticksMax);
}
