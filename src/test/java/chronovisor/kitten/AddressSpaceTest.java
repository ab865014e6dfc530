package chronovisor.kitten;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePMap;

/** Regions of an address space. */
final class AddressSpaceTest {

    private static final int RW = Protection.READ | Protection.WRITE;

    private static AddressSpace empty() {
        return new AddressSpace(1, 0x1000, 1, TreePMap.empty(), 0, 0, 0x7fff_f7ff_f000L, 0, 0);
    }

    private static Region anonymous(long start, long end, int protection) {
        return new Region(start, end, protection, false, false, 0, 0, "");
    }

    @Test
    void likeNeighboursBecomeOneRegion() {
        AddressSpace space = empty().with(anonymous(0x10000, 0x11000, RW)).with(anonymous(0x12000, 0x13000, RW))
                .with(anonymous(0x11000, 0x12000, RW));
        assertThat(space.regions()).hasSize(1);
        assertThat(space.covers(0x10000, 0x13000)).isTrue();
    }

    @Test
    void removingTheMiddleLeavesBothEnds() {
        AddressSpace.Removal removal = empty().with(anonymous(0x10000, 0x20000, RW)).without(0x14000, 0x15000);
        assertThat(removal.rest().regions().values()).containsExactly(anonymous(0x10000, 0x14000, RW),
                anonymous(0x15000, 0x20000, RW));
        assertThat(removal.removed()).containsExactly(anonymous(0x14000, 0x15000, RW));
    }

    @Test
    void aFileRegionKeepsItsOffsetWhenCut() {
        Region file = new Region(0x10000, 0x20000, RW, false, false, 7, 0x3000, "/f");
        AddressSpace space = empty().with(file).without(0x10000, 0x12000).rest();
        Region left = space.find(0x12000);
        assertThat(left).isNotNull();
        assertThat(left == null ? -1 : left.offset()).isEqualTo(0x5000);
    }

    @Test
    void freeRangesAreFoundFromTheTopDown() {
        AddressSpace space = empty();
        long first = space.findFree(0x3000);
        assertThat(first).isEqualTo(space.mapTop() - 0x3000);
        AddressSpace next = space.with(anonymous(first, first + 0x3000, RW));
        assertThat(next.findFree(0x1000)).isEqualTo(first - 0x1000);
    }

    @Test
    void aHoleIsNotCovered() {
        AddressSpace space = empty().with(anonymous(0x10000, 0x11000, RW)).with(anonymous(0x12000, 0x13000, RW));
        assertThat(space.covers(0x10000, 0x13000)).isFalse();
        assertThat(space.isFree(0x11000, 0x12000)).isTrue();
    }
}
