package chronovisor.kitten.kernel;

import chronovisor.kitten.KittenObserver;
import chronovisor.kitten.KittenOptions;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
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
import chronovisor.memory.GuestMemory;
import java.util.Objects;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;
import org.pcollections.TreePVector;

/**
 * One entry into the kernel: the draft of the next state, and the machine it acts on. Made from a state, changed by the
 * functions of this package, turned back into a state when the trap is over. Lives on one thread.
 */
public final class Trap {

    private static final byte[] ZEROS = new byte[4096];

    /** The machine, seen from the trapping core. */
    public final Machine machine;
    /** How the kernel was configured. */
    public final KittenOptions options;
    /** Who is told. */
    public final KittenObserver observer;

    private boolean timersTouched;
    private final KernelState before;
    private FrameAllocator frames;
    private long kmemFrames;
    private TreePMap<Integer, AddressSpace> spaces;
    private TreePMap<Integer, UserProcess> processes;
    private TreePMap<Integer, Task> tasks;
    private TreePMap<Integer, DescriptorTable> tables;
    private TreePMap<Long, OpenFile> files;
    private TreePMap<Long, Inode> inodes;
    private TreePMap<Long, Pipe> pipes;
    private TreePMap<Integer, Terminal> terminals;
    private TreePMap<Integer, Stream> streams;
    private InputBuffer consoleInput;
    private TreePMap<Long, PVector<FileLock>> locks;
    private TreePMap<Long, IntervalTimer> timers;
    private TreePMap<Long, Socket> sockets;
    private TreePMap<Long, Mount> mounts;
    private Ipc ipc;
    private Attachments attachments;
    private Waits waits;
    private PVector<CoreState> cores;
    private TreePSet<Integer> reported;
    private KernelState.Next next;
    private long boot_ns;
    private String hostName;
    private Settings settings;
    private TreePMap<Long, Long> balloon;
    private long total;
    private long kmemMax;

    public Trap(KernelState state, Machine machine, KittenOptions options, KittenObserver observer) {
        this.before = state;
        this.machine = machine;
        this.options = options;
        this.observer = observer;
        frames = state.frames();
        total = state.frames_total();
        kmemFrames = state.kmem_frames();
        kmemMax = state.kmem_frames_max();
        spaces = state.spaces();
        processes = state.processes();
        tasks = state.tasks();
        tables = state.tables();
        files = state.files();
        inodes = state.inodes();
        pipes = state.pipes();
        terminals = state.terminals();
        streams = state.streams();
        consoleInput = state.consoleInput();
        locks = state.locks();
        timers = state.timers();
        sockets = state.sockets();
        mounts = state.mounts();
        ipc = state.ipc();
        attachments = state.attachments();
        waits = state.waits();
        cores = state.cores();
        reported = state.reported();
        next = state.next();
        boot_ns = state.boot_ns();
        hostName = state.hostName();
        settings = state.settings();
        balloon = state.balloon();
    }

    /** The state as this trap leaves it. */
    public KernelState value() {
        return new KernelState(frames, total, kmemFrames, kmemMax, spaces, processes, tasks, tables, files, inodes,
                pipes, terminals, streams, consoleInput, locks, timers, sockets, mounts, ipc, attachments, waits,
                cores, reported, next, boot_ns, hostName, settings, balloon);
    }

    /** Whether anything changed that the next deadline depends on. */
    public boolean timersTouched() {
        return timersTouched;
    }

    /** The state as this trap found it. */
    public KernelState before() {
        return before;
    }

    // Who is running.

    public int core() {
        return machine.core();
    }

    /** The task on this core's CPU, -1 when idle. */
    public int current() {
        return cores.get(machine.core()).current();
    }

    public Task task() {
        return task(current());
    }

    public UserProcess process() {
        return process(task().process());
    }

    public AddressSpace space() {
        return space(process().addressSpace());
    }

    public GuestMemory memory() {
        return machine.memory();
    }

    public long now_ns() {
        return machine.now_ns();
    }

    /** Wall clock: nanoseconds since the epoch. */
    public long realtime_ns() {
        return boot_ns + machine.now_ns();
    }

    /**
     * The process whose end stops the machine. Kitten's init_task has number 1; with the {@code process} patch that is the
     * kernel's own, because programs that fork take a parent of number 1 for a lost one.
     */
    public int initProcess() {
        return options.has("process") ? 2 : 1;
    }

    // Tables.

    public Task task(int id) {
        return Objects.requireNonNull(tasks.get(id), () -> "no task " + id);
    }

    public @Nullable Task findTask(int id) {
        return tasks.get(id);
    }

    public TreePMap<Integer, Task> tasks() {
        return tasks;
    }

    public void put(Task task) {
        timersTouched = true;
        waits = waits.moved(tasks.get(task.id()), task);
        tasks = tasks.plus(task.id(), task);
    }

