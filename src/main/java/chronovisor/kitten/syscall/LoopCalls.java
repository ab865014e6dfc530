package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.LoopDevice;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.LoopDevices;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** ioctl(2) of loop devices and of block devices as such, loop(4). */
final class LoopCalls {

    private static final int SET_FD = 0x4C00;
    private static final int CLR_FD = 0x4C01;
    private static final int SET_STATUS = 0x4C02;
    private static final int GET_STATUS = 0x4C03;
    private static final int SET_STATUS64 = 0x4C04;
    private static final int GET_STATUS64 = 0x4C05;
    private static final int CHANGE_FD = 0x4C06;
    private static final int SET_CAPACITY = 0x4C07;
    private static final int SET_DIRECT_IO = 0x4C08;
    private static final int SET_BLOCK_SIZE = 0x4C09;
    private static final int CONFIGURE = 0x4C0A;
    private static final int GET_FREE = 0x4C82;
    private static final int BLOCKS_512 = 0x1260;
    private static final int FLUSH = 0x1261;
    private static final int SECTOR_SIZE = 0x1268;
    private static final int READ_ONLY_GET = 0x125E;
    private static final int PHYSICAL_SIZE = 0x127B;
    private static final int SIZE_BYTES = 0x80081272;
    private static final int BLOCK_SIZE = 0x80081270;

    private static final int MAJOR = 7;
    private static final int SECTOR_BYTES = 512;
    private static final int NAME_BYTES = 64;
    private static final int INFO_BYTES = 168;
    private static final int INFO64_BYTES = 232;
    private static final int CONFIGURATION_BYTES = 304;
    /** Read-only, cleared on close, scanned for partitions, direct. */
    private static final int FLAGS = 1 | 4 | 8 | 16;
    private static final int SETTABLE = 4 | 8;

    private LoopCalls() {}

    /** /dev/loop-control. */
    static Outcome control(Trap t, Call c) {
        if ((int) c.a1() != GET_FREE) {
            return Outcome.error(Errno.ENOTTY);
        }
        for (int number = 0; number < LoopDevices.COUNT; number++) {
            if (!t.attachments().loops().containsKey(number)) {
                return Outcome.of(number);
            }
        }
        return Outcome.error(Errno.ENOSPC);
    }

    static Outcome ioctl(Trap t, Call c, int number) {
        @Nullable
        LoopDevice loop = t.attachments().loops().get(number);
        switch ((int) c.a1()) {
            case SET_FD -> {
                return set(t, number, (int) c.a2(), new LoopDevice(number, 0, "", 0, 0, 0));
            }
            case CONFIGURE -> {
                byte[] raw = UserMemory.read(t, c.a2(), CONFIGURATION_BYTES);
                return set(t, number, Bytes.get32(raw, 0), from64(number, raw, 8, FLAGS));
            }
            case SIZE_BYTES -> UserMemory.write64(t, c.a2(), LoopDevices.size(t, number));
            case BLOCKS_512 -> UserMemory.write64(t, c.a2(), LoopDevices.size(t, number) / SECTOR_BYTES);
            case SECTOR_SIZE -> UserMemory.write32(t, c.a2(), SECTOR_BYTES);
            case PHYSICAL_SIZE -> UserMemory.write32(t, c.a2(), SECTOR_BYTES);
            case BLOCK_SIZE -> UserMemory.write64(t, c.a2(), 4096);
            case READ_ONLY_GET ->
                UserMemory.write32(t, c.a2(), loop == null ? 0 : loop.flags() & LoopDevice.READ_ONLY);
            case FLUSH -> {
                // What is written is in the file at once.
            }
            default -> {
                return bound(t, c, loop);
            }
        }
        return Outcome.ZERO;
    }

