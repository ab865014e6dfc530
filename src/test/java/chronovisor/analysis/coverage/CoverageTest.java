package chronovisor.analysis.coverage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chronovisor.analysis.Runs;
import chronovisor.analysis.report.Profile;
import chronovisor.replay.KittenParts;
import chronovisor.replay.StepQuery;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Coverage counts what ran, and knows what could have. */
class CoverageTest {

    @TempDir
    Path folder;

    private Coverage of(String guest) {
        return Coverage.of(Runs.record(folder, guest), new KittenParts(), progress -> {});
    }

    private String lcov(Coverage coverage) throws IOException {
        StringWriter out = new StringWriter();
        Lcov.write(coverage, folder.resolve("listings"), out);
        return out.toString();
    }

    private static Coverage.Function function(Coverage coverage, String name) {
        return coverage.files().stream().flatMap(file -> file.functions().stream())
                .filter(function -> function.name().equals(name)).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "hello-pie", "bare", "rows-process", "rows-signals", "posix-threads", "lines"})
    void everyInstructionIsCountedInItsFile(String guest) {
        Coverage coverage = of(guest);
        assertThat(coverage.trouble()).isEmpty();
        long steps = StepQuery.of(folder.resolve(guest)).forEach((tick, core, space, rip, bytes, instruction) -> {});
        assertThat(coverage.steps()).isEqualTo(steps);
        assertThat(coverage.files().stream().mapToLong(Coverage.File::retired).sum() + coverage.outside())
                .isEqualTo(steps);
        assertThat(coverage.outside()).isZero();
    }

    @Test
    void functionsHaveTheInstructionsThatTheProfileCounts() {
        Coverage coverage = of("ipc");
        Map<String, Long> covered = new TreeMap<>();
        coverage.files().getFirst().functions().stream().filter(function -> function.retired() > 0)
                .forEach(function -> covered.merge(function.name(), function.retired(), Long::sum));
        Map<String, Long> profiled = new TreeMap<>();
        Profile.of(folder.resolve("ipc"), new KittenParts(), progress -> {}).functions()
                .forEach(function -> profiled.put(function.name(), function.self()));
        assertThat(covered).isEqualTo(profiled);
    }

    @Test
    void whatNeverRanIsKnownToo() {
        Coverage coverage = of("lines");
        Coverage.Function never = function(coverage, "never_called");
        assertThat(never.calls()).isZero();
        assertThat(never.instructions().covered()).isZero();
        assertThat(never.instructions().all()).isGreaterThan(3);
        assertThat(never.lines()).isEqualTo(new Coverage.Share(0, 3));
        Coverage.Function twice = function(coverage, "twice");
        assertThat(twice.calls()).isEqualTo(5);
        assertThat(twice.lines()).isEqualTo(new Coverage.Share(3, 3));
        assertThat(function(coverage, "main").lines().covered())
                .isEqualTo(function(coverage, "main").lines().all() - 1);
    }

    @Test
    void linesAreCountedAsOftenAsTheyRan() throws IOException {
        String lcov = lcov(of("lines"));
        String source = lcov.substring(lcov.indexOf("SF:/scenarios/guests/src/lines.c"));
        String record = source.substring(0, source.indexOf("end_of_record"));
        assertThat(record).contains("FNDA:1,main\n", "FNDA:0,never_called\n", "FNDA:1,sum_of_even\n",
                "FN:5,sum_of_even\n");
        // The loop's head runs eleven times, its condition ten, its body five.
        assertThat(record).contains("DA:7,11\n", "DA:8,10\n", "DA:9,5\n", "DA:12,1\n", "DA:23,0\n", "DA:16,0\n");
        assertThat(lcov).contains("SF:/scenarios/guests/src/lines.h\nFN:2,twice\nFNDA:5,twice\nFNF:1\nFNH:1\nDA:2,5\n");
    }

    @Test
    void aFileWithoutLinesGetsAListingWhoseLinesAreCounted() throws IOException {
        Coverage coverage = of("hello");
        String lcov = lcov(coverage);
        Path listing = folder.resolve("listings/hello.asm");
        assertThat(lcov).contains("SF:" + listing.toAbsolutePath().normalize() + "\n");
        var lines = Files.readAllLines(listing);
        int main = lines.indexOf("main:") + 1;
        assertThat(main).isPositive();
        assertThat(lcov).contains("FN:" + (main + 1) + ",main\n", "FNDA:1,main\n", "DA:" + (main + 1) + ",1\n");
        Coverage.Share all = coverage.files().getFirst().instructions();
        assertThat(lcov).contains("LF:" + all.all() + "\nLH:" + all.covered() + "\n");
    }

    @Test
    void lcovReadsIt() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/lcov")),
                "lcov is not on this host: the file was not read by it");
        for (String guest : new String[]{"lines", "hello"}) {
            Coverage coverage = of(guest);
            Path file = Files.writeString(folder.resolve(guest + ".info"), lcov(coverage));
            Process process = new ProcessBuilder("/usr/bin/lcov", "--summary", file.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            Coverage.File first = coverage.files().getFirst();
            Coverage.Share share = first.lines().all() > 0 ? first.lines() : first.instructions();
            assertThat(said).contains("(" + share.covered() + " of " + share.all() + " lines)");
        }
    }
}
