package chronovisor.cpu.trace;

import chronovisor.isa.Decoded;
import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the batches of one core back into steps, with the decoder alone: nothing is executed. Batches are given in order, the first one
 * fresh; a fresh batch starts over wherever it stands.
 */
public final class StepReader {
    private static final int CACHE = 1 << 14;
    private static final int INSTRUCTION_BYTES_MAX = 15;
    private static final long NEVER = Long.MAX_VALUE;

    private final StepVisitor visitor;
    private final Predictors predictors = new Predictors();
    private final Map<CodeKey, KnownCode> known = new HashMap<>();
    private final @Nullable Entry[] cache = new @Nullable Entry[CACHE];

    private boolean started;
    private long tick;
    private long rip;
    private long space;
    private long eventTick;
    private long eventAddress;
    private long lastTarget;
    private PacketCursor words = new PacketCursor(new byte[0], 0, 0);
    private PacketCursor targets = words;
    private PacketCursor events = words;
    private long word = 1;
    private int bitsLeft;

    private record CodeKey(long space, long page) {}

    /** How an instruction leads to the next. */
    private enum Flow {
        STRAIGHT, JUMP, CALL, BRANCH, RETURN, INDIRECT_JUMP, INDIRECT_CALL
    }

    private record Entry(long space, long rip, byte[] bytes, Instruction instruction, Flow flow, long target) {
        long next() {
            return rip + bytes.length;
        }
    }

    /** Tells {@code visitor} each step. */
    public StepReader(StepVisitor visitor) {
        this.visitor = visitor;
    }

    /** VM tick after the last step told. */
    public long tick() {
        return tick;
    }

    /** RIP after the last step told. */
    public long rip() {
        return rip;
    }

    /**
     * Tells the steps of a batch.
     *
     * @throws TraceFormatException
     *             when the payload is damaged or the batch does not follow the previous one
     */
    public void accept(StepBatch batch) {
        if (batch.fresh()) {
            predictors.reset();
            known.clear();
            Arrays.fill(cache, null);
            started = true;
        } else if (!started || batch.firstTick() < tick) {
            throw new TraceFormatException("batch of ticks " + batch.firstTick() + ".. does not follow tick " + tick);
        }
        tick = batch.firstTick();
        eventTick = tick;
        eventAddress = 0;
        lastTarget = 0;
        open(batch.payload());
        long pending = nextEvent();
        while (true) {
            while (pending == tick) {
                event();
                pending = nextEvent();
            }
            if (tick == batch.lastTick()) {
                break;
            }
            long until = Math.min(pending, batch.lastTick());
            if (until < tick) {
                throw new TraceFormatException("an event at tick " + until + " comes after tick " + tick);
            }
            while (tick < until) {
                step(batch.core());
            }
        }
        if (pending != NEVER || targets.hasMore() || words.hasMore() || bitsLeft != 0) {
            throw new TraceFormatException("batch up to tick " + batch.lastTick() + " has more than its steps need");
        }
    }

    private void open(byte[] payload) {
        PacketCursor all = new PacketCursor(payload, 0, payload.length);
        int wordsLength = 8 * all.getCount(payload.length / 8);
        int wordsStart = all.position();
        words = new PacketCursor(payload, wordsStart, wordsStart + wordsLength);
        all = new PacketCursor(payload, wordsStart + wordsLength, payload.length);
        int targetsLength = all.getCount(payload.length);
        int targetsStart = all.position();
        targets = new PacketCursor(payload, targetsStart, targetsStart + targetsLength);
        events = new PacketCursor(payload, targetsStart + targetsLength, payload.length);
        bitsLeft = 0;
    }

    private long nextEvent() {
        if (!events.hasMore()) {
            return NEVER;
        }
        eventTick += events.getUnsigned();
        return eventTick;
    }

    private void event() {
        int kind = events.get8();
        switch (kind) {
            case StepTrace.CODE -> {
                eventAddress += events.getSigned();
                learn(eventAddress, events.get(events.getCount(1 << 24)));
            }
            case StepTrace.REDIRECT -> {
                rip = events.getUnsigned();
                space = events.getUnsigned();
            }
            case StepTrace.SKIP -> {
                tick += events.getUnsigned();
                eventTick = tick;
            }
            default -> throw new TraceFormatException("a step event of kind " + kind);
        }
    }

