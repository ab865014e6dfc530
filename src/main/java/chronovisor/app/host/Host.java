package chronovisor.app.host;

import chronovisor.cpu.Cpu;
import chronovisor.memory.FramePool;
import chronovisor.memory.FrameSharing;
import chronovisor.memory.GuestMemory;
import chronovisor.replay.MachineParts;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.SavedMachine;
import chronovisor.replay.Session;
import chronovisor.vmm.GuestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The monitor, Palacios's kernel module: its memory budget and its machines, by number. What it answers is what Palacios's
 * tools print. All methods may be called by any thread.
 *
 * <p>
 * The budget counts the memory of machines that are created, but for those with a balloon; forks share theirs and count for nothing.
 * Frames of all machines come from one pool, which also holds what checkpoints keep. When it runs short, machines with balloons are asked
 * for what they do not use; when that does not help, the machine that needs a frame ends, and no other.
 */
public final class Host implements AutoCloseable {

    static final int MACHINES_MAX = 4096;
    static final int BUDGET_MB_MAX = 1 << 20;
    static final int MEGABYTE_FRAMES = 256;
    private static final String DEVICE = "/dev/v3-vm";
    /** The guest's frames, and those of the states that a recording holds. */
    private static final int FRAMES_FACTOR = 4;
    private static final long POOL_SLACK_BYTES = 64L << 20;

