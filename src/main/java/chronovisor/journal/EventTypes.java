package chronovisor.journal;

import static chronovisor.journal.EventType.Family.CPU;
import static chronovisor.journal.EventType.Family.INPUT;
import static chronovisor.journal.EventType.Family.KITTEN;
import static chronovisor.journal.EventType.Family.PROBE;
import static chronovisor.journal.EventType.Family.RACKET;
import static chronovisor.journal.EventType.Family.VMM;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The table at the door of the journal: every event type with its number, name, family and codec.
 *
 * <p>
 * Numbers are part of the format: a row may be added, never renumbered. When the bytes of a row change, the format
 * version in {@link JournalHeader} goes up and an old journal stays behind as a test.
 */
public final class EventTypes {

    /** Numbers are below it. */
    static final int IDS = 256;

    private static final int WITH_RIP = 120;

    private static final Map<Class<?>, EventType<?>> BY_CLASS = new HashMap<>();
    private static final Map<String, EventType<?>> BY_NAME = new HashMap<>();
    private static final EventType<?>[] BY_ID = new EventType<?>[IDS];
    private static final List<EventType<?>> ROWS = rows();

    static {
        for (EventType<?> row : ROWS) {
            if (BY_ID[row.id()] != null || BY_CLASS.put(row.type(), row) != null
                    || BY_NAME.put(row.name(), row) != null) {
                throw new IllegalStateException("two rows for " + row.id() + " " + row.name());
            }
            BY_ID[row.id()] = row;
        }
    }

    private EventTypes() {}

    /** Every type, by number. */
    public static List<EventType<?>> all() {
        return ROWS;
    }

    /** The type of that name (the record's simple name). */
    public static Optional<EventType<?>> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** The row of an event. */
    public static EventType<?> of(GuestEvent event) {
        EventType<?> row = BY_CLASS.get(event.getClass());
        if (row == null) {
            throw new IllegalStateException("no row for " + event.getClass().getSimpleName());
        }
        return row;
    }

    static EventType<?> withId(int id, ByteSource in) {
        EventType<?> row = id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
        if (row == null) {
            throw in.broken("unknown event type " + id);
        }
        return row;
    }

    private static List<EventType<?>> rows() {
        List<EventType<?>> rows = new ArrayList<>();
        inputs(rows);
        cpu(rows);
        ports(rows);
        vmm(rows);
        kittenTasks(rows);
        kittenEffects(rows);
        racket(rows);
        probe(rows);
        return List.copyOf(rows);
    }

    private static <E extends GuestEvent> void row(List<EventType<?>> rows, int id, EventType.Family family,
            Class<E> type, EventType.Writer<E> writer, EventType.Reader<E> reader) {
        rows.add(new EventType<>(id, type.getSimpleName(), family, type, new EventType.Codec<>(writer, reader)));
    }

    /**
     * An exit. Since format 3 its bytes begin with the RIP, and its number is higher by {@link #WITH_RIP}; the older number is still read.
     */
    private static <E extends VmmEvent.Exit> void exit(List<EventType<?>> rows, int id, Class<E> type,
            EventType.Writer<E> writer, ExitReader<E> reader) {
        row(rows, id + WITH_RIP, VMM, type, (e, out) -> {
            out.varint(e.rip());
            writer.write(e, out);
        }, (stamp, in) -> {
            long rip = in.varint();
            return reader.read(stamp, in, rip);
        });
        EventType<E> old = new EventType<>(id, type.getSimpleName(), VMM, type,
                new EventType.Codec<>(writer, (stamp, in) -> reader.read(stamp, in, 0)));
        if (BY_ID[id] != null) {
            throw new IllegalStateException("two rows for " + id);
        }
        BY_ID[id] = old;
    }

    /** Reads an exit's own components. */
    @FunctionalInterface
    private interface ExitReader<E> {
        E read(Stamp stamp, ByteSource in, long rip);
    }