    private void learn(long address, byte[] bytes) {
        boolean changed = false;
        for (int done = 0; done < bytes.length;) {
            int inPage = (int) (address + done) & 0xFFF;
            int count = Math.min(bytes.length - done, 4096 - inPage);
            KnownCode page = known.computeIfAbsent(new CodeKey(space, address + done >>> 12), k -> new KnownCode());
            changed |= page.set(inPage, bytes, done, count);
            done += count;
        }
        if (changed) {
            Arrays.fill(cache, null);
        }
    }

    private void step(int core) {
        int slot = (int) (rip ^ rip >>> 14) & CACHE - 1;
        Entry e = cache[slot];
        if (e == null || e.rip != rip || e.space != space) {
            e = decode();
            cache[slot] = e;
        }
        visitor.step(tick, core, space, rip, e.bytes, e.instruction);
        tick++;
        switch (e.flow) {
            case STRAIGHT -> rip = e.next();
            case JUMP -> rip = e.target;
            case CALL -> {
                predictors.call(e.next());
                rip = e.target;
            }
            case BRANCH -> rip = bit() ? e.target : e.next();
            case RETURN -> {
                long predicted = predictors.popReturn();
                rip = bit() ? predicted : target();
            }
            case INDIRECT_JUMP -> rip = indirect();
            case INDIRECT_CALL -> {
                predictors.call(e.next());
                rip = indirect();
            }
        }
    }

    private long indirect() {
        long from = rip;
        if (bit()) {
            return predictors.target(from);
        }
        long to = target();
        predictors.learn(from, to);
        return to;
    }

    private boolean bit() {
        if (bitsLeft == 0) {
            word = words.getWord();
            bitsLeft = 63 - Long.numberOfLeadingZeros(word);
            if (bitsLeft <= 0) {
                throw new TraceFormatException("an empty branch word at tick " + tick);
            }
        }
        bitsLeft--;
        return (word >>> bitsLeft & 1) != 0;
    }

    private long target() {
        lastTarget += targets.getSigned();
        return lastTarget;
    }

    private Entry decode() {
        byte[] bytes = new byte[INSTRUCTION_BYTES_MAX];
        int n = 0;
        boolean more = true;
        while (more && n < bytes.length) {
            long at = rip + n;
            KnownCode page = known.get(new CodeKey(space, at >>> 12));
            int inPage = (int) at & 0xFFF;
            int most = Math.min(bytes.length - n, 4096 - inPage);
            int got = page == null ? 0 : page.get(inPage, bytes, n, most);
            n += got;
            more = got == most && got > 0;
        }
        Decoded d = Decoder.decode(bytes, 0, n);
        if (d instanceof Instruction i) {
            Flow flow = flow(i);
            boolean direct = flow == Flow.JUMP || flow == Flow.CALL || flow == Flow.BRANCH;
            long target = direct ? rip + i.length() + i.operand(i.operandCount() - 1).value() : 0;
            return new Entry(space, rip, Arrays.copyOf(bytes, i.length()), i, flow, target);
        }
        throw new TraceFormatException("no known instruction at 0x" + Long.toHexString(rip) + ", tick " + tick);
    }

    private static Flow flow(Instruction i) {
        return switch (i.operation()) {
            case JCC, JRCXZ, LOOP, LOOPE, LOOPNE -> Flow.BRANCH;
            case JMP -> i.operand(0).kind() == Operand.Kind.RELATIVE ? Flow.JUMP : Flow.INDIRECT_JUMP;
            case CALL -> i.operand(0).kind() == Operand.Kind.RELATIVE ? Flow.CALL : Flow.INDIRECT_CALL;
            case RET -> Flow.RETURN;
            case IRET, CALL_FAR, JMP_FAR, RET_FAR, SYSRET, SYSENTER, SYSEXIT -> Flow.INDIRECT_JUMP;
            default -> Flow.STRAIGHT; // whatever else changes RIP is told by a redirect
        };
    }
}
