package chronovisor.replay;

import chronovisor.journal.Blob;
import chronovisor.journal.CpuEvent;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.journal.Stamp;
import chronovisor.journal.VmmEvent;
import chronovisor.kitten.KittenObserver;
import chronovisor.vmm.MachineObserver;
import chronovisor.vmm.VirtualMachine;
import chronovisor.vmm.VmExit;
import chronovisor.vmm.VmState;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the machine and its kernel tell into events with positions. The only place that does, so that live, recorded
 * and replayed runs number their events alike.
 */
public final class EventMapper implements MachineObserver, KittenObserver, ProbeSink {

    private final EventSink sink;
    private Causes causes = Causes.NONE;
    private @Nullable VirtualMachine vm;
    private Probes probes = Probes.NONE;
    private UnsharedFrameListener unshared = (core, gfn, copied) -> {};
    private ProbeMemory remembered = ProbeMemory.NONE;
    private long tick;
    private int sequence;
    private long events;

    /** Hands the events to a sink. */
    public EventMapper(EventSink sink) {
        this.sink = sink;
    }

    @Override
    public void attached(VirtualMachine machine) {
        vm = machine;
        tick = machine.tick();
    }

    /** The position that the next event will get if it happens now. */
    Position next() {
        VirtualMachine machine = vm;
        long now = machine == null ? 0 : machine.tick();
        return now == tick ? new Position(tick, sequence) : new Position(now, 0);
    }

    /** Takes the next position; what gets it must be told at once. */
    Position take() {
        Position at = next();
        tick = at.tick();
        sequence = at.sequence() + 1;
        return at;
    }

    /** Where it stands, as a value. */
    MapperState capture() {
        return new MapperState(next(), events, causes, remembered);
    }

    /** Goes on from where another one stood. */
    void restore(MapperState saved) {
        tick = saved.next().tick();
        sequence = saved.next().sequence();
        events = saved.events();
        causes = saved.causes();
        remembered = saved.probes();
        probes.restored();
    }

    /** Events told so far. */
    long events() {
        return events;
    }

    int currentCore() {
        VirtualMachine machine = vm;
        return machine == null ? 0 : machine.currentCore().index();
    }

    /** Passes an event on that carries the position just taken. */
    void tell(GuestEvent event) {
        events++;
        sink.accept(event);
    }

    private Stamp stamp(int core) {
        return new Stamp(take(), core, null);
    }

    private Stamp stamp(int core, @Nullable Position cause) {
        return new Stamp(take(), core, cause);
    }

    // Probes.

    /** Has probes told what concerns them. */
    void attach(Probes attached) {
        probes = attached;
    }

    @Override
    public Position tell(int core, @Nullable Position cause, Function<Stamp, GuestEvent> event) {
        Stamp stamp = stamp(core, cause);
        tell(event.apply(stamp));
        return stamp.at();
    }

    @Override
    public @Nullable Position delivery(int task) {
        return causes.ofDelivered(task);
    }

    @Override
    public boolean arrives(int task, long address) {
        boolean news = !remembered.stands(task, address);
        remembered = remembered.at(task, address);
        return news;
    }

    @Override
    public void leaves(int task) {
        remembered = remembered.at(task, 0);
    }

    @Override
    public long kept(int task) {
        return remembered.number(task);
    }

    @Override
    public void keep(int task, long value) {
        remembered = remembered.withNumber(task, value);
    }

    @Override
    public void mark(String name, Position at) {
        remembered = remembered.withMark(name, at);
    }

    @Override
    public @Nullable Position take(String name) {
        Position first = remembered.first(name);
        remembered = remembered.withoutFirst(name);
        return first;
    }

    // The machine.

    @Override
    public void exit(int core, VmExit exit) {
        Stamp stamp = stamp(core);
        if (exit instanceof VmExit.ExceptionExit) {
            causes = causes.exception(core, stamp.at());
        }
        tell(event(stamp, exit, rip(core)));
    }

    private long rip(int core) {
        VirtualMachine machine = vm;
        return machine == null ? 0 : machine.core(core).cpu().rip;
    }