    private static void inputs(List<EventType<?>> rows) {
        row(rows, 1, INPUT, InputEvent.BootTimeRead.class, (e, out) -> out.zigzag(e.time_ns()),
                (stamp, in) -> new InputEvent.BootTimeRead(stamp, in.zigzag()));
        row(rows, 2, INPUT, InputEvent.EntropyDrawn.class, (e, out) -> out.blob(e.bytes()),
                (stamp, in) -> new InputEvent.EntropyDrawn(stamp, in.blob()));
        row(rows, 3, INPUT, InputEvent.StreamBytesReceived.class, (e, out) -> out.text(e.stream()).blob(e.bytes()),
                (stamp, in) -> new InputEvent.StreamBytesReceived(stamp, in.text(), in.blob()));
        row(rows, 4, INPUT, InputEvent.StreamEnded.class, (e, out) -> out.text(e.stream()),
                (stamp, in) -> new InputEvent.StreamEnded(stamp, in.text()));
        row(rows, 5, INPUT, InputEvent.OperatorCommanded.class, (e, out) -> out.text(e.command()),
                (stamp, in) -> new InputEvent.OperatorCommanded(stamp, in.text()));
        row(rows, 6, INPUT, InputEvent.InputsExhausted.class, (e, out) -> {},
                (stamp, in) -> new InputEvent.InputsExhausted(stamp));
    }

    private static void cpu(List<EventType<?>> rows) {
        row(rows, 10, CPU, CpuEvent.ExceptionRaised.class,
                (e, out) -> out.varint(e.vector()).varint(e.errorCode()).varint(e.address()).varint(e.rip())
                        .blob(e.code()),
                (stamp, in) -> new CpuEvent.ExceptionRaised(stamp, in.varint(255), in.varint(), in.varint(),
                        in.varint(), in.blob()));
    }

    private static void ports(List<EventType<?>> rows) {
        exit(rows, 20, VmmEvent.PortRead.class,
                (e, out) -> out.varint(e.port()).u8(e.size()).varint(e.value()),
                (stamp, in, rip) -> new VmmEvent.PortRead(stamp, in.varint(0xFFFF), in.u8(), in.varint(), rip));
        exit(rows, 21, VmmEvent.PortWritten.class,
                (e, out) -> out.varint(e.port()).u8(e.size()).varint(e.value()),
                (stamp, in, rip) -> new VmmEvent.PortWritten(stamp, in.varint(0xFFFF), in.u8(), in.varint(), rip));
        exit(rows, 22, VmmEvent.PortStringRead.class,
                (e, out) -> out.varint(e.port()).u8(e.size()).blob(e.bytes()),
                (stamp, in, rip) -> new VmmEvent.PortStringRead(stamp, in.varint(0xFFFF), in.u8(), in.blob(), rip));
        exit(rows, 23, VmmEvent.PortStringWritten.class,
                (e, out) -> out.varint(e.port()).u8(e.size()).blob(e.bytes()),
                (stamp, in, rip) -> new VmmEvent.PortStringWritten(stamp, in.varint(0xFFFF), in.u8(), in.blob(), rip));
        exit(rows, 24, VmmEvent.DeviceMemoryRead.class,
                (e, out) -> out.varint(e.address()).u8(e.size()).varint(e.value()),
                (stamp, in, rip) -> new VmmEvent.DeviceMemoryRead(stamp, in.varint(), in.u8(), in.varint(), rip));
        exit(rows, 25, VmmEvent.DeviceMemoryWritten.class,
                (e, out) -> out.varint(e.address()).u8(e.size()).varint(e.value()),
                (stamp, in, rip) -> new VmmEvent.DeviceMemoryWritten(stamp, in.varint(), in.u8(), in.varint(), rip));
    }

