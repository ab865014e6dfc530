package chronovisor.replay;

import chronovisor.journal.Position;
import chronovisor.memory.FramePool;
import chronovisor.memory.FrameState;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.HostMemory;
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

    /** The same with frames of its own, from another pool. */
    SessionState copy(FramePool pool) {
        GuestMemory from = machine.memory();
        GuestMemory memory = new GuestMemory(pool, from.sizeBytes(), from.storageBytes());
        byte[] page = new byte[FramePool.FRAME_BYTES];
        from.forEachChange(null, (gfn, host) -> {
            FrameState state = from.state(gfn);
            if (host != 0) {
                HostMemory.read(host, page, 0, page.length);
            }
            memory.place(gfn, state, page);
        });
        return new SessionState(machine.with(memory), mapper, cutPeriod);
    }

    /** Releases the frames. */
    @Override
    public void close() {
        machine.close();
    }
}
