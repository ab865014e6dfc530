package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Cpu;
import chronovisor.environment.Environment;
import chronovisor.jit.Engines;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.Verification;
import chronovisor.memory.FramePool;
import chronovisor.memory.FrameState;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.HostMemory;
import chronovisor.vmm.MachineState;
import chronovisor.vmm.RunResult;
import chronovisor.vmm.VirtualMachine;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What must hold for every guest: it is recorded, the journal verifies, the replay is identical, its steps are all in the
 * journal, another run without a journal that is captured midway and restored ends in the same state, and so does one that is looked at by
 * breakpoints and watchpoints. All of it on each engine, and what one has recorded is replayed on the other.
 *
 * <pre>
 * GuestRuns.Outcome outcome = GuestRuns.check(folder, setup, parts, () -&gt; new SeededEnvironment(...));
 * assertThat(outcome.output("com2")).isEqualTo("hello\n");
 * </pre>
 */
public final class GuestRuns {

    private static final int BREAKPOINTS = 16;

    /** A watched access costs some microseconds, and the stack is accessed all the time. */
    private static final long TICKS_STOPPED_MAX = 3_000_000;
    private static final int STACK_BYTES = 512;

    private GuestRuns() {}

    /** How a checked guest ended and what it wrote. */
    public record Outcome(RunResult result, Verification journal, SortedMap<String, ByteArrayOutputStream> streams) {

        /** What was written to a stream, as bytes read as Latin-1 so that none is lost. */
        public String output(String stream) {
            ByteArrayOutputStream bytes = streams.get(stream);
            return bytes == null ? "" : bytes.toString(java.nio.charset.StandardCharsets.ISO_8859_1);
        }
    }

    private static OutputListener into(SortedMap<String, ByteArrayOutputStream> streams) {
        return (stream, bytes, tick) -> streams.computeIfAbsent(stream, _ -> new ByteArrayOutputStream())
                .writeBytes(bytes);
    }

    /**
     * Checks all of it. The environment must be the same each time it is made.
     *
     * @param folder
     *            of the journal to be made
     */
    public static Outcome check(Path folder, MachineSetup setup, MachineParts parts,
            Supplier<Environment> environment) {
        SortedMap<String, ByteArrayOutputStream> recorded = new TreeMap<>();
        Recorded first = record(folder, setup.withEngine(Engines.INTERPRETER), parts, environment.get(), recorded);
        replay(folder, parts, Engines.JIT, first.digest, recorded);
        long[] next = {0};
        long every = first.ticks / BREAKPOINTS + 1;
        SortedMap<Long, Long> addresses = new TreeMap<>();
        long steps = StepQuery.of(folder).forEach((tick, core, space, rip, bytes, instruction) -> {
            if (tick != next[0]++) {
                throw new AssertionError("step " + tick + " after " + (next[0] - 2));
            }
            if (tick % every == 0) {
                addresses.put(rip, 0L);
            }
        });
        assertThat(steps).as("steps in the journal").isEqualTo(first.ticks);
        // The other way round: recorded by translated code, replayed by the interpreter.
        SortedMap<String, ByteArrayOutputStream> again = new TreeMap<>();
        Path second = folder.resolveSibling(folder.getFileName() + "-jit");
        Recorded translated = record(second, setup.withEngine(Engines.JIT), parts, environment.get(), again);
        assertThat(translated.digest).as("digest on the other engine").isEqualTo(first.digest);
        assertThat(translated.ticks).isEqualTo(first.ticks);
        assertThat(translated.journal.events()).isEqualTo(first.journal.events());
        assertThat(text(again)).isEqualTo(text(recorded));
        replay(second, parts, Engines.INTERPRETER, first.digest, recorded);
        for (String engine : List.of(Engines.INTERPRETER, Engines.JIT)) {
            assertThat(restoredMidway(setup.withEngine(engine), parts, environment.get(), first.ticks / 2))
                    .as("restored midway on %s", engine).isEqualTo(first.digest);
            if (first.ticks < TICKS_STOPPED_MAX) {
                addresses.replaceAll((address, times) -> 0L);
                assertThat(lookedAt(setup.withEngine(engine), parts, environment.get(), addresses))
                        .as("with stops on %s", engine).isEqualTo(first.digest);
            }
        }
        return new Outcome(first.result, first.journal, recorded);
    }

    private record Recorded(RunResult result, Verification journal, String digest, long ticks) {}

