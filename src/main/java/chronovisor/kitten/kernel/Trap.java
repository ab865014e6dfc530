package chronovisor.kitten.kernel;

import chronovisor.kitten.KittenObserver;
import chronovisor.kitten.KittenOptions;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.memory.FrameAllocator;
import chronovisor.memory.GuestMemory;
import org.pcollections.TreePMap;

/**
 * One entry into the kernel: the draft of the next state, and the machine it acts on. Made from a state, changed by the
 * functions of this package, turned back into a state when the trap is over. Lives on one thread.
 */
public final class Trap extends Draft {

    private static final byte[] ZEROS = new byte[4096];

    /** The machine, seen from the trapping core. */
    public final Machine machine;
    /** How the kernel was configured. */
    public final KittenOptions options;
    /** Who is told. */
    public final KittenObserver observer;

    private final KernelState before;
    private FrameAllocator frames;
    private long total;
    private long kmemFrames;
    private long kmemMax;
    private long boot_ns;
    private TreePMap<Long, Long> balloon;

    public Trap(KernelState state, Machine machine, KittenOptions options, KittenObserver observer) {
        super(state, machine.core());
        this.before = state;
        this.machine = machine;
        this.options = options;
        this.observer = observer;
        frames = state.frames();
        total = state.frames_total();
        kmemFrames = state.kmem_frames();
        kmemMax = state.kmem_frames_max();
        boot_ns = state.boot_ns();
        balloon = state.balloon();
    }

    /** The state as this trap leaves it. */
    public KernelState value() {
        return with(frames, total, kmemFrames, kmemMax, boot_ns, balloon);
    }

    /** The state as this trap found it. */
    public KernelState before() {
        return before;
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
