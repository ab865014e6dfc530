package chronovisor.debug;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.environment.Environment;
import chronovisor.environment.LiveEnvironment;
import chronovisor.replay.Fidelity;
import chronovisor.replay.KittenParts;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.replay.Replay;
import chronovisor.replay.Session;
import chronovisor.vmm.RunResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines that run now, under a client's control. */
final class LiveDebuggerTest {

    @TempDir
    Path temporary;

    /** A machine on a thread of its own; the first thing told is its port. */
    private static CompletableFuture<RunResult> start(String guest, Environment environment,
            CompletableFuture<Integer> port) {
        return run(() -> {
            try (DebugDoor door = new DebugDoor(environment);
                    Session session = Session.live(KittenParts.guest(guest), new KittenParts(), door,
                            OutputListener.NONE);
                    LiveDebugger debugger = LiveDebugger.over(session, door, false, 0)) {
                port.complete(debugger.port());
                return debugger.run();
            }
        });
    }

    /** Work that may fail for want of a socket. */
    private interface Work {
        RunResult run() throws IOException;
    }

    private static CompletableFuture<RunResult> run(Work work) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return work.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }, task -> Thread.ofPlatform().daemon().start(task));
    }

    private static void type(LiveEnvironment door, String text) throws InterruptedException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        door.feed("com2", bytes, 0, bytes.length);
    }

    @Test
    void aWaitingMachineIsLookedAtAndGoesOn() throws IOException, InterruptedException, ExecutionException {
        LiveEnvironment door = LiveEnvironment.seeded(1);
        door.feederComes();
        CompletableFuture<Integer> port = new CompletableFuture<>();
        CompletableFuture<RunResult> machine = start("echo", door, port);
        try (RemoteClient client = new RemoteClient(port.get())) {
            assertThat(client.ask("qSupported:swbreak+")).doesNotContain("ReverseStep").contains("vContSupported+");
            assertThat(client.ask("?")).startsWith("T05");
            assertThat(client.ask("bs")).startsWith("E");
            String entry = client.ask("p10");
            for (int i = 0; i < 100; i++) {
                assertThat(client.ask("vCont;s:2")).startsWith("T05");
            }
            assertThat(client.ask("p10")).isNotEqualTo(entry);
            // It prompts and waits for a line; nothing comes.
            client.send("vCont;c".getBytes(StandardCharsets.US_ASCII));
            Thread.sleep(300);
            client.raw(new byte[]{3});
            assertThat(client.answer()).startsWith("T02");
            assertThat(client.ask("qThreadExtraInfo,2")).isNotEmpty();
            String waiting = client.ask("p10");
            client.send("vCont;c".getBytes(StandardCharsets.US_ASCII));
            Thread.sleep(200);
            client.raw(new byte[]{3});
            assertThat(client.answer()).startsWith("T02");
            assertThat(client.ask("p10")).isEqualTo(waiting);
            // A step of the waiting task ends when the line has come.
            client.send("vCont;s:2".getBytes(StandardCharsets.US_ASCII));
            type(door, "hello\nquit\n");
            assertThat(client.answer()).startsWith("T05");
            assertThat(client.ask("p10")).isNotEqualTo(waiting);
            assertThat(client.ask("vCont;c")).isEqualTo("W03");
        }
        assertThat(machine.get().status()).isEqualTo(3);
    }

    @Test
    void whatIsNotRecordedMayBeChanged() throws IOException, InterruptedException, ExecutionException {
        LiveEnvironment door = LiveEnvironment.seeded(1);
        door.end("com2");
        CompletableFuture<Integer> port = new CompletableFuture<>();
        CompletableFuture<RunResult> machine = start("hello", door, port);
        try (RemoteClient client = new RemoteClient(port.get())) {
            long stack = Long.reverseBytes(HexFormat.fromHexDigitsToLong(client.ask("p7")));
            String below = Long.toHexString(stack - 64) + ",4";
            assertThat(client.ask("M" + below + ":01020304")).isEqualTo("OK");
            assertThat(client.ask("m" + below)).isEqualTo("01020304");
            assertThat(client.ask("M10,1:00")).startsWith("E.");
            String rax = "8877665544332211";
            assertThat(client.ask("P0=" + rax)).isEqualTo("OK");
            assertThat(client.ask("p0")).isEqualTo(rax);
            String xmm5 = "00112233445566778899aabbccddeeff";
            assertThat(client.ask("P2d=" + xmm5)).isEqualTo("OK");
            assertThat(client.ask("p2d")).isEqualTo(xmm5);
            assertThat(client.ask("G" + client.ask("g"))).isEqualTo("OK");
            assertThat(client.ask("p2d")).isEqualTo(xmm5);
            client.send(new byte[]{'k'});
        }
        assertThat(machine.get().reason()).contains("operator");
    }

    @Test
    void aRecordingUnderAClientReplays() throws IOException, InterruptedException, ExecutionException {
        LiveEnvironment door = LiveEnvironment.seeded(1);
        door.feederComes();
        Path folder = temporary.resolve("journal");
        CompletableFuture<Integer> port = new CompletableFuture<>();
        CompletableFuture<RunResult> machine = run(() -> {
            try (DebugDoor debugDoor = new DebugDoor(door);
                    Recording recording = Recording.start(folder, KittenParts.guest("echo"), new KittenParts(),
                            Fidelity.STEPS, debugDoor, OutputListener.NONE);
                    LiveDebugger debugger = LiveDebugger.over(recording.session(), debugDoor, true, 0)) {
                port.complete(debugger.port());
                RunResult result = debugger.run();
                recording.end(result);
                return result;
            }
        });
        try (RemoteClient client = new RemoteClient(port.get())) {
            long stack = Long.reverseBytes(HexFormat.fromHexDigitsToLong(client.ask("p7")));
            assertThat(client.ask("M" + Long.toHexString(stack) + ",1:00")).startsWith("E.the run is recorded");
            String entry = client.ask("p10");
            assertThat(client.ask("Z2," + Long.toHexString(stack - 8) + ",8")).isEqualTo("OK");
            assertThat(client.ask("vCont;c")).contains("watch:" + Long.toHexString(stack - 8));
            client.ask("z2," + Long.toHexString(stack - 8) + ",8");
            assertThat(client.ask("p10")).isNotEqualTo(entry);
            client.send("vCont;c".getBytes(StandardCharsets.US_ASCII));
            Thread.sleep(200);
            client.raw(new byte[]{3});
            assertThat(client.answer()).startsWith("T02");
            type(door, "hello\nquit\n");
            assertThat(client.ask("D")).isEqualTo("OK");
        }
        assertThat(machine.get().status()).isEqualTo(3);
        assertThat(Replay.of(folder, new KittenParts()).run().identical()).isTrue();
    }
}
