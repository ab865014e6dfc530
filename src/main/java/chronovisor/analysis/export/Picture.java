package chronovisor.analysis.export;

import chronovisor.analysis.Words;
import chronovisor.analysis.export.Canvas.Kind;
import chronovisor.analysis.export.Canvas.Source;
import chronovisor.analysis.export.Canvas.Track;
import chronovisor.analysis.export.Lanes.Lane;
import chronovisor.journal.CpuEvent;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.journal.ProbeEvent;
import chronovisor.journal.RacketEvent;
import chronovisor.journal.VmmEvent;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run as viewers show it. Each core has a track with the tasks that it ran, and within them the exits, exceptions and interrupts. Each
 * task has a track with its system calls, within them what they waited for, and its collections. Arrows go from writes into pipes to the
 * reads that took the bytes, from what woke a task to its going on, from signals sent to their delivery, and from messages of places to
 * their receipt. What was written to the console is an instant on the track of who wrote it.
 */
final class Picture {

    private static final int NO_TASK = -1;

    private final Canvas canvas;
    private final Lanes lanes;
    private final PictureClock clock;
    private final Arrows arrows = new Arrows();
    private final MemorySizes memory = new MemorySizes();
    private final Map<Integer, Integer> running = new HashMap<>();
    private final Map<Integer, KittenEvent.SyscallEntered> calls = new HashMap<>();
    private final Map<Long, Long> inPipe = new HashMap<>();
    private long guestBytes;
    private long now;
    private int core;

    /**
     * A picture of nothing yet.
     *
     * @param machine
     *            the name of the machine's own tracks
     */
    Picture(Canvas canvas, TraceTime time, String machine) {
        this.canvas = canvas;
        this.lanes = new Lanes(canvas, machine);
        this.clock = new PictureClock(time);
    }

    /** An event before those that are drawn: only what one has to know of it later is kept. */
    void pass(GuestEvent event) {
        clock.time(event);
        if (event instanceof KittenEvent.TaskStarted started) {
            lanes.started(started.task(), started.process(), started.name());
        } else if (event instanceof KittenEvent.TaskSwitched switched) {
            running.put(switched.core(), switched.to());
        } else if (event instanceof VmmEvent.Halted halted) {
            clock.skip(halted);
        }
    }

    /** Draws the next event. */
    void accept(GuestEvent event) throws IOException {
        now = clock.time(event);
        core = event.core();
        switch (event) {
            case InputEvent input -> instant(lanes.core(input.core()), name(input), "input", input);
            case CpuEvent.ExceptionRaised raised -> point(lanes.core(raised.core()),
                    "exception " + raised.vector(), "exit", raised, null, null);
            case VmmEvent exit -> machine(exit);
            case KittenEvent kernel -> kernel(kernel);
            case RacketEvent runtime -> racket(runtime);
            case ProbeEvent probe -> probe(probe);
        }
    }

    private void machine(VmmEvent event) throws IOException {
        Lane core = lanes.core(event.core());
        switch (event) {
            case VmmEvent.Halted halted -> {
                begin(core, "halted", "exit", halted, null, null);
                end(core, clock.skip(halted), null);
            }
            case VmmEvent.InterruptInjected injected -> point(core, "interrupt " + injected.vector(), "interrupt",
                    injected, arrows.source(injected.at(), core.track, now), null);
            case VmmEvent.StateChanged changed -> instant(core, changed.from() + " to " + changed.to(), "state",
                    changed);
            case VmmEvent.NestedPageFaulted faulted -> {
                point(core, name(faulted), "exit", faulted, null, null);
                if (faulted.write()) {
                    guestBytes += 4096;
                    canvas.value(lanes.counter(Kind.BYTES, lanes.machine(), "memory written"), now, guestBytes);
                }
            }
            case VmmEvent.ShadowPageFaulted _,VmmEvent.PortRead _,VmmEvent.PortWritten _,VmmEvent.PortStringRead _,VmmEvent.PortStringWritten _,VmmEvent.DeviceMemoryRead _,VmmEvent.DeviceMemoryWritten _,VmmEvent.CpuidExited _,VmmEvent.TimeStampRead _,VmmEvent.MsrRead _,VmmEvent.MsrWritten _,VmmEvent.ControlRegisterRead _,VmmEvent.ControlRegisterWritten _,VmmEvent.PageInvalidated _,VmmEvent.RandomNumberRead _,VmmEvent.ExternalInterruptExited _,VmmEvent.InterruptWindowOpened _,VmmEvent.Paused _,VmmEvent.HypercallMade _,VmmEvent.ShutDown _,VmmEvent.UnsupportedExited _ ->
                point(core, name(event), "exit", event, null, null);
        }
    }

