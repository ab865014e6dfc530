package chronovisor.kitten.kernel;

import chronovisor.kitten.console.InputBuffer;
import chronovisor.kitten.console.Stream;
import chronovisor.kitten.console.Terminal;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.FileLock;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Mount;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Pipe;
import chronovisor.kitten.file.Socket;
import chronovisor.kitten.ipc.Ipc;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.FrameAllocator;
import chronovisor.kitten.task.IntervalTimer;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;
import org.pcollections.TreePVector;

/**
 * Everything the kernel knows, as one immutable value. Equal values are equal kernels; maps are sorted, so the canonical
 * bytes are well defined.
 *
 * @param frames
 *            free guest frames
 * @param kmem_frames
 *            frames in use for file contents and buffers
 * @param kmem_frames_max
 *            limit of those
 * @param timers
 *            interval timers, by their keys
 * @param sockets
 *            sockets, by the numbers of their inodes
 * @param mounts
 *            mounted file systems, by the directories they cover
 * @param ipc
 *            shared memory, semaphores, message queues
 * @param attachments
 *            what hangs on open files
 * @param waits
 *            index of who waits for what
 * @param consoleInput
 *            what was typed on the keyboard
 * @param cores
 *            scheduler state, one a core
 * @param reported
 *            absent system calls that have been reported
 * @param next
 *            numbers to give out
 * @param boot_ns
 *            wall clock at power-on, nanoseconds since the epoch
 * @param settings
 *            what root has set
 * @param balloon
 *            frames that the balloon process has given to the host: first frame to number of frames
 */
public record KernelState(FrameAllocator frames, long frames_total, long kmem_frames, long kmem_frames_max,
        TreePMap<Integer, AddressSpace> spaces, TreePMap<Integer, UserProcess> processes,
        TreePMap<Integer, Task> tasks, TreePMap<Integer, DescriptorTable> tables, TreePMap<Long, OpenFile> files,
        TreePMap<Long, Inode> inodes, TreePMap<Long, Pipe> pipes, TreePMap<Integer, Terminal> terminals,
        TreePMap<Integer, Stream> streams, InputBuffer consoleInput,
        TreePMap<Long, PVector<FileLock>> locks, TreePMap<Long, IntervalTimer> timers, TreePMap<Long, Socket> sockets,
        TreePMap<Long, Mount> mounts, Ipc ipc, Attachments attachments,
        Waits waits,
        PVector<CoreState> cores, TreePSet<Integer> reported, Next next,
        long boot_ns, String hostName, Settings settings, TreePMap<Long, Long> balloon) {

    /** Inode of the root directory. */
    public static final long ROOT = 1;

    /** The next unused numbers. */
    public record Next(int task, int space, int table, long file, long inode, long pipe, long order) {
        Next afterTask() {
            return new Next(task + 1, space, table, file, inode, pipe, order);
        }

        Next afterSpace() {
            return new Next(task, space + 1, table, file, inode, pipe, order);
        }

        Next afterTable() {
            return new Next(task, space, table + 1, file, inode, pipe, order);
        }

        Next afterFile() {
            return new Next(task, space, table, file + 1, inode, pipe, order);
        }

        Next afterInode() {
            return new Next(task, space, table, file, inode + 1, pipe, order);
        }

        Next afterPipe() {
            return new Next(task, space, table, file, inode, pipe + 1, order);
        }

        Next afterOrder() {
            return new Next(task, space, table, file, inode, pipe, order + 1);
        }
    }

    /** A kernel before boot. */
    public static KernelState empty(int cores) {
        PVector<CoreState> idle = TreePVector.empty();
        for (int i = 0; i < cores; i++) {
            idle = idle.plus(CoreState.IDLE);
        }
        return new KernelState(FrameAllocator.over(0, 0), 0, 0, Long.MAX_VALUE, TreePMap.empty(), TreePMap.empty(),
                TreePMap.empty(), TreePMap.empty(), TreePMap.empty(), TreePMap.empty(), TreePMap.empty(),
                TreePMap.empty(), TreePMap.empty(), InputBuffer.EMPTY, TreePMap.empty(), TreePMap.empty(),
                TreePMap.empty(),
                TreePMap.empty(), Ipc.NONE, Attachments.NONE, Waits.NONE, idle,
                TreePSet.empty(),
                new Next(1, 1, 1, 1, ROOT, 1, 1), 0,
                "kitten", Settings.STANDARD, TreePMap.empty());
    }
}