    private static void vmm(List<EventType<?>> rows) {
        exit(rows, 26, VmmEvent.CpuidExited.class,
                (e, out) -> out.varint(e.leaf() & 0xFFFF_FFFFL).varint(e.subleaf() & 0xFFFF_FFFFL)
                        .varint(e.eax() & 0xFFFF_FFFFL).varint(e.ebx() & 0xFFFF_FFFFL).varint(e.ecx() & 0xFFFF_FFFFL)
                        .varint(e.edx() & 0xFFFF_FFFFL),
                (stamp, in, rip) -> new VmmEvent.CpuidExited(stamp, in.bits32(), in.bits32(), in.bits32(), in.bits32(),
                        in.bits32(), in.bits32(), rip));
        exit(rows, 27, VmmEvent.Halted.class, (e, out) -> out.varint(e.idle_ns()),
                (stamp, in, rip) -> new VmmEvent.Halted(stamp, in.varint(), rip));
        exit(rows, 28, VmmEvent.TimeStampRead.class, (e, out) -> out.varint(e.value()),
                (stamp, in, rip) -> new VmmEvent.TimeStampRead(stamp, in.varint(), rip));
        exit(rows, 29, VmmEvent.MsrRead.class,
                (e, out) -> out.varint(e.register() & 0xFFFF_FFFFL).varint(e.value()),
                (stamp, in, rip) -> new VmmEvent.MsrRead(stamp, in.bits32(), in.varint(), rip));
        exit(rows, 30, VmmEvent.MsrWritten.class,
                (e, out) -> out.varint(e.register() & 0xFFFF_FFFFL).varint(e.value()),
                (stamp, in, rip) -> new VmmEvent.MsrWritten(stamp, in.bits32(), in.varint(), rip));
        exit(rows, 31, VmmEvent.ControlRegisterRead.class, (e, out) -> out.varint(e.register()).varint(e.value()),
                (stamp, in, rip) -> new VmmEvent.ControlRegisterRead(stamp, in.varint(15), in.varint(), rip));
        exit(rows, 32, VmmEvent.ControlRegisterWritten.class,
                (e, out) -> out.varint(e.register()).varint(e.value()),
                (stamp, in, rip) -> new VmmEvent.ControlRegisterWritten(stamp, in.varint(15), in.varint(), rip));
        exit(rows, 33, VmmEvent.PageInvalidated.class, (e, out) -> out.varint(e.address()),
                (stamp, in, rip) -> new VmmEvent.PageInvalidated(stamp, in.varint(), rip));
        exit(rows, 34, VmmEvent.NestedPageFaulted.class, (e, out) -> out.varint(e.frame()).flag(e.write()),
                (stamp, in, rip) -> new VmmEvent.NestedPageFaulted(stamp, in.varint(), in.flag(), rip));
        exit(rows, 44, VmmEvent.ShadowPageFaulted.class, (e, out) -> out.varint(e.address()).flag(e.write()),
                (stamp, in, rip) -> new VmmEvent.ShadowPageFaulted(stamp, in.varint(), in.flag(), rip));
        exit(rows, 35, VmmEvent.RandomNumberRead.class, (e, out) -> out.u8(e.size()),
                (stamp, in, rip) -> new VmmEvent.RandomNumberRead(stamp, in.u8(), rip));
        exit(rows, 36, VmmEvent.ExternalInterruptExited.class, (e, out) -> out.varint(e.vector()),
                (stamp, in, rip) -> new VmmEvent.ExternalInterruptExited(stamp, in.varint(255), rip));
        exit(rows, 37, VmmEvent.InterruptWindowOpened.class, (e, out) -> {},
                (stamp, in, rip) -> new VmmEvent.InterruptWindowOpened(stamp, rip));
        exit(rows, 38, VmmEvent.Paused.class, (e, out) -> {}, (stamp, in, rip) -> new VmmEvent.Paused(stamp, rip));
        exit(rows, 39, VmmEvent.InterruptInjected.class, (e, out) -> out.varint(e.vector()),
                (stamp, in, rip) -> new VmmEvent.InterruptInjected(stamp, in.varint(255), rip));
        // Before format 3 it had no arguments, but there was nobody who made a hypercall.
        exit(rows, 40, VmmEvent.HypercallMade.class,
                (e, out) -> out.varint(e.number()).varint(e.a0()).varint(e.a1()).varint(e.result()),
                (stamp, in, rip) -> new VmmEvent.HypercallMade(stamp, in.varint(), in.varint(), in.varint(),
                        in.varint(), rip));
        exit(rows, 41, VmmEvent.ShutDown.class, (e, out) -> out.text(e.reason()).zigzag(e.status()),
                (stamp, in, rip) -> new VmmEvent.ShutDown(stamp, in.text(), in.zigzag32(), rip));
        exit(rows, 42, VmmEvent.UnsupportedExited.class, (e, out) -> out.text(e.what()),
                (stamp, in, rip) -> new VmmEvent.UnsupportedExited(stamp, in.text(), rip));
        row(rows, 43, VMM, VmmEvent.StateChanged.class, (e, out) -> out.text(e.from()).text(e.to()).text(e.why()),
                (stamp, in) -> new VmmEvent.StateChanged(stamp, in.text(), in.text(), in.text()));
    }

