package chronovisor.spark;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.probe.ProbeSpec;
import chronovisor.analysis.probe.Retrace;
import chronovisor.analysis.report.Statistics;
import chronovisor.analysis.segment.SegmentCounts;
import chronovisor.analysis.table.JournalTables;
import chronovisor.app.cli.Assembly;
import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.journal.JournalWriter;
import chronovisor.journal.ProbeEvent;
import chronovisor.kitten.KittenOptions;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Fidelity;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of two threads answers what one machine answers. */
class SegmentJobTest {

    private static final Path GUESTS = Path.of("../../scenarios/guests/bin");

    @TempDir
    Path folder;

    private Path record(String guest, long checkpointTicks) throws Exception {
        Path journal = folder.resolve(guest);
        MachineSetup setup = new MachineSetup(GuestConfiguration.standard(64), "", "",
                KittenOptions.parse(Map.of("init_stdin", "/dev/ttyS1", "init_stdout", "/dev/ttyS1", "init_stderr",
                        "/dev/ttyS2")).withProgram(List.of(guest), List.of()),
                List.of(GuestFile.initTask("/" + guest, Files.readAllBytes(GUESTS.resolve(guest)))), "interpreter");
        SeededEnvironment environment = new SeededEnvironment(1_700_000_000_000_000_000L, 1,
                List.of(new SeededEnvironment.Step(new SeededEnvironment.Condition.Now(),
                        new Input.StreamEnd("com2"))));
        try (Recording recording = Recording.start(journal, setup, new Assembly(), Fidelity.STEPS, environment,
                OutputListener.NONE, new TreeMap<>(), JournalWriter.Limits.DEFAULT, null,
                CheckpointPlan.every(checkpointTicks))) {
            recording.run();
        }
        return journal;
    }

    @Test
    void sparkStatsAndSqlAgree() throws Exception {
        List<Path> journals = List.of(record("ipc", 10_000), record("rows-process", 50_000),
                record("posix-threads", 100_000), record("hello", 0));
        SortedMap<String, SegmentCounts> counted;
        try (JavaSparkContext spark = spark()) {
            counted = SegmentJob.count(spark, journals.stream().map(Path::toString).toList());
        }
        assertThat(counted).hasSize(journals.size());
        for (Path journal : journals) {
            assertAgreed(journal, counted.get(journal.toString()));
        }
        assertThat(SegmentJob.json("ipc", counted.get(journals.getFirst().toString())))
                .startsWith("{\"journal\":\"ipc\",\"events\":").contains("\"syscalls\":{");
    }

    private static JavaSparkContext spark() {
        return new JavaSparkContext(new SparkConf().setMaster("local[2]").setAppName("test")
                .set("spark.ui.enabled", "false").set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.driver.host", "127.0.0.1"));
    }

    @Test
    void probesSeeOverAClusterWhatTheySeeOnOneMachine() throws Exception {
        List<String> probes = List.of("function *", "write 0x7fffffffe000..0x7ffffffff000");
        for (Path journal : List.of(record("ipc", 10_000), record("posix-threads", 100_000))) {
            List<ProbeEvent> expected = new ArrayList<>();
            int segments = Retrace.run(journal, new Assembly(), probes.stream().map(ProbeSpec::parse).toList(), 2,
                    expected::add, progress -> {});
            List<ProbeEvent> found = new ArrayList<>();
            try (JavaSparkContext spark = spark()) {
                SegmentJob.trace(spark, journal.toString(), probes, found::add);
            }
            assertThat(segments).isGreaterThan(3);
            assertThat(found).isEqualTo(expected).isNotEmpty();
        }
    }

    /** Journals from elsewhere, of Racket say: -Dspark.journals=A,B as mvn's option. */
    @Test
    @EnabledIfSystemProperty(named = "spark.journals", matches = ".+")
    void sparkStatsAndSqlAgreeOnJournalsFromElsewhere() {
        List<Path> journals = Arrays.stream(System.getProperty("spark.journals").split(",", -1)).map(Path::of).toList();
        SortedMap<String, SegmentCounts> counted;
        try (JavaSparkContext spark = spark()) {
            counted = SegmentJob.count(spark, journals.stream().map(Path::toString).toList());
        }
        journals.forEach(journal -> assertAgreed(journal, counted.get(journal.toString())));
    }

    private static void assertAgreed(Path journal, SegmentCounts counts) {
        Statistics statistics = Statistics.of(journal, progress -> {});
        assertThat(counts.events()).isEqualTo(statistics.events());
        assertThat(counts.types()).isEqualTo(statistics.types());
        TreeMap<String, SegmentCounts.Calls> calls = new TreeMap<>();
        statistics.calls().forEach((name, use) -> calls.put(name, new SegmentCounts.Calls(use.count(),
                use.failures(), use.bytes(), use.ticks().sum(), use.ticks().max())));
        assertThat(counts.calls()).isEqualTo(calls);
        assertThat(sql(journal)).isEqualTo(counts.types());
    }

    private static SortedMap<String, Long> sql(Path journal) {
        TreeMap<String, Long> types = new TreeMap<>();
        try (JournalTables tables = JournalTables.open(List.of(journal), progress -> {})) {
            tables.query("SELECT type, count(*) FROM events GROUP BY type", new JournalTables.Answer() {
                @Override
                public void columns(List<String> names) {
                    // Two.
                }

                @Override
                public void row(List<Object> values) {
                    types.put(String.valueOf(values.get(0)), ((Number) values.get(1)).longValue());
                }
            });
        }
        return new TreeMap<>(types);
    }

    @Test
    void segmentsOfAJournalAreManyAndCoverIt() throws Exception {
        var units = new ArrayList<>(chronovisor.analysis.segment.Segments.of(record("rows-process", 50_000),
                new Assembly()));
        assertThat(units).hasSizeGreaterThan(3);
        assertThat(units.getLast().last()).isTrue();
        for (int i = 1; i < units.size(); i++) {
            assertThat(units.get(i).from()).isEqualTo(units.get(i - 1).to());
        }
    }
}