    private void kernel(KittenEvent event) throws IOException {
        switch (event) {
            case KittenEvent.SyscallEntered entered -> {
                Lane task = task(entered.task());
                // One that did not return (from a signal, from a program to another) ends where the next begins.
                endAll(task, null);
                begin(task, Words.call(entered.number()), "syscall", entered, null, null);
                calls.put(entered.core(), entered);
            }
            case KittenEvent.SyscallReturned returned -> {
                Lane task = task(returned.task());
                endThrough(task, Words.call(returned.number()), returned);
            }
            case KittenEvent.TaskStarted started -> started(started);
            case KittenEvent.TaskSwitched switched -> {
                Lane core = lanes.core(switched.core());
                endAll(core, switched);
                running.put(switched.core(), switched.to());
                if (switched.to() != NO_TASK) {
                    begin(core, lanes.name(switched.to()) + " " + switched.to(), "task", switched, null, null);
                }
            }
            case KittenEvent.TaskBlocked blocked -> begin(task(blocked.task()), "blocked", "wait", blocked, null,
                    null);
            case KittenEvent.TaskWoken woken -> woken(woken);
            case KittenEvent.TaskExited exited -> {
                Lane task = task(exited.task());
                endAll(task, exited);
                instant(task, "exited", "task", exited);
                if (lanes.process(exited.task()) == exited.task()) {
                    memory.forget(exited.task());
                    mapped(exited.task());
                }
            }
            case KittenEvent.ProgramLoaded loaded -> instant(task(loaded.task()), "program " + loaded.path(),
                    "task", loaded);
            case KittenEvent.PageFaulted faulted -> point(task(faulted.task()),
                    "page fault, " + faulted.resolution(), "fault", faulted, null, null);
            case KittenEvent.RegionChanged changed -> region(changed);
            case KittenEvent.SignalSent sent -> {
                Lane sender = sender(sent);
                point(sender, "send " + Words.signal(sent.signal()) + " to " + sent.task(), "signal", sent,
                        arrows.source(sent.at(), sender.track, now), null);
            }
            case KittenEvent.SignalDelivered delivered -> point(task(delivered.task()),
                    Words.signal(delivered.signal()) + " delivered", "signal", delivered, null,
                    arrows.from(delivered.cause()));
            case KittenEvent.MessagePrinted printed -> instant(lanes.core(printed.core()), printed.line(), "console",
                    printed);
            case KittenEvent.ConsoleInputArrived arrived -> point(lanes.core(arrived.core()), name(arrived), "console",
                    arrived, arrows.source(arrived.at(), lanes.core(arrived.core()).track, now), null);
            case KittenEvent.ConsoleWritten written -> instant(task(written.task()),
                    written.bytes().toText().strip(), "console", written);
            case KittenEvent.ConsoleRead read -> point(task(read.task()), "read " + read.bytes().toText().strip(),
                    "console", read, null, arrows.from(read.cause()));
            case KittenEvent.PipeCreated created -> instant(task(created.task()), "pipe " + created.pipe(),
                    "pipe",
                    created);
            case KittenEvent.PipeWritten written -> {
                Track track = task(written.task()).track;
                point(task(written.task()), "pipe " + written.pipe() + " written", "pipe", written,
                        arrows.written(written, track, now), null);
                fill(written.pipe(), written.length());
            }
            case KittenEvent.PipeRead read -> {
                Lane task = task(read.task());
                // A point for each write that it took from; one where that is not known, as at a fork's beginning.
                for (Source source : arrows.read(read)) {
                    point(task, "pipe " + read.pipe() + " read", "pipe", read, null, source);
                    now = clock.time(read);
                }
                fill(read.pipe(), -read.length());
            }
            case KittenEvent.FileOpened opened -> instant(task(opened.task()), "open " + opened.path(), "file",
                    opened);
            case KittenEvent.FileClosed closed -> instant(task(closed.task()), "close " + closed.descriptor(),
                    "file",
                    closed);
        }
    }

