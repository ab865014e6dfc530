package chronovisor.kitten;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.kitten.memory.FrameAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Free frames as a value. */
final class FrameAllocatorTest {

    private static FrameAllocator.Allocation take(FrameAllocator from) {
        FrameAllocator.Allocation allocation = from.allocate();
        assertThat(allocation).isNotNull();
        return java.util.Objects.requireNonNull(allocation);
    }

    @Test
    void framesComeInOrderAndFreshOnesAreClean() {
        FrameAllocator.Allocation first = take(FrameAllocator.over(10, 12));
        FrameAllocator.Allocation second = take(first.rest());
        assertThat(first.gfn()).isEqualTo(10);
        assertThat(second.gfn()).isEqualTo(11);
        assertThat(first.dirty()).isFalse();
        assertThat(second.rest().allocate()).isNull();
    }

    @Test
    void aReleasedFrameComesBackDirty() {
        FrameAllocator used = take(FrameAllocator.over(10, 12)).rest();
        FrameAllocator.Allocation again = take(used.release(10));
        assertThat(again.gfn()).isEqualTo(10);
        assertThat(again.dirty()).isTrue();
    }

    @Test
    void aSharedFrameIsFreeOnlyWhenTheLastOwnerReleasesIt() {
        FrameAllocator used = take(FrameAllocator.over(10, 20)).rest().share(10).share(10);
        assertThat(used.owners(10)).isEqualTo(3);
        FrameAllocator left = used.release(10).release(10);
        assertThat(left.owners(10)).isEqualTo(1);
        assertThat(left.free_frames()).isEqualTo(9);
        assertThat(left.release(10).free_frames()).isEqualTo(10);
    }

    @Test
    void allocatingDoesNotChangeTheOldValue() {
        FrameAllocator before = FrameAllocator.over(10, 20);
        FrameAllocator.Allocation one = take(before);
        FrameAllocator.Allocation other = take(before);
        assertThat(one).isEqualTo(other);
    }

    @Test
    void anyOrderOfAllocatingAndReleasingKeepsEveryFrameOnce() {
        SplittableRandom random = new SplittableRandom(3);
        FrameAllocator free = FrameAllocator.over(100, 164);
        List<Long> held = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (held.isEmpty() || (random.nextBoolean() && held.size() < 64)) {
                FrameAllocator.Allocation allocation = take(free);
                held.add(allocation.gfn());
                free = allocation.rest();
            } else {
                free = free.release(held.remove(random.nextInt(held.size())));
            }
            assertThat(free.free_frames()).isEqualTo(64L - held.size());
        }
        assertThat(new TreeSet<>(held)).hasSameSizeAs(held);
        while (!held.isEmpty()) {
            free = free.release(held.removeLast());
        }
        TreeSet<Long> all = new TreeSet<>();
        for (FrameAllocator.Allocation a = free.allocate(); a != null; a = a.rest().allocate()) {
            all.add(a.gfn());
        }
        assertThat(all).hasSize(64);
    }
}
