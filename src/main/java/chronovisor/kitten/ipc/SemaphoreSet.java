package chronovisor.kitten.ipc;

import org.pcollections.PVector;

/** A set of semaphores (semget(2)). */
public record SemaphoreSet(int id, Permissions permissions, PVector<Semaphore> semaphores, long operated_s,
        long changed_s) {

    /** Largest value of a semaphore (SEMVMX). */
    public static final int VALUE_MAX = 32_767;

    /** A value, and the process that changed it last. */
    public record Semaphore(int value, int process) {}

    public SemaphoreSet withPermissions(Permissions changed, long now_s) {
        return new SemaphoreSet(id, changed, semaphores, operated_s, now_s);
    }

    /** After semop. */
    public SemaphoreSet operated(PVector<Semaphore> changed, long now_s) {
        return new SemaphoreSet(id, permissions, changed, now_s, changed_s);
    }

    /** After semctl. */
    public SemaphoreSet set(PVector<Semaphore> changed, long now_s) {
        return new SemaphoreSet(id, permissions, changed, operated_s, now_s);
    }
}
