package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.elf.ElfFile;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.PageTable;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.UserProcess;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Programs as the Kitten of 2012 loads them: ET_EXEC only, all memory there before the first instruction, a heap of fixed
 * size in one piece of physical memory after the image, a stack of fixed size that ends at 512 GB.
 *
 * <pre>
 *   image | heap: brk grows up --&gt; ... &lt;-- anonymous mmap grows down |        | stack | 0x8000000000
 * </pre>
 */
public final class OriginalLoader {

    /** First address above the stack. */
    private static final long STACK_END = 0x80_0000_0000L;
    /** Room for argument pointers, the program's name included, and for its environment, each with an end. */
    private static final int ARGUMENTS_MAX = 31;
    private static final int ENVIRONMENT_MAX = 63;
    /** The strings init_argv (and the program's name) and init_envp. */
    private static final int STRING_BYTES_MAX = 1023;
    private static final int ALL = Protection.READ | Protection.WRITE | Protection.EXECUTE;
    private static final long CLOCK_TICKS = 1_000_000;

    private OriginalLoader() {}

    /** init_task's arguments: it is called {@code init_task}; the others come as one string that is split at blanks. */
    static List<String> arguments(List<String> given) {
        List<String> all = new ArrayList<>(List.of("init_task"));
        all.addAll(environment(given.subList(Math.min(1, given.size()), given.size())));
        return all;
    }