    private static GuestEvent event(Stamp stamp, VmExit exit, long at) {
        return switch (exit) {
            case VmExit.IoIn(int port, int size, int value) ->
                new VmmEvent.PortRead(stamp, port, size, Integer.toUnsignedLong(value), at);
            case VmExit.IoOut(int port, int size, int value) ->
                new VmmEvent.PortWritten(stamp, port, size, Integer.toUnsignedLong(value), at);
            case VmExit.IoIns(int port, int size, byte[] bytes) ->
                new VmmEvent.PortStringRead(stamp, port, size, Blob.of(bytes), at);
            case VmExit.IoOuts(int port, int size, byte[] bytes) ->
                new VmmEvent.PortStringWritten(stamp, port, size, Blob.of(bytes), at);
            case VmExit.MmioRead(long address, int size, long value) ->
                new VmmEvent.DeviceMemoryRead(stamp, address, size, value, at);
            case VmExit.MmioWrite(long address, int size, long value) ->
                new VmmEvent.DeviceMemoryWritten(stamp, address, size, value, at);
            case VmExit.CpuidExit(int leaf, int subleaf, int eax, int ebx, int ecx, int edx) ->
                new VmmEvent.CpuidExited(stamp, leaf, subleaf, eax, ebx, ecx, edx, at);
            case VmExit.HltExit(long idle_ns) -> new VmmEvent.Halted(stamp, idle_ns, at);
            case VmExit.MsrRead(int register, long value) -> new VmmEvent.MsrRead(stamp, register, value, at);
            case VmExit.MsrWrite(int register, long value) -> new VmmEvent.MsrWritten(stamp, register, value, at);
            case VmExit.RdtscExit(long value) -> new VmmEvent.TimeStampRead(stamp, value, at);
            case VmExit.EntropyExit(int size) -> new VmmEvent.RandomNumberRead(stamp, size, at);
            case VmExit.ControlRegister(int register, boolean write, long value) -> write
                    ? new VmmEvent.ControlRegisterWritten(stamp, register, value, at)
                    : new VmmEvent.ControlRegisterRead(stamp, register, value, at);
            case VmExit.Invlpg(long address) -> new VmmEvent.PageInvalidated(stamp, address, at);
            case VmExit.NestedPageFault(long gfn, boolean write) ->
                new VmmEvent.NestedPageFaulted(stamp, gfn, write, at);
            case VmExit.ShadowPageFault(long address, boolean write) ->
                new VmmEvent.ShadowPageFaulted(stamp, address, write, at);
            case VmExit.ExceptionExit(int vector, long errorCode, long address, long rip, byte[] code) ->
                new CpuEvent.ExceptionRaised(stamp, vector, errorCode, address, rip, Blob.of(code));
            case VmExit.ExternalInterrupt(int vector) -> new VmmEvent.ExternalInterruptExited(stamp, vector, at);
            case VmExit.InterruptWindow() -> new VmmEvent.InterruptWindowOpened(stamp, at);
            case VmExit.Pause() -> new VmmEvent.Paused(stamp, at);
            case VmExit.Hypercall(long number, long a, long b, long result) ->
                new VmmEvent.HypercallMade(stamp, number, a, b, result, at);
            case VmExit.Shutdown(String reason, int status) -> new VmmEvent.ShutDown(stamp, reason, status, at);
            case VmExit.Unsupported(String what) -> new VmmEvent.UnsupportedExited(stamp, what, at);
        };
    }

    /** Has somebody told where the sharing of frames ends, which is no event. */
    void onFrameUnshared(UnsharedFrameListener listener) {
        unshared = listener;
    }

    @Override
    public void frameUnshared(int core, long gfn, boolean copied) {
        unshared.unshared(core, gfn, copied);
    }

    @Override
    public void interrupt(int core, int vector) {
        Stamp stamp = stamp(core);
        causes = causes.interrupt(core, stamp.at());
        tell(new VmmEvent.InterruptInjected(stamp, vector, rip(core)));
    }

    @Override
    public void state(VmState from, VmState to, String why) {
        tell(new VmmEvent.StateChanged(stamp(currentCore()), from.name(), to.name(), why));
    }

    // The kernel.

    @Override
    public void message(String line) {
        tell(new KittenEvent.MessagePrinted(stamp(currentCore()), line));
    }

    @Override
    public void programLoaded(int core, int task, String path, long entry, long stackPointer) {
        tell(new KittenEvent.ProgramLoaded(stamp(core), task, path, entry, stackPointer));
        probes.programLoaded(entry);
    }

    @Override
    public void taskCreated(int core, int task, int process, int parent, String name) {
        tell(new KittenEvent.TaskStarted(stamp(core), task, process, parent, name));
    }

