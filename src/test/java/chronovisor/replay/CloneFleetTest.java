package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.memory.FramePool;
import chronovisor.vmm.RunResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CloneFleetTest {

    private static final int CLONES = 10;

    private final FramePool pool = new FramePool(1L << 30);
    private final List<SharingEvent> events = new ArrayList<>();
    private final List<String> printed = new ArrayList<>();
    private SavedMachine origin = origin();

    private SavedMachine origin() {
        SeededEnvironment door = new SeededEnvironment(0, 1, List.of(new Step(
                new Condition.After("com2", Pattern.compile("ready")), new Input.OperatorCommand("pause"))));
        try (Session session = Session.live(KittenParts.guest("echo"), new KittenParts(), door, OutputListener.NONE,
                pool)) {
            assertThat(session.run().kind()).isEqualTo(RunResult.Kind.PAUSED);
            return SavedMachine.of(session, "origin");
        }
    }

    @BeforeEach
    void forget() {
        events.clear();
    }

    @AfterEach
    void close() {
        origin.close();
        assertThat(pool.framesUsed()).isZero();
        pool.close();
    }

    private CloneFleet.Report run(SharingPolicy policy) {
        printed.clear();
        events.clear();
        List<ByteArrayOutputStream> outputs = new ArrayList<>();
        return new CloneFleet(new KittenParts(), events::add).run(origin, policy, CLONES, new CloneFleet.Doors() {
            @Override
            public Environment inputs(int clone) {
                return new SeededEnvironment(0, 1, List.of(new Step(new Condition.Now(), new Input.StreamBytes("com2",
                        ("I am " + clone + "\nquit\n").getBytes(StandardCharsets.UTF_8)))));
            }

            @Override
            public OutputListener output(int clone) {
                outputs.add(new ByteArrayOutputStream());
                return (stream, bytes, tick) -> {
                    if (stream.equals("com2")) {
                        outputs.get(clone).writeBytes(bytes);
                    }
                };
            }

            @Override
            public void ended(int clone, RunResult result) {
                assertThat(result.status()).isEqualTo(3);
                printed.add(outputs.get(clone).toString(StandardCharsets.UTF_8));
            }
        });
    }

    private long of(Class<? extends SharingEvent> kind) {
        return events.stream().filter(kind::isInstance).count();
    }

    @Test
    void clonesGoTheirOwnWayUnderEveryPolicy() {
        for (SharingPolicy policy : List.of(new SharingPolicy.AllMemory(), new SharingPolicy.PageTableKnowledge(),
                new SharingPolicy.Marked(List.of()))) {
            run(policy);
            for (int i = 0; i < CLONES; i++) {
                assertThat(printed.get(i)).as(policy.name()).contains("1: I am " + i, "echo: quit after 2 lines");
            }
        }
    }

    @Test
    void whatIsSharedIsNotCopiedAtOnce() {
        CloneFleet.Report all = run(new SharingPolicy.AllMemory());
        assertThat(all.copiedAtOnce()).isZero();
        assertThat(all.exits()).isPositive().isEqualTo(of(SharingEvent.FrameBroken.class));
        assertThat(of(SharingEvent.FramesShared.class)).isPositive();
        assertThat(of(SharingEvent.FramesCopied.class)).isZero();

        CloneFleet.Report none = run(new SharingPolicy.Marked(List.of()));
        assertThat(none.sharable()).isZero();
        assertThat(none.exits()).isZero();
        assertThat(none.frames().shared()).isZero();
        assertThat(of(SharingEvent.FramesCopied.class)).isEqualTo(CLONES);
        assertThat(none.frames().distinct()).isGreaterThan(all.frames().distinct());
    }

    @Test
    void pageTablesTellWhatIsNotWritten() {
        CloneFleet.Report all = run(new SharingPolicy.AllMemory());
        CloneFleet.Report known = run(new SharingPolicy.PageTableKnowledge());
        assertThat(known.sharable()).isPositive().isLessThan(all.sharable());
        assertThat(known.exits()).isLessThan(all.exits());
        assertThat(known.frames().shared()).isEqualTo(known.sharable() * CLONES);
    }

    @Test
    void clonesOfOneProgramShareFourFifthsOfTheirMemory() {
        assertThat(run(new SharingPolicy.AllMemory()).frames().sharedPercent()).isGreaterThan(80);
    }
}
