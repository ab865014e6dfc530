package chronovisor.vmm;

import chronovisor.device.LocalApic;

/**
 * Which interrupt a core can take now, from its LAPIC or from the PIC, which only the first core is wired to. A guest that brings its own
 * kernel can be sent NMI, INIT and start-up messages, and takes no interrupt while it has them disabled, even when it is idle.
 */
final class Interrupts {

    private static final long INTERRUPT_FLAG = 1 << 9;

    /** Where an interrupt comes from. */
    enum Source {
        NONE, LAPIC, PIC, NMI,
        /** INIT, or the start-up message after it. */
        START
    }

    private static final int NMI_VECTOR = 2;

    private final Platform platform;
    private final boolean bare;

    Interrupts(Platform platform, boolean bare) {
        this.platform = platform;
        this.bare = bare;
    }

    /** NONE when there is none, or when the core takes none now. */
    Source deliverable(Core core, boolean idle) {
        LocalApic apic = core.apic();
        if (bare) {
            if (apic.hasInit() || apic.isStopped()) {
                return apic.hasInit() || apic.hasStartup() ? Source.START : Source.NONE;
            }
            if (apic.hasNmi() && !core.cpu().system.blocksNmi && !core.cpu().system.blocksInterrupts()) {
                return Source.NMI;
            }
        }
        boolean open = idle && !bare
                || (core.cpu().rflags() & INTERRUPT_FLAG) != 0 && !core.cpu().system.blocksInterrupts();
        if (!open) {
            return Source.NONE;
        }
        if (apic.pending() >= 0) {
            return Source.LAPIC;
        }
        return apic.passesExternal() && core.index() == 0 && platform.pic.pending() ? Source.PIC : Source.NONE;
    }

    /** Takes it: its vector. */
    int acknowledge(Core core, Source source) {
        return switch (source) {
            case LAPIC -> core.apic().acknowledge();
            case PIC -> platform.pic.acknowledge();
            case NMI -> {
                core.apic().takeNmi();
                core.cpu().system.blocksNmi = true;
                yield NMI_VECTOR;
            }
            case NONE, START -> throw new IllegalArgumentException("there is no interrupt to take");
        };
    }
}
