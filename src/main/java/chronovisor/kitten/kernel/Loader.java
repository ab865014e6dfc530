package chronovisor.kitten.kernel;

import chronovisor.cpu.ExtendedState;
import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.elf.ElfException;
import chronovisor.kitten.elf.ElfFile;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.UserProcess;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Loads programs: builds an address space from an ELF file and lays the stack out as Linux does (System V ABI, 3.4.1). */
public final class Loader {

    /** Where position-independent programs go. */
    private static final long PIE_BASE = 0x5555_5555_4000L;
    /** Where a program's loader goes. */
    private static final long INTERPRETER_BASE = 0x7fff_f7fd_0000L;
    /** First address above the stack. */
    private static final long STACK_TOP = 0x7fff_ffff_f000L;
    private static final long STACK_INITIAL_BYTES = 132 * 1024L;
    /** Of AT_HWCAP2: programs may use RDFSBASE and its kin. */
    private static final long HWCAP2_FSGSBASE = 2;

    /** A program in a new address space. */
    public record Image(AddressSpace space, long entry, long stackPointer, UserProcess.Layout layout) {

        /** The registers a program starts with. */
        public Registers registers() {
            long[] general = new long[16];
            general[4] = stackPointer;
            byte[] fpu = ExtendedState.initialImage(false);
            return new Registers(general, entry, 0x202, 0, 0, 0, fpu);
        }
    }

    private Loader() {}

    /** Reads the headers of a program file of the guest. */
    public static ElfFile parse(Trap t, Inode inode, String name) throws ElfException {
        return ElfFile.parse(name, inode.size(), (offset, length) -> {
            byte[] bytes = new byte[(int) Math.max(0, Math.min(length, inode.size() - offset))];
            FileData.read(t, inode, offset, bytes, 0, bytes.length);
            return bytes;
        });
    }

    /**
     * Builds an address space with the program, its loader if it wants one, and the first stack.
     *
     * @param typed
     *            the program as whoever started it named it: AT_EXECFN
     */
    public static Image load(Trap t, Inode inode, ElfFile elf, @Nullable Inode interpreterInode,
            @Nullable ElfFile interpreter, String typed, List<String> argv, List<String> envp,
            UserProcess.Credentials who) {
        if (!t.options.has("elf")) {
            return OriginalLoader.load(t, inode, elf, argv, envp, who);
        }
        AddressSpace space = Mappings.create(t);
        int id = space.id();
        long bias = bias(elf);
        mapSegments(t, id, inode, elf, bias);
        long heap = elf.highest() + bias;
        t.put(t.space(id).withHeap(heap, heap));
        long entry = elf.entry() + bias;
        long interpreterBias = 0;
        if (interpreter != null && interpreterInode != null) {
            interpreterBias = interpreter.positionIndependent() ? INTERPRETER_BASE - interpreter.lowest() : 0;
            mapSegments(t, id, interpreterInode, interpreter, interpreterBias);
            entry = interpreter.entry() + interpreterBias;
        }
        int stackProtection = Protection.READ | Protection.WRITE
                | (elf.executableStack() ? Protection.EXECUTE : Protection.NONE);
        Mappings.map(t, id, new Region(STACK_TOP - STACK_INITIAL_BYTES, STACK_TOP, stackProtection, false, true, 0, 0,
                "[stack]"));
        Stack stack = new Stack(t, id);
        UserProcess.Layout layout = stack.fill(elf, bias, interpreterBias, typed, argv, envp, who);
        return new Image(t.space(id), entry, stack.pointer, layout);
    }

    /** What is added to the addresses of a program (not of a loader) to get where it lies in memory. */
    public static long bias(ElfFile elf) {
        return elf.positionIndependent() ? PIE_BASE - elf.lowest() : 0;
    }