    @Override
    public void taskExited(int core, int task, int status, int signal) {
        tell(new KittenEvent.TaskExited(stamp(core, causes.ofExit(task, signal)), task, status, signal));
        remembered = remembered.without(task);
        causes = causes.exited(task);
    }

    @Override
    public void taskSwitched(int core, int from, int to) {
        tell(new KittenEvent.TaskSwitched(stamp(core), from, to));
    }

    @Override
    public void taskBlocked(int core, int task, String waitQueues) {
        tell(new KittenEvent.TaskBlocked(stamp(core), task, waitQueues));
    }

    @Override
    public void taskWoken(int core, int task, String why) {
        tell(new KittenEvent.TaskWoken(stamp(core, causes.ofKernelWork(core, task, next().tick())), task, why));
    }

    @Override
    public void syscallEntered(int core, int task, int number, long[] a) {
        Stamp stamp = stamp(core);
        causes = causes.syscall(task, stamp.at());
        tell(new KittenEvent.SyscallEntered(stamp, task, number, argument(a, 0), argument(a, 1), argument(a, 2),
                argument(a, 3), argument(a, 4), argument(a, 5)));
    }

    private static long argument(long[] arguments, int index) {
        return index < arguments.length ? arguments[index] : 0;
    }

    @Override
    public void syscallReturned(int core, int task, int number, long result) {
        tell(new KittenEvent.SyscallReturned(stamp(core, causes.ofReturn(task)), task, number, result));
        causes = causes.returned(task);
    }

    @Override
    public void pageFault(int core, int task, long address, int errorCode, String resolution) {
        Stamp stamp = stamp(core, causes.ofPageFault(core));
        causes = causes.pageFault(task, stamp.at());
        tell(new KittenEvent.PageFaulted(stamp, task, address, errorCode, resolution));
    }

    @Override
    public void signalSent(int core, int task, int signal, int code, long address) {
        Stamp stamp = stamp(core, causes.ofKernelWork(core, task, next().tick()));
        causes = causes.signal(task, signal, stamp.at());
        tell(new KittenEvent.SignalSent(stamp, task, signal, code, address));
    }

    @Override
    public void signalDelivered(int core, int task, int signal, long handler) {
        Stamp stamp = stamp(core, causes.ofDelivery(task, signal));
        causes = causes.delivery(task, signal, stamp.at());
        tell(new KittenEvent.SignalDelivered(stamp, task, signal, handler));
    }

    @Override
    public void memoryMapped(int core, int task, String change, long start, long end, int protection) {
        tell(new KittenEvent.RegionChanged(stamp(core), task, change, start, end, protection));
    }

    @Override
    public void fileOpened(int core, int task, int descriptor, String path, int flags) {
        tell(new KittenEvent.FileOpened(stamp(core), task, descriptor, path, flags));
    }

    @Override
    public void fileClosed(int core, int task, int descriptor) {
        tell(new KittenEvent.FileClosed(stamp(core), task, descriptor));
    }

    @Override
    public void consoleInput(int core, String device, int character) {
        Stamp stamp = stamp(core, causes.ofInterruptWork(core));
        causes = causes.arrival(device, stamp.at());
        tell(new KittenEvent.ConsoleInputArrived(stamp, device, character));
    }

    @Override
    public void consoleRead(int core, int task, String device, byte[] bytes) {
        tell(new KittenEvent.ConsoleRead(stamp(core, causes.ofConsoleRead(device)), task, device, Blob.of(bytes)));
    }

    @Override
    public void consoleWritten(int core, int task, String device, byte[] bytes) {
        tell(new KittenEvent.ConsoleWritten(stamp(core), task, device, Blob.of(bytes)));
    }

    @Override
    public void pipeCreated(int core, int task, long pipe, int readDescriptor, int writeDescriptor) {
        tell(new KittenEvent.PipeCreated(stamp(core), task, pipe, readDescriptor, writeDescriptor));
    }

    @Override
    public void pipeWritten(int core, int task, long pipe, long offset, int length) {
        Stamp stamp = stamp(core);
        causes = causes.pipeWrite(pipe, offset, stamp.at());
        tell(new KittenEvent.PipeWritten(stamp, task, pipe, offset, length));
    }

    @Override
    public void pipeRead(int core, int task, long pipe, long offset, int length) {
        tell(new KittenEvent.PipeRead(stamp(core, causes.ofPipeRead(pipe, offset)), task, pipe, offset, length));
        causes = causes.pipeRead(pipe, offset);
    }
}
