package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.kernel.Identity;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.UserProcess.Credentials;
import chronovisor.kitten.task.UserProcess.Limit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/** Who and where: identity, limits, entropy. */
final class SystemCalls {

    private static final int LIMITS = 16;
    private static final int FIELD = 65;
    private static final int GROUPS_MAX = 65_536;

    private SystemCalls() {}

    static Outcome uname(Trap t, Call c) {
        UserMemory.write(t, c.a0(), new Bytes(6 * FIELD).putField(Identity.SYSTEM, FIELD)
                .putField(t.hostName(), FIELD).putField(Identity.RELEASE, FIELD).putField(Identity.VERSION, FIELD)
                .putField(Identity.MACHINE, FIELD).putField(t.settings().domainName(), FIELD).toArray());
        return Outcome.ZERO;
    }

    static Outcome sethostname(Trap t, Call c) {
        require(t, Capabilities.SYS_ADMIN);
        if (c.a1() < 0 || c.a1() > 64) {
            return Outcome.error(Errno.EINVAL);
        }
        t.hostName(new String(UserMemory.read(t, c.a0(), (int) c.a1()), StandardCharsets.ISO_8859_1));
        return Outcome.ZERO;
    }

    static Outcome setdomainname(Trap t, Call c) {
        require(t, Capabilities.SYS_ADMIN);
        if (c.a1() < 0 || c.a1() > 64) {
            return Outcome.error(Errno.EINVAL);
        }
        String name = new String(UserMemory.read(t, c.a0(), (int) c.a1()), StandardCharsets.ISO_8859_1);
        t.put(t.settings().withDomainName(name));
        return Outcome.ZERO;
    }

    /** Fails with EPERM unless the current process has a capability. */
    static void require(Trap t, int capability) {
        if (!t.process().credentials().can(capability)) {
            throw new LinuxError(Errno.EPERM);
        }
    }

    static Outcome sysinfo(Trap t, Call c) {
        Bytes out = new Bytes(112).put64(t.now_ns() / 1_000_000_000L).put64(0).put64(0).put64(0);
        out.put64(t.framesTotal() << 12).put64(t.framesFree() << 12).put64(0).put64(0).put64(0).put64(0);
        out.put16(t.tasks().size()).put16(0).put32(0).put64(0).put64(0).put32(1).put32(0);
        UserMemory.write(t, c.a0(), out.toArray());
        return Outcome.ZERO;
    }

    static Outcome getrandom(Trap t, Call c) {
        if ((c.a2() & ~7) != 0 || (c.a2() & 6) == 6) {
            return Outcome.error(Errno.EINVAL);
        }
        long left = Math.min(c.a1() & Long.MAX_VALUE, 0x1ffffff);
        long done = 0;
        while (done < left) {
            byte[] bytes = new byte[(int) Math.min(Transfer.CHUNK_BYTES, left - done)];
            t.machine.entropy(bytes);
            UserMemory.write(t, c.a0() + done, bytes);
            done += bytes.length;
        }
        return Outcome.of(done);
    }

    static Outcome prlimit(Trap t, Call c) {
        UserProcess process = c.a0() == 0 ? t.process() : t.findProcess((int) c.a0());
        if (process == null) {
            return Outcome.error(Errno.ESRCH);
        }
        UserProcess.Credentials me = t.process().credentials();
        UserProcess.Credentials other = process.credentials();
        boolean same = me.uid() == other.uid() && me.uid() == other.euid() && me.uid() == other.suid()
                && me.gid() == other.gid() && me.gid() == other.egid() && me.gid() == other.sgid();
        if (process.id() != t.process().id() && !same) {
            require(t, Capabilities.SYS_RESOURCE);
        }
        return limit(t, process, (int) c.a1(), c.a3(), c.a2());
    }

    static Outcome getrlimit(Trap t, Call c) {
        return limit(t, t.process(), (int) c.a0(), c.a1(), 0);
    }

    static Outcome setrlimit(Trap t, Call c) {
        UserMemory.read64(t, c.a1());
        return limit(t, t.process(), (int) c.a0(), 0, c.a1());
    }

    private static Outcome limit(Trap t, UserProcess process, int resource, long oldAt, long newAt) {
        if (resource < 0 || resource >= LIMITS) {
            return Outcome.error(Errno.EINVAL);
        }
        Limit old = process.limit(resource);
        if (newAt != 0) {
            Limit changed = new Limit(UserMemory.read64(t, newAt), UserMemory.read64(t, newAt + 8));
            if (Long.compareUnsigned(changed.soft(), changed.hard()) > 0) {
                return Outcome.error(Errno.EINVAL);
            }
            if (Long.compareUnsigned(changed.hard(), old.hard()) > 0) {
                require(t, Capabilities.SYS_RESOURCE);
            }
            if (resource == 7 && Long.compareUnsigned(changed.hard(), 1 << 20) > 0) {
                return Outcome.error(Errno.EPERM);
            }
            // No CPU time at all is a second, as on Linux.
            boolean none = resource == 0 && changed.soft() == 0;
            t.put(process.withLimits(process.limits().plus(resource, none ? new Limit(1, changed.hard()) : changed)));
        }
        if (oldAt != 0) {
            UserMemory.write(t, oldAt, new Bytes(16).put64(old.soft()).put64(old.hard()).toArray());
        }
        return Outcome.ZERO;
    }

    static Outcome getuid(Trap t, Call c) {
        return Outcome.of(t.process().credentials().uid());
    }

    static Outcome getgid(Trap t, Call c) {
        return Outcome.of(t.process().credentials().gid());
    }

    static Outcome geteuid(Trap t, Call c) {
        return Outcome.of(t.process().credentials().euid());
    }

