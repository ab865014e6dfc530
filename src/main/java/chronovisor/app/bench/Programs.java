package chronovisor.app.bench;

import chronovisor.app.bench.Program.Kind;
import chronovisor.app.scenario.Cache;
import chronovisor.app.scenario.ScenarioException;
import chronovisor.app.scenario.UnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/** The programs that can be measured: a row each, with the work of scale 1, which is a few seconds of the translating engine. */
final class Programs {

    private static final String BUSYBOX = "busybox-static";
    private static final String RACKET = "racket";

    private final Path home;
    private final Cache cache;
    private final Path scratch;
    private final double scale;

    @FunctionalInterface
    private interface Maker {
        Program make(Programs programs, String name) throws ScenarioException, IOException;
    }

    private static final Map<String, Maker> ALL = all();

    private static Map<String, Maker> all() {
        Map<String, Maker> all = new LinkedHashMap<>();
        all.put("integer", (p, name) -> p.guest(name, Kind.COMPUTE, 150_000));
        all.put("sieve", (p, name) -> p.guest(name, Kind.COMPUTE, 250));
        all.put("sha256", (p, name) -> p.guest(name, Kind.COMPUTE, 500));
        all.put("matrix", (p, name) -> p.guest(name, Kind.COMPUTE, 200));
        all.put("quicksort", (p, name) -> p.guest(name, Kind.COMPUTE, 150));
        all.put("chase", (p, name) -> p.guest(name, Kind.COMPUTE, 400));
        all.put("strings", (p, name) -> p.guest(name, Kind.COMPUTE, 2_000));
        all.put("pipes", (p, name) -> p.guest(name, Kind.KERNEL, 20_000));
        all.put("busybox-sha256sum", (p, name) -> p.busybox(name, "sha256sum", p.text(12 << 20)));
        all.put("busybox-gzip", (p, name) -> p.busybox(name, "gzip", "-c", p.text(3 << 19)));
        all.put("busybox-awk", (p, name) -> p.busybox(name, "awk", "BEGIN { for (i = 0; i < " + p.work(400_000)
                + "; i++) { s += i % 7; w = w \"\" i; if (length(w) > 60) { n += split(w, a, \"1\"); w = \"\" } } print s, n }"));
        all.put("busybox-sh", (p, name) -> p.busybox(name, "sh", "-c", "i=0; s=0; while [ $i -lt " + p.work(40_000)
                + " ]; do i=$((i + 1)); case $i in *7) s=$((s + i));; esac; done; echo $s"));
        all.put("racket-start", (p, name) -> p.racket(name, "-n"));
        all.put("racket-program", (p, name) -> p.racketProgram(name));
        return all;
    }

    /**
     * Programs at a scale.
     *
     * @param home the checkout, where the embedded guests are
     * @param scratch where files that they need are made
     * @param scale how much work, 1 for the usual
     */
    Programs(Path home, Cache cache, Path scratch, double scale) {
        this.home = home;
        this.cache = cache;
        this.scratch = scratch;
        this.scale = scale;
    }

    /** The names of all, in order. */
    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /**
     * Makes one ready.
     *
     * @throws BenchException when it cannot be had on this machine; the message says what is missing
     */
    Program make(String name) throws BenchException {
        try {
            return Objects.requireNonNull(ALL.get(name), name).make(this, name);
        } catch (UnavailableException e) {
            throw new BenchException(name + ": " + e.getMessage(), e);
        } catch (ScenarioException | IOException e) {
            throw new BenchException(name + " cannot be made ready: " + e.getMessage(), e);
        }
    }

    /** The least there is to start. */
    Program hello() {
        return new Program("hello", Kind.COMPUTE, home.resolve("scenarios/guests/bin/hello").toAbsolutePath(),
                List.of(),
                Map.of(), null);
    }

    private long work(long usual) {
        return Math.max(1, Math.round(usual * scale));
    }

    private Program guest(String name, Kind kind, long rounds) {
        return new Program(name, kind, home.resolve("scenarios/guests/bin/bench-" + name).toAbsolutePath(),
                List.of(Long.toString(work(rounds))), Map.of(), null);
    }

    private Program busybox(String name, String... arguments) throws ScenarioException, IOException {
        return new Program(name, Kind.MIXED, cache.packageRoot(BUSYBOX).resolve("bin/busybox").toRealPath(),
                List.of(arguments), Map.of("PATH", "/bin"), Files.createDirectories(scratch.resolve("files")));
    }

    /** A file of words, in the order in which a generator draws them, by the same name on host and guest. */
    private String text(int usualBytes) throws IOException {
        long bytes = work(usualBytes);
        Path file = Files.createDirectories(scratch.resolve("files")).resolve("words-" + bytes);
        if (!Files.exists(file)) {
            SplittableRandom random = new SplittableRandom(1);
            StringBuilder text = new StringBuilder();
            while (text.length() < bytes) {
                int word = random.nextInt(2000);
                text.append(Integer.toString(word * word + 1000, 36)).append(random.nextInt(12) == 0 ? '\n' : ' ');
            }
            text.setLength((int) bytes);
            Files.writeString(file, text, StandardCharsets.US_ASCII);
        }
        return file.getFileName().toString();
    }

    private Program racket(String name, String... arguments) throws ScenarioException, IOException {
        Path racket = cache.provisioned(RACKET);
        Path binary = racket.resolve("bin/racket3m");
        Path root = scratch.resolve("racket");
        Path collections = root.resolve("tmp/racket");
        if (!Files.isRegularFile(binary) || !Files.isDirectory(racket.resolve("zo"))) {
            throw Cache.notProvisioned(RACKET);
        }
        if (!Files.exists(collections)) {
            copy(racket.resolve("zo"), collections);
            Files.copy(home.resolve("scenarios/racket/bench.rkt"), root.resolve("tmp/bench.rkt"));
        }
        List<String> all = new ArrayList<>(List.of("-X", "tmp/racket", "-G", "etc", "-A", "etc"));
        all.addAll(List.of(arguments));
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("HOME", "/");
        environment.put("LC_ALL", "C");
        return new Program(name, Kind.RACKET, binary.toRealPath(), all, environment, root);
    }

    private Program racketProgram(String name) throws ScenarioException, IOException {
        return racket(name, "-u", "tmp/bench.rkt", Long.toString(work(60)));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path path : all.sorted().toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        }
    }
}
