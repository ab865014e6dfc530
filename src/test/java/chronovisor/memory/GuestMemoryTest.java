package chronovisor.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GuestMemoryTest {

    private static final long MB = 1 << 20;

    private final FramePool pool = new FramePool(64 * MB);
    private final GuestMemory memory = new GuestMemory(pool, 16 * MB);

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void anUntouchedFrameIsAbsentAndNotZero() {
        assertThat(memory.state(5)).isEqualTo(FrameState.ABSENT);
        assertThat(memory.hostForRead(5)).isZero();
        assertThat(memory.hostForWrite(5)).isZero();
    }

    @Test
    void readingFirstGivesTheZeroFrameAndWritingAFrameOfOnesOwn() {
        memory.resolve(5, false);
        assertThat(memory.state(5)).isEqualTo(FrameState.ZERO);
        assertThat(memory.hostForRead(5)).isEqualTo(pool.zeroFrame());
        assertThat(memory.hostForWrite(5)).isZero();
        memory.resolve(5, true);
        assertThat(memory.state(5)).isEqualTo(FrameState.PRIVATE);
        assertThat(pool.framesUsed()).isEqualTo(1);
    }

    @Test
    void aForkSeesWhatWasThereAndNothingWrittenAfter() {
        memory.write64(0x1000, 11);
        GuestMemory twin = memory.fork();
        assertThat(memory.state(1)).isEqualTo(FrameState.SHARED);
        memory.write64(0x1000, 22);
        twin.write64(0x1008, 33);
        assertThat(memory.read64(0x1000)).isEqualTo(22);
        assertThat(memory.read64(0x1008)).isZero();
        assertThat(twin.read64(0x1000)).isEqualTo(11);
        assertThat(twin.read64(0x1008)).isEqualTo(33);
        assertThat(memory.state(1)).isEqualTo(FrameState.PRIVATE);
    }

    @Test
    void forksOfForksShareUntilTheLastIsClosedAndThenAllFramesAreFree() {
        for (int page = 0; page < 1000; page++) {
            memory.write64(page * 4096L, page);
        }
        GuestMemory child = memory.fork();
        GuestMemory grandchild = child.fork();
        child.write64(0, 99);
        assertThat(grandchild.read64(0)).isZero();
        memory.close();
        assertThat(grandchild.read64(999 * 4096L)).isEqualTo(999);
        child.close();
        assertThat(pool.framesUsed()).isEqualTo(1000);
        grandchild.write64(0, 1);
        assertThat(pool.framesUsed()).as("the last owner takes the frame over").isEqualTo(1000);
        grandchild.close();
        assertThat(pool.framesUsed()).isZero();
    }

    @Test
    void restoreBringsBackWhatAForkKept() {
        memory.write64(0x2000, 1);
        GuestMemory image = memory.fork();
        memory.write64(0x2000, 2);
        memory.write64(0x9000, 3);
        memory.restore(image);
        assertThat(memory.read64(0x2000)).isEqualTo(1);
        assertThat(memory.state(9)).isEqualTo(FrameState.ABSENT);
        memory.write64(0x2000, 4);
        assertThat(image.read64(0x2000)).isEqualTo(1);
    }

    @Test
    void recycledFramesAreZero() {
        memory.write64(0x3008, -1);
        memory.balloon(3);
        assertThat(memory.state(3)).isEqualTo(FrameState.BALLOONED);
        assertThat(pool.framesUsed()).isZero();
        assertThat(memory.read64(0x3008)).isZero();
        memory.write8(0x3000, (byte) 1);
        assertThat(memory.read64(0x3008)).isZero();
    }

    @Test
    void theBudgetIsAHardLimit() {
        FramePool small = new FramePool(3 * 4096);
        GuestMemory guest = new GuestMemory(small, MB);
        guest.fill(0, 3 * 4096, (byte) 7);
        assertThatThrownBy(() -> guest.write8(3 * 4096, (byte) 7)).isInstanceOf(OutOfFramesException.class);
        guest.balloon(0);
        guest.write8(3 * 4096, (byte) 7);
        assertThat(guest.read8(3 * 4096)).isEqualTo((byte) 7);
        small.close();
    }

    @Test
    void bulkAccessesCrossPagesAndAskTheHandler() {
        List<String> faults = new ArrayList<>();
        memory.onNestedFault((gfn, write) -> {
            faults.add(gfn + (write ? "w" : "r"));
            memory.resolve(gfn, write);
        });
        byte[] bytes = new byte[5000];
        java.util.Arrays.fill(bytes, (byte) 3);
        memory.write(4000, bytes, 0, bytes.length);
        byte[] back = new byte[5000];
        memory.read(4000, back, 0, back.length);
        assertThat(back).isEqualTo(bytes);
        assertThat(memory.read64(4092)).isEqualTo(0x0303030303030303L);
        assertThat(faults).containsExactly("0w", "1w", "2w");
    }

    @Test
    void outsideMemoryIsAnErrorWithTheAddress() {
        assertThatThrownBy(() -> memory.read8(16 * MB)).isInstanceOf(GuestAddressException.class)
                .hasMessageContaining("0x1000000");
        assertThatThrownBy(() -> memory.write8(-1, (byte) 0)).isInstanceOf(GuestAddressException.class);
    }

    @Test
    void framesAreVisitedInOrder() {
        memory.write8(0x900000, (byte) 1);
        memory.write8(0x1000, (byte) 1);
        memory.read8(0x5000);
        List<Long> visited = new ArrayList<>();
        memory.forEachFrame((gfn, host) -> visited.add(gfn));
        assertThat(visited).containsExactly(1L, 5L, 0x900L);
    }

    @Test
    void everyWriteToACodeFrameIsTold() {
        List<String> told = new ArrayList<>();
        memory.write64(0x4000, 0);
        memory.markCode(4, (gfn, offset, length) -> told.add(gfn + "+" + offset + ":" + length));
        memory.write32(0x4010, 1);
        memory.write(0x3FFE, new byte[4], 0, 4);
        memory.write32(0x5000, 1);
        memory.unmarkCode(4);
        memory.write32(0x4010, 1);
        assertThat(told).containsExactly("4+16:4", "4+0:2");
    }

    @Test
    void forksOnManyThreadsNeverSeeEachOther() throws InterruptedException {
        for (int page = 0; page < 600; page++) {
            memory.write64(page * 4096L, page);
        }
        List<String> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        GuestMemory image = memory.fork();
        for (int t = 1; t <= 4; t++) {
            long mark = t * 1_000_000L;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int round = 0; round < 30; round++) {
                    GuestMemory mine = image.fork();
                    for (int page = 0; page < 600; page += 1 + round % 3) {
                        mine.write64(page * 4096L + 8, mark);
                    }
                    for (int page = 0; page < 600; page++) {
                        long other = mine.read64(page * 4096L + 8);
                        if (mine.read64(page * 4096L) != page || other != 0 && other != mark) {
                            wrong.add(page + " " + other);
                        }
                    }
                    mine.close();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).isEmpty();
        image.close();
        assertThat(pool.framesUsed()).isEqualTo(600);
    }
}