    /** Requests that need a file behind the device. */
    private static Outcome bound(Trap t, Call c, @Nullable LoopDevice loop) {
        int request = (int) c.a1();
        if (request < CLR_FD || request > SET_BLOCK_SIZE) {
            return Outcome.error(Errno.ENOTTY);
        }
        if (loop == null) {
            return Outcome.error(Errno.ENXIO);
        }
        switch (request) {
            case CLR_FD -> LoopDevices.clear(t, loop);
            case SET_STATUS -> {
                byte[] raw = UserMemory.read(t, c.a2(), INFO_BYTES);
                t.put(t.attachments().with(new LoopDevice(loop.number(), loop.file(), name(raw, 48),
                        loop.flags() & ~SETTABLE | Bytes.get32(raw, 44) & SETTABLE,
                        Bytes.get32(raw, 32) & 0xFFFFFFFFL, loop.bytes_max())));
            }
            case SET_STATUS64 -> {
                LoopDevice told = from64(loop.number(), UserMemory.read(t, c.a2(), INFO64_BYTES), 0, SETTABLE);
                t.put(t.attachments().with(new LoopDevice(loop.number(), loop.file(), told.name(),
                        loop.flags() & ~SETTABLE | told.flags(), told.offset(), told.bytes_max())));
            }
            case GET_STATUS -> UserMemory.write(t, c.a2(), new Bytes(INFO_BYTES).put32(loop.number()).put32(0)
                    .put64(0).put64(t.file(loop.file()).inode()).put64(MAJOR << 8 | loop.number())
                    .put32((int) loop.offset()).put32(0).put32(0).put32(loop.flags()).putField(loop.name(), NAME_BYTES)
                    .zeros(32).zeros(16).zeros(8).toArray());
            case GET_STATUS64 -> UserMemory.write(t, c.a2(), new Bytes(INFO64_BYTES).put64(0)
                    .put64(t.file(loop.file()).inode()).put64(MAJOR << 8 | loop.number()).put64(loop.offset())
                    .put64(loop.bytes_max()).put32(loop.number()).put32(0).put32(0).put32(loop.flags())
                    .putField(loop.name(), NAME_BYTES).zeros(NAME_BYTES).zeros(32).zeros(16).toArray());
            case SET_CAPACITY -> {
                // The size follows the file anyway.
            }
            case SET_DIRECT_IO -> {
                return c.a2() == 0 ? Outcome.ZERO : Outcome.error(Errno.EINVAL);
            }
            case SET_BLOCK_SIZE -> {
                boolean power = Long.bitCount(c.a2()) == 1 && c.a2() >= SECTOR_BYTES && c.a2() <= 4096;
                return power ? Outcome.ZERO : Outcome.error(Errno.EINVAL);
            }
            case CHANGE_FD -> {
                return Outcome.error(Errno.EINVAL);
            }
            default -> {
                return Outcome.error(Errno.ENOTTY);
            }
        }
        return Outcome.ZERO;
    }

    private static Outcome set(Trap t, int number, int descriptor, LoopDevice wanted) {
        OpenFile file = Descriptors.usable(t, descriptor);
        if (t.attachments().loops().containsKey(number)) {
            return Outcome.error(Errno.EBUSY);
        }
        Inode inode = Inodes.get(t, file.inode());
        if (!inode.isRegular() || !(file.end() instanceof OpenFile.OnInode)) {
            throw new LinuxError(Errno.EINVAL);
        }
        int readOnly = file.writable() ? 0 : LoopDevice.READ_ONLY;
        t.put(file.withReferences(file.references() + 1));
        t.put(t.attachments()
                .with(new LoopDevice(number, file.id(), wanted.name(), wanted.flags() | readOnly, wanted.offset(),
                        wanted.bytes_max())));
        return Outcome.ZERO;
    }

    private static LoopDevice from64(int number, byte[] raw, int at, int flags) {
        long offset = Bytes.get64(raw, at + 24);
        long bytes_max = Bytes.get64(raw, at + 32);
        if (offset < 0 || bytes_max < 0) {
            throw new LinuxError(Errno.EOVERFLOW);
        }
        return new LoopDevice(number, 0, name(raw, at + 56), Bytes.get32(raw, at + 52) & flags, offset, bytes_max);
    }

    private static String name(byte[] raw, int at) {
        int end = at;
        while (end < at + NAME_BYTES && raw[end] != 0) {
            end++;
        }
        return new String(raw, at, end - at, StandardCharsets.ISO_8859_1);
    }
}
