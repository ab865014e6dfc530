package chronovisor.cpu;

/**
 * When code is hot, and how much of it is translated at once.
 *
 * @param sample instructions that the interpreter runs between looks at where it is
 * @param hot looks that must meet a block before it is translated
 * @param instructions most instructions of a region
 * @param stretch instructions that a unit runs before it is called again: HotSpot decides by calls and loops what is worth compiling, and
 *     would compile a loop that never returns in its middle only
 */
public record Heat(int sample, int hot, int instructions, int stretch) {
    /**
     * For programs. The sample is odd, so that no loop runs in step with it for long. A new unit is slower than the interpreter until HotSpot
     * has compiled it: with 3 looks Racket's start, which runs much code a little, took half as long again as with 24; loops do not notice.
     */
    public static final Heat NORMAL = new Heat(997, 24, 100, 20_000);

    /** For tests: everything that runs twice. */
    public static final Heat EAGER = new Heat(0, 2, 220, 500);
}
