package chronovisor.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FrameSharingTest {

    private static final long MEMORY = 1 << 20;

    private final FramePool pool = new FramePool(16 << 20);

    @AfterEach
    void close() {
        pool.close();
    }

    private GuestMemory memory(int... values) {
        GuestMemory memory = new GuestMemory(pool, MEMORY);
        for (int i = 0; i < values.length; i++) {
            memory.fill((long) i * FramePool.FRAME_BYTES, FramePool.FRAME_BYTES, (byte) values[i]);
        }
        return memory;
    }

    @Test
    void identicalFramesOfUnrelatedMemoriesBecomeOne() {
        GuestMemory a = memory(1, 2, 3);
        GuestMemory b = memory(9, 3, 1);
        assertThat(pool.framesUsed()).isEqualTo(6);
        assertThat(FrameSharing.shareIdentical(List.of(a, b))).isEqualTo(2);
        assertThat(pool.framesUsed()).isEqualTo(4);
        assertThat(b.hostForRead(1)).isEqualTo(a.hostForRead(2));
        assertThat(FrameSharing.count(List.of(a, b))).isEqualTo(new FrameSharing.Count(6, 4, 4));
        assertThat(FrameSharing.shareIdentical(List.of(a, b))).isZero();
    }

    @Test
    void aWriteToASharedFrameIsSeenByItsMemoryAlone() {
        GuestMemory a = memory(7);
        GuestMemory b = memory(7);
        FrameSharing.shareIdentical(List.of(a, b));
        a.write8(5, (byte) 1);
        assertThat(a.read8(5)).isEqualTo((byte) 1);
        assertThat(b.read8(5)).isEqualTo((byte) 7);
        b.write8(5, (byte) 2);
        assertThat(a.read8(5)).isEqualTo((byte) 1);
        assertThat(pool.framesUsed()).isEqualTo(2);
    }

    @Test
    void framesWithinOneMemoryAreSharedAndReleasedAsOften() {
        GuestMemory a = memory(4, 4, 4, 5);
        assertThat(FrameSharing.shareIdentical(List.of(a))).isEqualTo(2);
        assertThat(pool.framesUsed()).isEqualTo(2);
        a.close();
        assertThat(pool.framesUsed()).isZero();
    }

    @Test
    void aFrameOfZerosThatWasWrittenStaysAFrame() {
        GuestMemory a = memory(0, 0);
        assertThat(FrameSharing.shareIdentical(List.of(a))).isEqualTo(1);
        assertThat(a.state(0)).isEqualTo(FrameState.SHARED);
        assertThat(a.resolve(0, true)).isTrue();
        assertThat(a.resolve(1, true)).isFalse();
    }

    @Test
    void aTwinOwnsWhatIsNotToBeShared() {
        GuestMemory origin = memory(1, 2, 3, 4);
        GuestMemory twin = origin.fork();
        assertThat(FrameSharing.copyAllBut(gfn -> gfn >= 2, twin)).isEqualTo(2);
        assertThat(twin.state(0)).isEqualTo(FrameState.PRIVATE);
        assertThat(twin.state(3)).isEqualTo(FrameState.SHARED);
        assertThat(twin.hostForRead(2)).isEqualTo(origin.hostForRead(2));
        assertThat(FrameSharing.count(List.of(twin))).isEqualTo(new FrameSharing.Count(4, 2, 4));
        // The origin's frames are its own again: no copy.
        assertThat(origin.resolve(0, true)).isFalse();
    }

    @Test
    void aTlbEntryDoesNotWriteWhatIsSharedNow() {
        GuestMemory a = memory(6);
        GuestMemory b = memory(6);
        Mmu mmu = new Mmu(a);
        mmu.context(0, 0, 0, 0, false);
        mmu.store8(16, (byte) 6);
        FrameSharing.shareIdentical(List.of(a, b));
        mmu.store8(16, (byte) 1);
        assertThat(mmu.load8(16)).isEqualTo((byte) 1);
        assertThat(b.read8(16)).isEqualTo((byte) 6);
    }
}
