package chronovisor.replay;

import chronovisor.environment.SeededEnvironment;
import chronovisor.memory.FramePool;
import chronovisor.vmm.VirtualMachine;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Forking a machine that stands still: the twin, and the twin as a machine that can run. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
public class TwinBenchmark {

    /** Size of the guest's memory. */
    @Param({"256", "1536", "4096", "16384"})
    private int megabytes;

    /** Every second MB has a frame, so that the tables are as large as they get; all of them in use would say the same. */
    private static final int STEP_MB = 2;

    private FramePool pool = new FramePool(FramePool.FRAME_BYTES);
    @SuppressWarnings("NullAway.Init") // made by boot
    private Session parent;
    @SuppressWarnings("NullAway.Init") // made by boot
    private SavedMachine saved;

    /** Boots a guest and stops it on its way. */
    @Setup
    public void boot() {
        MachineSetup guest = KittenParts.guest("checksum", "50000");
        MachineSetup setup = guest.with(guest.kernel(), guest.configuration().withMemory(megabytes));
        pool = new FramePool(1L << 30);
        parent = session(setup);
        parent.run(400_000);
        VirtualMachine vm = parent.vm();
        for (long at = 64L << 20; at < (long) megabytes << 20; at += STEP_MB << 20) {
            if (!vm.memory().isDevice(at >>> 12)) {
                vm.memory().resolve(at >>> 12, true);
            }
        }
        saved = SavedMachine.of(parent, "parent");
    }

    private Session session(MachineSetup setup) {
        return new Session(setup, new KittenParts(), RunSink.NONE, false,
                (mapper, cuts) -> new RecordingEnvironment(new SeededEnvironment(0, 1, List.of()), mapper,
                        OutputListener.NONE, cuts),
                pool);
    }

    /** Releases the memory. */
    @TearDown
    public void release() {
        saved.close();
        parent.close();
        pool.close();
    }

    /** The twin of {@code v3_fork}: it becomes a machine when it goes on. */
    @Benchmark
    public void twin() {
        saved.twin().close();
    }

    /** A twin with processors, devices, kernel and engine, at its next instruction. */
    @Benchmark
    public long machine() {
        try (Session session = session(saved.setup()); SavedMachine twin = saved.twin()) {
            twin.into(session);
            return session.vm().tick();
        }
    }
}
