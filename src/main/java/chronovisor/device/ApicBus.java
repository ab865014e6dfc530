package chronovisor.device;

/**
 * What carries interrupt messages between the I/O APIC and the local APICs, and among those (SDM vol. 3, 12.6 and 12.7; 82093AA data
 * sheet, 3.2.4). A message is there at once. Of several processors that could take a message of lowest priority, the first of those with the
 * lowest gets it.
 */
public final class ApicBus {

    /** Delivery modes, as ICR and redirection entries have them. */
    static final int FIXED = 0;
    static final int LOWEST_PRIORITY = 1;
    static final int SMI = 2;
    static final int NMI = 4;
    static final int INIT = 5;
    static final int STARTUP = 6;
    static final int EXTERNAL = 7;

    private static final int LEVEL_ASSERTED = 1 << 14;
    private static final int LEVEL_TRIGGERED = 1 << 15;
    private static final int LOGICAL = 1 << 11;
    private static final int ALL = 0xFF;

    /** Is told that a level-triggered interrupt has been handled. */
    @FunctionalInterface
    public interface EndListener {
        /** A processor is done with the interrupt of a vector. */
        void ended(int vector);
    }

    private final LocalApic[] apics;
    private EndListener listener = vector -> {};

    /** Connects the local APICs of a machine, in the order of their numbers. */
    public ApicBus(LocalApic[] apics) {
        this.apics = apics.clone();
        for (LocalApic apic : apics) {
            apic.connect(this);
        }
    }

    /** Connects the I/O APIC, which has to know when level-triggered interrupts end. */
    public void onEnd(EndListener newListener) {
        listener = newListener;
    }

    void end(int vector) {
        listener.ended(vector);
    }

    /** A local APIC's interrupt command register has been written. */
    void command(LocalApic from, int low, int high) {
        int mode = low >>> 8 & 7;
        if (mode == INIT && (low & (LEVEL_ASSERTED | LEVEL_TRIGGERED)) == LEVEL_TRIGGERED) {
            // INIT level de-assert: synchronizes arbitration on processors that arbitrate, and nothing else.
            return;
        }
        switch (low >>> 18 & 3) {
            case 0 -> deliver(mode, low & 0xFF, high >>> 24, (low & LOGICAL) != 0, false);
            case 1 -> from.accept(mode, low & 0xFF, false);
            case 2 -> {
                for (LocalApic apic : apics) {
                    apic.accept(mode, low & 0xFF, false);
                }
            }
            default -> { // all but itself
                for (LocalApic apic : apics) {
                    if (apic != from) {
                        apic.accept(mode, low & 0xFF, false);
                    }
                }
            }
        }
    }

    /**
     * Delivers a message.
     *
     * @param destination
     *            8 bits: an APIC's number, or all; a set of logical numbers when {@code logical}
     * @param level
     *            whether its end has to be told
     * @return whether any processor has taken it
     */
    public boolean deliver(int mode, int vector, int destination, boolean logical, boolean level) {
        if (mode == LOWEST_PRIORITY) {
            LocalApic chosen = null;
            for (LocalApic apic : apics) {
                if (addresses(apic, destination, logical)
                        && (chosen == null || apic.processorPriority() < chosen.processorPriority())) {
                    chosen = apic;
                }
            }
            return chosen != null && chosen.accept(FIXED, vector, level);
        }
        boolean taken = false;
        for (LocalApic apic : apics) {
            if (addresses(apic, destination, logical)) {
                taken |= apic.accept(mode, vector, level);
            }
        }
        return taken;
    }

    private static boolean addresses(LocalApic apic, int destination, boolean logical) {
        return destination == ALL || (logical ? apic.isInSet(destination) : apic.number() == destination);
    }
}
