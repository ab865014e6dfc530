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
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;
import org.pcollections.TreePVector;

/** The tables and numbers of the next state, as one entry into the kernel changes them, and who runs on its core. */
abstract sealed class Draft permits Trap {

    private final int core;
    private boolean timersTouched;
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
    private String hostName;
    private Settings settings;

    /** Who runs on this core, or null when that has to be looked up again: a call asks for it a dozen times. */
    private @Nullable Task running;
    private @Nullable UserProcess runningProcess;

    Draft(KernelState state, int core) {
        this.core = core;
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
        hostName = state.hostName();
        settings = state.settings();
    }

    /** The state with these tables and numbers, and with what else the trap has changed. */
    KernelState with(FrameAllocator frames, long total, long kmemFrames, long kmemMax, long boot_ns,
            TreePMap<Long, Long> balloon) {
        return new KernelState(frames, total, kmemFrames, kmemMax, spaces, processes, tasks, tables, files, inodes,
                pipes, terminals, streams, consoleInput, locks, timers, sockets, mounts, ipc, attachments, waits,
                cores, reported, next, boot_ns, hostName, settings, balloon);
    }

    /** Whether anything changed that the next deadline depends on. */
    public boolean timersTouched() {
        return timersTouched;
    }

    private static <T> T there(@Nullable T found, String what, long key) {
        if (found == null) {
            throw new NullPointerException("no " + what + " " + key);
        }
        return found;
    }

    // Who is running.

    public int core() {
        return core;
    }

    /** The task on this core's CPU, -1 when idle. */
    public int current() {
        return cores.get(core).current();
    }

    public Task task() {
        Task known = running;
        if (known == null) {
            known = task(current());
            running = known;
            runningProcess = null;
        }
        return known;
    }

    public UserProcess process() {
        Task task = task();
        UserProcess known = runningProcess;
        if (known == null) {
            known = process(task.process());
            runningProcess = known;
        }
        return known;
    }

    public AddressSpace space() {
        return space(process().addressSpace());
    }

    // Tables.

    public Task task(int id) {
        return there(tasks.get(id), "task", id);
    }

    public @Nullable Task findTask(int id) {
        return tasks.get(id);
    }

    public TreePMap<Integer, Task> tasks() {
        return tasks;
    }

    public void put(Task task) {
        timersTouched = true;
        running = null;
        waits = waits.moved(tasks.get(task.id()), task);
        tasks = tasks.plus(task.id(), task);
    }

    public void removeTask(int id) {
        timersTouched = true;
        running = null;
        waits = waits.moved(tasks.get(id), (Task) null);
        tasks = tasks.minus(id);
    }

    public UserProcess process(int id) {
        return there(processes.get(id), "process", id);
    }

    public @Nullable UserProcess findProcess(int id) {
        return processes.get(id);
    }

    public TreePMap<Integer, UserProcess> processes() {
        return processes;
    }

    public void put(UserProcess process) {
        timersTouched = true;
        runningProcess = null;
        waits = waits.moved(processes.get(process.id()), process);
        processes = processes.plus(process.id(), process);
    }

    public void removeProcess(int id) {
        runningProcess = null;
        waits = waits.moved(processes.get(id), (UserProcess) null);
        processes = processes.minus(id);
    }

    public AddressSpace space(int id) {
        return there(spaces.get(id), "address space", id);
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
        return there(tables.get(id), "descriptor table", id);
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
        return there(files.get(id), "open file", id);
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
        return there(pipes.get(id), "pipe", id);
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
        return there(terminals.get(port), "terminal", port);
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
        return there(streams.get(port), "stream", port);
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
        return there(sockets.get(id), "socket", id);
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
        running = null;
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
}
