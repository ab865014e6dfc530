package chronovisor.kitten.kernel;

import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;

/** CPU times, in virtual nanoseconds. */
public final class Times {

    private Times() {}

    /** How long a task has run. */
    public static long task_ns(Trap t, Task task) {
        long running = task.run() instanceof Run.Running on ? t.now_ns() - t.coreState(on.core()).switched_ns() : 0;
        return task.cpu_ns() + Math.max(0, running);
    }

    /** How long all threads of a process have run. */
    public static long process_ns(Trap t, UserProcess process) {
        long sum = process.dead_ns();
        for (Task task : t.tasks().values()) {
            if (task.process() == process.id()) {
                sum += task_ns(t, task);
            }
        }
        return sum;
    }
}
