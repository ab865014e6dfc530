package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.kitten.Kitten;
import chronovisor.kitten.KittenObserver;
import chronovisor.kitten.syscall.Syscall;
import chronovisor.kitten.syscall.SyscallTable;
import chronovisor.memory.FramePool;
import chronovisor.vmm.MachineObserver;
import chronovisor.vmm.RunResult;
import chronovisor.vmm.VirtualMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Every system call of the table is made by an embedded guest whose output is compared with the host's: once so that it
 * succeeds, and once so that it fails, if it can.
 */
final class SyscallCoverageTest {

    /** Calls that cannot be seen to succeed, and why. */
    private static final Map<String, String> NEVER_SUCCEED = new TreeMap<>(Map.of(
            "rt_sigreturn", "returns to where the signal came", "exit", "does not return", "exit_group",
            "does not return", "execve", "does not return", "execveat", "does not return", "pause",
            "ends by a signal only", "rt_sigsuspend", "ends by a signal only"));

    /** Calls that no argument makes fail on Linux. */
    private static final SortedSet<String> NEVER_FAIL = new TreeSet<>(List.of("brk", "rt_sigreturn", "sched_yield",
            "alarm", "getpid", "gettid", "getppid", "getpgrp", "getuid", "getgid", "geteuid", "getegid", "exit",
            "exit_group", "umask", "setfsuid", "setfsgid", "personality", "munlockall", "sync", "set_tid_address"));

    /** Calls that fail only when there is no more memory, or no more of what they make. */
    private static final SortedSet<String> FAIL_BY_LIMITS = new TreeSet<>(
            List.of("fork", "vfork"));

    private final SortedSet<Integer> succeeded = new TreeSet<>();
    private final SortedSet<Integer> failed = new TreeSet<>();
    private final SortedSet<Integer> entered = new TreeSet<>();

    private void run(EmbeddedGuests.Guest guest) {
        MachineSetup setup = guest.setup();
        try (FramePool pool = new FramePool(256L << 20)) {
            Kitten kitten = new Kitten(setup.kernel(), new KittenObserver() {
                @Override
                public void syscallEntered(int core, int task, int number, long[] arguments) {
                    entered.add(number);
                }

                @Override
                public void syscallReturned(int core, int task, int number, long value) {
                    (value < 0 && value > -4096 ? failed : succeeded).add(number);
                }
            });
            VirtualMachine vm = new VirtualMachine(setup.configuration(), pool, guest.environment(),
                    TestEngines.named("interpreter"), kitten, MachineObserver.NONE);
            vm.boot("", setup.files());
            RunResult result = vm.run();
            assertThat(result.kind()).as("%s: %s", guest, result.reason()).isEqualTo(RunResult.Kind.SHUTDOWN);
        }
    }

    @Test
    void everyCallSucceedsOnceAndFailsOnceInAGuestThatIsComparedWithTheHost() {
        EmbeddedGuests.all().forEach(this::run);
        List<String> missing = new ArrayList<>();
        for (Syscall row : SyscallTable.rows()) {
            if (row.handler() == null) {
                continue;
            }
            if (!entered.contains(row.number())) {
                missing.add(row.name() + ": never made");
            } else if (!succeeded.contains(row.number()) && !NEVER_SUCCEED.containsKey(row.name())) {
                missing.add(row.name() + ": never succeeds");
            } else if (!failed.contains(row.number()) && !NEVER_FAIL.contains(row.name())
                    && !FAIL_BY_LIMITS.contains(row.name())) {
                missing.add(row.name() + ": never fails");
            } else if (succeeded.contains(row.number()) && NEVER_SUCCEED.containsKey(row.name())
                    || failed.contains(row.number())
                            && (NEVER_FAIL.contains(row.name()) || FAIL_BY_LIMITS.contains(row.name()))) {
                missing.add(row.name() + ": needs no excuse");
            }
        }
        assertThat(missing).isEmpty();
    }
}