    private static void kittenTasks(List<EventType<?>> rows) {
        row(rows, 60, KITTEN, KittenEvent.SyscallEntered.class,
                (e, out) -> out.zigzag(e.task()).zigzag(e.number()).varint(e.a0()).varint(e.a1()).varint(e.a2())
                        .varint(e.a3()).varint(e.a4()).varint(e.a5()),
                (stamp, in) -> new KittenEvent.SyscallEntered(stamp, in.zigzag32(), in.zigzag32(), in.varint(),
                        in.varint(), in.varint(), in.varint(), in.varint(), in.varint()));
        row(rows, 61, KITTEN, KittenEvent.SyscallReturned.class,
                (e, out) -> out.zigzag(e.task()).zigzag(e.number()).zigzag(e.result()),
                (stamp, in) -> new KittenEvent.SyscallReturned(stamp, in.zigzag32(), in.zigzag32(), in.zigzag()));
        row(rows, 62, KITTEN, KittenEvent.TaskStarted.class,
                (e, out) -> out.zigzag(e.task()).zigzag(e.process()).zigzag(e.parent()).text(e.name()),
                (stamp, in) -> new KittenEvent.TaskStarted(stamp, in.zigzag32(), in.zigzag32(), in.zigzag32(),
                        in.text()));
        row(rows, 63, KITTEN, KittenEvent.TaskSwitched.class,
                (e, out) -> out.zigzag(e.from()).zigzag(e.to()),
                (stamp, in) -> new KittenEvent.TaskSwitched(stamp, in.zigzag32(), in.zigzag32()));
        row(rows, 64, KITTEN, KittenEvent.TaskBlocked.class,
                (e, out) -> out.zigzag(e.task()).text(e.queues()),
                (stamp, in) -> new KittenEvent.TaskBlocked(stamp, in.zigzag32(), in.text()));
        row(rows, 65, KITTEN, KittenEvent.TaskWoken.class,
                (e, out) -> out.zigzag(e.task()).text(e.why()),
                (stamp, in) -> new KittenEvent.TaskWoken(stamp, in.zigzag32(), in.text()));
        row(rows, 66, KITTEN, KittenEvent.TaskExited.class,
                (e, out) -> out.zigzag(e.task()).zigzag(e.status()).zigzag(e.signal()),
                (stamp, in) -> new KittenEvent.TaskExited(stamp, in.zigzag32(), in.zigzag32(), in.zigzag32()));
        row(rows, 67, KITTEN, KittenEvent.ProgramLoaded.class,
                (e, out) -> out.zigzag(e.task()).text(e.path()).varint(e.entry()).varint(e.stackPointer()),
                (stamp, in) -> new KittenEvent.ProgramLoaded(stamp, in.zigzag32(), in.text(), in.varint(),
                        in.varint()));
        row(rows, 68, KITTEN, KittenEvent.PageFaulted.class,
                (e, out) -> out.zigzag(e.task()).varint(e.address()).zigzag(e.errorCode()).text(e.resolution()),
                (stamp, in) -> new KittenEvent.PageFaulted(stamp, in.zigzag32(), in.varint(), in.zigzag32(),
                        in.text()));
        row(rows, 69, KITTEN, KittenEvent.RegionChanged.class,
                (e, out) -> out.zigzag(e.task()).text(e.change()).varint(e.start()).varint(e.end())
                        .zigzag(e.protection()),
                (stamp, in) -> new KittenEvent.RegionChanged(stamp, in.zigzag32(), in.text(), in.varint(), in.varint(),
                        in.zigzag32()));
        row(rows, 70, KITTEN, KittenEvent.SignalSent.class,
                (e, out) -> out.zigzag(e.task()).zigzag(e.signal()).zigzag(e.code()).varint(e.address()),
                (stamp, in) -> new KittenEvent.SignalSent(stamp, in.zigzag32(), in.zigzag32(), in.zigzag32(),
                        in.varint()));
        row(rows, 71, KITTEN, KittenEvent.SignalDelivered.class,
                (e, out) -> out.zigzag(e.task()).zigzag(e.signal()).varint(e.handler()),
                (stamp, in) -> new KittenEvent.SignalDelivered(stamp, in.zigzag32(), in.zigzag32(), in.varint()));
    }

