package chronovisor.kitten.task;

import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * A task's own signal state.
 *
 * @param mask
 *            blocked signals
 * @param pending
 *            signals sent to this task
 * @param restoreMask
 *            mask to put back after the next handler (ppoll, sigsuspend), meaningful when {@code restore}
 * @param stackBase
 *            alternate stack
 */
public record SignalState(long mask, PVector<SignalInfo> pending, boolean restore, long restoreMask, long stackBase,
        long stackBytes, int stackFlags) {

    /** SS_DISABLE: no alternate stack. */
    public static final int STACK_DISABLED = 2;
    /** Nothing blocked, nothing pending, no alternate stack. */
    public static final SignalState INITIAL = new SignalState(0, TreePVector.empty(), false, 0, 0, 0, STACK_DISABLED);

    public SignalState withMask(long changed) {
        return new SignalState(changed, pending, restore, restoreMask, stackBase, stackBytes, stackFlags);
    }

    public SignalState withPending(PVector<SignalInfo> changed) {
        return new SignalState(mask, changed, restore, restoreMask, stackBase, stackBytes, stackFlags);
    }

    public SignalState withRestore(boolean on, long saved) {
        return new SignalState(mask, pending, on, saved, stackBase, stackBytes, stackFlags);
    }

    public SignalState withStack(long base, long bytes, int flags) {
        return new SignalState(mask, pending, restore, restoreMask, base, bytes, flags);
    }

    /** Whether an address lies on the alternate stack. */
    public boolean onStack(long pointer) {
        return stackFlags != STACK_DISABLED && pointer > stackBase && pointer - stackBase <= stackBytes;
    }
}
