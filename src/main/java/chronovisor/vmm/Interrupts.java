package chronovisor.vmm;

/** Which interrupt a core can take now, from its LAPIC or from the PIC, which only the first core is wired to. */
final class Interrupts {

    private static final long INTERRUPT_FLAG = 1 << 9;

    /** Where an interrupt comes from. */
    enum Source {
        NONE, LAPIC, PIC
    }

    private final Platform platform;

    Interrupts(Platform platform) {
        this.platform = platform;
    }

    /** NONE when there is none, or when the core takes none now. */
    Source deliverable(Core core, boolean idle) {
        boolean open = idle
                || (core.cpu().rflags() & INTERRUPT_FLAG) != 0 && !core.cpu().system.blocksInterrupts();
        if (!open) {
            return Source.NONE;
        }
        if (core.apic().pending() >= 0) {
            return Source.LAPIC;
        }
        return core.apic().passesExternal() && core.index() == 0 && platform.pic.pending() ? Source.PIC : Source.NONE;
    }

    /** Takes it: its vector. */
    int acknowledge(Core core, Source source) {
        return switch (source) {
            case LAPIC -> core.apic().acknowledge();
            case PIC -> platform.pic.acknowledge();
            case NONE -> throw new IllegalArgumentException("there is no interrupt to take");
        };
    }
}
