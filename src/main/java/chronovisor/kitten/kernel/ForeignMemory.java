package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import java.util.Arrays;

/**
 * The memory of a process as its tracer has it, in ptrace(2) and /proc/PID/mem (proc(5)): whatever is mapped can be read, and what is the
 * process's own can be written, whether the process may do so or not.
 */
public final class ForeignMemory {

    private ForeignMemory() {}

    /**
     * Reads up to the first page that is not there.
     *
     * @throws LinuxError
     *             EIO when that is the first one
     */
    public static byte[] read(Trap t, int space, long address, int length) {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            long at = address + done;
            int count = (int) Math.min(length - done, 4096 - (at & 4095));
            long gpa = forReading(t, space, at);
            if (gpa < 0) {
                requireSome(done);
                return Arrays.copyOf(bytes, done);
            }
            t.memory().read(gpa, bytes, done, count);
            done += count;
        }
        return bytes;
    }

    /**
     * Writes up to the first page that cannot be written; gives how many bytes.
     *
     * @throws LinuxError
     *             EIO when that is the first one
     */
    public static int write(Trap t, int space, long address, byte[] bytes) {
        int done = 0;
        while (done < bytes.length) {
            long at = address + done;
            int count = (int) Math.min(bytes.length - done, 4096 - (at & 4095));
            long gpa = Faults.forWriting(t, space, at);
            if (gpa < 0) {
                requireSome(done);
                return done;
            }
            t.memory().write(gpa, bytes, done, count);
            done += count;
        }
        return done;
    }

    private static void requireSome(int done) {
        if (done == 0) {
            throw new LinuxError(Errno.EIO);
        }
    }

    private static long forReading(Trap t, int space, long address) {
        Region region = address < 0 || address >= AddressSpace.USER_END ? null : t.space(space).find(address);
        if (region == null) {
            return -1;
        }
        return region.allows(Protection.READ)
                ? UserMemory.find(t, space, address, Protection.READ)
                : Faults.forWriting(t, space, address);
    }
}
