package chronovisor.cpu;

import java.util.List;

/**
 * Blocks that are translated together, because control passes between them.
 *
 * @param blocks the first is the one that was found hot
 * @param entries indices of the blocks at which execution may enter; the first is 0
 * @param recording whether the steps are recorded
 */
public record Region(List<RegionBlock> blocks, int[] entries, boolean recording) {
    /** Instructions of all blocks. */
    public int instructions() {
        return blocks.stream().mapToInt(RegionBlock::count).sum();
    }
}
