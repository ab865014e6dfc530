package chronovisor.environment;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A closed world: a fixed boot time, entropy from a seed, and a script of inputs. Each step of the script waits for its
 * condition; steps are taken in order. The machine tells what it writes by {@link #output} and how far it is by
 * {@link #reached}.
 */
public final class SeededEnvironment implements Environment {

    /** Output that is kept for a pattern to be looked for in. */
    private static final int KEPT_BYTES_MAX = 64 * 1024;

    /** When a step of the script is due. */
    public sealed interface Condition {
        /** As soon as it is the step's turn. */
        record Now() implements Condition {}

        /** When the machine has retired so many instructions. An idle machine does not wait for it. */
        record AtTick(long tick) implements Condition {}

        /** When a stream has shown a match since the step before was taken. */
        record After(String stream, Pattern pattern) implements Condition {}
    }

    /** An input and when it comes. */
    public record Step(Condition when, Input input) {}

    private final long bootTime_ns;
    private final SeededEntropy entropy;
    private final ArrayDeque<Step> script;
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
    private @Nullable String seenStream;
    private final TreeSet<String> held = new TreeSet<>();
    private boolean seenMore;
    private long tick;

    /**
     * @param bootTime_ns
     *            Unix epoch nanoseconds at power-on
     * @param seed
     *            of the entropy
     * @param script
     *            inputs in their order
     */
    public SeededEnvironment(long bootTime_ns, long seed, List<Step> script) {
        this.bootTime_ns = bootTime_ns;
        this.entropy = new SeededEntropy(seed);
        this.script = new ArrayDeque<>(script);
    }

    @Override
    public long bootTime_ns() {
        return bootTime_ns;
    }

    @Override
    public void entropy(byte[] destination) {
        entropy.fill(destination);
    }

    @Override
    public @Nullable Input poll() {
        Step next = script.peek();
        return next != null && !isHeld(next.input()) && due(next.when()) ? take() : null;
    }

    /** An idle machine gets a timed step early, as no tick would ever come; a pattern that was not seen never will be. */
    @Override
    public @Nullable Input await() {
        Step next = script.peek();
        if (next == null || isHeld(next.input())) {
            return null;
        }
        return due(next.when()) || next.when() instanceof Condition.AtTick ? take() : null;
    }

    /** Steps that have not been taken, for a scenario that ended too soon. */
    public List<Step> left() {
        return List.copyOf(script);
    }

    @Override
    public void output(String stream, byte[] bytes, long now) {
        Step next = script.peek();
        if (next != null && next.when() instanceof Condition.After after && after.stream().equals(stream)) {
            if (!stream.equals(seenStream)) {
                seen.reset();
                seenStream = stream;
            }
            if (seen.size() > KEPT_BYTES_MAX) {
                byte[] kept = seen.toByteArray();
                seen.reset();
                seen.write(kept, kept.length - KEPT_BYTES_MAX / 2, KEPT_BYTES_MAX / 2);
            }
            seen.writeBytes(bytes);
            seenMore = true;
        }
    }

    @Override
    public void reached(long now) {
        tick = now;
    }

    @Override
    public void holdBack(String stream, boolean hold) {
        if (hold) {
            held.add(stream);
        } else {
            held.remove(stream);
        }
    }

    private boolean isHeld(Input input) {
        return input instanceof Input.StreamBytes(String stream, byte[] bytes) && held.contains(stream)
                || input instanceof Input.StreamEnd(String ended) && held.contains(ended);
    }

    private boolean due(Condition when) {
        return switch (when) {
            case Condition.Now now -> true;
            case Condition.AtTick at -> tick >= at.tick();
            case Condition.After after -> after.stream().equals(seenStream)
                    && found(after.pattern());
        };
    }

    /** Looked for again only when there is more to look at. */
    private boolean found(Pattern pattern) {
        if (seenMore) {
            seenMore = false;
            return pattern.matcher(seen.toString(StandardCharsets.UTF_8)).find();
        }
        return false;
    }

    private Input take() {
        seen.reset();
        seenMore = false;
        seenStream = null;
        return script.remove().input();
    }
}
