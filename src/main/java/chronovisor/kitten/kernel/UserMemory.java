package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.PageTable;
import chronovisor.kitten.memory.Protection;
import java.nio.charset.StandardCharsets;

/**
 * Copies between the kernel and a process's memory, page by page through the page tables, faulting pages in. Every
 * function fails with EFAULT where the process itself could not have accessed the memory.
 */
public final class UserMemory {

    /** The longest path, with its NUL. */
    public static final int PATH_MAX = 4096;

    private static final int STRING_CHUNK_BYTES = 64;

    private UserMemory() {}

    /** Reads from the current process. */
    public static byte[] read(Trap t, long address, int length) {
        byte[] bytes = new byte[length];
        read(t, t.process().addressSpace(), address, bytes, 0, length);
        return bytes;
    }

    /** Reads from an address space. */
    public static void read(Trap t, int space, long address, byte[] to, int offset, int length) {
        int done = 0;
        while (done < length) {
            long at = address + done;
            int count = (int) Math.min(length - done, 4096 - (at & 4095));
            t.memory().read(translate(t, space, at, Protection.READ), to, offset + done, count);
            done += count;
        }
    }

    /** Writes to the current process. */
    public static void write(Trap t, long address, byte[] bytes) {
        write(t, t.process().addressSpace(), address, bytes, 0, bytes.length);
    }

    /** Writes to an address space. */
    public static void write(Trap t, int space, long address, byte[] from, int offset, int length) {
        int done = 0;
        while (done < length) {
            long at = address + done;
            int count = (int) Math.min(length - done, 4096 - (at & 4095));
            t.memory().write(translate(t, space, at, Protection.WRITE), from, offset + done, count);
            done += count;
        }
    }

    /** How many bytes of a range can be accessed, from its start: for transfers that may be short. */
    public static int accessible(Trap t, long address, int length, int access) {
        int space = t.process().addressSpace();
        int done = 0;
        while (done < length) {
            long at = address + done;
            if (find(t, space, at, access) < 0) {
                break;
            }
            done += (int) Math.min(length - done, 4096 - (at & 4095));
        }
        return done;
    }

    /** Guest-physical address of a user address. */
    public static long translate(Trap t, int space, long address, int access) {
        long gpa = find(t, space, address, access);
        if (gpa < 0) {
            throw new LinuxError(Errno.EFAULT);
        }
        return gpa;
    }

    /** As {@link #translate}, negative when it cannot be accessed so. */
    static long find(Trap t, int spaceId, long address, int access) {
        if (address < 0 || address >= AddressSpace.USER_END) {
            return -1;
        }
        long root = t.space(spaceId).root();
        long need = PageTable.PRESENT | (access == Protection.WRITE ? PageTable.WRITABLE : 0);
        for (int attempt = 0; attempt < 2; attempt++) {
            long at = PageTable.find(t.memory(), root, address);
            long entry = at == 0 ? 0 : t.memory().read64(at);
            if ((entry & need) == need) {
                return PageTable.frame(entry) + (address & 4095);
            }
            if (attempt == 0 && !Faults.resolve(t, spaceId, address, access).resolved()) {
                return -1;
            }
        }
        return -1;
    }

    public static int read32(Trap t, long address) {
        return Bytes.get32(read(t, address, 4), 0);
    }

    public static long read64(Trap t, long address) {
        return Bytes.get64(read(t, address, 8), 0);
    }

    public static void write32(Trap t, long address, int value) {
        write(t, address, new Bytes(4).put32(value).toArray());
    }

    public static void write64(Trap t, long address, long value) {
        write(t, address, new Bytes(8).put64(value).toArray());
    }

    /** A NUL-terminated path of the current process. Fails with ENAMETOOLONG. */
    public static String path(Trap t, long address) {
        return string(t, address, PATH_MAX, Errno.ENAMETOOLONG);
    }

    /** A string that ends at its NUL or after {@code max} bytes, whichever comes first. */
    public static String prefix(Trap t, long address, int max) {
        StringBuilder text = new StringBuilder();
        int space = t.process().addressSpace();
        for (long at = address; text.length() < max; at++) {
            byte one = t.memory().read8(translate(t, space, at, Protection.READ));
            if (one == 0) {
                break;
            }
            text.append((char) (one & 0xFF));
        }
        return text.toString();
    }

    /** A NUL-terminated string of at most {@code max} bytes including its NUL, else {@code errnoTooLong}. */
    public static String string(Trap t, long address, int max, int errnoTooLong) {
        StringBuilder text = new StringBuilder();
        int space = t.process().addressSpace();
        long at = address;
        byte[] page = new byte[STRING_CHUNK_BYTES];
        while (text.length() < max) {
            int count = (int) Math.min(Math.min(page.length, max - text.length()), 4096 - (at & 4095));
            t.memory().read(translate(t, space, at, Protection.READ), page, 0, count);
            int end = 0;
            while (end < count && page[end] != 0) {
                end++;
            }
            text.append(new String(page, 0, end, StandardCharsets.ISO_8859_1));
            if (end < count) {
                return text.toString();
            }
            at += count;
        }
        throw new LinuxError(errnoTooLong);
    }
}