    private void started(KittenEvent.TaskStarted started) throws IOException {
        lanes.started(started.task(), started.process(), started.name());
        if (started.task() == started.process()) {
            memory.fork(lanes.process(started.parent()), started.process());
            mapped(started.process());
        }
        Lane task = task(started.task());
        Source source = null;
        int parent = running.getOrDefault(started.core(), NO_TASK);
        if (parent != NO_TASK) {
            source = arrows.source(started.at(), task(parent).track, now);
            point(task(parent), "start " + started.name() + " " + started.task(), "task", started, source, null);
            now = clock.time(started);
        }
        point(task, "started", "task", started, null, source);
    }

    /**
     * What woke it is the call that was made last on the core, or the interrupt that came there later: old journals name an interrupt from
     * long before as the cause of what a call did.
     */
    private void woken(KittenEvent.TaskWoken woken) throws IOException {
        KittenEvent.SyscallEntered call = calls.get(woken.core());
        Source source = arrows.from(woken.cause());
        Position cause = woken.cause();
        int waker = call == null ? NO_TASK : call.task();
        if (call != null && waker != woken.task()
                && (source == null || cause == null || call.at().compareTo(cause) > 0)) {
            source = arrows.source(woken.at(), task(waker).track, now);
            point(task(waker), "wake " + lanes.name(woken.task()) + " " + woken.task(), "wake", woken, source,
                    null);
            now = clock.time(woken);
        }
        Lane task = task(woken.task());
        endThrough(task, "blocked", woken);
        now = clock.time(woken);
        point(task, "woken", "wake", woken, null, source);
    }

    private void region(KittenEvent.RegionChanged changed) throws IOException {
        int process = lanes.process(changed.task());
        instant(task(changed.task()), changed.change(), "memory", changed);
        switch (changed.change()) {
            case "map" -> memory.map(process, changed.start(), changed.end());
            case "unmap" -> memory.unmap(process, changed.start(), changed.end());
            case "protect" -> {
                return;
            }
            default -> throw new IllegalStateException("a change of a region of no known kind: " + changed);
        }
        mapped(process);
    }

    /** The track of a task; that of the core for what the kernel does for none. */
    private Lane task(int task) throws IOException {
        return task == NO_TASK ? lanes.core(core) : lanes.task(task);
    }

    private void mapped(int process) throws IOException {
        if (process == NO_TASK) {
            // The first program is loaded before its task is made.
            return;
        }
        canvas.value(lanes.counter(Kind.BYTES, lanes.group(process), "mapped memory of " + process), now,
                memory.bytes(process));
    }

    private void fill(long pipe, long change) throws IOException {
        long bytes = Math.max(0, inPipe.merge(pipe, change, Long::sum));
        canvas.value(lanes.counter(Kind.BYTES, lanes.machine(), "bytes in pipe " + pipe), now, bytes);
    }

    private Lane sender(KittenEvent.SignalSent sent) throws IOException {
        return task(running.getOrDefault(sent.core(), NO_TASK));
    }

