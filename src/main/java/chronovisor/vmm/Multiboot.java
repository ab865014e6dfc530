package chronovisor.vmm;

import chronovisor.cpu.Cpu;
import chronovisor.memory.GuestMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Loads a kernel by the Multiboot Specification 0.6.96 and starts it: ELF files of 32 or 64 bits with a multiboot header, entered in 32-bit
 * protected mode with the address of the boot information in EBX.
 */
final class Multiboot {

    private static final int HEADER_MAGIC = 0x1BADB002;
    private static final int LOADER_MAGIC = 0x2BADB002;
    private static final int HEADER_SEARCHED = 8192;
    /** Modules at pages and a memory map: given always. A kernel that requires anything else cannot be started. */
    private static final int REQUIREMENTS = 0xFFFF;
    private static final int GIVEN = 3;

    private static final int RAX = 0;
    private static final int RBX = 3;

    /** Where the boot information is: below the extended BIOS data area. */
    private static final long INFORMATION = 0x9_0000;
    private static final int INFORMATION_BYTES = 0xF000;
    private static final long BASE_MEMORY_END = 0x9_FC00;
    private static final long FIRMWARE = 0xF_0000;
    private static final long UPPER_MEMORY = 0x10_0000;
    private static final long DEVICE_HOLE = 0xFEC0_0000L;
    private static final long DEVICE_HOLE_END = 0x1_0000_0000L;

    private static final int FLAG_MEMORY = 1;
    private static final int FLAG_COMMAND_LINE = 1 << 2;
    private static final int FLAG_MODULES = 1 << 3;
    private static final int FLAG_MEMORY_MAP = 1 << 6;
    private static final int AVAILABLE = 1;
    private static final int RESERVED = 2;

    private static final int CODE = 8;
    private static final int DATA = 16;

    private Multiboot() {}

    /** Loads the kernel among the boot modules and leaves a processor ready at its entry. */
    static void boot(Cpu cpu, GuestMemory memory, BootInformation info) {
        BootModule kernel = info.modules().stream().filter(module -> module.kind() == BootModule.Kind.KERNEL)
                .findFirst().orElseThrow(() -> new ConfigurationException(
                        "there is neither a built-in kernel nor a multiboot kernel to boot"));
        byte[] file = new byte[Math.toIntExact(kernel.size())];
        memory.read(kernel.address(), file, 0, file.length);
        requireHeader(kernel.path(), file);
        KernelImage image = KernelImage.parse(kernel.path(), file);
        for (KernelImage.Segment segment : image.segments()) {
            long end = segment.address() + segment.memoryBytes();
            if (segment.address() < UPPER_MEMORY || end > Math.min(memory.sizeBytes(), DEVICE_HOLE)
                    || segment.address() < info.initrdEnd() && end > info.initrdStart()) {
                throw new ConfigurationException(("%s: its segment from 0x%x to 0x%x does not fit into the guest's"
                        + " memory: from 0x%x to 0x%x there are boot files")
                        .formatted(kernel.path(), segment.address(), end, info.initrdStart(), info.initrdEnd()));
            }
            BootLoader.place(memory, segment.address(), file, segment.offset(), segment.fileBytes());
        }
        BareMetal.enterProtected(cpu, CODE, DATA);
        cpu.gpr[RAX] = LOADER_MAGIC;
        cpu.gpr[RBX] = INFORMATION;
        cpu.rip = image.entry();
        byte[] information = information(info, memory.sizeBytes());
        BootLoader.place(memory, INFORMATION, information, 0, information.length);
    }

    private static void requireHeader(String name, byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + 12 <= Math.min(HEADER_SEARCHED, file.length); at += 4) {
            int flags = bytes.getInt(at + 4);
            if (bytes.getInt(at) == HEADER_MAGIC && HEADER_MAGIC + flags + bytes.getInt(at + 8) == 0) {
                if ((flags & REQUIREMENTS & ~GIVEN) != 0) {
                    throw new ConfigurationException("%s: its multiboot header requires what is not given: flags 0x%x"
                            .formatted(name, flags));
                }
                return;
            }
        }
        throw new ConfigurationException(name + ": a kernel with a multiboot header in its first 8,192 bytes is"
                + " expected, found none");
    }

    private static byte[] information(BootInformation info, long memoryBytes) {
        ByteBuffer out = ByteBuffer.allocate(INFORMATION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        List<BootModule> modules = new ArrayList<>(info.modules());
        modules.removeIf(module -> module.kind() == BootModule.Kind.KERNEL);
        int table = 128;
        int map = table + 16 * modules.size();
        int strings = map + map(memoryBytes, null, 0);
        try {
            map(memoryBytes, out, map);
            out.position(strings);
            int commandLine = text(out, info.commandLine());
            for (int i = 0; i < modules.size(); i++) {
                BootModule module = modules.get(i);
                int name = text(out, module.path());
                int at = table + 16 * i;
                out.putInt(at, (int) module.address()).putInt(at + 4, (int) (module.address() + module.size()))
                        .putInt(at + 8, (int) INFORMATION + name);
            }
            out.putInt(0, FLAG_MEMORY | FLAG_COMMAND_LINE | FLAG_MODULES | FLAG_MEMORY_MAP);
            out.putInt(4, (int) (BASE_MEMORY_END >> 10));
            out.putInt(8, (int) (Math.min(memoryBytes, DEVICE_HOLE) - UPPER_MEMORY >> 10));
            out.putInt(16, (int) INFORMATION + commandLine);
            out.putInt(20, modules.size()).putInt(24, (int) INFORMATION + table);
            out.putInt(44, strings - map).putInt(48, (int) INFORMATION + map);
            return java.util.Arrays.copyOf(out.array(), out.position());
        } catch (java.nio.BufferOverflowException | IndexOutOfBoundsException e) {
            throw new ConfigurationException("the kernel's command line and the names of its modules are too long", e);
        }
    }

    private static int text(ByteBuffer out, String text) {
        int at = out.position();
        out.put(text.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
        return at;
    }

    /** The memory map, in entries that begin with their size; gives its length. */
    private static int map(long memoryBytes, @Nullable ByteBuffer out, int at) {
        long[][] regions = {{0, BASE_MEMORY_END, AVAILABLE}, {BASE_MEMORY_END, 0xA_0000, RESERVED},
            {FIRMWARE, UPPER_MEMORY, RESERVED}, {UPPER_MEMORY, Math.min(memoryBytes, DEVICE_HOLE), AVAILABLE},
            {DEVICE_HOLE, DEVICE_HOLE_END, RESERVED},
            {DEVICE_HOLE_END, Math.max(memoryBytes, DEVICE_HOLE_END), AVAILABLE}};
        int length = 0;
        for (long[] region : regions) {
            if (region[1] > region[0]) {
                if (out != null) {
                    out.putInt(at + length, 20).putLong(at + length + 4, region[0])
                            .putLong(at + length + 12, region[1] - region[0]).putInt(at + length + 20, (int) region[2]);
                }
                length += 24;
            }
        }
        return length;
    }
}
