package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.kernel.Consoles;
import chronovisor.kitten.kernel.Loader;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Call;
import java.util.Locale;

/**
 * Kitten's own calls, which in 2012 sit at 286 to 309, where Linux has pipe2, prlimit64 and others: a program that means
 * Linux's gets something else. What a program can ask about itself is answered; what makes address spaces, tasks and
 * physical memory is refused with a console line.
 */
final class LwkCalls {

    private static final int ASPACE_ID_MAX = 32_767;
    private static final int START_STATE_BYTES = 32;

    private LwkCalls() {}

    static Outcome unsupported(Trap t, Call c) {
        OriginalTable.Original original = OriginalTable.row(t.options, c.number());
        String name = original == null ? "call " + c.number() : original.row().name();
        Consoles.print(t,
                name + " is a call of Kitten's own that Chronovisor lacks (syscall_number=" + c.number() + ")");
        return Outcome.error(Errno.ENOSYS);
    }

    static Outcome myId(Trap t, Call c) {
        UserMemory.write32(t, c.a0(), t.process().id());
        return Outcome.ZERO;
    }

    /** A call on an address space: EINVAL when there can be none of that number. */
    static Outcome ofSpace(Trap t, Call c) {
        int id = (int) c.a0();
        return id < 1 || id > ASPACE_ID_MAX ? Outcome.error(Errno.EINVAL) : unsupported(t, c);
    }

    /** A call that reads a structure first: EFAULT when it is not there. */
    static Outcome fromStruct(Trap t, Call c) {
        UserMemory.read(t, c.a0(), START_STATE_BYTES);
        return unsupported(t, c);
    }

    static Outcome dump(Trap t, Call c) {
        int id = (int) c.a0();
        if (id != t.process().id()) {
            return Outcome.error(Errno.EINVAL);
        }
        Consoles.print(t, "DUMP OF ADDRESS SPACE " + id + ":");
        Consoles.print(t, "  name:    " + t.task().name());
        Consoles.print(t, "  regions:");
        for (Region region : t.space().regions().values()) {
            Consoles.print(t, String.format(Locale.ROOT, "    [0x%016x, 0x%016x) %s", region.start(), region.end(),
                    region.name()));
        }
        return Outcome.ZERO;
    }

    static Outcome hardwareCapabilities(Trap t, Call c) {
        int cpu = (int) c.a0();
        if (cpu != -1 && (cpu < 0 || cpu >= t.cores().size())) {
            return Outcome.error(Errno.ENOENT);
        }
        UserMemory.write32(t, c.a1(), (int) Loader.hardwareCapabilities(t));
        return Outcome.ZERO;
    }
}
