package chronovisor.device;

import chronovisor.memory.Storage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * LNX_VIRTIO_BLK: a disk (Virtio 1.2, 5.2). Its sectors are storage behind the guest's memory, so they are forked, saved and digested with it.
 */
public final class VirtioBlock implements VirtioPci.Model {

    private static final int SECTOR = 512;
    private static final int HEADER = 16;

    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int FLUSH = 4;
    private static final int IDENTIFY = 8;
    private static final int IDENTITY_BYTES = 20;

    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int UNSUPPORTED = 2;

    private static final int FEATURE_SEGMENTS = 1 << 2;
    private static final int FEATURE_READ_ONLY = 1 << 5;
    private static final int FEATURE_BLOCK_SIZE = 1 << 6;
    private static final int FEATURE_FLUSH = 1 << 9;
    private static final int SEGMENTS_MAX = 126;

    private final Storage storage;
    private final long offset;
    private final long bytes;
    private final boolean writable;
    private final byte[] identity;
    private final byte[] configuration = new byte[24];

    /**
     * A disk.
     *
     * @param offset
     *            where it begins in the storage
     * @param bytes
     *            whole sectors
     * @param id
     *            what it says it is
     */
    public VirtioBlock(GuestRam ram, long offset, long bytes, boolean writable, String id) {
        this.storage = ram.storage();
        this.offset = offset;
        this.bytes = bytes;
        this.writable = writable;
        this.identity = Arrays.copyOf(id.getBytes(StandardCharsets.UTF_8), IDENTITY_BYTES);
        put(0, bytes / SECTOR);
        put(12, SEGMENTS_MAX);
        put(20, SECTOR);
    }

    private void put(int at, long value) {
        for (int i = 0; i < 4 || i < 8 && at == 0; i++) {
            configuration[at + i] = (byte) (value >>> 8 * i);
        }
    }

    @Override
    public int device() {
        return 0x1001;
    }

    @Override
    public int subsystem() {
        return 2;
    }

    @Override
    public int kind() {
        return 0x01_0000;
    }

    @Override
    public int features() {
        return FEATURE_SEGMENTS | FEATURE_BLOCK_SIZE | FEATURE_FLUSH | (writable ? 0 : FEATURE_READ_ONLY);
    }

    @Override
    public int queues() {
        return 1;
    }

    @Override
    public int configuration(int at) {
        return at < configuration.length ? configuration[at] : 0;
    }

    @Override
    public boolean handle(int index, VirtioQueue queue) {
        boolean tell = false;
        for (VirtioQueue.Request request = queue.next(); request != null; request = queue.next()) {
            int room = VirtioQueue.length(request, true) - 1;
            byte[] sent = queue.gather(request, Integer.MAX_VALUE);
            int written = 0;
            if (room >= 0) {
                byte[] answer = new byte[room];
                int status = execute(sent, answer);
                written = status == OK && answers(sent) ? room : 0;
                queue.scatter(request, 0, answer, written);
                queue.scatter(request, room, new byte[]{(byte) status}, 1);
            }
            tell |= queue.done(request, room < 0 ? 0 : written + 1);
        }
        return tell;
    }

    private static boolean answers(byte[] sent) {
        return sent[0] == READ || sent[0] == IDENTIFY;
    }

    private int execute(byte[] sent, byte[] answer) {
        if (sent.length < HEADER) {
            return FAILED;
        }
        int type = (int) number(sent, 0, 4);
        long sector = number(sent, 8, 8);
        int length = type == WRITE ? sent.length - HEADER : answer.length;
        boolean inside = sector >= 0 && sector <= bytes / SECTOR && length <= bytes - sector * SECTOR
                && length % SECTOR == 0;
        switch (type) {
            case READ -> {
                if (!inside) {
                    return FAILED;
                }
                storage.read(offset + sector * SECTOR, answer, 0, length);
            }
            case WRITE -> {
                if (!inside || !writable) {
                    return FAILED;
                }
                storage.write(offset + sector * SECTOR, sent, HEADER, length);
            }
            case FLUSH -> {
                // What is written is there.
            }
            case IDENTIFY -> System.arraycopy(identity, 0, answer, 0, Math.min(answer.length, IDENTITY_BYTES));
            default -> {
                return UNSUPPORTED;
            }
        }
        return OK;
    }

    private static long number(byte[] from, int at, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | from[at + i] & 0xFF;
        }
        return value;
    }
}
