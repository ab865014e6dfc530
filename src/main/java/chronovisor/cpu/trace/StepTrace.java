package chronovisor.cpu.trace;

import chronovisor.cpu.Cpu;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Packs the steps of one core.
 *
 * <p>Payload of a batch: number of branch words, the words, length of the targets, the targets, the events.
 *
 * <pre>
 *   branch word  8 bytes: a 1 marks the start, then one bit per transfer, first transfer highest
 *                conditional branch: taken; return: as the return stack predicts; other indirect transfer: as the target cache predicts
 *   target       of each mispredicted transfer: signed distance from the previous such target
 *   event        ticks since the previous event, kind, then
 *     CODE       signed distance from the previous code address, length, bytes: known from here on in this address space
 *     REDIRECT   RIP, address space: execution continues here, not where the last step leads
 *     SKIP       ticks that other cores have taken
 * </pre>
 *
 * Numbers are {@link Packets} numbers. Addresses, ticks and targets are relative to zero at the start of a batch, but RIP, predictors and
 * known code carry over from batch to batch until a reset.
 */
public final class StepTrace {
    static final int CODE = 0;
    static final int REDIRECT = 1;
    static final int SKIP = 2;

    /** Words of branch bits after which a batch is cut by itself: 64 KiB, about half a million branches. */
    private static final int WORDS_MAX = 8192;

    private static final int WORDS_ROOM = WORDS_MAX - 2;

    /** Bytes of events or targets after which a batch is cut by itself. */
    private static final int BYTES_MAX = 1 << 20;

    private final int core;
    private final @Nullable StepSink sink;
    private final Predictors predictors = new Predictors();
    private final Map<CodeKey, KnownCode> known = new HashMap<>();
    private final long[] words = new long[WORDS_MAX];
    private final Packets targets = new Packets();
    private final Packets events = new Packets();
    private final CodeRun run = new CodeRun();

    private int wordCount;

    /** Below this many words, one more does not end the batch; 0 when the events or targets have become many. */
    private int wordsRoom = WORDS_ROOM;

    private long word = 1;
    private boolean fresh = true;
    private boolean located;
    private long batchTick;
    private long eventTick;
    private long eventAddress;
    private long lastTarget;
    private long tick;
    private long expectedRip;
    private long space;
    private long generation;

    private record CodeKey(long space, long page) {}

    /** Records the steps of {@code core} into {@code sink}. */
    public StepTrace(int core, StepSink sink) {
        this(core, sink, true);
    }

    private StepTrace(int core, @Nullable StepSink sink, boolean on) {
        if (on == (sink == null)) {
            throw new IllegalArgumentException("a sink when recording, none otherwise");
        }
        this.core = core;
        this.sink = sink;
    }

    /** A trace that keeps nothing, so that the loop is the same with and without one. */
    public static StepTrace off() {
        return new StepTrace(0, null, false);
    }

    /** Whether anything is kept. */
    public boolean recording() {
        return sink != null;
    }

    /** Changes at every {@link #reset}: what was known before is no longer. */
    public long generation() {
        return generation;
    }

    /** Cuts, then forgets predictors, known code and position: a reader can start at the next batch. Done at checkpoints. */
    public void reset() {
        cut();
        predictors.reset();
        known.clear();
        located = false;
        fresh = true;
        generation++;
    }

    /** Forgets everything, also what was not handed on: the processor has become another one. */
    public void restart() {
        predictors.reset();
        known.clear();
        targets.clear();
        events.clear();
        run.clear();
        wordCount = 0;
        wordsRoom = WORDS_ROOM;
        word = 1;
        located = false;
        fresh = true;
        eventAddress = 0;
        lastTarget = 0;
        // Where it stands is told by the first entry; until then there is nothing to cut.
        tick = 0;
        batchTick = 0;
        eventTick = 0;
        generation++;
    }

    /** Ends the batch here, if it has anything, and hands it to the sink. */
    public void cut() {
        StepSink to = sink;
        if (to == null || (batchTick == tick && events.length() == 0 && !run.pending())) {
            return;
        }
        flushRun();
        if (word != 1) {
            words[wordCount++] = word;
            word = 1;
        }
        Packets p = new Packets(Packets.unsignedBytes(wordCount) + 8 * wordCount
                + Packets.unsignedBytes(targets.length()) + targets.length() + events.length());
        p.putUnsigned(wordCount);
        p.putWords(words, wordCount);
        p.putUnsigned(targets.length());
        p.put(targets);
        p.put(events);
        StepBatch batch = new StepBatch(core, batchTick, tick, fresh, p.take());
        wordCount = 0;
        wordsRoom = WORDS_ROOM;
        targets.clear();
        events.clear();
        fresh = false;
        eventAddress = 0;
        lastTarget = 0;
        batchTick = tick;
        eventTick = tick;
        to.accept(batch);
    }

    /** Execution is about to go on at the processor's RIP. */
    public void enter(Cpu cpu) {
        if (sink == null) {
            return;
        }
        long now = cpu.retired + cpu.tickBase;
        if (now != tick) {
            if (batchTick == tick && events.length() == 0 && !run.pending()) {
                batchTick = now;
                eventTick = now;
            } else {
                flushRun();
                event(tick, SKIP);
                events.putUnsigned(now - tick);
                eventTick = now;
            }
            tick = now;
        }
        if (!located || cpu.rip != expectedRip || cpu.cr3 != space) {
            flushRun();
            event(now, REDIRECT);
            events.putUnsigned(cpu.rip);
            events.putUnsigned(cpu.cr3);
            located = true;
            space = cpu.cr3;
            expectedRip = cpu.rip;
        }
        endWhenMuch();
    }

