package chronovisor.kitten.kernel;

import chronovisor.kitten.BlobException;
import chronovisor.kitten.BlobFormat;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.elf.ElfException;
import chronovisor.kitten.elf.ElfFile;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.memory.FrameAllocator;
import chronovisor.kitten.task.Rseq;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Scheduling;
import chronovisor.kitten.task.SignalState;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.UserProcess.Limit;
import chronovisor.vmm.BootInformation;
import chronovisor.vmm.BootModule;
import java.util.List;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * Power-on to init_task, in Kitten's order: console, banner, memory, interrupts and timer, file system, init_task.
 *
 * <pre>
 *   0 ... 1 MB reserved | 2 MB kernel image | 16 MB INITRD: boot modules | free frames ... end of memory
 * </pre>
 */
public final class Boot {

    /** LAPIC timer vector. */
    public static final int TIMER_VECTOR = 239;
    /** The interrupt that lets another task run. */
    public static final int RESCHEDULE_VECTOR = 253;
    /** First vector of the PICs. */
    public static final int PIC_VECTOR = 0x20;

    private static final long LAPIC = 0xFEE0_0000L;
    private static final int SPURIOUS_VECTOR = 255;
    /** Descriptors of a task in 2012. */
    private static final int FILES_MAX = 32;
    private static final long DEVICE_HOLE_FIRST = 0xFEC00;
    private static final long DEVICE_HOLE_END = 0x100000;

    private Boot() {}

    /** Boots; false when there is no init_task that could run (the machine is then shut down). */
    public static boolean run(Trap t, BootInformation info, long wallClock_ns, BlobFormat format) {
        long end = t.memory().sizeBytes() >>> 12;
        FrameAllocator free = FrameAllocator.over(info.initrdEnd() >>> 12, Math.min(end, DEVICE_HOLE_FIRST));
        if (end > DEVICE_HOLE_END) {
            free = new FrameAllocator(free.next(), free.limit(),
                    TreePMap.singleton(DEVICE_HOLE_END, end - DEVICE_HOLE_END), free.shares(), free.fresh(),
                    free.free_frames() + end - DEVICE_HOLE_END);
        }
        t.booted(wallClock_ns, free, t.options.kmem_bytes() == 0 ? Long.MAX_VALUE : t.options.kmem_bytes() >>> 12);
        makeTree(t);
        interrupts(t);
        Consoles.initialize(t);
        BalloonProcess.initialize(t);
        Consoles.print(t, "Kitten lightweight kernel, profile " + t.options.profile());
        Consoles.print(t, "memory: " + (t.memory().sizeBytes() >> 20) + " MB, INITRD 0x"
                + Long.toHexString(info.initrdStart()) + "-0x" + Long.toHexString(info.initrdEnd()) + ", "
                + (t.framesFree() >> 8) + " MB free");
        BootModule init = null;
        for (BootModule module : info.modules()) {
            if (module.kind() == BootModule.Kind.BLOB) {
                if (!expand(t, module, format)) {
                    return false;
                }
                continue;
            }
            Inode inode = addModule(t, module);
            if (module.kind() == BootModule.Kind.INIT_TASK) {
                init = module;
            }
            t.put(inode);
        }
        if (init == null) {
            Consoles.print(t, "no init_task among the boot modules");
            t.machine.shutdown(255, "no init_task among the boot modules");
            return false;
        }
        return startInit(t, init.path());
    }

    /** False when the blob is bad (the machine is then shut down). */
    private static boolean expand(Trap t, BootModule module, BlobFormat format) {
        byte[] blob = new byte[Math.toIntExact(module.size())];
        t.memory().read(module.address(), blob, 0, blob.length);
        try {
            Consoles.print(t, module.path() + ": " + format.expand(blob, new BootFiles(t)));
            // Its bytes are in files now; the memory it was loaded to is the pool's.
            t.adoptKernelFrames((int) (module.size() + 4095 >>> 12));
            for (long page = 0; page << 12 < module.size(); page++) {
                t.releaseKernelFrame((module.address() >>> 12) + page);
            }
            return true;
        } catch (BlobException e) {
            String why = module.path() + ": " + e.getMessage();
            Consoles.print(t, why);
            t.machine.shutdown(127, why);
            return false;
        }
    }

    private static void interrupts(Trap t) {
        int[][] words = {{0x20, 0x11}, {0xA0, 0x11}, {0x21, PIC_VECTOR}, {0xA1, PIC_VECTOR + 8}, {0x21, 4}, {0xA1, 2},
            {0x21, 1}, {0xA1, 1}, {0x21, 0xE3}, {0xA1, 0xFF}};
        for (int[] word : words) {
            t.machine.out8(word[0], word[1]);
        }
        localInterrupts(t.machine);
    }

