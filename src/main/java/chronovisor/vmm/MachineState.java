package chronovisor.vmm;

import chronovisor.cpu.CpuImage;
import chronovisor.device.DeviceState;
import chronovisor.device.StateReader;
import chronovisor.device.StateWriter;
import chronovisor.memory.GuestMemory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All of a machine at a position, immutable. It holds frames until it is closed.
 *
 * @param memory
 *            copy-on-write twin of the guest's memory; not to be written
 * @param cpus
 *            by core
 * @param devices
 *            by name: {@code pic}, {@code lapic0}, {@code com1}, {@code stream.NAME}, {@code debug.ID}
 * @param kernel
 *            the kernel's value, null without a kernel
 * @param kernelForm
 *            how that value is written, null without a kernel
 * @param result
 *            how the machine ended, null while it runs; not among its canonical bytes
 */
public record MachineState(GuestMemory memory, List<CpuImage> cpus, SortedMap<String, DeviceState> devices,
        @Nullable Object kernel, @Nullable KernelForm kernelForm, Progress progress,
        @Nullable RunResult result) implements AutoCloseable {

    /**
     * Where the run loop is.
     *
     * @param tick
     *            instructions retired by all cores
     * @param idle_ns
     *            virtual time skipped
     * @param bootTime_ns
     *            Unix epoch at power-on
     * @param nextPoll
     *            tick of the next slice boundary
     * @param core
     *            whose slice it is
     * @param halted
     *            bit per core: it executed HLT and waits for an interrupt
     * @param drawn
     *            state of the generator that a chaotic schedule draws from
     */
    public record Progress(VmState state, long tick, long idle_ns, long bootTime_ns, long nextPoll, int core,
            int halted, long drawn) {
        void writeTo(StateWriter out) {
            out.text(state.name()).i64(tick).i64(idle_ns).i64(bootTime_ns).i64(nextPoll).i32(core).i32(halted)
                    .i64(drawn);
        }

        static Progress read(StateReader in) {
            return new Progress(VmState.valueOf(in.text()), in.i64(), in.i64(), in.i64(), in.i64(), in.i32(), in.i32(),
                    in.i64());
        }
    }

    public MachineState {
        cpus = List.copyOf(cpus);
        devices = Collections.unmodifiableSortedMap(new TreeMap<>(devices));
    }

    /** Canonical bytes of everything but memory. Any thread may ask for them. */
    public byte[] canonicalBytes() {
        StateWriter out = new StateWriter();
        progress.writeTo(out);
        out.i32(cpus.size());
        cpus.forEach(cpu -> out.bytes(cpu.bytes()));
        out.i32(devices.size());
        devices.forEach((name, state) -> {
            out.text(name);
            state.writeTo(out);
        });
        out.bytes(kernel == null || kernelForm == null ? new byte[0] : kernelForm.encode(kernel));
        return out.toBytes();
    }

    /**
     * The state whose canonical bytes these are.
     *
     * @param memory
     *            its memory, kept beside them
     * @param kernelForm
     *            reads the kernel's value; null without a kernel
     * @throws IllegalArgumentException
     *             when they are not a machine's
     */
    public static MachineState read(byte[] canonicalBytes, GuestMemory memory, @Nullable KernelForm kernelForm) {
        StateReader in = new StateReader(canonicalBytes);
        Progress progress = Progress.read(in);
        List<CpuImage> cpus = new ArrayList<>();
        for (int left = in.i32(); left > 0; left--) {
            cpus.add(CpuImage.ofBytes(in.bytes()));
        }
        TreeMap<String, DeviceState> devices = new TreeMap<>();
        for (int left = in.i32(); left > 0; left--) {
            String name = in.text();
            devices.put(name, DeviceState.read(name, in));
        }
        byte[] kernelBytes = in.bytes();
        in.end();
        Object kernel = kernelForm == null ? null : kernelForm.decode(kernelBytes);
        return new MachineState(memory, cpus, devices, kernel, kernelForm, progress, null);
    }

    /** The same with another memory, which holds the same. */
    public MachineState with(GuestMemory other) {
        return new MachineState(other, cpus, devices, kernel, kernelForm, progress, result);
    }

    /** The same, but inputs are taken at once and not only at the next slice boundary. */
    public MachineState withPollNow() {
        Progress p = progress;
        return new MachineState(memory, cpus, devices, kernel, kernelForm, new Progress(p.state, p.tick, p.idle_ns,
                p.bootTime_ns, Math.min(p.nextPoll, p.tick), p.core, p.halted, p.drawn), result);
    }

    /** The same at a slice boundary, from where on turns are taken as a schedule says, drawn anew from its seed. */
    public MachineState withSchedule(Schedule schedule) {
        Progress p = withPollNow().progress;
        return new MachineState(memory, cpus, devices, kernel, kernelForm, new Progress(p.state, p.tick, p.idle_ns,
                p.bootTime_ns, p.nextPoll, p.core, p.halted, new Turns(schedule).drawn()), result);
    }

    /** SHA-256 over all of it, memory included: equal machines have equal digests. Any thread may ask. */
    public byte[] digest() {
        return StateDigest.of(this);
    }

    /** Releases the frames. */
    @Override
    public void close() {
        memory.close();
    }
}
