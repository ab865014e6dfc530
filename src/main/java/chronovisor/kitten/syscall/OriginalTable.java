package chronovisor.kitten.syscall;

import static chronovisor.kitten.syscall.Syscall.Support.ABSENT;
import static chronovisor.kitten.syscall.Syscall.Support.FULL;
import static chronovisor.kitten.syscall.Syscall.Support.PARTIAL;
import static chronovisor.kitten.syscall.Syscall.Support.STUB;

import chronovisor.kitten.KittenOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the Kitten of 2012 answers otherwise than {@link SyscallTable}: until which switch is on, and how. A call that is in
 * neither of its tables is not there: a line on the console at its first use, and ENOSYS. Of several rows of one number
 * the first that applies answers.
 */
public final class OriginalTable {

    /**
     * A call as the 2012 kernel has it.
     *
     * @param until
     *            the switch that replaces it by the table's row
     * @param row
     *            what it does until then
     */
    public record Original(String until, Syscall row) {

        /** Whether this row answers under the options. */
        public boolean applies(KittenOptions options) {
            return !options.has(until) && (row.patch().isEmpty() || options.has(row.patch()));
        }
    }

    // @formatter:off
    private static final List<Original> ROWS = List.of(
            until("vfs", 0, "read", "fd, buffer, count", PARTIAL, "a console without `console_read` has no read: a console line and EBADF", OriginalFiles::read),
            until("vfs", 1, "write", "fd, buffer, count", PARTIAL, "console: 511 bytes a call, after the task's name; pipe: 1024; a file past its largest size: EFBIG", OriginalFiles::write),
            until("binary_pipes", 1, "write", "fd, buffer, count", PARTIAL, "what follows a NUL is lost in a pipe", ReadWrite::write),
            until("vfs", 2, "open", "path, flags", PARTIAL, "O_CREAT makes missing parents, other flags do nothing; from the root always", OriginalFiles::open),
            until("vfs", 4, "stat", "path, stat*", PARTIAL, "mode, device and inode number only; EBADF when it is not there", OriginalFiles::stat),
            until("vfs", 5, "fstat", "fd, stat*", PARTIAL, "mode, device and inode number only", OriginalFiles::fstat),
            until("vfs", 6, "lstat", "path, stat*", PARTIAL, "as stat", OriginalFiles::stat),
            until("vfs", 8, "lseek", "fd, offset, whence", PARTIAL, "EINVAL past the largest size; SEEK_END ignores the offset", OriginalFiles::lseek),
            until("elf", 9, "mmap", "address, length, protection, flags, fd, offset", PARTIAL, "anonymous only, down from the top of the heap; the address is not looked at", OriginalMemory::mmap),
            until("mprotect", 10, "mprotect", "address, length, protection", STUB, "returns 0 and does nothing", OriginalProcess::nothing),
            until("elf", 11, "munmap", "address, length", STUB, "a whole region goes, anonymous memory does not", OriginalMemory::munmap),
            until("elf", 12, "brk", "address", PARTIAL, "within the heap, below anonymous memory", OriginalMemory::brk),
            until("vfs", 16, "ioctl", "fd, request, argument", STUB, "console: a console line and ENOTTY; files: EINVAL", OriginalFiles::ioctl),
            until("vfs", 19, "readv", "fd, iovec*, count", PARTIAL, "a console without `console_read` has no read: a console line and EINVAL", OriginalFiles::readv),
            until("vfs", 20, "writev", "fd, iovec*, count", PARTIAL, "console: as a write for each", OriginalFiles::writev),
            until("binary_pipes", 20, "writev", "fd, iovec*, count", PARTIAL, "what follows a NUL is lost in a pipe", ReadWrite::writev),
            with("pipes", 22, "pipe", "fds*", PARTIAL, "1024-byte buffer; two files in /proc/TASK/fd; no SIGPIPE", OriginalFiles::pipe),
            until("elf", 28, "madvise", "address, length, advice", STUB, "returns 0; a console line for advice other than DONTNEED", OriginalProcess::madvise),
            until("process", 56, "clone", "flags, stack, parent_tid*, child_tid*, tls", PARTIAL, "threads only: VM, FS, FILES, SIGHAND, THREAD and SYSVSEM together, else a console line and ENOSYS", OriginalProcess::clone),
            until("process", 57, "fork", "", STUB, "a console line and ENOSYS", OriginalProcess::fork),
            until("process", 61, "wait4", "pid, status*, options", PARTIAL, "pid 0 is EINVAL; with `syscalls` it is any child", OriginalProcess::wait4),
            until("process", 62, "kill", "pid, signal", PARTIAL, "no process groups: EPERM", OriginalProcess::kill),
            until("vfs", 72, "fcntl", "fd, command, argument", PARTIAL, "F_GETFL and F_SETFL; F_GETFD and F_SETFD do nothing; else EINVAL", OriginalFiles::fcntl),
            with("libc", 79, "getcwd", "buffer, size", PARTIAL, "the root", LibcCalls::getcwd),
            until("vfs", 83, "mkdir", "path, mode", PARTIAL, "an existing one: a console line and 0; makes missing parents", OriginalFiles::mkdir),
            until("vfs", 84, "rmdir", "path", PARTIAL, "2 when it is not there", OriginalFiles::rmdir),
            until("vfs", 87, "unlink", "path", PARTIAL, "2 when it is not there", OriginalFiles::unlink),
            with("libc", 89, "readlink", "path, buffer, size", PARTIAL, "/proc/self/exe; every other link is followed: EINVAL", LibcCalls::readlink),
            until("vfs", 89, "readlink", "path, buffer, size", STUB, "every link is followed: EINVAL, ENOENT when it is not there", OriginalFiles::readlink),
            until("vfs", 97, "getrlimit", "resource, rlimit*", PARTIAL, "STACK and MEMLOCK, with `syscalls` AS, are infinite; else a console line and EINVAL", OriginalProcess::getrlimit),
            until("vfs", 115, "getgroups", "count, list*", STUB, "returns 0", OriginalProcess::nothing),
            until("futex", 202, "futex", "address, operation, value, timeout*, address2, value3", PARTIAL, "WAIT, WAIT_BITSET without timeout, WAKE, WAKE_BITSET, WAKE_OP, CMP_REQUEUE, within the process", OriginalProcess::futex),
            until("time", 228, "clock_gettime", "clock, timespec*", PARTIAL, "REALTIME only, else EINVAL", OriginalProcess::clockGettime),
            with("libc", 257, "openat", "directory, path, flags", PARTIAL, "as open, without a directory", LibcCalls::openat),
            with("libc", 262, "newfstatat", "directory, path, stat*, flags", PARTIAL, "as stat and fstat, without a directory; ENOENT when it is not there", LibcCalls::newfstatat),
            until("futex", 273, "set_robust_list", "head*, bytes", STUB, "ENOSYS, without a console line", OriginalProcess::notThere),
            own(286, "pmem_add", "region*", LwkCalls::unsupported),
            own(287, "pmem_update", "region*", LwkCalls::unsupported),
            own(288, "pmem_query", "query*, result*", LwkCalls::unsupported),
            own(289, "pmem_alloc", "size, alignment, constraint*, result*", LwkCalls::unsupported),
            until("vfs", 290, "aspace_get_myid", "id*", FULL, "", LwkCalls::myId),
            own(291, "aspace_create", "id, name, id*", LwkCalls::unsupported),
            own(292, "aspace_destroy", "id", LwkCalls::unsupported),
            with("libc", 293, "pipe2", "fds*, flags", PARTIAL, "as pipe; the flags do nothing", LibcCalls::pipe2),
            own(293, "aspace_find_hole", "id, hint, extent, alignment, start*", LwkCalls::ofSpace),
            own(294, "aspace_add_region", "id, start, extent, flags, page_size, name", LwkCalls::ofSpace),
            own(295, "aspace_del_region", "id, start, extent", LwkCalls::ofSpace),
            own(296, "aspace_map_pmem", "id, pmem, start, extent", LwkCalls::ofSpace),
            own(297, "aspace_unmap_pmem", "id, start, extent", LwkCalls::ofSpace),
            own(298, "aspace_virt_to_phys", "id, address, physical*", LwkCalls::ofSpace),
            own(299, "aspace_smartmap", "source, destination, start, extent", LwkCalls::ofSpace),
            own(300, "aspace_unsmartmap", "source, destination", LwkCalls::ofSpace),
            until("vfs", 301, "aspace_dump2console", "id", FULL, "", LwkCalls::dump),
            with("libc", 302, "prlimit64", "pid, resource, new*, old*", PARTIAL, "as getrlimit; EPERM for a new limit", LibcCalls::prlimit),
            own(302, "task_create", "start_state*, id*", LwkCalls::fromStruct),
            own(303, "task_switch_cpus", "cpu", LwkCalls::unsupported),
            until("vfs", 304, "elf_hwcap", "cpu, capabilities*", FULL, "", LwkCalls::hardwareCapabilities),
            missing(305, "v3_start_guest"),
            until("vfs", 306, "getcpu", "cpu*, node*", FULL, "", SchedulerCalls::getcpu),
            missing(307, "mce_inject"),
            missing(308, "lwk_arp"),
            missing(309, "lwk_ifconfig")
    );
    // @formatter:on