    /** Each core's own interrupt controller and timer; without them nobody's sleep ends there, nor anybody's time slice. */
    public static void localInterrupts(Machine machine) {
        machine.mmioWrite32(LAPIC + 0xF0, 0x100 | SPURIOUS_VECTOR);
        machine.mmioWrite32(LAPIC + 0x3E0, 0xB);
        machine.mmioWrite32(LAPIC + 0x320, TIMER_VECTOR);
    }

    /** Sets the local timer to fire once after {@code ns}, or turns it off (0). At most about four seconds. */
    public static void timer(Machine machine, long ns) {
        machine.mmioWrite32(LAPIC + 0x380, (int) Math.min(ns, 0xFFFF_FFFFL));
    }

    /** Tells the LAPIC that an interrupt of the timer or for rescheduling has been served. */
    public static void endOfLocal(Machine machine) {
        machine.mmioWrite32(LAPIC + 0xB0, 0);
    }

    /** Lets a line of the PIC through. */
    static void openLine(Machine machine, int line) {
        int port = line >= 8 ? 0xA1 : 0x21;
        machine.out8(port, machine.in8(port) & ~(1 << (line & 7)));
    }

    /** Tells the PIC that a line has been served. */
    public static void endOfLine(Machine machine, int line) {
        if (line >= 8) {
            machine.out8(0xA0, 0x20);
        }
        machine.out8(0x20, 0x20);
    }

    private static void makeTree(Trap t) {
        long root = t.nextInode();
        t.put(Inode.create(root, FileMode.S_IFDIR | 0755, 0, 0, Inodes.emptyDirectory(root), t.realtime_ns()));
        if (t.options.has("vfs")) {
            makeFullTree(t, root);
        } else {
            makeOriginalTree(t, root);
        }
    }

    /** What kfs has in 2012, and the serial ports, which are ours: programs under test may have them as streams. */
    private static void makeOriginalTree(Trap t, long root) {
        long dev = directory(t, root, "dev", 0777);
        device(t, dev, "console", 0x501, 0666);
        device(t, dev, "null", 0x103, 0666);
        device(t, dev, "zero", 0x105, 0666);
        serialPorts(t, dev);
        if (t.options.has("pipes")) {
            long proc = directory(t, root, "proc", 0666);
            directory(t, directory(t, proc, String.valueOf(t.initProcess()), 0666), "fd", 0666);
        }
    }

    private static void serialPorts(Trap t, long dev) {
        for (int port = 0; port < 4; port++) {
            device(t, dev, "ttyS" + port, 0x440 + port, 0660);
        }
    }

    private static void makeFullTree(Trap t, long root) {
        directory(t, root, "tmp", 01777);
        long dev = directory(t, root, "dev", 0755);
        Inodes.addEntry(t, root, "proc", ProcFiles.root(), true);
        directory(t, dev, "shm", 01777);
        device(t, dev, "null", 0x103, 0666);
        device(t, dev, "zero", 0x105, 0666);
        device(t, dev, "full", 0x107, 0666);
        device(t, dev, "random", 0x108, 0666);
        device(t, dev, "urandom", 0x109, 0666);
        device(t, dev, "tty", 0x500, 0666);
        device(t, dev, "console", 0x501, 0600);
        device(t, dev, "ptmx", 0x502, 0666);
        directory(t, dev, "pts", 0755);
        device(t, dev, "loop-control", 0xAED, 0600);
        for (int number = 0; number < LoopDevices.COUNT; number++) {
            t.put(Inodes.create(t, dev, "loop" + number, FileMode.S_IFBLK | 0660, new Inode.Device())
                    .withDevice(0x700 | number));
        }
        serialPorts(t, dev);
        long etc = directory(t, root, "etc", 0755);
        text(t, etc, "passwd", """
                root:x:0:0:root:/root:/bin/sh
                daemon:x:1:1:daemon:/:/bin/false
                bin:x:2:2:bin:/:/bin/false
                sys:x:3:3:sys:/:/bin/false
                nobody:x:65534:65534:nobody:/:/bin/false
                """);
        text(t, etc, "group", "root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\ntty:x:5:\nusers:x:100:\nnogroup:x:65534:\n");
        long boot = directory(t, root, "boot", 0755);
        text(t, boot, "config-" + Identity.RELEASE, Identity.CONFIGURATION);
        link(t, dev, "fd", "/proc/self/fd");
        link(t, dev, "stdin", "/proc/self/fd/0");
        link(t, dev, "stdout", "/proc/self/fd/1");
        link(t, dev, "stderr", "/proc/self/fd/2");
    }

    private static long directory(Trap t, long parent, String name, int mode) {
        return Inodes.create(t, parent, name, FileMode.S_IFDIR | mode, Inodes.emptyDirectory(parent)).number();
    }

