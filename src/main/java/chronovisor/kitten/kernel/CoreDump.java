package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.PageTable;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The file {@code core} that a signal leaves in the working directory, core(5): an ELF file that debuggers read.
 *
 * <pre>
 *   ELF header | program headers: notes, then one a region | notes | pages, those that are missing are holes
 * </pre>
 */
final class CoreDump {

    private static final int LIMIT = 4;
    private static final int HEADER_BYTES = 64;
    private static final int SEGMENT_BYTES = 56;
    private static final int SEGMENTS_MAX = 0xFFFE;
    private static final int FPU_BYTES = 512;
    private static final int STATUS = 1;
    private static final int FPU = 2;
    private static final int PROCESS = 3;
    private static final int FILES = 0x46494c45;
    private static final int USER_CODE = 0x33;
    private static final int USER_STACK = 0x2b;
    /** Where user_regs_struct has RBX, RCX, ...: indexes into {@link Registers#general}, in its order up to RIP. */
    private static final int[] ORDER = {15, 14, 13, 12, 5, 3, 11, 10, 9, 8, 0, 1, 2, 6, 7};
    private static final int RSP = 4;

    private CoreDump() {}

    /** Writes the current process, which a signal ends; returns whether there is a file now. */
    static boolean write(Trap t, int signal) {
        UserProcess process = t.process();
        long limit = process.limit(LIMIT).soft();
        if (limit == 0 || process.attributes().dumpable() != 1) {
            return false;
        }
        try {
            long inode = file(t);
            byte[] head = head(t, process, signal);
            put(t, inode, 0, head, limit);
            long offset = head.length + 4095L & -4096L;
            for (Region region : regions(t)) {
                offset = pages(t, inode, region, offset, limit);
            }
            long size = limit < 0 ? offset : Math.min(offset, limit);
            if (t.findInode(inode) != null && Inodes.get(t, inode).size() < size) {
                FileData.truncate(t, inode, size);
            }
            return true;
        } catch (LinuxError e) {
            t.observer.message("task " + t.current() + ": no core file, error " + e.errno());
            return false;
        }
    }

    private static long file(Trap t) {
        Paths.Place place = Paths.resolve(t, OpenFlags.AT_FDCWD, "core", false);
        if (place.inode() == 0) {
            return Inodes.create(t, place.parent(), place.name(), FileMode.S_IFREG | 0600, Inode.Data.EMPTY).number();
        }
        Inode inode = Inodes.get(t, place.inode());
        // Nobody may make others write into a file of his: links, other owners.
        if (!inode.isRegular() || inode.links() != 1 || !(inode.content() instanceof Inode.Data)
                || inode.uid() != t.process().credentials().fsuid()) {
            throw new LinuxError(Errno.EPERM);
        }
        Inodes.require(t, inode, Inodes.MAY_WRITE);
        FileData.truncate(t, inode.number(), 0);
        return inode.number();
    }

    private static List<Region> regions(Trap t) {
        List<Region> regions = new ArrayList<>(t.space().regions().values());
        return regions.subList(0, Math.min(regions.size(), SEGMENTS_MAX));
    }

    /** Bytes of a region that are kept: not those that its file still has. */
    private static long kept(Region region) {
        boolean fromFile = !region.anonymous() && !region.allows(2) && !region.shared();
        return fromFile ? 0 : region.bytes();
    }

    private static byte[] head(Trap t, UserProcess process, int signal) {
        List<Region> regions = regions(t);
        byte[] notes = notes(t, process, signal, regions);
        int segments = regions.size() + 1;
        long notesAt = HEADER_BYTES + (long) SEGMENT_BYTES * segments;
        Bytes out = new Bytes(4096);
        out.put32(0x464c457f).put32(0x00010102).zeros(8).put16(4).put16(62).put32(1).put64(0).put64(HEADER_BYTES)
                .put64(0).put32(0).put16(HEADER_BYTES).put16(SEGMENT_BYTES).put16(segments).put16(0).put16(0).put16(0);
        out.put32(4).put32(0).put64(notesAt).put64(0).put64(0).put64(notes.length).put64(0).put64(4);
        long at = notesAt + notes.length + 4095 & -4096L;
        for (Region region : regions) {
            int rights = (region.allows(1) ? 4 : 0) | (region.allows(2) ? 2 : 0) | (region.allows(4) ? 1 : 0);
            out.put32(1).put32(rights).put64(at).put64(region.start()).put64(0).put64(kept(region))
                    .put64(region.bytes()).put64(4096);
            at += kept(region);
        }
        return out.put(notes).toArray();
    }

