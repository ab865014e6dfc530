package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.Runs;
import chronovisor.app.cli.Chronovisor.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code watch}: on a run while it is recorded, and on one that is over. */
class WatchCommandTest {

    @TempDir
    Path folder;

    @Test
    void aRunIsFollowedWhileItIsRecordedUntilItEnds() throws Exception {
        Process guest = Chronovisor.start(folder, "exec", "--journal", "run", "scenarios/guests/bin/echo");
        try {
            waitForSegment();
            CompletableFuture<Result> watch = CompletableFuture
                    .supplyAsync(() -> Chronovisor.run(folder, "watch", "--interval", "50", "run"));
            // Some looks are before the guest has got its input.
            Thread.sleep(1500);
            assertThat(watch).isNotDone();
            try (var in = guest.getOutputStream()) {
                in.write("hello\nquit\n".getBytes(StandardCharsets.UTF_8));
            }
            Result seen = watch.get(60, TimeUnit.SECONDS);
            assertThat(seen.errors()).isEmpty();
            assertThat(seen.status()).isZero();
            List<String> looks = seen.output().lines().filter(line -> line.startsWith("run  ")).toList();
            assertThat(looks).hasSizeGreaterThan(3);
            assertThat(looks.getFirst()).isNotEqualTo(looks.getLast());
            assertThat(seen.output()).contains("| 1: hello", "exited with 3", "system call");
        } finally {
            guest.destroy();
            guest.waitFor();
        }
    }

    private void waitForSegment() throws IOException, InterruptedException {
        Path journal = folder.resolve("run");
        for (int i = 0; i < 600; i++) {
            if (Files.isDirectory(journal)) {
                try (var files = Files.list(journal)) {
                    if (files.anyMatch(file -> file.toString().endsWith(".cq4"))) {
                        return;
                    }
                }
            }
            Thread.sleep(100);
        }
        throw new AssertionError("nothing is recorded");
    }

    @Test
    void whatIsOverIsShownAtOnceWithTheFiguresOfStats() {
        Path journal = Runs.record(folder, "ipc");
        String table = Chronovisor.run(folder, "watch", "--once", "ipc").output();
        assertThat(table).contains(String.format(java.util.Locale.ROOT, "%,d events", Runs.events(journal).size()));
        WatchTable live = new WatchTable("ipc");
        live.accept(Runs.events(journal));
        assertThat(table.lines().skip(1).toList())
                .isEqualTo(live.lines(Integer.MAX_VALUE).stream().skip(1).toList());
        assertThat(live.lines(12)).hasSize(12);
        assertThat(Chronovisor.run(folder, "watch", "--interval", "1", "ipc").status()).isEqualTo(ExitCode.USAGE);
    }
}