    private static void device(Trap t, long parent, String name, int number, int mode) {
        t.put(Inodes.create(t, parent, name, FileMode.S_IFCHR | mode, new Inode.Device()).withDevice(number));
    }

    private static void text(Trap t, long parent, String name, String content) {
        Inode inode = Inodes.create(t, parent, name, FileMode.S_IFREG | 0644, Inode.Data.EMPTY);
        byte[] bytes = content.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        FileData.write(t, inode.number(), 0, bytes, 0, bytes.length);
    }

    private static void link(Trap t, long parent, String name, String target) {
        Inodes.create(t, parent, name, FileMode.S_IFLNK | 0777, new Inode.Link(target));
    }

    /** Puts a boot module into the tree; its pages become the file's, without copying. */
    private static Inode addModule(Trap t, BootModule module) {
        String[] parts = module.path().split("/", -1);
        long parent = KernelState.ROOT;
        for (int i = 0; i < parts.length - 1; i++) {
            if (!parts[i].isEmpty()) {
                long found = Inodes.lookup(t, Inodes.get(t, parent), parts[i]);
                parent = found != 0 ? found : directory(t, parent, parts[i], 0755);
            }
        }
        String name = parts[parts.length - 1];
        long old = name.isEmpty() ? parent : Inodes.lookup(t, Inodes.get(t, parent), name);
        if (module.kind() == BootModule.Kind.DIRECTORY && old != 0) {
            Inode existing = Inodes.get(t, old);
            return existing.withMode(FileMode.S_IFDIR | module.mode() & 07777, t.realtime_ns());
        }
        if (old != 0) {
            Inodes.removeEntry(t, parent, name, false);
            Inodes.dropLink(t, old, 1);
        }
        return switch (module.kind()) {
            case DIRECTORY -> Inodes.get(t, directory(t, parent, name, module.mode() & 07777));
            case SYMLINK -> Inodes.create(t, parent, name, FileMode.S_IFLNK | 0777, new Inode.Link(module.target()));
            case FILE, INIT_TASK -> {
                TreePMap<Long, Long> pages = TreePMap.empty();
                for (long page = 0; page << 12 < module.size(); page++) {
                    pages = pages.plus(page, (module.address() >>> 12) + page);
                }
                t.adoptKernelFrames(pages.size());
                Inode inode = Inodes.create(t, parent, name, FileMode.S_IFREG | module.mode() & 07777,
                        Inode.Data.EMPTY);
                yield inode.withContent(Inode.Data.EMPTY.withPages(pages), module.size(), t.realtime_ns());
            }
            case BLOB, KERNEL, DISK -> throw new IllegalArgumentException("no file of the guest: " + module.path());
        };
    }

    private static boolean startInit(Trap t, String path) {
        int id = t.nextTask();
        while (id < t.initProcess()) {
            id = t.nextTask();
        }
        DescriptorTable table = new DescriptorTable(t.nextTable(), 1, TreePMap.empty());
        t.put(table);
        boolean original = !t.options.has("elf");
        // AT_EXECFN is what a shell would have handed to execve: the name as it was typed.
        String typed = t.options.argv().isEmpty() ? path : t.options.argv().getFirst();
        String executed = path;
        Inode inode;
        Loader.Image image;
        try {
            inode = programAt(t, path);
            List<String> argv = original ? OriginalLoader.arguments(t.options.argv()) : t.options.argv();
            Scripts.Program program = new Scripts.Program(inode, typed, argv);
            if (!original) {
                program = Scripts.resolve(t, program, reader -> programAt(t, reader));
            }
            if (program.inode().number() != inode.number()) {
                inode = program.inode();
                argv = program.argv();
                executed = Paths.nameOf(t, Paths.from(t, KernelState.ROOT, program.path(), true));
            }
            ElfFile elf = Loader.parse(t, inode, executed);
            List<String> envp = original ? OriginalLoader.environment(t.options.envp()) : t.options.envp();
            String refusal = original ? OriginalLoader.refusal(elf, argv, envp) : null;
            if (refusal != null) {
                Consoles.print(t, refusal);
                return refuse(t, "Failed to load init_task (status=-22).");
            }
            Inode interpreterInode = null;
            ElfFile interpreter = null;
            if (elf.interpreter() != null) {
                long found = Paths.from(t, KernelState.ROOT, elf.interpreter(), true).inode();
                if (found == 0) {
                    elf.requireStatic();
                } else {
                    interpreterInode = Inodes.get(t, found);
                    interpreter = Loader.parse(t, interpreterInode, elf.interpreter());
                }
            }
            elf.requireMemory(BalloonProcess.framesAvailable(t) << 12);
            image = Loader.load(t, inode, elf, interpreterInode, interpreter, typed, argv, envp,
                    UserProcess.Credentials.ROOT);
        } catch (ElfException e) {
            return refuse(t, String.valueOf(e.getMessage()));
        } catch (LinuxError e) {
            return refuse(t, "Failed to load init_task (status=-" + e.errno() + ").");
        }
        long directory = Paths.from(t, KernelState.ROOT, t.options.directory(), true).inode();
        t.put(new UserProcess(id, id - 1, id, id, image.space().id(), table.id(), KernelState.ROOT,
                directory == 0 ? KernelState.ROOT : directory, 022, UserProcess.Credentials.ROOT, TreePMap.empty(),
                TreePVector.empty(), limits(t), executed, inode.number(), image.layout(), UserProcess.Exit.NONE, 0, 0,
                0, 0, 0, 0, TreePMap.empty(), UserProcess.Attributes.STANDARD));
        String name = t.options.has("elf") ? path.substring(path.lastIndexOf('/') + 1) : "init_task";
        long affinity = (1L << t.cores().size()) - 1;
        Task task = new Task(id, id, name.substring(0, Math.min(15, name.length())), new Run.Ready(),
                image.registers(), SignalState.INITIAL, 0, 0, 0, affinity, 0, Scheduling.NORMAL, Rseq.NONE, 0, null);
        standardStreams(t, table.id(), id);
        if (t.options.has("pipes") && !t.options.has("vfs")) {
            Consoles.print(t, "kfs_init_stdio(): task_id=" + id + ", user_id=0");
        }
        t.observer.taskCreated(t.core(), id, id, 0, task.name());
        t.observer.programLoaded(t.core(), id, executed, image.entry(), image.stackPointer());
        Scheduler.start(t, task);
        return true;
    }

