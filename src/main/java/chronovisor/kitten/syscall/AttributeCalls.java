package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.UserProcess.Attributes;

/** What a process sets about itself: prctl(2), personality(2), barriers. */
final class AttributeCalls {

    private static final int BARRIERS = 0x1F;

    private AttributeCalls() {}

    static Outcome prctl(Trap t, Call c) {
        UserProcess process = t.process();
        Attributes has = process.attributes();
        int option = (int) c.a0();
        boolean clean = c.a2() == 0 && c.a3() == 0 && c.a4() == 0;
        return switch (option) {
            case 1 -> c.a1() < 0 || c.a1() > Signals.LAST
                    ? Outcome.error(Errno.EINVAL)
                    : keep(t, has.withDeathSignal((int) c.a1()));
            case 2 -> store(t, c.a1(), has.deathSignal());
            case 3 -> Outcome.of(has.dumpable());
            case 4 -> c.a1() != 0 && c.a1() != 1
                    ? Outcome.error(Errno.EINVAL)
                    : keep(t, has.withDumpable((int) c.a1()));
            case 7 -> Outcome.of(has.keepCapabilities() ? 1 : 0);
            case 8 -> c.a1() != 0 && c.a1() != 1
                    ? Outcome.error(Errno.EINVAL)
                    : keep(t, has.withKeepCapabilities(c.a1() == 1));
            case 13 -> Outcome.ZERO;
            case 25 -> store(t, c.a1(), 1);
            case 26 -> c.a1() == 1 ? Outcome.ZERO : Outcome.error(Errno.EINVAL);
            case 27 -> Outcome.of(has.secureBits());
            case 28 -> CapabilityCalls.setSecureBits(t, (int) c.a1());
            // PR_SET_THP_DISABLE: there are no huge pages that could be switched off.
            case 41 -> clean ? Outcome.ZERO : Outcome.error(Errno.EINVAL);
            case 52 -> c.a2() != 0 || c.a3() != 0 || c.a4() != 0
                    ? Outcome.error(Errno.EINVAL)
                    : Outcome.error(Errno.ENODEV);
            case 14 -> c.a1() == 0 ? Outcome.ZERO : Outcome.error(Errno.EINVAL);
            case 15 -> {
                byte[] raw = UserMemory.string(t, c.a1(), 4096, Errno.EFAULT)
                        .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
                String name = new String(raw, 0, Math.min(15, raw.length),
                        java.nio.charset.StandardCharsets.ISO_8859_1);
                t.put(t.task().withName(name));
                yield Outcome.ZERO;
            }
            case 16 -> {
                UserMemory.write(t, c.a1(), new Bytes(16).putField(t.task().name(), 16).toArray());
                yield Outcome.ZERO;
            }
            case 21 -> Outcome.ZERO;
            case 23, 24, 47 -> CapabilityCalls.prctl(t, option, c);
            case 29 -> keep(t, has.withTimerSlack(c.a1() <= 0 ? has.standardSlack_ns() : c.a1()));
            case 30 -> Outcome.of(has.timerSlack_ns());
            case 36 -> keep(t, has.withSubreaper(c.a1() != 0));
            case 37 -> store(t, c.a1(), has.subreaper() ? 1 : 0);
            case 38 -> c.a1() != 1 || !clean ? Outcome.error(Errno.EINVAL) : keep(t, has.withNoNewPrivileges());
            case 39 -> c.a1() != 0 || !clean
                    ? Outcome.error(Errno.EINVAL)
                    : Outcome.of(has.noNewPrivileges() ? 1 : 0);
            case 40 -> store(t, c.a1(), 0);
            case 42 -> c.a1() != 0 || !clean ? Outcome.error(Errno.EINVAL) : Outcome.ZERO;
            // PR_SET_VMA names anonymous memory in /proc; nobody can tell whether it did.
            case 0x53564d41 -> Outcome.ZERO;
            default -> Outcome.error(Errno.EINVAL);
        };
    }

    private static Outcome keep(Trap t, Attributes changed) {
        t.put(t.process().withAttributes(changed));
        return Outcome.ZERO;
    }

    private static Outcome store(Trap t, long address, int value) {
        UserMemory.write32(t, address, value);
        return Outcome.ZERO;
    }

    static Outcome personality(Trap t, Call c) {
        int old = t.process().attributes().personality();
        if ((int) c.a0() != -1) {
            t.put(t.process().withAttributes(t.process().attributes().withPersonality((int) c.a0())));
        }
        return Outcome.of(old);
    }

    /** Cores take turns on one host thread, so every core sees memory in program order at all times. */
    static Outcome membarrier(Trap t, Call c) {
        int command = (int) c.a0();
        if (c.a1() != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (command == 0) {
            return Outcome.of(BARRIERS);
        }
        if (Integer.bitCount(command) != 1 || (command & ~BARRIERS) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Attributes has = t.process().attributes();
        if (command == 16) {
            t.put(t.process().withAttributes(has.withBarriers()));
        }
        return command == 8 && !has.barriers() ? Outcome.error(Errno.EPERM) : Outcome.ZERO;
    }
}