    private void racket(RacketEvent event) throws IOException {
        switch (event) {
            case RacketEvent.GcStarted started -> begin(task(started.task()), "collection", "gc", started, null,
                    null);
            case RacketEvent.GcEnded ended -> {
                endThrough(task(ended.task()), "collection", ended);
                Track heap = lanes.counter(Kind.BYTES, lanes.group(lanes.process(ended.task())),
                        "Racket heap of " + ended.task());
                canvas.value(heap, now, ended.before_bytes());
                canvas.value(heap, clock.after(), ended.after_bytes());
            }
            case RacketEvent.PlaceMessageSent sent -> {
                Lane task = task(sent.task());
                point(task, name(sent), "place", sent, arrows.source(sent.at(), task.track, now), null);
            }
            case RacketEvent.PlaceMessageReceived received -> point(task(received.task()), name(received),
                    "place", received, null, arrows.from(received.cause()));
            case RacketEvent.PlaceCreated created -> {
                Lane task = task(created.task());
                point(task, name(created), "place", created, arrows.source(created.at(), task.track, now), null);
            }
            case RacketEvent.PlaceReaped reaped -> point(task(reaped.task()), name(reaped), "place", reaped, null,
                    arrows.from(reaped.cause()));
            case RacketEvent.WriteBarrierFaulted faulted -> point(task(faulted.task()), name(faulted), "gc",
                    faulted, null, null);
            case RacketEvent.PlaceEntered entered -> instant(task(entered.task()), name(entered), "place",
                    entered);
            case RacketEvent.PlaceExited exited -> instant(task(exited.task()), name(exited), "place", exited);
            case RacketEvent.FutureCreated created -> instant(task(created.task()), name(created), "future",
                    created);
            case RacketEvent.FutureTouched touched -> instant(task(touched.task()), name(touched), "future",
                    touched);
            case RacketEvent.FutureProgressed progressed -> instant(task(progressed.task()),
                    "future " + progressed.future() + " " + progressed.what(), "future", progressed);
        }
    }

    /** Calls that were probed nest as calls do; one that never returned ends with the run. */
    private void probe(ProbeEvent event) throws IOException {
        switch (event) {
            case ProbeEvent.FunctionEntered entered -> begin(task(entered.task()), entered.function(), "call", entered,
                    null, null);
            case ProbeEvent.FunctionReturned returned -> endThrough(task(returned.task()), returned.function(),
                    returned);
            case ProbeEvent.MemoryWritten written -> point(task(written.task()),
                    "write 0x" + Long.toHexString(written.address()), "memory", written, null, null);
            case ProbeEvent.MemoryRead read -> point(task(read.task()), "read 0x" + Long.toHexString(read.address()),
                    "memory", read, null, null);
        }
    }

    private static String name(GuestEvent event) {
        return EventTypes.of(event).name();
    }

    private void begin(Lane lane, String name, String category, GuestEvent event, @Nullable Source source,
            @Nullable Source in) throws IOException {
        canvas.begin(lane.track, now, name, category, event, source, in);
        lane.open.push(name);
    }

    /** What has no duration is drawn as narrow as the clock has it. */
    private void point(Lane lane, String name, String category, GuestEvent event, @Nullable Source source,
            @Nullable Source in) throws IOException {
        begin(lane, name, category, event, source, in);
        end(lane, clock.after(), null);
    }

    private void instant(Lane lane, String name, String category, GuestEvent event) throws IOException {
        canvas.instant(lane.track, now, name, category, event);
    }

    private void end(Lane lane, long time, @Nullable GuestEvent event) throws IOException {
        lane.open.pop();
        canvas.end(lane.track, time, event);
    }

    /** Ends the slice of that name and those within it that are still open; nothing when there is none. */
    private void endThrough(Lane lane, String name, GuestEvent event) throws IOException {
        if (!lane.open.contains(name)) {
            return;
        }
        while (!lane.open.getFirst().equals(name)) {
            end(lane, now, null);
        }
        end(lane, now, event);
    }

    private void endAll(Lane lane, @Nullable GuestEvent event) throws IOException {
        while (!lane.open.isEmpty()) {
            end(lane, now, event);
        }
    }

    /** Ends what is open where the run ends. */
    void finish() throws IOException {
        now = clock.end();
        for (Lane lane : lanes.all()) {
            endAll(lane, null);
        }
        canvas.finish();
    }
}