    private static Inode programAt(Trap t, String path) {
        long found = Paths.from(t, KernelState.ROOT, path, true).inode();
        if (found == 0) {
            throw new LinuxError(Errno.ENOENT);
        }
        return Inodes.get(t, found);
    }

    private static boolean refuse(Trap t, String why) {
        Consoles.print(t, why);
        t.machine.shutdown(127, why);
        return false;
    }

    private static TreePMap<Integer, Limit> limits(Trap t) {
        TreePMap<Integer, Limit> limits = TreePMap.empty();
        return limits.plus(3, new Limit(t.options.stack_bytes(), -1)).plus(4, new Limit(0, -1))
                .plus(6, new Limit(4096, 4096)).plus(7,
                        t.options.has("vfs") ? new Limit(1024, 1 << 20) : new Limit(FILES_MAX, FILES_MAX))
                .plus(8, new Limit(8 << 20, 8 << 20))
                .plus(11, new Limit(4096, 4096)).plus(12, new Limit(819_200, 819_200)).plus(13, new Limit(0, 0))
                .plus(14, new Limit(0, 0));
    }

    private static void standardStreams(Trap t, int tableId, int group) {
        List<String> devices = List.of(t.options.stdin(), t.options.stdout(), t.options.stderr());
        for (int number = 0; number < devices.size(); number++) {
            int first = devices.indexOf(devices.get(number));
            DescriptorTable table = t.table(tableId);
            DescriptorTable.Descriptor shared = first < number ? table.get(first) : null;
            long file = shared != null ? shared.file() : standardStream(t, devices.get(number), group).id();
            t.put(t.file(file).withReferences(t.file(file).references() + 1));
            t.put(table.with(number, new DescriptorTable.Descriptor(file, false)));
        }
    }

    private static OpenFile standardStream(Trap t, String device, int group) {
        int port = device.startsWith("/dev/ttyS") ? device.charAt(9) - '0' : Consoles.CONSOLE;
        Inode inode = Inodes.get(t, Paths.from(t, KernelState.ROOT, device, true).inode());
        if (device.equals("/dev/null")) {
            return Descriptors.open(t, inode.number(), OpenFlags.O_RDWR, device,
                    new OpenFile.OnMemoryDevice("null"));
        }
        if (t.terminals().containsKey(port)) {
            t.put(t.terminal(port).withForeground(group, group));
            return Descriptors.open(t, inode.number(), OpenFlags.O_RDWR, device, new OpenFile.OnTerminal(port));
        }
        if (t.streams().containsKey(port)) {
            // A raw stream looks like a pipe to the program, as it does on the host.
            Inode pipe = Inode.create(t.nextInode(), FileMode.S_IFIFO | 0600, 0, 0, new Inode.Device(),
                    t.realtime_ns()).withLinks(1, t.realtime_ns());
            t.put(pipe);
            return Descriptors.open(t, pipe.number(), OpenFlags.O_RDWR, "pipe:[" + pipe.number() + "]",
                    new OpenFile.OnStream(port));
        }
        return Descriptors.open(t, inode.number(), OpenFlags.O_RDWR, device, new OpenFile.OnMemoryDevice("null"));
    }
}
