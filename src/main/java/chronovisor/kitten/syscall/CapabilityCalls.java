package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;

/** Capability sets: capget(2), capset(2) and what prctl(2) has about them. Sets belong to processes, not to single threads. */
final class CapabilityCalls {

    private static final int VERSION_1 = 0x1998_0330;
    private static final int VERSION_2 = 0x2007_1026;
    private static final int VERSION_3 = 0x2008_0522;

    private static final int PR_CAPBSET_READ = 23;
    private static final int PR_CAPBSET_DROP = 24;

    /** capabilities(7), the securebits flags. */
    private static final int SECURE_BITS = 0xFF;
    private static final int SECURE_LOCKS = 0xAA;
    private static final int SECURE_KEEP_CAPABILITIES = 0x10;
    private static final int SECURE_NO_AMBIENT_RAISE = 0x40;

    private CapabilityCalls() {}

    /** 32-bit words a set in the version that a header asks for, 0 for an unknown one. */
    private static int words(Trap t, long header) {
        return switch (UserMemory.read32(t, header)) {
            case VERSION_1 -> 1;
            case VERSION_2, VERSION_3 -> 2;
            default -> 0;
        };
    }

    static Outcome capget(Trap t, Call c) {
        int words = words(t, c.a0());
        if (words == 0) {
            UserMemory.write32(t, c.a0(), VERSION_3);
            return c.a1() == 0 ? Outcome.ZERO : Outcome.error(Errno.EINVAL);
        }
        int id = UserMemory.read32(t, c.a0() + 4);
        if (id < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Task task = id == 0 ? t.task() : t.findTask(id);
        if (task == null) {
            return Outcome.error(Errno.ESRCH);
        }
        if (c.a1() != 0) {
            Capabilities has = t.process(task.process()).credentials().capabilities();
            Bytes out = new Bytes(24);
            for (int shift = 0; shift < 32 * words; shift += 32) {
                out.put32((int) (has.effective() >>> shift)).put32((int) (has.permitted() >>> shift))
                        .put32((int) (has.inheritable() >>> shift));
            }
            UserMemory.write(t, c.a1(), out.toArray());
        }
        return Outcome.ZERO;
    }

    static Outcome capset(Trap t, Call c) {
        int words = words(t, c.a0());
        if (words == 0) {
            UserMemory.write32(t, c.a0(), VERSION_3);
            return Outcome.error(Errno.EINVAL);
        }
        int id = UserMemory.read32(t, c.a0() + 4);
        if (id != 0 && id != t.task().id()) {
            return Outcome.error(Errno.EPERM);
        }
        long[] sets = new long[3];
        byte[] raw = UserMemory.read(t, c.a1(), 12 * words);
        for (int i = 0; i < 3 * words; i++) {
            sets[i % 3] |= (Bytes.get32(raw, 4 * i) & 0xFFFF_FFFFL) << 32 * (i / 3);
        }
        return set(t, sets[0], sets[1], sets[2]);
    }

    /** Permitted only shrinks; effective is within it; inheritable takes from permitted, or from all with CAP_SETPCAP. */
    private static Outcome set(Trap t, long effective, long permitted, long inheritable) {
        UserProcess process = t.process();
        Capabilities has = process.credentials().capabilities();
        boolean grows = (inheritable & ~(has.inheritable() | has.permitted())) != 0 && !has.has(Capabilities.SETPCAP)
                || (inheritable & ~(has.inheritable() | has.bounding())) != 0;
        if (grows || (permitted & ~has.permitted()) != 0 || (effective & ~permitted) != 0) {
            return Outcome.error(Errno.EPERM);
        }
        return keep(t, has.withSets(effective, permitted, inheritable));
    }

    private static Outcome keep(Trap t, Capabilities changed) {
        UserProcess process = t.process();
        t.put(process.withCredentials(process.credentials().withCapabilities(changed)));
        return Outcome.ZERO;
    }

    /** PR_CAPBSET_* and PR_CAP_AMBIENT. */
    static Outcome prctl(Trap t, int option, Call c) {
        Capabilities has = t.process().credentials().capabilities();
        return switch (option) {
            case PR_CAPBSET_READ, PR_CAPBSET_DROP -> {
                if (Long.compareUnsigned(c.a1(), Capabilities.LAST) > 0) {
                    yield Outcome.error(Errno.EINVAL);
                }
                if (option == PR_CAPBSET_READ) {
                    yield Outcome.of(has.bounding() >>> c.a1() & 1);
                }
                yield has.has(Capabilities.SETPCAP)
                        ? keep(t, has.withoutBounding((int) c.a1()))
                        : Outcome.error(Errno.EPERM);
            }
            default -> ambient(t, has, c);
        };
    }

    /** PR_SET_SECUREBITS: every bit has one beside it that locks it, and locks are never taken off. */
    static Outcome setSecureBits(Trap t, int wanted) {
        UserProcess process = t.process();
        int has = process.attributes().secureBits();
        int locked = has & SECURE_LOCKS;
        boolean allowed = (locked >> 1 & (has ^ wanted)) == 0 && (locked & ~wanted) == 0
                && (wanted & ~SECURE_BITS) == 0
                && process.credentials().can(Capabilities.SETPCAP);
        if (!allowed) {
            return Outcome.error(Errno.EPERM);
        }
        t.put(process.withAttributes(process.attributes().withSecureBits(wanted)
                .withKeepCapabilities((wanted & SECURE_KEEP_CAPABILITIES) != 0)));
        return Outcome.ZERO;
    }

    private static Outcome ambient(Trap t, Capabilities has, Call c) {
        int operation = (int) c.a1();
        long capability = c.a2();
        if (c.a3() != 0 || c.a4() != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (operation == 4) {
            return capability == 0 ? keep(t, has.withAmbient(0)) : Outcome.error(Errno.EINVAL);
        }
        if (Long.compareUnsigned(capability, Capabilities.LAST) > 0) {
            return Outcome.error(Errno.EINVAL);
        }
        long bit = 1L << capability;
        return switch (operation) {
            case 1 -> Outcome.of((has.ambient() & bit) != 0 ? 1 : 0);
            case 2 -> (has.permitted() & has.inheritable() & bit) == 0
                    || (t.process().attributes().secureBits() & SECURE_NO_AMBIENT_RAISE) != 0
                            ? Outcome.error(Errno.EPERM)
                            : keep(t, has.withAmbient(has.ambient() | bit));
            case 3 -> keep(t, has.withAmbient(has.ambient() & ~bit));
            default -> Outcome.error(Errno.EINVAL);
        };
    }
}
