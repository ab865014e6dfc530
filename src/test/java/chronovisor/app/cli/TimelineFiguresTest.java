package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.environment.SeededEnvironment;
import chronovisor.journal.Position;
import chronovisor.replay.Fidelity;
import chronovisor.replay.KittenParts;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.replay.Replay;
import chronovisor.timeline.Timeline;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long it takes to go somewhere in a long run. Prints figures and checks nothing but that they could be taken:
 *
 * <pre>
 * mvn test -Dtest=TimelineFiguresTest -Dtimeline.rounds=125000000 -Dtimeline.engine=jit
 * </pre>
 *
 * So many rounds of the guest are more than two billion instructions.
 */
final class TimelineFiguresTest {

    private static final int PLACES = 200;
    private static final int STEPS = 200;

    @TempDir
    Path temporary;

    @Test
    @Timeout(3600)
    void seekAndStepBack() {
        int rounds = Integer.getInteger("timeline.rounds", 0);
        assumeTrue(rounds > 0, "a long run: -Dtimeline.rounds=N");
        String engine = System.getProperty("timeline.engine", Assembly.ENGINE);
        Path folder = temporary.resolve("journal");
        long[] ticks = {0};
        double record = seconds(() -> {
            try (Recording recording = Recording.start(folder,
                    KittenParts.guest("checksum", Integer.toString(rounds)).withEngine(engine), new Assembly(),
                    Fidelity.STEPS, new SeededEnvironment(0, 1, List.of()), OutputListener.NONE)) {
                recording.run();
                ticks[0] = recording.session().vm().tick();
            }
        });
        double replay = seconds(() -> assertThat(Replay.of(folder, new Assembly()).run().identical()).isTrue());
        System.out
                .println(String.format(Locale.ROOT, "%,d ticks by %s: recorded in %.1f s, replayed in %.1f s", ticks[0],
                        engine, record, replay));
        SplittableRandom random = new SplittableRandom(3);
        try (Timeline timeline = Timeline.open(folder, new Assembly())) {
            figures("seek to random positions, one after the other", PLACES, () -> {
                timeline.seek(new Position(random.nextLong(ticks[0]), 0));
                return 0;
            });
            figures("step back by one, near a random position", STEPS, () -> {
                if (random.nextInt(10) == 0) {
                    timeline.seek(new Position(1000 + random.nextLong(ticks[0] - 1000), 0));
                }
                long before = timeline.position().tick();
                long start_ns = System.nanoTime();
                timeline.reverseStep(1);
                assertThat(timeline.position().tick()).isEqualTo(before - 1);
                return start_ns;
            });
        }
    }

    /** Times each; a work that gives a start of its own, and not 0, is timed from there. */
    private static void figures(String what, int count, LongSupplier work) {
        double[] took_ms = new double[count];
        for (int i = 0; i < count; i++) {
            long start_ns = System.nanoTime();
            long own_ns = work.getAsLong();
            took_ms[i] = (System.nanoTime() - (own_ns == 0 ? start_ns : own_ns)) / 1e6;
        }
        Arrays.sort(took_ms);
        System.out.println(String.format(Locale.ROOT, "%s: p50 %.1f ms, p99 %.1f ms, most %.1f ms", what,
                took_ms[count / 2], took_ms[count * 99 / 100], took_ms[count - 1]));
    }

    private static double seconds(Runnable work) {
        long start_ns = System.nanoTime();
        work.run();
        return (System.nanoTime() - start_ns) / 1e9;
    }
}
