package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.ipc.Permissions;
import chronovisor.kitten.ipc.Segment;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.KernelLimits;
import chronovisor.kitten.kernel.Mappings;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Call;
import java.util.List;
import java.util.Locale;

/** System V shared memory: shmget(2), shmat(2), shmdt(2), shmctl(2). */
final class SharedMemoryCalls {

    private static final int READ_ONLY = 010000;
    private static final int ROUND = 020000;
    private static final int REMAP = 040000;
    private static final int EXECUTE = 0100000;
    private static final int HUGE = 04000;
    private static final int LOCK = 11;
    private static final int UNLOCK = 12;
    private static final int STAT = 13;
    private static final int INFO = 14;
    private static final int STAT_ANY = 15;

    private SharedMemoryCalls() {}

    static Outcome get(Trap t, Call c) {
        int key = (int) c.a0();
        int flags = (int) c.a2();
        if ((flags & HUGE) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        for (Segment segment : t.ipc().segments().values()) {
            if (key != 0 && segment.permissions().key() == key) {
                IpcCalls.requireFound(t, segment.permissions(), flags);
                return Long.compareUnsigned(c.a1(), segment.bytes()) > 0
                        ? Outcome.error(Errno.EINVAL)
                        : Outcome.of(segment.id());
            }
        }
        IpcCalls.requireCreates(key, flags);
        if (c.a1() == 0 || Long.compareUnsigned(c.a1(), KernelLimits.of(t, KernelLimits.SEGMENT_BYTES)) > 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (t.ipc().segments().size() >= KernelLimits.of(t, KernelLimits.SEGMENTS)) {
            return Outcome.error(Errno.ENOSPC);
        }
        if (c.a1() >>> 12 > t.framesTotal()) {
            return Outcome.error(Errno.ENOMEM);
        }
        int id = t.ipc().nextId(t.ipc().segments());
        var inode = Mappings.sharedMemory(t, c.a1() + 4095 & -4096L);
        // The segment itself is what names the inode.
        t.put(inode.withLinks(1, t.realtime_ns()));
        t.ipc(t.ipc().with(new Segment(id, IpcCalls.created(t, key, flags), c.a1(), inode.number(),
                t.process().id(), 0, 0, 0, IpcCalls.now_s(t))));
        return Outcome.of(id);
    }

    private static Segment find(Trap t, int id) {
        Segment segment = t.ipc().segments().get(id);
        if (segment == null) {
            throw new LinuxError(Errno.EINVAL);
        }
        return segment;
    }

    static Outcome attach(Trap t, Call c) {
        int flags = (int) c.a2();
        if ((int) c.a0() < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        long address = c.a1();
        if ((address & 4095) != 0) {
            if ((flags & ROUND) == 0) {
                return Outcome.error(Errno.EINVAL);
            }
            address &= -4096L;
        }
        if (address == 0 && (flags & REMAP) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Segment segment = find(t, (int) c.a0());
        boolean writes = (flags & READ_ONLY) == 0;
        int wanted = Permissions.READ | (writes ? Permissions.WRITE : 0) | ((flags & EXECUTE) != 0 ? 0111 : 0);
        if (!segment.permissions().allows(t.process().credentials(), wanted)) {
            return Outcome.error(Errno.EACCES);
        }
        long length = segment.bytes() + 4095 & -4096L;
        AddressSpace space = t.space();
        if (address == 0) {
            address = space.findFree(length);
            if (address < 0) {
                return Outcome.error(Errno.ENOMEM);
            }
        } else if (address < AddressSpace.USER_START || address > AddressSpace.USER_END - length) {
            return Outcome.error(Errno.EINVAL);
        } else if (!space.isFree(address, address + length)) {
            if ((flags & REMAP) == 0) {
                return Outcome.error(Errno.EINVAL);
            }
            Mappings.unmap(t, space.id(), address, address + length);
        }
        int protection = Protection.READ | (writes ? Protection.WRITE : 0)
                | ((flags & EXECUTE) != 0 ? Protection.EXECUTE : 0);
        Mappings.map(t, space.id(), new Region(address, address + length, protection, true, false, segment.inode(), 0,
                String.format(Locale.ROOT, "/SYSV%08x (deleted)", segment.permissions().key())));
        t.ipc(t.ipc().with(segment.attached(t.process().id(), IpcCalls.now_s(t))));
        return Outcome.of(address);
    }

    static Outcome detach(Trap t, Call c) {
        Region first = t.space().find(c.a0());
        if ((c.a0() & 4095) != 0 || first == null) {
            return Outcome.error(Errno.EINVAL);
        }
        for (Segment segment : t.ipc().segments().values()) {
            if (segment.inode() != first.inode() || first.offset() + (c.a0() - first.start()) != 0) {
                continue;
            }
            long end = c.a0() + (segment.bytes() + 4095 & -4096L);
            t.ipc(t.ipc().with(segment.detached(t.process().id(), IpcCalls.now_s(t))));
            for (Region region : List.copyOf(t.space().overlapping(c.a0(), end))) {
                if (region.inode() == segment.inode()) {
                    Mappings.unmap(t, t.space().id(), Math.max(c.a0(), region.start()), Math.min(end, region.end()));
                }
            }
            return Outcome.ZERO;
        }
        return Outcome.error(Errno.EINVAL);
    }

    static Outcome control(Trap t, Call c) {
        int id = (int) c.a0();
        int command = (int) c.a1();
        if (id < 0 || command < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return switch (command) {
            case IpcCalls.INFO -> {
                UserMemory.write(t, c.a2(), new Bytes(72).put64(KernelLimits.of(t, KernelLimits.SEGMENT_BYTES)).put64(1)
                        .put64(KernelLimits.of(t, KernelLimits.SEGMENTS))
                        .put64(KernelLimits.of(t, KernelLimits.SEGMENTS))
                        .put64(KernelLimits.of(t, KernelLimits.SEGMENT_PAGES)).zeros(32).toArray());
                yield Outcome.of(IpcCalls.highest(t.ipc().segments()));
            }
            case INFO -> {
                long pages = t.ipc().segments().values().stream().mapToLong(s -> s.bytes() + 4095 >>> 12).sum();
                UserMemory.write(t, c.a2(), new Bytes(48).put32(t.ipc().segments().size()).put32(0).put64(pages)
                        .put64(pages).put64(0).put64(0).put64(0).toArray());
                yield Outcome.of(IpcCalls.highest(t.ipc().segments()));
            }
            case IpcCalls.STAT, STAT, STAT_ANY -> {
                Segment segment = command == IpcCalls.STAT
                        ? find(t, id)
                        : IpcCalls.atIndex(t.ipc().segments(), id);
                if (command != STAT_ANY) {
                    IpcCalls.require(t, segment.permissions(), Permissions.READ);
                }
                UserMemory.write(t, c.a2(), describe(t, segment));
                yield command == IpcCalls.STAT ? Outcome.ZERO : Outcome.of(segment.id());
            }
            case IpcCalls.SET -> {
                byte[] raw = UserMemory.read(t, c.a2(), 112);
                Segment segment = find(t, id);
                Permissions changed = IpcCalls.changed(t, segment.permissions(), raw);
                t.ipc(t.ipc().with(segment.withPermissions(changed, IpcCalls.now_s(t))));
                yield Outcome.ZERO;
            }
            case IpcCalls.REMOVE -> remove(t, find(t, id));
            case LOCK, UNLOCK -> lock(t, find(t, id), command == LOCK);
            default -> Outcome.error(Errno.EINVAL);
        };
    }

    private static Outcome lock(Trap t, Segment segment, boolean on) {
        if (!segment.permissions().owns(t.process().credentials())) {
            return Outcome.error(Errno.EPERM);
        }
        Permissions p = segment.permissions();
        int mode = on ? p.mode() | Segment.LOCKED : p.mode() & ~Segment.LOCKED;
        t.ipc(t.ipc().with(segment.withPermissions(
                new Permissions(p.key(), p.uid(), p.gid(), p.creator(), p.creatorGroup(), mode),
                segment.changed_s())));
        return Outcome.ZERO;
    }

    /** The key goes at once, the memory with its last attachment. */
    private static Outcome remove(Trap t, Segment segment) {
        if (!segment.permissions().owns(t.process().credentials())) {
            return Outcome.error(Errno.EPERM);
        }
        t.ipc(t.ipc().with(segment.withPermissions(segment.permissions().removed(Segment.REMOVED),
                segment.changed_s())));
        var inode = Inodes.get(t, segment.inode());
        t.put(inode.withLinks(0, t.realtime_ns()));
        Inodes.collect(t, inode.number());
        return Outcome.ZERO;
    }

    private static byte[] describe(Trap t, Segment segment) {
        Bytes out = new Bytes(112);
        segment.permissions().encode(out, segment.id());
        return out.put64(segment.bytes()).put64(segment.attached_s()).put64(segment.detached_s())
                .put64(segment.changed_s()).put32(segment.made()).put32(segment.last())
                .put64(Mappings.attachments(t, segment.inode())).put64(0).put64(0).toArray();
    }
}
