package chronovisor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class JumpCacheTest {

    // Both belong to one place, and the third to the one beside it.
    private static final long FIRST = 0x10000;
    private static final long SECOND = 0x14001;
    private static final long BESIDE = 0x14000;

    private final TestMachine machine = new TestMachine("90 90 90 90");
    private final BlockCache blocks = new BlockCache(machine.memory);
    private final JumpCache jumps = new JumpCache();

    @AfterEach
    void close() {
        machine.close();
    }

    private Node put(long base) {
        Node node = new Node(BlockBuilder.block(machine.cpu, blocks, base, false), base);
        jumps.put(node, machine.cpu.mmu);
        return node;
    }

    @Test
    void twoBlocksOfOnePlaceAreBothKept() {
        Node first = put(FIRST);
        Node second = put(SECOND);
        assertThat(jumps.at(FIRST)).isSameAs(first);
        assertThat(jumps.at(SECOND)).isSameAs(second);
    }

    @Test
    void neighboursDoNotThrowEachOtherOutForTheSakeOfAnOlderOne() {
        put(FIRST);
        put(SECOND);
        Node beside = put(BESIDE);
        Node second = put(SECOND);
        assertThat(jumps.at(BESIDE)).isSameAs(beside);
        assertThat(jumps.at(SECOND)).isSameAs(second);
    }

    @Test
    void aBlockThatIsPutAgainIsThereOnce() {
        put(FIRST);
        put(SECOND);
        Node again = put(FIRST);
        put(SECOND);
        assertThat(jumps.at(FIRST)).isSameAs(again);
    }
}
