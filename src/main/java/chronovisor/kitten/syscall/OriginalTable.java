package chronovisor.kitten.syscall;

import static chronovisor.kitten.syscall.Syscall.Support.ABSENT;
import static chronovisor.kitten.syscall.Syscall.Support.FULL;
import static chronovisor.kitten.syscall.Syscall.Support.PARTIAL;
import static chronovisor.kitten.syscall.Syscall.Support.STUB;

import chronovisor.kitten.KittenOptions;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the Kitten of 2012 answers otherwise than {@link SyscallTable}: until which switch is on, and how. A call that is in
 * neither of its tables is not there: a line on the console at its first use, and ENOSYS.
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
            until("mprotect", 10, "mprotect", "address, length, protection", STUB, "returns 0 and does nothing", OriginalProcess::nothing),
            until("elf", 28, "madvise", "address, length, advice", STUB, "returns 0; a console line for advice other than DONTNEED", OriginalProcess::madvise),
            until("process", 56, "clone", "flags, stack, parent_tid*, child_tid*, tls", PARTIAL, "threads only: VM, FS, FILES, SIGHAND, THREAD and SYSVSEM together, else a console line and ENOSYS", OriginalProcess::clone),
            until("process", 57, "fork", "", STUB, "a console line and ENOSYS", OriginalProcess::fork),
            until("process", 61, "wait4", "pid, status*, options", PARTIAL, "pid 0 is EINVAL; with `syscalls` it is any child", OriginalProcess::wait4),
            until("process", 62, "kill", "pid, signal", PARTIAL, "no process groups: EPERM", OriginalProcess::kill),
            until("vfs", 97, "getrlimit", "resource, rlimit*", PARTIAL, "STACK and MEMLOCK, with `syscalls` AS, are infinite; else a console line and EINVAL", OriginalProcess::getrlimit),
            until("vfs", 115, "getgroups", "count, list*", STUB, "returns 0", OriginalProcess::nothing),
            until("futex", 202, "futex", "address, operation, value, timeout*, address2, value3", PARTIAL, "WAIT, WAIT_BITSET without timeout, WAKE, WAKE_BITSET, WAKE_OP, CMP_REQUEUE, within the process", OriginalProcess::futex),
            until("time", 228, "clock_gettime", "clock, timespec*", PARTIAL, "REALTIME only, else EINVAL", OriginalProcess::clockGettime),
            until("futex", 273, "set_robust_list", "head*, bytes", STUB, "ENOSYS, without a console line", OriginalProcess::notThere),
            own(286, "pmem_add", "region*", LwkCalls::unsupported),
            own(287, "pmem_update", "region*", LwkCalls::unsupported),
            own(288, "pmem_query", "query*, result*", LwkCalls::unsupported),
            own(289, "pmem_alloc", "size, alignment, constraint*, result*", LwkCalls::unsupported),
            until("vfs", 290, "aspace_get_myid", "id*", FULL, "", LwkCalls::myId),
            own(291, "aspace_create", "id, name, id*", LwkCalls::unsupported),
            own(292, "aspace_destroy", "id", LwkCalls::unsupported),
            own(293, "aspace_find_hole", "id, hint, extent, alignment, start*", LwkCalls::ofSpace),
            own(294, "aspace_add_region", "id, start, extent, flags, page_size, name", LwkCalls::ofSpace),
            own(295, "aspace_del_region", "id, start, extent", LwkCalls::ofSpace),
            own(296, "aspace_map_pmem", "id, pmem, start, extent", LwkCalls::ofSpace),
            own(297, "aspace_unmap_pmem", "id, start, extent", LwkCalls::ofSpace),
            own(298, "aspace_virt_to_phys", "id, address, physical*", LwkCalls::ofSpace),
            own(299, "aspace_smartmap", "source, destination, start, extent", LwkCalls::ofSpace),
            own(300, "aspace_unsmartmap", "source, destination", LwkCalls::ofSpace),
            until("vfs", 301, "aspace_dump2console", "id", FULL, "", LwkCalls::dump),
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

    private static final TreeMap<Integer, Original> BY_NUMBER = new TreeMap<>();

    static {
        ROWS.forEach(row -> BY_NUMBER.put(row.row().number(), row));
    }

    private OriginalTable() {}

    private static Original until(String patch, int number, String name, String arguments, Syscall.Support support,
            String note, Handler handler) {
        return new Original(patch, new Syscall(number, name, arguments, support, note, "", handler));
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

    /** The row of a number, or null. */
    public static @Nullable Original row(int number) {
        return BY_NUMBER.get(number);
    }
}