    private static void kittenEffects(List<EventType<?>> rows) {
        row(rows, 72, KITTEN, KittenEvent.MessagePrinted.class,
                (e, out) -> out.text(e.line()),
                (stamp, in) -> new KittenEvent.MessagePrinted(stamp, in.text()));
        row(rows, 73, KITTEN, KittenEvent.ConsoleInputArrived.class,
                (e, out) -> out.text(e.device()).zigzag(e.character()),
                (stamp, in) -> new KittenEvent.ConsoleInputArrived(stamp, in.text(), in.zigzag32()));
        row(rows, 74, KITTEN, KittenEvent.ConsoleWritten.class,
                (e, out) -> out.zigzag(e.task()).text(e.device()).blob(e.bytes()),
                (stamp, in) -> new KittenEvent.ConsoleWritten(stamp, in.zigzag32(), in.text(), in.blob()));
        row(rows, 75, KITTEN, KittenEvent.ConsoleRead.class,
                (e, out) -> out.zigzag(e.task()).text(e.device()).blob(e.bytes()),
                (stamp, in) -> new KittenEvent.ConsoleRead(stamp, in.zigzag32(), in.text(), in.blob()));
        row(rows, 76, KITTEN, KittenEvent.PipeCreated.class,
                (e, out) -> out.zigzag(e.task()).varint(e.pipe()).zigzag(e.readDescriptor())
                        .zigzag(e.writeDescriptor()),
                (stamp, in) -> new KittenEvent.PipeCreated(stamp, in.zigzag32(), in.varint(), in.zigzag32(),
                        in.zigzag32()));
        row(rows, 77, KITTEN, KittenEvent.PipeWritten.class,
                (e, out) -> out.zigzag(e.task()).varint(e.pipe()).varint(e.offset()).zigzag(e.length()),
                (stamp, in) -> new KittenEvent.PipeWritten(stamp, in.zigzag32(), in.varint(), in.varint(),
                        in.zigzag32()));
        row(rows, 78, KITTEN, KittenEvent.PipeRead.class,
                (e, out) -> out.zigzag(e.task()).varint(e.pipe()).varint(e.offset()).zigzag(e.length()),
                (stamp, in) -> new KittenEvent.PipeRead(stamp, in.zigzag32(), in.varint(), in.varint(), in.zigzag32()));
        row(rows, 79, KITTEN, KittenEvent.FileOpened.class,
                (e, out) -> out.zigzag(e.task()).zigzag(e.descriptor()).text(e.path()).zigzag(e.flags()),
                (stamp, in) -> new KittenEvent.FileOpened(stamp, in.zigzag32(), in.zigzag32(), in.text(),
                        in.zigzag32()));
        row(rows, 80, KITTEN, KittenEvent.FileClosed.class,
                (e, out) -> out.zigzag(e.task()).zigzag(e.descriptor()),
                (stamp, in) -> new KittenEvent.FileClosed(stamp, in.zigzag32(), in.zigzag32()));
    }

