package chronovisor.journal;

import java.util.ArrayList;
import java.util.List;

/**
 * One packed batch of retired instructions of one core, as the step tracer made it. The journal does not look inside.
 *
 * @param core
 *            the virtual core
 * @param firstTick
 *            VM tick before its first instruction
 * @param lastTick
 *            VM tick after its last
 * @param fresh
 *            whether a reader can start here
 * @param packets
 *            the tracer's bytes
 */
public record StepRun(int core, long firstTick, long lastTick, boolean fresh, Blob packets) {

    /** The payload of a STEPS record. */
    static void encode(List<StepRun> runs, ByteSink out) {
        out.varint(runs.size());
        long tick = 0;
        for (StepRun run : runs) {
            out.varint(run.core << 1 | (run.fresh ? 1 : 0)).zigzag(run.firstTick - tick)
                    .zigzag(run.lastTick - run.firstTick).blob(run.packets);
            tick = run.lastTick;
        }
    }

    /**
     * Reads the payload of a STEPS record.
     *
     * @throws FormatException
     *             when the bytes are no such payload
     */
    static List<StepRun> decode(byte[] payload) {
        ByteSource in = new ByteSource(payload);
        int count = in.varint(in.remaining() / 4);
        List<StepRun> runs = new ArrayList<>(count);
        long tick = 0;
        for (int i = 0; i < count; i++) {
            int head = in.varint(0x1FFFF);
            long first = tick + in.zigzag();
            long last = first + in.zigzag();
            if (first < 0 || last < 0) {
                throw in.broken("a tick below zero");
            }
            runs.add(new StepRun(head >> 1, first, last, (head & 1) != 0, in.blob()));
            tick = last;
        }
        in.end();
        return runs;
    }
}