    private static Recorded record(Path folder, MachineSetup setup, MachineParts parts, Environment environment,
            SortedMap<String, ByteArrayOutputStream> output) {
        RunResult result;
        String digest;
        long ticks;
        try (Recording recording = Recording.start(folder, setup, parts, Fidelity.STEPS, environment, into(output))) {
            result = recording.run();
            digest = recording.digest();
            ticks = recording.session().vm().tick();
        }
        Verification journal = JournalVerifier.verify(folder);
        assertThat(journal.problems()).as("verify").isEmpty();
        assertThat(journal.sealed()).as("sealed").isTrue();
        assertThat(journal.ticks()).as("ticks in the journal").isEqualTo(ticks);
        assertThat(journal.digest()).isEqualTo(digest);
        return new Recorded(result, journal, digest, ticks);
    }

    private static void replay(Path folder, MachineParts parts, String engine, String digest,
            SortedMap<String, ByteArrayOutputStream> recorded) {
        SortedMap<String, ByteArrayOutputStream> replayed = new TreeMap<>();
        ReplayResult replay = Replay.of(folder, parts).withEngine(engine).withOutput(into(replayed)).run();
        assertThat(replay.divergence()).as("replay on %s", engine).isNull();
        assertThat(replay.digest()).isEqualTo(digest);
        assertThat(text(replayed)).isEqualTo(text(recorded));
    }

    private static SortedMap<String, String> text(SortedMap<String, ByteArrayOutputStream> streams) {
        SortedMap<String, String> text = new TreeMap<>();
        streams.forEach((name, bytes) -> text.put(name, HexFormat.of().formatHex(bytes.toByteArray())));
        return text;
    }

    /** Runs to a tick, captures, writes that as bytes, and lets another session read them and run to the end. */
    private static String restoredMidway(MachineSetup setup, MachineParts parts, Environment environment, long tick) {
        try (Session session = Session.live(setup, parts, environment, OutputListener.NONE);
                Session other = Session.live(setup, parts, environment, OutputListener.NONE)) {
            RunResult result = session.run(tick);
            if (result.kind() != RunResult.Kind.TICK_REACHED) {
                return HexFormat.of().formatHex(session.vm().digest());
            }
            try (SessionState state = session.capture(); SessionState read = copy(state, other)) {
                assertThat(read.machine().digest()).as("read back").isEqualTo(state.machine().digest());
                assertThat(read.machine().kernel()).isEqualTo(state.machine().kernel());
                other.restore(read);
            }
            other.run();
            return HexFormat.of().formatHex(other.vm().digest());
        }
    }

    /** Runs with breakpoints at instructions that are executed, and a watch of the first task's stack. */
    private static String lookedAt(MachineSetup setup, MachineParts parts, Environment environment,
            SortedMap<Long, Long> addresses) {
        try (Session session = Session.live(setup, parts, environment, OutputListener.NONE)) {
            VirtualMachine vm = session.vm();
            for (Long address : addresses.keySet()) {
                vm.stops().breakAt(address, core -> {
                    assertThat(core.cpu().rip).isEqualTo(address);
                    addresses.merge(address, 1L, Long::sum);
                    return false;
                });
            }
            session.run(1);
            Cpu first = vm.core(0).cpu();
            vm.stops().watchLinear(first.cr3, first.gpr[Cpu.RSP] - STACK_BYTES, STACK_BYTES, true,
                    (core, gpa, bytes, write) -> false);
            session.run();
            assertThat(addresses.values()).as("times that a breakpoint was reached").doesNotContain(0L);
            return HexFormat.of().formatHex(vm.digest());
        }
    }

    private static SessionState copy(SessionState state, Session other) {
        GuestMemory from = state.machine().memory();
        GuestMemory memory = new GuestMemory(other.pool(), from.sizeBytes());
        byte[] frame = new byte[FramePool.FRAME_BYTES];
        from.forEachFrame((gfn, host) -> {
            boolean written = from.state(gfn) != FrameState.ZERO;
            memory.resolve(gfn, written);
            if (written) {
                HostMemory.read(host, frame, 0, frame.length);
                memory.write(gfn << 12, frame, 0, frame.length);
            }
        });
        return new SessionState(
                MachineState.read(state.machine().canonicalBytes(), memory, state.machine().kernelForm()),
                MapperState.decode(state.mapper().encode()), state.cutPeriod());
    }
}