    /** Execution has stopped at the processor's RIP. */
    public void leave(Cpu cpu) {
        tick = cpu.retired + cpu.tickBase;
        expectedRip = cpu.rip;
    }

    /** The machine has completed one instruction of {@code length} bytes. */
    public void retired(int length) {
        tick++;
        expectedRip += length;
    }

    /**
     * The branch word to shift bits into; goes back with {@link #word(long)}. A full word (negative) must be {@link #spill}ed, or may be
     * {@link #take}n.
     */
    public long word() {
        return word;
    }

    /** The next full branch word ends the batch when much has been told. */
    private void endWhenMuch() {
        if (events.length() > BYTES_MAX || targets.length() > BYTES_MAX) {
            wordsRoom = 0;
        }
    }

    /** Puts the branch word back. */
    public void word(long value) {
        word = value;
    }

    /**
     * Takes a full branch word unless the batch ends with it: then it must be {@link #spill}ed. So small and without calls that it does not
     * disturb the registers of the loop that it is compiled into.
     *
     * @return whether it was taken
     */
    public boolean take(long full) {
        int at = wordCount;
        if (at >= wordsRoom) {
            return false;
        }
        words[at] = full;
        wordCount = at + 1;
        return true;
    }

    /**
     * Takes a full branch word.
     *
     * @param nowTick VM tick after the branch that filled it
     * @param rip where that branch went
     * @return the empty word
     */
    public long spill(long full, long nowTick, long rip) {
        if (sink != null) {
            words[wordCount++] = full;
            // Only here and in code(): where a batch ends by itself must not depend on slices.
            if (wordCount == WORDS_MAX - 1 || events.length() > BYTES_MAX || targets.length() > BYTES_MAX) {
                tick = nowTick;
                expectedRip = rip;
                word = 1;
                cut();
            }
        }
        return 1;
    }

    /** A call pushes its return address on the predicted return stack. */
    public void call(long next) {
        predictors.call(next);
    }

    /** A return: 1 when predicted. */
    public int ret(long target) {
        if (predictors.popReturn() == target) {
            return 1;
        }
        miss(target);
        return 0;
    }

    /** An indirect jump or call: 1 when predicted. */
    public int indirect(long rip, long target) {
        if (predictors.target(rip) == target) {
            return 1;
        }
        predictors.learn(rip, target);
        miss(target);
        return 0;
    }

    private void miss(long target) {
        if (sink != null) {
            targets.putSigned(target - lastTarget);
            lastTarget = target;
            endWhenMuch();
        }
    }

    /** Whether a reader knows that these bytes are at {@code address} of {@code addressSpace}. */
    public boolean knows(long addressSpace, long address, byte[] bytes) {
        if (sink == null) {
            return true;
        }
        int done = 0;
        while (done < bytes.length) {
            long at = address + done;
            int inPage = (int) at & 0xFFF;
            int count = Math.min(bytes.length - done, 4096 - inPage);
            KnownCode page = known.get(new CodeKey(addressSpace, at >>> 12));
            if (page == null || !page.has(inPage, bytes, done, count)) {
                return false;
            }
            done += count;
        }
        return true;
    }

    /** The instruction with these bytes is about to execute at {@code address}; tells the reader if it does not know them. */
    public void code(Cpu cpu, long address, byte[] bytes) {
        if (knows(cpu.cr3, address, bytes)) {
            return;
        }
        long now = cpu.retired + cpu.tickBase;
        if (events.length() > BYTES_MAX) {
            tick = now;
            expectedRip = address;
            cut();
        }
        if (!run.continues(now, address)) {
            flushRun();
            run.start(now, address);
        }
        run.add(now, bytes);
        for (int done = 0; done < bytes.length;) {
            long at = address + done;
            int inPage = (int) at & 0xFFF;
            int count = Math.min(bytes.length - done, 4096 - inPage);
            known.computeIfAbsent(new CodeKey(cpu.cr3, at >>> 12), k -> new KnownCode()).set(inPage, bytes, done,
                    count);
            done += count;
        }
        endWhenMuch();
    }

    private void flushRun() {
        if (run.pending()) {
            event(run.firstTick, CODE);
            events.putSigned(run.address - eventAddress);
            events.putUnsigned(run.length);
            events.put(run.bytes, 0, run.length);
            eventAddress = run.address;
            run.length = 0;
        }
    }

    private void event(long at, int kind) {
        events.putUnsigned(at - eventTick);
        events.put8(kind);
        eventTick = at;
    }

    /** New code that was executed straight on: told as one event, at the tick of its first instruction. */
    private static final class CodeRun {
        private byte[] bytes = new byte[256];
        private int length;
        private long firstTick;
        private long lastTick;
        private long address;

        boolean pending() {
            return length > 0;
        }

        void clear() {
            length = 0;
        }

        boolean continues(long tick, long at) {
            return length > 0 && tick == lastTick + 1 && at == address + length;
        }

        void start(long tick, long at) {
            firstTick = tick;
            address = at;
            length = 0;
        }

        void add(long tick, byte[] more) {
            lastTick = tick;
            if (length + more.length > bytes.length) {
                bytes = Arrays.copyOf(bytes, bytes.length * 2);
            }
            System.arraycopy(more, 0, bytes, length, more.length);
            length += more.length;
        }
    }
}