    /** init_task's environment, which comes as one string that is split at blanks, too. */
    static List<String> environment(List<String> given) {
        List<String> words = new ArrayList<>();
        for (String word : String.join(" ", given).split("[ \t\n]+", -1)) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    /** Why Kitten would not load a program, in its words; null when it would. */
    static @Nullable String refusal(ElfFile elf, List<String> argv, List<String> envp) {
        if (elf.positionIndependent()) {
            return "bad e_type 0x3";
        }
        if (argv.size() > ARGUMENTS_MAX || String.join(" ", argv).length() > STRING_BYTES_MAX) {
            return "Too many ARGV strings.";
        }
        if (envp.size() > ENVIRONMENT_MAX || String.join(" ", envp).length() > STRING_BYTES_MAX) {
            return "Too many ENVP strings.";
        }
        return null;
    }

    /** Builds an address space: image, heap and stack, every page in place. */
    static Loader.Image load(Trap t, Inode inode, ElfFile elf, List<String> argv, List<String> envp,
            UserProcess.Credentials who) {
        int id = Mappings.create(t).id();
        for (ElfFile.Segment segment : elf.segments()) {
            mapSegment(t, id, inode, segment);
        }
        long heap = elf.highest();
        long heapBytes = t.options.heap_bytes() + 4095 & -4096L;
        mapHeap(t, id, new Region(heap, heap + heapBytes, ALL, false, false, 0, 0, "heap"));
        t.put(t.space(id).withHeap(heap, heap).withMapTop(heap + heapBytes));
        long stack = STACK_END - t.options.stack_bytes() & -4096L;
        mapNew(t, id, new Region(stack, STACK_END, ALL, false, false, 0, 0, "stack"));
        return fillStack(t, id, elf, argv, envp, who, stack);
    }

    /** A segment that can be written is a copy; the others are the image's own pages. */
    private static void mapSegment(Trap t, int space, Inode inode, ElfFile.Segment s) {
        int protection = (s.read() ? Protection.READ : 0) | (s.write() ? Protection.WRITE : 0)
                | (s.execute() ? Protection.EXECUTE : 0);
        long start = s.address() & -4096L;
        Region region = new Region(start, s.end() + 4095 & -4096L, protection, false, false, 0, 0,
                s.write() ? "ELF" : "ELF (mapped)");
        if (s.write()) {
            mapNew(t, space, region);
            byte[] bytes = new byte[(int) s.fileBytes()];
            FileData.read(t, inode, s.offset(), bytes, 0, bytes.length);
            UserMemory.write(t, space, s.address(), bytes, 0, bytes.length);
            return;
        }
        Mappings.map(t, space, region);
        for (long at = start; at < region.end(); at += 4096) {
            Long page = FileData.page(inode, (s.offset() & -4096L) + (at - start) >>> 12);
            if (page == null) {
                place(t, space, at, t.allocateFrame(), protection);
            } else {
                t.shareFrame(page);
                place(t, space, at, page, protection);
            }
        }
        resident(t, space, region);
    }

    private static void mapNew(Trap t, int space, Region region) {
        Mappings.map(t, space, region);
        for (long at = region.start(); at < region.end(); at += 4096) {
            place(t, space, at, t.allocateFrame(), region.protection());
        }
        resident(t, space, region);
    }

    /** The frames come first, then the page tables for them, so that the heap is one piece of physical memory. */
    private static void mapHeap(Trap t, int space, Region region) {
        Mappings.map(t, space, region);
        int pages = (int) (region.bytes() >>> 12);
        long[] frames = new long[pages];
        for (int i = 0; i < pages; i++) {
            frames[i] = t.allocateFrame();
            if (i > 0 && frames[i] != frames[i - 1] + 1) {
                throw new LinuxError(Errno.ENOMEM);
            }
        }
        for (int i = 0; i < pages; i++) {
            place(t, space, region.start() + i * 4096L, frames[i], region.protection());
        }
        resident(t, space, region);
    }

    private static void place(Trap t, int space, long address, long gfn, int protection) {
        long at = PageTable.make(t.memory(), t.space(space).root(), address, () -> t.allocateFrame() << 12);
        t.memory().write64(at, PageTable.entry(gfn << 12, protection, true));
    }

    private static void resident(Trap t, int space, Region region) {
        AddressSpace now = t.space(space);
        t.put(now.withResident(now.resident() + (region.bytes() >>> 12)));
    }

    /** From the top down: environment, arguments, platform, auxiliary vector, pointers, argument count. */
    private static Loader.Image fillStack(Trap t, int space, ElfFile elf, List<String> argv, List<String> envp,
            UserProcess.Credentials who, long stack) {
        Bytes strings = new Bytes().putString(Identity.MACHINE);
        int argumentsAt = strings.length();
        argv.forEach(strings::putString);
        int environmentAt = strings.length();
        envp.forEach(strings::putString);
        long stringsAt = STACK_END - strings.length();
        Bytes vector = auxiliary(t, elf, who, stack, stringsAt);
        long pointer = stringsAt - vector.length() - 8L * (1 + argv.size() + 1 + envp.size() + 1) & -16L;
        if (pointer < stack) {
            throw new LinuxError(Errno.E2BIG);
        }
        Bytes block = new Bytes().put64(argv.size());
        putPointers(block, argv, stringsAt + argumentsAt);
        putPointers(block, envp, stringsAt + environmentAt);
        block.put(vector.toArray(), 0, vector.length());
        UserMemory.write(t, space, stringsAt, strings.toArray(), 0, strings.length());
        UserMemory.write(t, space, pointer, block.toArray(), 0, block.length());
        return new Loader.Image(t.space(space), elf.entry(), pointer, new UserProcess.Layout(stringsAt + argumentsAt,
                stringsAt + environmentAt, stringsAt + environmentAt, STACK_END,
                pointer + block.length() - vector.length(), pointer + block.length()));
    }

    private static void putPointers(Bytes block, List<String> strings, long first) {
        long at = first;
        for (String text : strings) {
            block.put64(at);
            at += text.length() + 1;
        }
        block.put64(0);
    }

    private static Bytes auxiliary(Trap t, ElfFile elf, UserProcess.Credentials who, long stack, long platform) {
        Bytes vector = new Bytes();
        vector.put64(16).put64(Loader.hardwareCapabilities(t));
        vector.put64(6).put64(4096);
        vector.put64(17).put64(CLOCK_TICKS);
        vector.put64(3).put64(elf.headerAddress());
        vector.put64(4).put64(ElfFile.HEADER_ENTRY_BYTES);
        vector.put64(5).put64(elf.headerCount());
        vector.put64(7).put64(0);
        vector.put64(8).put64(0);
        vector.put64(9).put64(elf.entry());
        vector.put64(11).put64(who.uid());
        vector.put64(12).put64(who.uid());
        vector.put64(13).put64(who.gid());
        vector.put64(14).put64(who.gid());
        vector.put64(23).put64(0);
        // AT_RANDOM points at the stack's untouched low end: nothing random about it.
        vector.put64(25).put64(stack);
        vector.put64(15).put64(platform);
        return vector.put64(0).put64(0);
    }
}