    private static void mapSegments(Trap t, int space, Inode inode, ElfFile elf, long bias) {
        for (ElfFile.Segment s : elf.segments()) {
            int protection = (s.read() ? Protection.READ : 0) | (s.write() ? Protection.WRITE : 0)
                    | (s.execute() ? Protection.EXECUTE : 0);
            long start = (s.address() + bias) & -4096L;
            long fileEnd = s.address() + bias + s.fileBytes();
            long filePages = s.fileBytes() == 0 ? start : (fileEnd + 4095) & -4096L;
            long end = (s.address() + bias + s.memoryBytes() + 4095) & -4096L;
            String name = elf.name();
            if (filePages > start) {
                // Two segments may meet in one page; the later one has it, as with mmap(MAP_FIXED).
                Mappings.unmap(t, space, start, filePages);
                Mappings.map(t, space, new Region(start, filePages, protection, false, false, inode.number(),
                        s.offset() & -4096L, name));
            }
            if (end > filePages) {
                Mappings.map(t, space, new Region(filePages, end, protection, false, false, 0, 0, ""));
            }
            if (s.memoryBytes() > s.fileBytes() && (fileEnd & 4095) != 0 && s.fileBytes() > 0
                    && (protection & Protection.WRITE) != 0) {
                byte[] zeros = new byte[(int) (4096 - (fileEnd & 4095))];
                UserMemory.write(t, space, fileEnd, zeros, 0, zeros.length);
            }
        }
    }

    /** The stack being laid out, from the top down. */
    private static final class Stack {
        private final Trap t;
        private final int space;
        private long pointer = STACK_TOP - 8;

        Stack(Trap t, int space) {
            this.t = t;
            this.space = space;
        }

        private long push(byte[] bytes) {
            pointer -= bytes.length;
            UserMemory.write(t, space, pointer, bytes, 0, bytes.length);
            return pointer;
        }

        private long pushString(String text) {
            return push(new Bytes(text.length() + 1).putString(text).toArray());
        }

        UserProcess.Layout fill(ElfFile elf, long bias, long interpreterBias, String typed, List<String> argv,
                List<String> envp, UserProcess.Credentials who) {
            long total = 0;
            for (String text : argv) {
                total += text.length() + 9;
            }
            for (String text : envp) {
                total += text.length() + 9;
            }
            if (total > 2 << 20) {
                throw new LinuxError(Errno.E2BIG);
            }
            long execName = pushString(typed);
            long environmentEnd = pointer;
            Bytes strings = new Bytes((int) total);
            argv.forEach(strings::putString);
            int argumentBytes = strings.length();
            envp.forEach(strings::putString);
            long argumentStart = push(strings.toArray());
            pointer &= -16L;
            long platform = pushString(Identity.MACHINE);
            byte[] random = new byte[16];
            t.machine.entropy(random);
            long randomAt = push(random);
            pointer &= -16L;
            Bytes block = new Bytes();
            block.put64(argv.size());
            long at = argumentStart;
            for (String text : argv) {
                block.put64(at);
                at += text.length() + 1;
            }
            block.put64(0);
            for (String text : envp) {
                block.put64(at);
                at += text.length() + 1;
            }
            block.put64(0);
            int before = block.length();
            auxiliary(block, elf, bias, interpreterBias, who, platform, randomAt, execName);
            pointer = (pointer - block.length()) & -16L;
            UserMemory.write(t, space, pointer, block.toArray(), 0, block.length());
            return new UserProcess.Layout(argumentStart, argumentStart + argumentBytes, argumentStart + argumentBytes,
                    environmentEnd, pointer + before, pointer + block.length());
        }

        private void auxiliary(Bytes block, ElfFile elf, long bias, long interpreterBias,
                UserProcess.Credentials who, long platform, long randomAt, long execName) {
            long headers = elf.headerAddress() == 0 ? 0 : elf.headerAddress() + bias;
            block.put64(16).put64(hardwareCapabilities(t));
            block.put64(6).put64(4096);
            block.put64(17).put64(100);
            block.put64(3).put64(headers);
            block.put64(4).put64(ElfFile.HEADER_ENTRY_BYTES);
            block.put64(5).put64(elf.headerCount());
            block.put64(7).put64(interpreterBias);
            block.put64(8).put64(0);
            block.put64(9).put64(elf.entry() + bias);
            block.put64(11).put64(who.uid());
            block.put64(12).put64(who.euid());
            block.put64(13).put64(who.gid());
            block.put64(14).put64(who.egid());
            block.put64(23).put64(who.uid() == who.euid() && who.gid() == who.egid() ? 0 : 1);
            block.put64(25).put64(randomAt);
            block.put64(26).put64(t.machine.baseInstructions() ? HWCAP2_FSGSBASE : 0);
            block.put64(51).put64(SignalFrames.bytesMax(t.machine));
            block.put64(31).put64(execName);
            block.put64(15).put64(platform);
            block.put64(0).put64(0);
        }
    }

    /** AT_HWCAP: the features in EDX of CPUID's leaf 1. */
    public static long hardwareCapabilities(Trap t) {
        return Integer.toUnsignedLong(t.machine.cpuid(1, 0).edx());
    }
}
