package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.app.host.HostClient;
import chronovisor.app.host.HostException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The paper's section 5.2 and what goes on from there: a host in a process of its own, asked as the tools ask it. */
final class HostSessionTest {

    private static final long PATIENCE_s = 120;

    @TempDir
    private Path folder;

    private final List<Process> hosts = new ArrayList<>();

    private Path socket() {
        return folder.resolve("host.sock");
    }

    private Process host() throws IOException, InterruptedException {
        Process host = Chronovisor.start(folder.resolve("journals"),
                Map.of("CHRONOVISOR_HOST", socket().toString()), "host");
        hosts.add(host);
        long until_ns = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_s);
        while (!Files.exists(socket()) && System.nanoTime() < until_ns) {
            assertThat(host.isAlive()).isTrue();
            Thread.sleep(50);
        }
        return host;
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process host : hosts) {
            host.destroy();
            assertThat(host.waitFor(PATIENCE_s, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** What a tool prints; its errors come last. */
    private String ask(String typed, String... words) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8)) {
            InputStream input = new java.io.ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8));
            HostClient.ask(socket(), List.of(words), input, out, out);
        } catch (HostException e) {
            output.writeBytes(String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8));
        }
        return output.toString(StandardCharsets.UTF_8);
    }

    private String awaitList(String pattern) throws IOException, InterruptedException {
        Pattern wanted = Pattern.compile(pattern);
        long until_ns = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_s);
        String list = ask("", "list");
        while (!wanted.matcher(list).find() && System.nanoTime() < until_ns) {
            Thread.sleep(50);
            list = ask("", "list");
        }
        assertThat(list).containsPattern(pattern);
        return list;
    }

    private Path image() {
        return image(Path.of("scenarios/palacios/kitten.xml"));
    }

    private Path image(Path configuration) {
        Path image = folder.resolve("kitten.img");
        assertThat(Chronovisor.run(folder, "image", "build", configuration.toString(), "-o", image.toString()).status())
                .isZero();
        return image;
    }

    /** The paper's guest with so many cores and this paging. */
    private Path configuration(int cores, String paging) throws IOException {
        String text = Files.readString(Path.of("scenarios/palacios/kitten.xml"))
                .replace("../guests/bin/echo", Path.of("scenarios/guests/bin/echo").toAbsolutePath().toString())
                .replace("mode=\"nested\"", "mode=\"" + paging + "\"");
        String one = text.replace("count=\"2\"", "count=\"1\"").replace("<core vcpu_id=\"1\"/>", "");
        return Files.writeString(folder.resolve("kitten.xml"), cores == 1 ? one : text);
    }

    @ParameterizedTest
    @CsvSource({"1, nested", "2, nested", "1, shadow", "2, shadow"})
    void theStreamShowsTheGuestsConsole(int cores, String paging) throws Exception {
        String image = image(configuration(cores, paging)).toString();
        host();
        ask("", "mem", "2048");
        assertThat(ask("", "create", image, "test")).endsWith("VM (test) created at /dev/v3-vm0\n");
        assertThat(ask("", "launch", "/dev/v3-vm0")).isEqualTo("Launching VM (/dev/v3-vm0)\n");
        CompletableFuture<String> stream = CompletableFuture.supplyAsync(() -> {
            try {
                return ask("", "stream", "/dev/v3-vm0", "stream1");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        ask("hello\nquit\n", "cons", "/dev/v3-vm0");
        awaitList("STOPPED +test: .* status 3");
        assertThat(stream.get(PATIENCE_s, TimeUnit.SECONDS)).contains("1: hello", "echo: quit after 2 lines");
        Chronovisor.Result counted = Chronovisor.run(folder.resolve("journals"), "stats", "test-1");
        assertThat(counted.output().contains("ShadowPageFault")).as(counted.output())
                .isEqualTo(paging.equals("shadow"));
        assertThat(Chronovisor.run(folder.resolve("journals"), "replay", "test-1").output()).startsWith("identical");
    }

    @Test
    void thePapersSession() throws IOException, InterruptedException {
        String image = image().toString();
        Process first = host();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket()))).isEqualTo("rw-------");
        assertThat(ask("", "mem", "2048")).isEqualTo("Giving Palacios 2048MB of memory\n");
        assertThat(ask("", "create", image, "test")).endsWith("VM (test) created at /dev/v3-vm0\n");
        assertThat(ask("", "create", image, "more")).contains("Error (-1) creating VM", "512 are left");
        assertThat(ask("", "launch", "/dev/v3-vm0")).isEqualTo("Launching VM (/dev/v3-vm0)\n");
        assertThat(ask("", "launch", "/dev/v3-vm0")).contains("has been launched already");

        assertThat(ask("", "pause", "/dev/v3-vm0")).isEqualTo("Pausing VM (/dev/v3-vm0)\n");
        awaitList("PAUSED +test:");
        assertThat(ask("", "debug", "/dev/v3-vm0", "1", "0")).contains("Debug Virtual Core 1 with Command 0", "rip ");
        Path saved = folder.resolve("saved");
        assertThat(ask("", "save", "/dev/v3-vm0", "DIR", saved.toString())).isEmpty();
        assertThat(ask("", "fork", "/dev/v3-vm0", "3")).isEqualTo("""
                VM (test-1) created at /dev/v3-vm1
                VM (test-2) created at /dev/v3-vm2
                VM (test-3) created at /dev/v3-vm3
                """);
        assertThat(ask("", "telemetry", "/dev/v3-vm0")).contains("IOIO_OUTS", "com1");
        assertThat(ask("", "balloon", "/dev/v3-vm0", "4")).contains("has no balloon");
        assertThat(ask("", "share")).containsPattern("Sharing the memory of 4 VMs: [0-9]+ frames joined");
        assertThat(ask("", "continue", "/dev/v3-vm0")).isEqualTo("Continuing VM (/dev/v3-vm0)\n");
        // A keyboard is typed on; what is shown ends with the machine.
        assertThat(ask("hello\nquit\n", "cons", "/dev/v3-vm0")).contains("(init_task) 1: hello",
                "echo: quit after 2 lines");
        ask("", "launch", "/dev/v3-vm2");
        assertThat(ask("fork\nquit\n", "cons", "/dev/v3-vm2")).contains("1: fork");
        String list = awaitList("STOPPED +test-2: .* status 3");
        assertThat(list).containsPattern("STOPPED +test: .* status 3").containsPattern("PAUSED +test-3:");
        assertThat(ask("", "stop", "/dev/v3-vm0")).contains("is not running");
        assertThat(ask("", "free", "0")).isEqualTo("Freeing VM 0\n");
        first.destroy();
        assertThat(first.waitFor(PATIENCE_s, TimeUnit.SECONDS)).isTrue();

        // Another process goes on from what was saved, to the same end.
        host();
        ask("", "mem", "2048");
        assertThat(ask("", "create", image, "again")).contains("created at /dev/v3-vm0");
        assertThat(ask("", "load", "/dev/v3-vm0", "DIR", saved.toString())).isEmpty();
        ask("", "launch", "/dev/v3-vm0");
        ask("hello\nquit\n", "cons", "/dev/v3-vm0");
        awaitList("STOPPED +again: .* status 3");
        assertThat(finalState("again-1")).isEqualTo(finalState("test-1"));
        for (String journal : List.of("test-1", "test-2-1", "again-1")) {
            Chronovisor.Result replayed = Chronovisor.run(folder.resolve("journals"), "replay", journal);
            assertThat(replayed.output()).as(journal).startsWith("identical");
        }
    }

    private String finalState(String journal) {
        Matcher state = Pattern.compile("final state ([0-9a-f]{64})")
                .matcher(Chronovisor.run(folder.resolve("journals"), "verify", journal).output());
        assertThat(state.find()).isTrue();
        return state.group(1);
    }

    @Test
    void whatGoesWrongHarmsNobodyElse() throws IOException, InterruptedException {
        String image = image().toString();
        host();
        ask("", "mem", "4096");
        ask("", "create", image, "good");
        ask("", "launch", "/dev/v3-vm0");
        Path bad = Files.writeString(folder.resolve("bad.img"), "v3vee");
        assertThat(ask("", "create", bad.toString(), "bad")).contains("bad.img: expected");
        assertThat(ask("", "nonsense")).contains("no command 'nonsense'");
        assertThat(ask("", "stream", "/dev/v3-vm0", "nowhere")).contains("has no stream 'nowhere', only stream1");
        assertThat(ask("", "launch", "/dev/v3-vm7")).contains("Error opening VM device: /dev/v3-vm7");
        assertThat(ask("", "save", "/dev/v3-vm0", "KEYED", "x")).contains("no checkpoint store 'KEYED'");
        assertThat(ask("", "free", "0")).contains("is running: stop it first");
        Random random = new Random(5);
        for (int i = 0; i < 20; i++) {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            try (SocketChannel tool = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                tool.connect(UnixDomainSocketAddress.of(socket()));
                tool.write(ByteBuffer.wrap(garbage));
            } catch (IOException e) {
                assertThat(Files.exists(socket())).isTrue();
            }
        }
        assertThat(ask("still here\nquit\n", "cons", "/dev/v3-vm0")).contains("1: still here");
        ask("", "create", image, "stopped");
        ask("", "launch", "/dev/v3-vm1");
        assertThat(ask("", "stop", "/dev/v3-vm1")).isEqualTo("Stopping VM (/dev/v3-vm1)\n");
        awaitList("STOPPED +stopped: .* stopped by the operator");
    }
}