    private static void racket(List<EventType<?>> rows) {
        row(rows, 100, RACKET, RacketEvent.GcStarted.class, (e, out) -> out.zigzag(e.task()),
                (stamp, in) -> new RacketEvent.GcStarted(stamp, in.zigzag32()));
        row(rows, 101, RACKET, RacketEvent.GcEnded.class,
                (e, out) -> out.zigzag(e.task()).text(e.generation()).varint(e.before_bytes()).varint(e.after_bytes())
                        .varint(e.administrativeBefore_bytes()).varint(e.administrativeAfter_bytes()),
                (stamp, in) -> new RacketEvent.GcEnded(stamp, in.zigzag32(), in.text(), in.varint(), in.varint(),
                        in.varint(), in.varint()));
        row(rows, 102, RACKET, RacketEvent.WriteBarrierFaulted.class,
                (e, out) -> out.zigzag(e.task()).varint(e.address()),
                (stamp, in) -> new RacketEvent.WriteBarrierFaulted(stamp, in.zigzag32(), in.varint()));
        row(rows, 103, RACKET, RacketEvent.PlaceCreated.class, (e, out) -> out.zigzag(e.task()).varint(e.place()),
                (stamp, in) -> new RacketEvent.PlaceCreated(stamp, in.zigzag32(), in.varint()));
        row(rows, 104, RACKET, RacketEvent.PlaceEntered.class, (e, out) -> out.zigzag(e.task()),
                (stamp, in) -> new RacketEvent.PlaceEntered(stamp, in.zigzag32()));
        row(rows, 105, RACKET, RacketEvent.PlaceExited.class, (e, out) -> out.zigzag(e.task()),
                (stamp, in) -> new RacketEvent.PlaceExited(stamp, in.zigzag32()));
        row(rows, 106, RACKET, RacketEvent.PlaceReaped.class, (e, out) -> out.zigzag(e.task()).varint(e.place()),
                (stamp, in) -> new RacketEvent.PlaceReaped(stamp, in.zigzag32(), in.varint()));
        row(rows, 107, RACKET, RacketEvent.PlaceMessageSent.class,
                (e, out) -> out.zigzag(e.task()).varint(e.channel()).varint(e.bytes()),
                (stamp, in) -> new RacketEvent.PlaceMessageSent(stamp, in.zigzag32(), in.varint(), in.varint()));
        row(rows, 108, RACKET, RacketEvent.PlaceMessageReceived.class,
                (e, out) -> out.zigzag(e.task()).varint(e.channel()).varint(e.bytes()),
                (stamp, in) -> new RacketEvent.PlaceMessageReceived(stamp, in.zigzag32(), in.varint(), in.varint()));
        row(rows, 109, RACKET, RacketEvent.FutureCreated.class,
                (e, out) -> out.zigzag(e.task()).zigzag(e.future()).zigzag(e.parent()),
                (stamp, in) -> new RacketEvent.FutureCreated(stamp, in.zigzag32(), in.zigzag32(), in.zigzag32()));
        row(rows, 110, RACKET, RacketEvent.FutureTouched.class, (e, out) -> out.zigzag(e.task()),
                (stamp, in) -> new RacketEvent.FutureTouched(stamp, in.zigzag32()));
        row(rows, 111, RACKET, RacketEvent.FutureProgressed.class,
                (e, out) -> out.zigzag(e.task()).zigzag(e.future()).text(e.what()),
                (stamp, in) -> new RacketEvent.FutureProgressed(stamp, in.zigzag32(), in.zigzag32(), in.text()));
    }

    private static void probe(List<EventType<?>> rows) {
        row(rows, 120, PROBE, ProbeEvent.FunctionEntered.class,
                (e, out) -> out.zigzag(e.task()).text(e.function()).varint(e.address()).varint(e.a0()).varint(e.a1())
                        .varint(e.a2()).varint(e.a3()).varint(e.a4()).varint(e.a5()).varint(e.stackPointer())
                        .varint(e.returnAddress()),
                (stamp, in) -> new ProbeEvent.FunctionEntered(stamp, in.zigzag32(), in.text(), in.varint(), in.varint(),
                        in.varint(), in.varint(), in.varint(), in.varint(), in.varint(), in.varint(), in.varint()));
        row(rows, 121, PROBE, ProbeEvent.FunctionReturned.class,
                (e, out) -> out.zigzag(e.task()).text(e.function()).varint(e.address()).varint(e.result()),
                (stamp, in) -> new ProbeEvent.FunctionReturned(stamp, in.zigzag32(), in.text(), in.varint(),
                        in.varint()));
        row(rows, 122, PROBE, ProbeEvent.MemoryWritten.class,
                (e, out) -> out.zigzag(e.task()).varint(e.address()).blob(e.bytes()).varint(e.rip()),
                (stamp, in) -> new ProbeEvent.MemoryWritten(stamp, in.zigzag32(), in.varint(), in.blob(),
                        in.varint()));
        row(rows, 123, PROBE, ProbeEvent.MemoryRead.class,
                (e, out) -> out.zigzag(e.task()).varint(e.address()).blob(e.bytes()).varint(e.rip()),
                (stamp, in) -> new ProbeEvent.MemoryRead(stamp, in.zigzag32(), in.varint(), in.blob(), in.varint()));
    }
}