    private static final List<List<Original>> BY_NUMBER = byNumber();

    private static List<List<Original>> byNumber() {
        List<List<Original>> all = new ArrayList<>();
        for (Original original : ROWS) {
            while (all.size() <= original.row().number()) {
                all.add(new ArrayList<>());
            }
            all.get(original.row().number()).add(original);
        }
        return all;
    }

    private static List<Original> ofNumber(int number) {
        return number >= 0 && number < BY_NUMBER.size() ? BY_NUMBER.get(number) : List.of();
    }

    private OriginalTable() {}

    private static Original until(String patch, int number, String name, String arguments, Syscall.Support support,
            String note, Handler handler) {
        return new Original(patch, new Syscall(number, name, arguments, support, note, "", handler));
    }

    /** A call that a switch brings, in the manner of 2012. */
    private static Original with(String patch, int number, String name, String arguments, Syscall.Support support,
            String note, Handler handler) {
        return new Original("vfs", new Syscall(number, name, arguments, support, note, patch, handler));
    }

    private static Original own(int number, String name, String arguments, Handler handler) {
        return until("vfs", number, name, arguments, STUB,
                "Kitten's own call, checks its arguments as far as it can and is else refused with a console line",
                handler);
    }

    private static Original missing(int number, String name) {
        return new Original("vfs", new Syscall(number, name, "", ABSENT, "", "", null));
    }

    /** All rows, by number. */
    public static List<Original> rows() {
        return ROWS;
    }

    /** A row of a number that has one here only, whatever answers it. */
    public static Syscall named(int number) {
        return ofNumber(number).getFirst().row();
    }

    /** The row that answers a number under the options, or null: the first that applies. */
    public static @Nullable Original row(KittenOptions options, int number) {
        for (Original original : ofNumber(number)) {
            if (original.applies(options)) {
                return original;
            }
        }
        return null;
    }
}
