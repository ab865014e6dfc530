package chronovisor.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MmuTest {

    private static final long CR0 = 1L << 31 | 1 << 16 | 1;
    private static final long EFER = 1 << 10 | 1 << 8 | 1 << 11;
    private static final long CR3 = 0x1000;
    private static final long VA = 0x0000_1234_5678_9000L;
    private static final long USER_PAGE = PageTables.USER | PageTables.WRITABLE;

    private final FramePool pool = new FramePool(64 << 20);
    private final GuestMemory memory = new GuestMemory(pool, 32 << 20);
    private final Mmu mmu = new Mmu(memory);
    private long nextTable = 0x2000;

    @BeforeEach
    void pageTables() {
        memory.write64(CR3, 0);
        mmu.context(CR0, CR3, 0, EFER, true);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private long table() {
        nextTable += 0x1000;
        memory.write64(nextTable - 0x1000, 0);
        return nextTable - 0x1000;
    }

    private void map(long va, long gpa, long flags) {
        PageTables.map(memory, CR3, va, gpa, flags, this::table);
    }

    private long entry(long va) {
        return PageTables.walk(memory, CR3, va).entry();
    }

    private GuestPageFault fault(Runnable access) {
        try {
            access.run();
        } catch (GuestPageFault e) {
            return e;
        }
        throw new AssertionError("no page fault");
    }

    /** Runs an access as the VMM does: resolves nested faults and tries again. */
    private int nestedFaults(Runnable access) {
        for (int faults = 0;; faults++) {
            try {
                access.run();
                return faults;
            } catch (NestedFault e) {
                memory.resolve(e.gfn, e.write);
            }
        }
    }

    @Test
    void loadsAndStoresGoThroughTheTables() {
        map(VA, 0x100000, USER_PAGE);
        memory.write64(0x100008, 0x1122334455667788L);
        assertThat(mmu.load64(VA + 8)).isEqualTo(0x1122334455667788L);
        assertThat(mmu.load64(VA + 8)).isEqualTo(0x1122334455667788L);
        assertThat(mmu.load32(VA + 8)).isEqualTo(0x55667788);
        assertThat(mmu.load16(VA + 9)).isEqualTo((short) 0x6677);
        assertThat(mmu.load8(VA + 15)).isEqualTo((byte) 0x11);
        mmu.store64(VA + 16, 5);
        mmu.store8(VA + 17, (byte) 1);
        mmu.store16(VA + 18, (short) 2);
        mmu.store32(VA + 20, 3);
        assertThat(memory.read64(0x100010)).isEqualTo(3L << 32 | 2 << 16 | 1 << 8 | 5);
    }

    @Test
    void faultsHaveTheErrorCodesOfTheManual() {
        assertThat(fault(() -> mmu.load8(VA)).errorCode).isEqualTo(4);
        assertThat(fault(() -> mmu.store8(VA, (byte) 0)).errorCode).isEqualTo(6);
        assertThat(fault(() -> mmu.translateExecute(VA)).errorCode).isEqualTo(0x14);
        map(VA, 0x100000, PageTables.USER | PageTables.NO_EXECUTE);
        memory.write8(0x100000, (byte) 0);
        assertThat(mmu.load8(VA)).isZero();
        GuestPageFault write = fault(() -> mmu.store8(VA + 5, (byte) 0));
        assertThat(write.errorCode).isEqualTo(7);
        assertThat(write.address).isEqualTo(VA + 5);
        assertThat(fault(() -> mmu.translateExecute(VA)).errorCode).isEqualTo(0x15);
        map(VA, 0x100000, PageTables.WRITABLE);
        mmu.flush();
        assertThat(fault(() -> mmu.load8(VA)).errorCode).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 256, 257, 900})
    void aFlushDropsFewTranslationsAsItDropsMany(int pages) {
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < pages; i++) {
                long there = 0x200000 + ((long) (i + round) << 12);
                map(VA + ((long) i << 12), there, USER_PAGE);
                memory.write64(there, 1000L * round + i);
            }
            mmu.flush();
            for (int i = 0; i < pages; i++) {
                assertThat(mmu.load64(VA + ((long) i << 12))).isEqualTo(1000L * round + i);
            }
        }
    }

    @Test
    void reservedBitsFault() {
        map(VA, 0x100000 | 1L << 45, USER_PAGE);
        assertThat(fault(() -> mmu.load8(VA)).errorCode).isEqualTo(0xD);
        map(VA, 0x100000, USER_PAGE | PageTables.NO_EXECUTE);
        mmu.context(CR0, CR3, 0, EFER & ~(1 << 11), true);
        assertThat(fault(() -> mmu.store8(VA, (byte) 0)).errorCode).isEqualTo(0xF);
        assertThat(fault(() -> mmu.translateExecute(VA)).errorCode).isEqualTo(0xD);
    }

    @Test
    void theSupervisorMayWriteReadOnlyPagesOnlyWithoutWriteProtect() {
        map(VA, 0x100000, PageTables.USER);
        memory.write8(0x100000, (byte) 0);
        mmu.context(CR0, CR3, 0, EFER, false);
        assertThat(fault(() -> mmu.store8(VA, (byte) 1)).errorCode).isEqualTo(3);
        mmu.context(CR0 & ~(1 << 16), CR3, 0, EFER, false);
        mmu.store8(VA, (byte) 1);
        assertThat(memory.read8(0x100000)).isEqualTo((byte) 1);
        mmu.context(CR0 & ~(1 << 16), CR3, 0, EFER, true);
        assertThat(fault(() -> mmu.store8(VA, (byte) 1)).errorCode).isEqualTo(7);
    }

    @Test
    void accessedAndDirtyBitsAreSetAsHardwareDoes() {
        map(VA, 0x100000, USER_PAGE);
        memory.write8(0x100000, (byte) 0);
        mmu.load8(VA);
        assertThat(entry(VA) & (PageTables.ACCESSED | PageTables.DIRTY)).isEqualTo(PageTables.ACCESSED);
        mmu.store8(VA, (byte) 1);
        assertThat(entry(VA) & (PageTables.ACCESSED | PageTables.DIRTY))
                .isEqualTo(PageTables.ACCESSED | PageTables.DIRTY);
        assertThat(memory.read64(CR3 + (VA >>> 39 & 511) * 8) & PageTables.ACCESSED).isNotZero();
    }

    @Test
    void aFaultingAccessSetsNoBits() {
        map(VA, 0x100000, PageTables.USER);
        fault(() -> mmu.store8(VA, (byte) 1));
        assertThat(entry(VA) & (PageTables.ACCESSED | PageTables.DIRTY)).isZero();
    }

    @Test
    void pageCrossingStoresAreAllOrNothing() {
        map(VA, 0x100000, USER_PAGE);
        memory.fill(0x100000, 4096, (byte) 0x55);
        GuestPageFault fault = fault(() -> mmu.store64(VA + 4092, -1));
        assertThat(fault.address).isEqualTo(VA + 4096);
        assertThat(memory.read32(0x100FFC)).isEqualTo(0x55555555);
        map(VA + 4096, 0x200000, USER_PAGE);
        memory.write8(0x200000, (byte) 0);
        mmu.store64(VA + 4093, 0x0807060504030201L);
        assertThat(mmu.load64(VA + 4093)).isEqualTo(0x0807060504030201L);
        assertThat(mmu.load16(VA + 4095)).isEqualTo((short) 0x0403);
        assertThat(memory.read32(0x200000)).isEqualTo(0x07060504);
    }

    @Test
    void aViewShowsTheBytesInPlaceAndAcrossPages() {
        map(VA, 0x100000, USER_PAGE);
        map(VA + 4096, 0x200000, USER_PAGE);
        for (int i = 0; i < 32; i++) {
            memory.write8(0x100FE0L + i, (byte) i);
            memory.write8(0x200000L + i, (byte) (32 + i));
        }
        mmu.load8(VA);
        for (int offset = 0; offset <= 32; offset++) {
            long host = mmu.view(VA + 0xFE0 + offset, 32);
            for (int i = 0; i < 32; i++) {
                assertThat(HostMemory.get8(host + i)).isEqualTo((byte) (offset + i));
            }
        }
        assertThat(fault(() -> mmu.view(VA + 8192 - 8, 16)).address).isEqualTo(VA + 8192);
    }

    @Test
    void storesOf256BitsAreAllOrNothing() {
        map(VA, 0x100000, USER_PAGE);
        memory.fill(0x100000, 4096, (byte) 0x55);
        mmu.store64(VA, 0);
        assertThat(fault(() -> mmu.store256(VA + 4096 - 31, 0, 0, 0, 0)).address).isEqualTo(VA + 4096);
        assertThat(memory.read32(0x100FFC)).isEqualTo(0x55555555);
        map(VA + 4096, 0x200000, USER_PAGE);
        memory.write8(0x200000, (byte) 0);
        mmu.store256(VA + 4096 - 12, 1, 2, 3, 4);
        mmu.store256(VA + 4096 - 44, 5, 6, 7, 8);
        for (int i = 0; i < 8; i++) {
            assertThat(mmu.load64(VA + 4096 - 44 + 8L * i)).isEqualTo(i < 4 ? 5L + i : i - 3L);
        }
    }

    @Test
    void aWriteCheckWritesNothing() {
        map(VA, 0x100000, USER_PAGE);
        memory.fill(0x100000, 4096, (byte) 0x55);
        mmu.checkWrite(VA + 100, 16);
        mmu.checkWrite(VA, 4096);
        assertThatThrownBy(() -> mmu.checkWrite(VA + 4090, 16)).isInstanceOf(GuestPageFault.class);
        assertThat(memory.read8(0x100064)).isEqualTo((byte) 0x55);
    }

    @Test
    void nonCanonicalAddressesFault() {
        assertThatThrownBy(() -> mmu.load64(0x0000_8000_0000_0000L)).isInstanceOf(GuestCanonicalFault.class);
        assertThatThrownBy(() -> mmu.store8(0xFFFF_7FFF_FFFF_FFFFL, (byte) 0)).isInstanceOf(GuestCanonicalFault.class);
    }

    @Test
    void largePagesAreTranslatedAndInvalidatedWhole() {
        long va = 0x4000_0000L;
        PageTables.map(memory, CR3, va, 0x0, USER_PAGE, this::table);
        long directory = PageTables.walk(memory, CR3, va).entryAddress();
        long directoryEntry = findDirectoryEntry(va);
        memory.write64(directoryEntry, 0x400000 | USER_PAGE | PageTables.PRESENT | PageTables.LARGE);
        memory.write64(0x412340, 77);
        memory.write64(0x413340, 78);
        assertThat(mmu.load64(va + 0x12340)).isEqualTo(77);
        assertThat(mmu.load64(va + 0x13340)).isEqualTo(78);
        memory.write64(directoryEntry, 0);
        mmu.invalidate(va);
        assertThat(fault(() -> mmu.load64(va + 0x13340)).errorCode).isEqualTo(4);
        assertThat(directory).isNotZero();
        memory.write64(directoryEntry, 0x402000 | USER_PAGE | PageTables.PRESENT | PageTables.LARGE);
        assertThat(fault(() -> mmu.load64(va)).errorCode).as("address bits below 2 MB").isEqualTo(0xD);
    }

    private long findDirectoryEntry(long va) {
        long table = CR3;
        for (int shift = 39; shift > 21; shift -= 9) {
            table = memory.read64(table + (va >>> shift & 511) * 8) & PageTables.ADDRESS;
        }
        return table + (va >>> 21 & 511) * 8;
    }

    @Test
    void absentAndZeroFramesAreNestedFaultsAndThenNoMore() {
        map(VA, 0x300000, USER_PAGE);
        assertThat(nestedFaults(() -> mmu.load64(VA))).isEqualTo(1);
        assertThat(nestedFaults(() -> mmu.store64(VA, 9))).isEqualTo(1);
        assertThat(nestedFaults(() -> mmu.load64(VA))).isZero();
        assertThat(mmu.load64(VA)).as("the zero frame is out of the TLB").isEqualTo(9);
    }

    @Test
    void aForkMakesTheNextWriteCopy() {
        map(VA, 0x300000, USER_PAGE);
        nestedFaults(() -> mmu.store64(VA, 1));
        GuestMemory twin = memory.fork();
        List<String> told = new ArrayList<>();
        memory.onFrameOwned((gfn, copied) -> told.add(gfn + " " + copied));
        assertThat(nestedFaults(() -> mmu.store64(VA, 2))).as("nothing that the guest has caused").isZero();
        assertThat(twin.read64(0x300000)).isEqualTo(1);
        assertThat(mmu.load64(VA)).isEqualTo(2);
        assertThat(told).containsExactly("768 true");
    }

    @Test
    void aWriteAfterAForkIsANestedFaultWhenTheHostHasFewFrames() {
        map(VA, 0x300000, USER_PAGE);
        nestedFaults(() -> mmu.store64(VA, 1));
        try (GuestMemory twin = memory.fork()) {
            while (pool.framesUsed() < pool.framesMax()) {
                pool.allocate();
            }
            assertThatThrownBy(() -> mmu.store64(VA, 2)).isInstanceOf(NestedFault.class);
            assertThat(mmu.load64(VA)).isEqualTo(1);
            assertThat(twin.read64(0x300000)).isEqualTo(1);
        }
    }

    @Test
    void aFrameInManyPagesLeavesAllOfThem() {
        for (int page = 0; page < 5; page++) {
            map(VA + page * 4096L, 0x300000, USER_PAGE);
            int at = page;
            nestedFaults(() -> mmu.store64(VA + at * 4096L, at));
        }
        try (GuestMemory twin = memory.fork()) {
            mmu.store64(VA + 2 * 4096L, 77);
            for (int page = 0; page < 5; page++) {
                assertThat(mmu.load64(VA + page * 4096L)).isEqualTo(77);
            }
            assertThat(twin.read64(0x300000)).isEqualTo(4);
        }
    }

    @Test
    void storesToCodeAreTold() {
        map(VA, 0x300000, USER_PAGE);
        nestedFaults(() -> mmu.store64(VA, 1));
        List<String> told = new ArrayList<>();
        memory.markCode(0x300, (gfn, offset, length) -> told.add(offset + ":" + length));
        mmu.store64(VA + 8, 1);
        mmu.store8(VA + 9, (byte) 1);
        mmu.store256(VA + 16, 1, 1, 1, 1);
        memory.unmarkCode(0x300);
        mmu.store64(VA + 8, 1);
        assertThat(told).containsExactly("8:8", "9:1", "16:8", "24:8", "32:8", "40:8");
    }

    @Test
    void withoutPagingAddressesArePhysical() {
        mmu.context(1, 0, 0, 0, false);
        memory.write64(0x5000, 3);
        assertThat(mmu.load64(0x5000)).isEqualTo(3);
    }

    @Test
    void executeTranslationsFollowInvalidation() {
        map(VA, 0x100000, USER_PAGE);
        memory.write8(0x100000, (byte) 0x90);
        assertThat(mmu.translateExecute(VA + 3)).isEqualTo(0x100003);
        mmu.settled();
        map(VA, 0x200000, USER_PAGE);
        memory.write8(0x200000, (byte) 0x90);
        mmu.invalidate(VA + 5);
        assertThat(mmu.translateExecute(VA + 3)).isEqualTo(0x200003);
        assertThat(mmu.changed()).isTrue();
        assertThat(mmu.allChanged()).isFalse();
        assertThat(mmu.changedPages()).isEqualTo(1);
        assertThat(mmu.changedPage(0)).isEqualTo(VA);
    }

    @Test
    void aFetchThatWouldSetAnAccessedBitIsNotOneThatHolds() {
        map(VA, 0x100000, USER_PAGE);
        memory.write8(0x100000, (byte) 0x90);
        assertThat(mmu.fetched(VA + 3)).isEqualTo(-1);
        mmu.translateExecute(VA);
        mmu.flush();
        assertThat(mmu.fetched(VA + 3)).isEqualTo(0x100003);
        assertThat(mmu.fetched(VA + 0x40_0000_0000L)).isEqualTo(-1);
    }

    @Test
    void moreChangesThanAreKeptAreAll() {
        mmu.settled();
        for (int i = 0; i < 1000; i++) {
            mmu.invalidate(VA + 4096L * i);
        }
        assertThat(mmu.allChanged()).isTrue();
    }

    @Test
    void randomAccessesAgreeWithAFlatArray() {
        int pages = 40;
        byte[] model = new byte[pages * 4096];
        for (int page = 0; page < pages; page++) {
            // Frames are scattered, so that a page-crossing access that is not split shows.
            map(VA + page * 4096L, 0x400000 + (page * 37L % pages) * 8192, USER_PAGE);
        }
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 200_000; i++) {
            int size = 1 << random.nextInt(4);
            int at = random.nextInt(model.length - 8);
            long value = random.nextLong();
            boolean write = random.nextBoolean();
            nestedFaults(() -> {
                if (write) {
                    store(VA + at, value, size);
                } else {
                    assertThat(load(VA + at, size)).isEqualTo(expected(model, at, size));
                }
            });
            for (int b = 0; write && b < size; b++) {
                model[at + b] = (byte) (value >>> 8 * b);
            }
            if (i % 20_000 == 0) {
                mmu.flush();
            }
        }
    }

    private void store(long va, long value, int size) {
        switch (size) {
            case 1 -> mmu.store8(va, (byte) value);
            case 2 -> mmu.store16(va, (short) value);
            case 4 -> mmu.store32(va, (int) value);
            default -> mmu.store64(va, value);
        }
    }

    private long load(long va, int size) {
        return switch (size) {
            case 1 -> mmu.load8(va);
            case 2 -> mmu.load16(va);
            case 4 -> mmu.load32(va);
            default -> mmu.load64(va);
        };
    }

    private static long expected(byte[] model, int at, int size) {
        long value = model[at + size - 1];
        for (int i = size - 2; i >= 0; i--) {
            value = value << 8 | model[at + i] & 0xFF;
        }
        return value;
    }
}
