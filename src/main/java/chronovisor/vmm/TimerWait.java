package chronovisor.vmm;

import chronovisor.device.LocalApic;
import java.util.BitSet;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/** Lets virtual time pass while every core waits, up to the first timer that wakes one. */
final class TimerWait {

    private TimerWait() {}

    /**
     * Waits. A timer whose interrupt has woken nobody, as it is masked or the one before is still in service, is not waited for again: nobody
     * runs who could change that, and it might go off for ever.
     *
     * @param now_ns
     *            tells virtual time
     * @param skip
     *            lets so many nanoseconds pass
     * @param awake
     *            tells whether a core can go on
     * @return whether one can; if not, no timer will change that
     */
    static boolean until(Platform platform, LongSupplier now_ns, LongConsumer skip, BooleanSupplier awake) {
        BitSet vain = new BitSet();
        while (true) {
            long next = LocalApic.NEVER;
            for (int timer = 0; timer < platform.timers(); timer++) {
                next = vain.get(timer) ? next : Math.min(next, platform.deadline_ns(timer));
            }
            if (next == LocalApic.NEVER) {
                return false;
            }
            for (int timer = 0; timer < platform.timers(); timer++) {
                if (platform.deadline_ns(timer) <= next) {
                    vain.set(timer);
                }
            }
            skip.accept(Math.max(0, next - now_ns.getAsLong()));
            if (awake.getAsBoolean()) {
                return true;
            }
        }
    }

    /** Says that no timer will wake a core. */
    static String none(Platform platform) {
        boolean set = IntStream.range(0, platform.timers())
                .anyMatch(timer -> platform.deadline_ns(timer) != LocalApic.NEVER);
        return set ? "no timer that is set can wake one" : "no timer is set";
    }
}