    private static final String[] REGISTERS = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9",
        "r10",
        "r11", "r12", "r13", "r14", "r15"};

    private final MachineParts parts;
    private final String engine;
    private final Function<String, Path> journals;
    private final FramePool pool = new FramePool(POOL_SLACK_BYTES);

    // Guarded by this.
    private final SortedMap<Integer, HostedVm> machines = new TreeMap<>();
    private final SortedMap<Integer, Long> reserved_mb = new TreeMap<>();
    private long budget_mb;
    /** No number below it is free. */
    private int firstFree;

    /**
     * A host without memory and machines.
     *
     * @param engine
     *            how instructions are run
     * @param journals
     *            the folder of a new journal, given a machine's name
     */
    public Host(MachineParts parts, String engine, Function<String, Path> journals) {
        this.parts = parts;
        this.engine = engine;
        this.journals = journals;
        pool.onShortage(new Reclaim(pool, this::machines)::relieve);
    }

    // Memory.

    /** Gives the host memory for guests, besides what it has. */
    synchronized String memory(long megabytes) {
        if (megabytes < 1 || megabytes > BUDGET_MB_MAX - budget_mb) {
            throw new HostException(
                    "a size from 1 to " + (BUDGET_MB_MAX - budget_mb) + " MB expected, found " + megabytes);
        }
        budget_mb += megabytes;
        pool.grow(FRAMES_FACTOR * (megabytes << 20));
        return "Giving Palacios " + megabytes + "MB of memory";
    }

    private long left_mb() {
        return budget_mb - reserved_mb.values().stream().mapToLong(Long::longValue).sum();
    }

    // Machines.

    /** Makes a machine of an image, or of a configuration and its files. */
    List<String> create(Path file, String name, boolean build) {
        List<String> lines = new ArrayList<>();
        lines.add(build
                ? "Building VM Image (cfg=" + file + ") (name=" + name + ") (0 config options)"
                : "Loading VM Image (img=" + file + ") (name=" + name + ")");
        try {
            GuestImage image;
            if (build) {
                byte[] built = GuestImage.build(file);
                image = GuestImage.parse(file.toString(), built);
                lines.add("Guest Image Created (size=" + built.length + ")");
                image.document().warnings().forEach(warning -> lines.add("warning: " + warning));
            } else {
                image = GuestImage.read(file);
                lines.add("Guest image Loaded (size=" + Files.size(file) + ")");
            }
            MachineSetup setup = ImageSetup.of(image, engine, Map.of(), UnaryOperator.identity());
            HostedVm made = add(name, setup, image.document().streamFiles(), true);
            lines.add("VM (" + name + ") created at " + made.device());
            return lines;
        } catch (IOException e) {
            throw new HostException(file + ": " + e.getMessage(), e);
        }
    }

    private synchronized HostedVm add(String name, MachineSetup setup, SortedMap<String, String> streamFiles,
            boolean reserves) {
        if (name.isEmpty() || name.length() > 127 || name.chars().anyMatch(Character::isISOControl)) {
            throw new HostException("a name of 1 to 127 characters expected");
        }
        if (machines.size() >= MACHINES_MAX) {
            throw new HostException("there are " + MACHINES_MAX + " VMs already");
        }
        // What a machine with a balloon does not use the others get, so it needs no memory of its own.
        long wanted_mb = setup.configuration().hasBalloon() ? 0 : setup.configuration().memoryBytes() >> 20;
        if (reserves && wanted_mb > left_mb()) {
            throw new HostException("Error (-1) creating VM: it has " + wanted_mb + " MB, and of " + budget_mb
                    + " MB that were given by v3_mem " + left_mb() + " are left");
        }
        int index = firstFree;
        while (machines.containsKey(index)) {
            index++;
        }
        firstFree = index + 1;
        HostedVm made = new HostedVm(index, name, setup, streamFiles, parts, pool, journals);
        machines.put(index, made);
        if (reserves) {
            reserved_mb.put(index, wanted_mb);
        }
        return made;
    }

    /** The machine of a device's name, or of its number. */
    synchronized HostedVm find(String device) {
        String number = device.startsWith(DEVICE) ? device.substring(DEVICE.length()) : device;
        HostedVm found = number.matches("[0-9]{1,6}") ? machines.get(Integer.parseInt(number)) : null;
        if (found == null) {
            throw new HostException("Error opening VM device: " + device);
        }
        return found;
    }

    /** Frames of host memory that all machines have together. */
    long framesUsed() {
        return pool.framesUsed();
    }

    /** All machines. */
    synchronized List<HostedVm> machines() {
        return List.copyOf(machines.values());
    }

    /** Forgets a machine that does not run. */
    String free(String device) {
        HostedVm machine = find(device);
        machine.free();
        String number = machine.device().substring(DEVICE.length());
        synchronized (this) {
            machines.remove(Integer.parseInt(number));
            firstFree = Math.min(firstFree, Integer.parseInt(number));
            reserved_mb.remove(Integer.parseInt(number));
        }
        return "Freeing VM " + number;
    }

    // Machines at rest.

    /** Saves a machine in a new folder. */
    void save(HostedVm machine, String store, Path folder) {
        requireStore(store);
        machine.atRest((session, journal) -> {
            try (SavedMachine saved = SavedMachine.of(session, journal)) {
                saved.write(folder);
                return saved.at();
            }
        });
    }

    /** Has a machine that was not launched yet go on from a saved one. */
    void load(HostedVm machine, String store, Path folder) {
        requireStore(store);
        SavedMachine saved = SavedMachine.read(folder, parts, pool);
        if (!same(saved.setup(), machine.setup())) {
            saved.close();
            throw new HostException(folder + " was saved by a VM of another image than " + machine.device());
        }
        machine.origin(saved);
    }

    private static void requireStore(String store) {
        if (!store.equals("DIR")) {
            throw new HostException("no checkpoint store '" + store + "': DIR expected");
        }
    }

    private static boolean same(MachineSetup saved, MachineSetup other) {
        return saved.configuration().equals(other.configuration()) && saved.kernel().equals(other.kernel())
                && saved.commandLine().equals(other.commandLine()) && saved.imagesEqual(other);
    }

    /** Makes twins of a machine, paused where it stands, that share its memory. */
    List<HostedVm> fork(HostedVm machine, int count) {
        synchronized (this) {
            if (count < 1 || count > MACHINES_MAX - machines.size()) {
                throw new HostException("1 to " + (MACHINES_MAX - machines.size()) + " forks expected, found " + count);
            }
        }
        SavedMachine origin = machine.twinOfOrigin();
        try (SavedMachine saved = origin == null ? machine.atRest(SavedMachine::of) : origin) {
            List<HostedVm> forks = new ArrayList<>();
            for (int i = 1; i <= count; i++) {
                HostedVm fork = add(machine.name() + "-" + i, saved.setup(), new TreeMap<>(), false);
                fork.origin(saved.twin());
                forks.add(fork);
            }
            return forks;
        }
    }

    /** Has all machines use one frame of the host where theirs hold the same. They stand still meanwhile. */
    String share() {
        long before = framesUsed();
        List<HostedVm> all = machines();
        long joined = share(all, new ArrayList<>());
        return "Sharing the memory of %d VMs: %,d frames joined, %,d frames of the host in use, %,d before"
                .formatted(all.size(), joined, framesUsed(), before);
    }

    /** Each machine's thread waits for those of the machines after it, so all stand still when the last one's turn comes. */
    private static long share(List<HostedVm> left, List<GuestMemory> still) {
        return left.isEmpty() ? FrameSharing.shareIdentical(still) : left.getFirst().still(memory -> {
            if (memory != null) {
                still.add(memory);
            }
            return share(left.subList(1, left.size()), still);
        });
    }

    /** What a core looks like. */
    List<String> debug(HostedVm machine, int core) {
        int cores = machine.setup().configuration().cores();
        if (core < 0 || core >= cores) {
            throw new HostException("a core from 0 to " + (cores - 1) + " expected, found " + core);
        }
        return machine.atRest((session, journal) -> state(session, core));
    }

    private static List<String> state(Session session, int core) {
        List<String> lines = new ArrayList<>();
        Cpu cpu = session.vm().core(core).cpu();
        lines.add("position %s, virtual time %d ns, %d events, core %d runs".formatted(session.position(),
                session.vm().time_ns(), session.events(), session.vm().currentCore().index()));
        for (int i = 0; i < REGISTERS.length; i += 2) {
            lines.add("%-4s 0x%016x   %-4s 0x%016x".formatted(REGISTERS[i], cpu.gpr[i], REGISTERS[i + 1],
                    cpu.gpr[i + 1]));
        }
        lines.add("%-4s 0x%016x   %-4s 0x%016x".formatted("rip", cpu.rip, "rfl", cpu.rflags()));
        lines.add("%-4s 0x%016x   %-4s 0x%016x".formatted("cr2", cpu.cr2, "cr3", cpu.cr3));
        return lines;
    }

    /** Stops every machine. */
    @Override
    public void close() {
        for (HostedVm machine : machines()) {
            try {
                if (machine.isGoing()) {
                    machine.stop();
                }
            } catch (HostException e) {
                // It hangs, and ends with the process; or it has just ended by itself.
                System.err.println("chronovisor: " + e.getMessage());
            }
        }
    }
}