    static Outcome getegid(Trap t, Call c) {
        return Outcome.of(t.process().credentials().egid());
    }

    static Outcome getresuid(Trap t, Call c) {
        Credentials who = t.process().credentials();
        UserMemory.write32(t, c.a0(), who.uid());
        UserMemory.write32(t, c.a1(), who.euid());
        UserMemory.write32(t, c.a2(), who.suid());
        return Outcome.ZERO;
    }

    static Outcome getresgid(Trap t, Call c) {
        Credentials who = t.process().credentials();
        UserMemory.write32(t, c.a0(), who.gid());
        UserMemory.write32(t, c.a1(), who.egid());
        UserMemory.write32(t, c.a2(), who.sgid());
        return Outcome.ZERO;
    }

    static Outcome setuid(Trap t, Call c) {
        int id = (int) c.a0();
        if (id == -1) {
            return Outcome.error(Errno.EINVAL);
        }
        Credentials who = t.process().credentials();
        return who.can(Capabilities.SETUID) ? users(t, id, id, id) : users(t, -1, id, -1);
    }

    static Outcome setreuid(Trap t, Call c) {
        Credentials who = t.process().credentials();
        int real = (int) c.a0();
        int effective = (int) c.a1();
        boolean saves = real != -1 || (effective != -1 && effective != who.uid());
        return users(t, real, effective, saves ? effective == -1 ? who.euid() : effective : -1);
    }

    static Outcome setresuid(Trap t, Call c) {
        return users(t, (int) c.a0(), (int) c.a1(), (int) c.a2());
    }

    private static Outcome users(Trap t, int real, int effective, int saved) {
        Credentials who = t.process().credentials();
        for (int id : new int[]{real, effective, saved}) {
            if (id != -1 && !who.can(Capabilities.SETUID) && id != who.uid() && id != who.euid() && id != who.suid()) {
                return Outcome.error(Errno.EPERM);
            }
        }
        t.put(t.process().withCredentials(who.withUsers(real == -1 ? who.uid() : real,
                effective == -1 ? who.euid() : effective, saved == -1 ? who.suid() : saved,
                t.process().attributes().keepCapabilities())));
        return Outcome.ZERO;
    }

    static Outcome setgid(Trap t, Call c) {
        int id = (int) c.a0();
        if (id == -1) {
            return Outcome.error(Errno.EINVAL);
        }
        return t.process().credentials().can(Capabilities.SETGID) ? groups(t, id, id, id) : groups(t, -1, id, -1);
    }

    static Outcome setregid(Trap t, Call c) {
        Credentials who = t.process().credentials();
        int real = (int) c.a0();
        int effective = (int) c.a1();
        boolean saves = real != -1 || (effective != -1 && effective != who.gid());
        return groups(t, real, effective, saves ? effective == -1 ? who.egid() : effective : -1);
    }

    static Outcome setresgid(Trap t, Call c) {
        return groups(t, (int) c.a0(), (int) c.a1(), (int) c.a2());
    }

    private static Outcome groups(Trap t, int real, int effective, int saved) {
        Credentials who = t.process().credentials();
        for (int id : new int[]{real, effective, saved}) {
            if (id != -1 && !who.can(Capabilities.SETGID) && id != who.gid() && id != who.egid() && id != who.sgid()) {
                return Outcome.error(Errno.EPERM);
            }
        }
        t.put(t.process().withCredentials(who.withGroups(real == -1 ? who.gid() : real,
                effective == -1 ? who.egid() : effective, saved == -1 ? who.sgid() : saved)));
        return Outcome.ZERO;
    }

    static Outcome getgroups(Trap t, Call c) {
        PVector<Integer> groups = t.process().credentials().groups();
        int size = (int) c.a0();
        if (size < 0 || (size > 0 && size < groups.size())) {
            return Outcome.error(Errno.EINVAL);
        }
        if (size > 0) {
            Bytes out = new Bytes(4 * groups.size());
            groups.forEach(out::put32);
            UserMemory.write(t, c.a1(), out.toArray());
        }
        return Outcome.of(groups.size());
    }

    static Outcome setgroups(Trap t, Call c) {
        require(t, Capabilities.SETGID);
        long count = c.a0() & 0xFFFFFFFFL;
        if (count > GROUPS_MAX) {
            return Outcome.error(Errno.EINVAL);
        }
        byte[] raw = UserMemory.read(t, c.a1(), (int) count * 4);
        List<Integer> groups = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            groups.add(Bytes.get32(raw, 4 * i));
        }
        groups.sort(Integer::compareUnsigned);
        UserProcess process = t.process();
        t.put(process.withCredentials(process.credentials().withSupplementary(TreePVector.from(groups))));
        return Outcome.ZERO;
    }

    static Outcome setfsuid(Trap t, Call c) {
        Credentials who = t.process().credentials();
        int id = (int) c.a0();
        if (id != -1 && (who.can(Capabilities.SETUID) || id == who.uid() || id == who.euid() || id == who.suid()
                || id == who.fsuid())) {
            t.put(t.process().withCredentials(who.withFile(id, who.fsgid())));
        }
        return Outcome.of(who.fsuid());
    }

    static Outcome setfsgid(Trap t, Call c) {
        Credentials who = t.process().credentials();
        int id = (int) c.a0();
        if (id != -1 && (who.can(Capabilities.SETGID) || id == who.gid() || id == who.egid() || id == who.sgid()
                || id == who.fsgid())) {
            t.put(t.process().withCredentials(who.withFile(who.fsuid(), id)));
        }
        return Outcome.of(who.fsgid());
    }
}
