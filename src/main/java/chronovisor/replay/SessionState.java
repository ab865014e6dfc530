package chronovisor.replay;

import chronovisor.journal.Position;
import chronovisor.vmm.MachineState;

/**
 * All of a session at a position: what it goes on from. It holds frames until it is closed.
 *
 * @param machine
 *            the machine
 * @param mapper
 *            the numbering of events
 * @param cutPeriod
 *            number of the period in which batches were cut last because of its end, -1 for none
 */
record SessionState(MachineState machine, MapperState mapper, long cutPeriod) implements AutoCloseable {

    /** The position of the next event, if it happens at once. */
    Position at() {
        return mapper.next();
    }

    /** Releases the frames. */
    @Override
    public void close() {
        machine.close();
    }
}
