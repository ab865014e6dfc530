package chronovisor.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class EnvironmentTest {

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static SeededEnvironment.Step type(SeededEnvironment.Condition when, String text) {
        return new SeededEnvironment.Step(when, new Input.StreamBytes("com1", bytes(text)));
    }

    @Test
    void aSeedGivesTheSameEntropyHoweverItIsAskedFor() {
        SeededEnvironment one = new SeededEnvironment(0, 42, List.of());
        SeededEnvironment two = new SeededEnvironment(0, 42, List.of());
        byte[] whole = new byte[100];
        one.entropy(whole);
        byte[] parts = new byte[100];
        for (int i = 0; i < 100; i += 10) {
            byte[] part = new byte[10];
            two.entropy(part);
            System.arraycopy(part, 0, parts, i, 10);
        }
        assertThat(parts).isEqualTo(whole);
        byte[] other = new byte[100];
        new SeededEnvironment(0, 43, List.of()).entropy(other);
        assertThat(other).isNotEqualTo(whole);
    }

    @Test
    void aScriptTypesAfterAPatternWasSeen() {
        SeededEnvironment script = new SeededEnvironment(0, 0,
                List.of(type(new SeededEnvironment.Condition.After("com1", Pattern.compile("login: $")), "root\n"),
                        type(new SeededEnvironment.Condition.After("com1", Pattern.compile("# ")), "ls\n")));
        script.output("com1", bytes("boot # log"), 1);
        assertThat(script.poll()).isNull();
        script.output("com1", bytes("in: "), 2);
        assertThat(script.poll()).isEqualTo(new Input.StreamBytes("com1", bytes("root\n")));
        assertThat(script.poll()).as("what was seen before the last step does not count").isNull();
        script.output("com2", bytes("# "), 3);
        assertThat(script.poll()).isNull();
        script.output("com1", bytes("# "), 3);
        assertThat(script.poll()).isEqualTo(new Input.StreamBytes("com1", bytes("ls\n")));
        assertThat(script.await()).isNull();
        assertThat(script.left()).isEmpty();
    }

    @Test
    void aTimedStepWaitsForItsTickUnlessTheMachineIsIdle() {
        SeededEnvironment script = new SeededEnvironment(0, 0,
                List.of(type(new SeededEnvironment.Condition.AtTick(100), "a"),
                        type(new SeededEnvironment.Condition.AtTick(200), "b")));
        script.reached(99);
        assertThat(script.poll()).isNull();
        script.reached(100);
        assertThat(script.poll()).isNotNull();
        assertThat(script.poll()).isNull();
        assertThat(script.await()).isNotNull();
    }

    @Test
    void anUnseenPatternIsNeverTypedAndIsLeft() {
        SeededEnvironment script = new SeededEnvironment(0, 0,
                List.of(type(new SeededEnvironment.Condition.After("com1", Pattern.compile("x")), "a")));
        assertThat(script.await()).isNull();
        assertThat(script.left()).hasSize(1);
    }

    @Test
    void theClockIsInNanoseconds() {
        Clock clock = Clock.fixed(Instant.ofEpochSecond(1_700_000_000L, 7), ZoneOffset.UTC);
        assertThat(LiveEnvironment.seeded(1, clock).bootTime_ns()).isEqualTo(1_700_000_000_000_000_007L);
    }

    @Test
    void heldBackBytesWaitAndOthersDoNot() throws InterruptedException {
        LiveEnvironment live = LiveEnvironment.seeded(1);
        live.feed("com1", bytes("abc"), 0, 3);
        live.command("pause");
        live.holdBack("com1", true);
        assertThat(live.poll()).isEqualTo(new Input.OperatorCommand("pause"));
        assertThat(live.poll()).isNull();
        live.holdBack("com1", false);
        assertThat(live.poll()).isEqualTo(new Input.StreamBytes("com1", bytes("abc")));
    }

    @Test
    void aFullQueueHoldsTheFeederAndAnIdleMachineWaitsForIt() throws InterruptedException {
        LiveEnvironment live = LiveEnvironment.seeded(1);
        live.feederComes();
        byte[] sent = new byte[300_000];
        Thread feeder = Thread.ofVirtual().start(() -> {
            try {
                live.feed("com1", sent, 0, sent.length);
                live.end("com1");
                live.feederGone();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        int got = 0;
        Input input = live.await();
        while (input instanceof Input.StreamBytes part) {
            got += part.bytes().length;
            assertThat(part.bytes().length).isLessThanOrEqualTo(4096);
            input = live.await();
        }
        assertThat(got).isEqualTo(sent.length);
        assertThat(input).isEqualTo(new Input.StreamEnd("com1"));
        assertThat(live.await()).isNull();
        feeder.join();
    }
}