    public void removeTask(int id) {
        timersTouched = true;
        waits = waits.moved(tasks.get(id), (Task) null);
        tasks = tasks.minus(id);
    }

    public UserProcess process(int id) {
        return Objects.requireNonNull(processes.get(id), () -> "no process " + id);
    }

    public @Nullable UserProcess findProcess(int id) {
        return processes.get(id);
    }

    public TreePMap<Integer, UserProcess> processes() {
        return processes;
    }

    public void put(UserProcess process) {
        timersTouched = true;
        waits = waits.moved(processes.get(process.id()), process);
        processes = processes.plus(process.id(), process);
    }

    public void removeProcess(int id) {
        waits = waits.moved(processes.get(id), (UserProcess) null);
        processes = processes.minus(id);
    }

    public AddressSpace space(int id) {
        return Objects.requireNonNull(spaces.get(id), () -> "no address space " + id);
    }

    public @Nullable AddressSpace findSpace(int id) {
        return spaces.get(id);
    }

    public TreePMap<Integer, AddressSpace> spaces() {
        return spaces;
    }

    public void put(AddressSpace space) {
        spaces = spaces.plus(space.id(), space);
    }

    public void removeSpace(int id) {
        spaces = spaces.minus(id);
    }

    public DescriptorTable table(int id) {
        return Objects.requireNonNull(tables.get(id), () -> "no descriptor table " + id);
    }

    public void put(DescriptorTable table) {
        tables = tables.plus(table.id(), table);
    }

    public void removeTable(int id) {
        tables = tables.minus(id);
    }

    public TreePMap<Long, OpenFile> files() {
        return files;
    }

    public OpenFile file(long id) {
        return Objects.requireNonNull(files.get(id), () -> "no open file " + id);
    }

    public @Nullable OpenFile findFile(long id) {
        return files.get(id);
    }

    public void put(OpenFile file) {
        files = files.plus(file.id(), file);
    }

    public void removeFile(long id) {
        files = files.minus(id);
    }

    public @Nullable Inode findInode(long number) {
        return inodes.get(number);
    }

    public void put(Inode inode) {
        inodes = inodes.plus(inode.number(), inode);
    }

    public void removeInode(long number) {
        inodes = inodes.minus(number);
    }

    public Pipe pipe(long id) {
        return Objects.requireNonNull(pipes.get(id), () -> "no pipe " + id);
    }

    public void put(Pipe pipe) {
        pipes = pipes.plus(pipe.id(), pipe);
    }

    public void removePipe(long id) {
        pipes = pipes.minus(id);
    }

    public TreePMap<Integer, Terminal> terminals() {
        return terminals;
    }

    public Terminal terminal(int port) {
        return Objects.requireNonNull(terminals.get(port), () -> "no terminal " + port);
    }

    public void put(Terminal terminal) {
        terminals = terminals.plus(terminal.port(), terminal);
    }

    void removeTerminal(int port) {
        terminals = terminals.minus(port);
    }

    public TreePMap<Integer, Stream> streams() {
        return streams;
    }

    public Stream stream(int port) {
        return Objects.requireNonNull(streams.get(port), () -> "no stream " + port);
    }

    public void put(Stream stream) {
        streams = streams.plus(stream.port(), stream);
    }

    /** What was typed on the keyboard. */
    public InputBuffer consoleInput() {
        return consoleInput;
    }

    public void put(InputBuffer typed) {
        consoleInput = typed;
    }

    /** Locks by inode. */
    TreePMap<Long, PVector<FileLock>> locks() {
        return locks;
    }

    /** Locks on an inode. */
    public PVector<FileLock> locks(long inode) {
        PVector<FileLock> held = locks.get(inode);
        return held == null ? TreePVector.empty() : held;
    }

    public void locks(long inode, PVector<FileLock> held) {
        locks = held.isEmpty() ? locks.minus(inode) : locks.plus(inode, held);
    }

    public TreePMap<Long, IntervalTimer> timers() {
        return timers;
    }

    public void put(IntervalTimer timer) {
        timersTouched = true;
        waits = waits.moved(timers.get(timer.key()), timer);
        timers = timers.plus(timer.key(), timer);
    }

    public void removeTimer(long key) {
        timersTouched = true;
        waits = waits.moved(timers.get(key), (IntervalTimer) null);
        timers = timers.minus(key);
    }

    public TreePMap<Long, Socket> sockets() {
        return sockets;
    }

    public Socket socket(long id) {
        return Objects.requireNonNull(sockets.get(id), () -> "no socket " + id);
    }

    public @Nullable Socket findSocket(long id) {
        return sockets.get(id);
    }

    public void put(Socket socket) {
        sockets = sockets.plus(socket.id(), socket);
    }

