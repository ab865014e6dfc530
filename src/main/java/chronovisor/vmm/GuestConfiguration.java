package chronovisor.vmm;

import chronovisor.cpu.CpuModel;
import chronovisor.cpu.CpuModels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A guest as its configuration describes it.
 *
 * @param memoryBytes
 *            guest-physical memory
 * @param cores
 *            virtual cores
 * @param paging
 *            how Palacios would virtualize memory: decides which exits are told
 * @param schedule
 *            how the cores take turns; inputs are taken where a slice ends
 * @param cpu
 *            the processor
 * @param files
 *            named files that the image carries
 */
public record GuestConfiguration(long memoryBytes, int cores, Paging paging, boolean largePages, boolean telemetry,
        int scheduleHz, Schedule schedule, CpuModel cpu, List<GuestFileReference> files,
        List<DeviceConfiguration> devices) {

    /** Small enough for a key press to be seen at once, big enough to cost nothing: 0.1 ms of virtual time. */
    public static final long SLICE_TICKS = 100_000;
    /** Room for the legacy area, the kernel and boot modules. */
    public static final long MEMORY_MB_MIN = 32;
    public static final long MEMORY_MB_MAX = 64 * 1024;
    public static final int CORES_MAX = 16;

    /** Palacios's paging modes. */
    public enum Paging {
        SHADOW, NESTED
    }

    /** A file element. */
    public record GuestFileReference(String id, String filename) {}

    public GuestConfiguration {
        long megabytes = memoryBytes >> 20;
        if (megabytes < MEMORY_MB_MIN || megabytes > MEMORY_MB_MAX || memoryBytes != megabytes << 20) {
            throw new ConfigurationException("expected memory of " + MEMORY_MB_MIN + " to " + MEMORY_MB_MAX
                    + " MB, found " + memoryBytes + " bytes");
        }
        if (cores < 1 || cores > CORES_MAX) {
            throw new ConfigurationException("expected 1 to " + CORES_MAX + " cores, found " + cores);
        }
        files = List.copyOf(files);
        devices = List.copyOf(devices);
    }

    /** One core, four serial ports with the streams {@code com1} to {@code com4}. */
    public static GuestConfiguration standard(int memoryMegabytes) {
        List<DeviceConfiguration> devices = new ArrayList<>();
        devices.add(new DeviceConfiguration.Serial("serial"));
        for (int port = 1; port <= 4; port++) {
            devices.add(new DeviceConfiguration.Stream("stream" + port, "com" + port, "serial", port));
        }
        return new GuestConfiguration((long) memoryMegabytes << 20, 1, Paging.NESTED, true, false, 100,
                new Schedule.RoundRobin(SLICE_TICKS),
                CpuModels.standard(), List.of(), devices);
    }

    /** The same with a keyboard, if it has none. */
    public GuestConfiguration withKeyboard() {
        if (keyboard() != null) {
            return this;
        }
        List<DeviceConfiguration> more = new ArrayList<>(devices);
        more.add(new DeviceConfiguration.Keyboard("keyboard"));
        return withDevices(more);
    }

    /** The same with a balloon, if it has none. */
    public GuestConfiguration withBalloon() {
        if (hasBalloon()) {
            return this;
        }
        List<DeviceConfiguration> more = new ArrayList<>(devices);
        more.add(new DeviceConfiguration.Balloon("balloon"));
        return withDevices(more);
    }

    /** Whether it has a balloon. */
    public boolean hasBalloon() {
        return devices.stream().anyMatch(device -> device instanceof DeviceConfiguration.Balloon);
    }

    /** What its disks hold, each in whole pages. */
    public long storageBytes() {
        long bytes = 0;
        for (DeviceConfiguration device : devices) {
            if (device instanceof DeviceConfiguration.Disk disk) {
                bytes += disk.pageBytes();
            }
        }
        return bytes;
    }

    /**
     * Where a disk begins in the storage.
     *
     * @throws ConfigurationException
     *             when there is no such disk of this size
     */
    public long storageOffset(String id, long bytes) {
        long offset = 0;
        for (DeviceConfiguration device : devices) {
            if (device instanceof DeviceConfiguration.Disk disk) {
                if (disk.id().equals(id) && disk.bytes() == bytes) {
                    return offset;
                }
                offset += disk.pageBytes();
            }
        }
        throw new ConfigurationException("there is no disk '" + id + "' of " + bytes + " bytes");
    }

    /** Memory and storage. */
    public long allBytes() {
        return memoryBytes + storageBytes();
    }

    /** The id of its keyboard, by which it is typed on, or null. */
    public @Nullable String keyboard() {
        return devices.stream().filter(device -> device instanceof DeviceConfiguration.Keyboard)
                .map(DeviceConfiguration::id).findFirst().orElse(null);
    }

    /** The name of the stream that is connected to a serial port, 1 to 4; null when none is. */
    public @Nullable String streamAt(int comPort) {
        return devices.stream()
                .filter(device -> device instanceof DeviceConfiguration.Stream stream && stream.comPort() == comPort)
                .map(device -> ((DeviceConfiguration.Stream) device).name()).findFirst().orElse(null);
    }

    /** The same with other devices. */
    public GuestConfiguration withDevices(List<DeviceConfiguration> others) {
        return new GuestConfiguration(memoryBytes, cores, paging, largePages, telemetry, scheduleHz, schedule, cpu,
                files, others);
    }

    /** The same with another memory size. */
    public GuestConfiguration withMemory(int megabytes) {
        return new GuestConfiguration((long) megabytes << 20, cores, paging, largePages, telemetry, scheduleHz,
                schedule, cpu, files, devices);
    }

    /** The same with another number of cores. */
    public GuestConfiguration withCores(int count) {
        return new GuestConfiguration(memoryBytes, count, paging, largePages, telemetry, scheduleHz, schedule, cpu,
                files, devices);
    }

    /** The same with the other way to virtualize memory. */
    public GuestConfiguration withPaging(Paging mode) {
        return new GuestConfiguration(memoryBytes, cores, mode, largePages, telemetry, scheduleHz, schedule, cpu, files,
                devices);
    }

    /** The same with another slice. */
    public GuestConfiguration withSlice(long ticks) {
        return withSchedule(schedule.withSlice(ticks));
    }

    /** The same with another schedule. */
    public GuestConfiguration withSchedule(Schedule changed) {
        return new GuestConfiguration(memoryBytes, cores, paging, largePages, telemetry, scheduleHz, changed, cpu,
                files, devices);
    }

    /** The same with a schedule that is drawn from a seed, of slices as long as now or as {@link Schedule#CHAOS_TICKS} at most. */
    public GuestConfiguration withChaos(long seed) {
        return withSchedule(new Schedule.Chaos(Math.min(schedule.sliceTicks(), Schedule.CHAOS_TICKS), seed));
    }

    /** The same with another processor. */
    public GuestConfiguration withCpu(CpuModel model) {
        return new GuestConfiguration(memoryBytes, cores, paging, largePages, telemetry, scheduleHz, schedule, model,
                files, devices);
    }
}