    private static byte[] notes(Trap t, UserProcess process, int signal, List<Region> regions) {
        Bytes out = new Bytes(2048);
        List<Task> tasks = new ArrayList<>(List.of(t.task()));
        t.tasks().values().stream().filter(task -> task.process() == process.id() && task.id() != t.current())
                .forEach(tasks::add);
        for (Task task : tasks) {
            Registers registers = task.registers() == null && task.id() == t.current()
                    ? t.machine.save()
                    : task.registers();
            if (registers == null) {
                continue;
            }
            note(out, STATUS, status(t, process, task, registers, signal));
            if (task.id() == t.current()) {
                note(out, PROCESS, about(t, process));
                note(out, FILES, files(regions));
            }
            byte[] fpu = registers.fpu();
            note(out, FPU, new Bytes(FPU_BYTES).put(Arrays.copyOf(fpu, FPU_BYTES)).toArray());
        }
        return out.toArray();
    }

    private static void note(Bytes out, int type, byte[] content) {
        out.put32(5).put32(content.length).put32(type).putField("CORE", 8).put(content)
                .zeros(-content.length & 3);
    }

    /** struct elf_prstatus. */
    private static byte[] status(Trap t, UserProcess process, Task task, Registers r, int signal) {
        Bytes out = new Bytes(336).put32(signal).put32(0).put32(0).put16(signal).put16(0);
        out.put64(0).put64(task.signals().mask());
        out.put32(task.id()).put32(process.parent()).put32(process.group()).put32(process.session());
        long used_ns = Times.task_ns(t, task);
        out.put64(used_ns / 1_000_000_000L).put64(used_ns % 1_000_000_000L / 1000).zeros(48);
        for (int register : ORDER) {
            out.put64(r.general(register));
        }
        out.put64(-1).put64(r.rip()).put64(USER_CODE).put64(r.rflags()).put64(r.general(RSP)).put64(USER_STACK);
        out.put64(r.fsBase()).put64(r.gsBase());
        long selectors = r.selectors();
        out.put64(selectors >>> 16 & 0xFFFF).put64(selectors & 0xFFFF).put64(selectors >>> 32 & 0xFFFF)
                .put64(selectors >>> 48 & 0xFFFF);
        return out.put32(1).put32(0).toArray();
    }

    /** struct elf_prpsinfo. */
    private static byte[] about(Trap t, UserProcess process) {
        String name = t.task().name();
        return new Bytes(136).put32('R' << 8).put32(0).put64(0).put32(process.credentials().uid())
                .put32(process.credentials().gid()).put32(process.id()).put32(process.parent())
                .put32(process.group()).put32(process.session()).putField(name, 16).putField(name, 80).toArray();
    }

    /** NT_FILE: which file is mapped where. */
    private static byte[] files(List<Region> regions) {
        List<Region> mapped = regions.stream().filter(region -> !region.anonymous()).toList();
        Bytes out = new Bytes(256).put64(mapped.size()).put64(4096);
        for (Region region : mapped) {
            out.put64(region.start()).put64(region.end()).put64(region.offset() >>> 12);
        }
        mapped.forEach(region -> out.putString(region.name()));
        return out.toArray();
    }

    private static long pages(Trap t, long inode, Region region, long offset, long limit) {
        if (kept(region) == 0) {
            return offset;
        }
        AddressSpace space = t.space();
        List<long[]> present = new ArrayList<>();
        PageTable.visit(t.memory(), space.root(), region.start(), region.end(),
                (address, at, entry) -> present.add(new long[]{address, PageTable.frame(entry)}));
        byte[] page = new byte[4096];
        for (long[] one : present) {
            t.memory().read(one[1], page, 0, page.length);
            put(t, inode, offset + (one[0] - region.start()), page, limit);
        }
        return offset + region.bytes();
    }

    private static void put(Trap t, long inode, long offset, byte[] bytes, long limit) {
        int length = limit < 0 ? bytes.length : (int) Math.max(0, Math.min(bytes.length, limit - offset));
        if (length > 0) {
            FileData.write(t, inode, offset, bytes, 0, length);
        }
    }
}
