package chronovisor.replay;

/**
 * What the host does to the frames of clones. Their guests see nothing of it, so it is in no journal: a replay shares with nobody. The
 * numbers are those of the clones, from 0.
 */
public sealed interface SharingEvent {

    /** Which clone. */
    int number();

    /** A clone was made that has {@code count} frames from {@code gfn} on in common with the others. */
    record FramesShared(int number, long gfn, long count) implements SharingEvent {}

    /** A clone was made that has copies of {@code count} frames. */
    record FramesCopied(int number, long count) implements SharingEvent {}

    /**
     * A clone wrote to a frame that it shared.
     *
     * @param copied
     *            whether others still have it, so that the clone got a copy
     */
    record FrameBroken(int number, long tick, int core, long gfn, boolean copied) implements SharingEvent {}
}
