package chronovisor.kitten.kernel;

import chronovisor.kitten.ipc.Ipc;
import chronovisor.kitten.ipc.SemaphoreSet;
import chronovisor.kitten.ipc.SemaphoreSet.Semaphore;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import java.util.Map;
import org.pcollections.PVector;

/** What the end of a process takes back of its semaphore operations (SEM_UNDO). */
final class SemaphoreUndo {

    private SemaphoreUndo() {}

    static void apply(Trap t, int process) {
        var own = t.ipc().undo().subMap(Ipc.undoKey(process, 0), Ipc.undoKey(process + 1, 0));
        for (Map.Entry<Long, PVector<Integer>> entry : List.copyOf(own.entrySet())) {
            SemaphoreSet set = t.ipc().semaphores().get(entry.getKey().intValue());
            t.ipc(t.ipc().withUndo(t.ipc().undo().minus(entry.getKey())));
            if (set == null) {
                continue;
            }
            PVector<Semaphore> changed = set.semaphores();
            for (int i = 0; i < changed.size(); i++) {
                int adjustment = entry.getValue().get(i);
                if (adjustment != 0) {
                    int value = Math.max(0, Math.min(SemaphoreSet.VALUE_MAX, changed.get(i).value() + adjustment));
                    changed = changed.with(i, new Semaphore(value, process));
                }
            }
            t.ipc(t.ipc().with(set.operated(changed, t.realtime_ns() / 1_000_000_000L)));
            Scheduler.wake(t, new WaitKey(WaitKey.Kind.SEMAPHORE, set.id()));
        }
    }
}
