package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.task.Rseq;
import chronovisor.kitten.task.SignalInfo;

/**
 * Restartable sequences (rseq(2)): a thread that comes back to its core after another ran, or enters a signal handler, finds the number of
 * its core, and is sent to the abort handler of the sequence that it was in.
 *
 * <pre>
 *   struct rseq       0 cpu_id_start  4 cpu_id  8 rseq_cs  16 flags  20 node_id  24 mm_cid
 *   struct rseq_cs    0 version  4 flags  8 start  16 length up to the commit  24 abort handler
 * </pre>
 */
public final class RestartableSequences {

    private static final int SEQUENCE = 8;
    private static final int UNINITIALIZED = -1;

    private RestartableSequences() {}

    /** The current task starts or goes on in user mode, on what may be another core. A wild registration is a SIGSEGV. */
    public static void resumed(Trap t) {
        Rseq area = t.task().rseq();
        if (area.address() == 0) {
            return;
        }
        try {
            UserMemory.write(t, area.address(), new Bytes(8).put32(t.core()).put32(t.core()).toArray());
            abort(t, area);
        } catch (LinuxError e) {
            t.put(t.task().withRseq(Rseq.NONE));
            SignalSender.force(t, SignalInfo.kernel(Signals.SIGSEGV));
        }
    }

    /** What an unregistered area says. */
    public static void reset(Trap t, Rseq area) {
        UserMemory.write(t, area.address(), new Bytes(16).put32(0).put32(UNINITIALIZED).put64(0).toArray());
    }

    private static void abort(Trap t, Rseq area) {
        long sequence = UserMemory.read64(t, area.address() + SEQUENCE);
        if (sequence == 0) {
            return;
        }
        byte[] raw = UserMemory.read(t, sequence, 32);
        long start = Bytes.get64(raw, 8);
        long length = Bytes.get64(raw, 16);
        long handler = Bytes.get64(raw, 24);
        boolean inside = Long.compareUnsigned(t.machine.rip() - start, length) < 0;
        boolean sound = Bytes.get32(raw, 0) == 0 && handler > 4 && handler < AddressSpace.USER_END
                && Long.compareUnsigned(handler - start, length) >= 0
                && UserMemory.read32(t, handler - 4) == area.signature();
        if (inside && !sound) {
            throw new LinuxError(chronovisor.kitten.abi.Errno.EINVAL);
        }
        // Outside of it, what a sequence that has ended left behind is cleared lazily.
        UserMemory.write64(t, area.address() + SEQUENCE, 0);
        if (inside) {
            t.machine.load(t.machine.save().withRip(handler));
        }
    }
}