    public void removeSocket(long id) {
        sockets = sockets.minus(id);
    }

    public TreePMap<Long, Mount> mounts() {
        return mounts;
    }

    public void put(Mount mount) {
        mounts = mounts.plus(mount.point(), mount);
    }

    public void removeMount(long point) {
        mounts = mounts.minus(point);
    }

    /** The inodes of a mounted file system. */
    public SortedMap<Long, Inode> inodesOf(long system) {
        return inodes.subMap(Mount.inSystem(system, 0), Mount.inSystem(system + 1, 0));
    }

    /** What hangs on open files. */
    public Attachments attachments() {
        return attachments;
    }

    public void put(Attachments changed) {
        attachments = changed;
    }

    /** Objects of inter-process communication. */
    public Ipc ipc() {
        return ipc;
    }

    public void ipc(Ipc changed) {
        ipc = changed;
    }

    /** Who waits for what. */
    Waits waits() {
        return waits;
    }

    public PVector<CoreState> cores() {
        return cores;
    }

    public CoreState coreState(int core) {
        return cores.get(core);
    }

    public void put(int core, CoreState state) {
        timersTouched = true;
        cores = cores.with(core, state);
    }

    /** Whether this is the first report of an absent system call. */
    public boolean reportAbsent(int number) {
        boolean first = !reported.contains(number);
        reported = reported.plus(number);
        return first;
    }

    public String hostName() {
        return hostName;
    }

    public void hostName(String name) {
        hostName = name;
    }

    /** What root has set. */
    public Settings settings() {
        return settings;
    }

    public void put(Settings changed) {
        settings = changed;
    }

    /** Sets the wall clock: what it would have shown at power-on, nanoseconds since the epoch. */
    public void wallClockAtPowerOn_ns(long ns) {
        boot_ns = ns;
    }

    /** Sets what boot knows: wall clock and memory. */
    public void booted(long wallClock_ns, FrameAllocator free, long kmemFramesMax) {
        boot_ns = wallClock_ns;
        frames = free;
        total = free.free_frames();
        kmemMax = kmemFramesMax;
    }

    // Numbers.

    public int nextTask() {
        int id = next.task();
        next = next.afterTask();
        return id;
    }

    public int nextSpace() {
        int id = next.space();
        next = next.afterSpace();
        return id;
    }

    public int nextTable() {
        int id = next.table();
        next = next.afterTable();
        return id;
    }

    public long nextFile() {
        long id = next.file();
        next = next.afterFile();
        return id;
    }

    public long nextInode() {
        long id = next.inode();
        next = next.afterInode();
        return id;
    }

    public long nextPipe() {
        long id = next.pipe();
        next = next.afterPipe();
        return id;
    }

    public long nextOrder() {
        long id = next.order();
        next = next.afterOrder();
        return id;
    }

    // Frames.

    /** A zeroed frame for user memory or page tables. */
    public long allocateFrame() {
        return allocate(Errno.ENOMEM);
    }

    private long allocate(int error) {
        FrameAllocator.Allocation allocation = frames.allocate();
        for (; allocation == null; allocation = frames.allocate()) {
            if (!BalloonProcess.relieve(this)) {
                throw new LinuxError(error);
            }
        }
        frames = allocation.rest();
        if (allocation.dirty()) {
            machine.memory().write(allocation.gfn() << 12, ZEROS, 0, ZEROS.length);
        }
        return allocation.gfn();
    }

    /** A frame from the kernel memory pool: file contents and buffers. */
    public long allocateKernelFrame() {
        if (kmemFrames >= kmemMax) {
            throw new LinuxError(Errno.ENOSPC);
        }
        long gfn = allocate(Errno.ENOSPC);
        kmemFrames++;
        return gfn;
    }

    /** Counts frames that became file contents without being allocated (boot modules). */
    public void adoptKernelFrames(int count) {
        kmemFrames += count;
    }

    /** One owner of a frame less. */
    public void releaseFrame(long gfn) {
        frames = frames.release(gfn);
    }

    /** A frame of the kernel memory pool has one owner less. */
    public void releaseKernelFrame(long gfn) {
        kmemFrames--;
        frames = frames.release(gfn);
    }

    /** One more owner of a frame. */
    public void shareFrame(long gfn) {
        frames = frames.share(gfn);
    }

    public int frameOwners(long gfn) {
        return frames.owners(gfn);
    }

    public long framesFree() {
        return frames.free_frames();
    }

    TreePMap<Long, Long> balloon() {
        return balloon;
    }

    void put(TreePMap<Long, Long> inBalloon, FrameAllocator free) {
        balloon = inBalloon;
        frames = free;
    }

    FrameAllocator frames() {
        return frames;
    }

    public long framesTotal() {
        return total;
    }
}
