package chronovisor.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Raw host memory by address, little endian, unaligned. There are no bounds: an address must come from a live
 * {@link FramePool} or {@link GuestMemory}. One global segment is the quickest way the JVM offers.
 */
public final class HostMemory {

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[FramePool.FRAME_BYTES]);

    private static final VarHandle ARRAY_LONG = MethodHandles.byteArrayViewVarHandle(long[].class,
            ByteOrder.LITTLE_ENDIAN);
    /** What a system call moves most often, a number or a time: a copy of segments checks longer than this takes. */
    private static final int FEW = 32;

    static final MemorySegment ALL = everything();

    private HostMemory() {}

    @SuppressWarnings("restricted") // the whole address space is what this class is for
    private static MemorySegment everything() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    public static byte get8(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    public static short get16(long address) {
        return ALL.get(SHORT, address);
    }

    public static int get32(long address) {
        return ALL.get(INT, address);
    }

    public static long get64(long address) {
        return ALL.get(LONG, address);
    }

    public static void put8(long address, byte value) {
        ALL.set(ValueLayout.JAVA_BYTE, address, value);
    }

    public static void put16(long address, short value) {
        ALL.set(SHORT, address, value);
    }

    public static void put32(long address, int value) {
        ALL.set(INT, address, value);
    }

    public static void put64(long address, long value) {
        ALL.set(LONG, address, value);
    }

    /** Copies host memory to host memory; the ranges may overlap. */
    public static void copy(long source, long destination, long length) {
        MemorySegment.copy(ALL, source, ALL, destination, length);
    }

    /** Copies host memory into an array. */
    public static void read(long source, byte[] destination, int offset, int length) {
        if (length <= FEW) {
            int i = 0;
            for (; i + Long.BYTES <= length; i += Long.BYTES) {
                ARRAY_LONG.set(destination, offset + i, get64(source + i));
            }
            for (; i < length; i++) {
                destination[offset + i] = get8(source + i);
            }
            return;
        }
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, source, destination, offset, length);
    }

    /** Copies an array into host memory. */
    public static void write(long destination, byte[] source, int offset, int length) {
        if (length <= FEW) {
            int i = 0;
            for (; i + Long.BYTES <= length; i += Long.BYTES) {
                put64(destination + i, (long) ARRAY_LONG.get(source, offset + i));
            }
            for (; i < length; i++) {
                put8(destination + i, source[offset + i]);
            }
            return;
        }
        MemorySegment.copy(source, offset, ALL, ValueLayout.JAVA_BYTE, destination, length);
    }

    /** Sets bytes of host memory. */
    public static void fill(long address, long length, byte value) {
        ALL.asSlice(address, length).fill(value);
    }

    /** Whether two ranges hold the same bytes. */
    public static boolean equal(long a, long b, long length) {
        return MemorySegment.mismatch(ALL, a, a + length, ALL, b, b + length) < 0;
    }

    /** Whether a range is all zero. */
    public static boolean isZero(long address, long length) {
        long end = address + length;
        for (long at = address; at < end; at += ZEROS.byteSize()) {
            long part = Math.min(end - at, ZEROS.byteSize());
            // Many bytes at a time, by what the JVM compares arrays with.
            if (MemorySegment.mismatch(ALL, at, at + part, ZEROS, 0, part) >= 0) {
                return false;
            }
        }
        return true;
    }
}
