package chronovisor.spark;

import chronovisor.analysis.probe.ProbeSpec;
import chronovisor.analysis.probe.SegmentHits;
import chronovisor.analysis.probe.SideJournal;
import chronovisor.analysis.segment.SegmentCounts;
import chronovisor.analysis.segment.SegmentUnit;
import chronovisor.analysis.segment.Segments;
import chronovisor.app.cli.Assembly;
import chronovisor.journal.ProbeEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;
import tools.jackson.databind.json.JsonMapper;

/**
 * Counts what happened in many journals, or finds what probes see in them, by executing their segments over a cluster.
 *
 * <pre>
 *   journals ──flatMap──▶ (journal, checkpoint, segment) ──map: replay, project──▶ counts ──reduceByKey──▶ a journal's counts
 *                                                        └─map: replay, probes──▶ hits, in order ──merge──▶ a side journal
 * </pre>
 *
 * Every executor must find the journals at the same paths. Each segment that is executed takes the guest's memory.
 */
public final class SegmentJob {

    private SegmentJob() {}

    /**
     * Prints a JSON object for each journal that is named. With probes ({@code --probe P}, as {@code chronovisor trace} takes them) what they
     * see goes into a journal beside each, JOURNAL-probes.
     */
    public static void main(String[] arguments) {
        List<String> probes = new ArrayList<>();
        List<String> journals = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--probe") && i + 1 < arguments.length) {
                probes.add(arguments[++i]);
            } else {
                journals.add(arguments[i]);
            }
        }
        try {
            probes.forEach(ProbeSpec::parse);
        } catch (IllegalArgumentException e) {
            refuse(e.getMessage());
        }
        journals.stream().filter(journal -> !Files.isDirectory(Path.of(journal))).findFirst()
                .ifPresent(missing -> refuse(missing + " is no journal's folder"));
        if (journals.isEmpty()) {
            refuse("name the folders of journals");
        }
        // A master and the rest come from spark-submit.
        try (JavaSparkContext spark = new JavaSparkContext(new SparkConf().setAppName("chronovisor"))) {
            if (probes.isEmpty()) {
                count(spark, journals).forEach((journal, counts) -> System.out.println(json(journal, counts)));
            } else {
                for (String journal : journals) {
                    System.out.println(traced(spark, Path.of(journal), probes));
                }
            }
        }
    }

    private static void refuse(String why) {
        System.err.println("chronovisor-spark: " + why);
        System.exit(2);
    }

    private static String traced(JavaSparkContext spark, Path journal, List<String> probes) {
        Path side = journal.resolveSibling(journal.getFileName() + "-probes");
        try (SideJournal out = new SideJournal(side, String.valueOf(journal.getFileName()),
                probes.stream().map(ProbeSpec::parse).toList())) {
            trace(spark, journal.toString(), probes, out);
            out.end();
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("journal", journal.toString());
            object.put("probes", side.toString());
            object.put("events", out.events());
            return JsonMapper.shared().writeValueAsString(object);
        }
    }

    /** What probes see in a journal, in order: what {@code chronovisor trace} tells of it. */
    public static void trace(JavaSparkContext spark, String journal, List<String> probes, Consumer<ProbeEvent> sink) {
        List<SegmentUnit> units = Segments.of(Path.of(journal), new Assembly());
        ArrayList<String> texts = new ArrayList<>(probes);
        HashSet<Long> returns = new HashSet<>();
        JavaRDD<SegmentUnit> segments = spark.parallelize(units, units.size());
        if (SegmentHits.wantsReturns(specs(texts))) {
            returns.addAll(segments.map(unit -> new HashSet<>(hits(unit, texts, Set.of()).returns()))
                    .fold(new HashSet<>(), SegmentJob::union));
        }
        // Partitions come in their order, each with one segment, and one at a time is in the driver's memory.
        SegmentHits.merge(segments.map(unit -> hits(unit, texts, returns)).toLocalIterator(), sink);
    }

    private static List<ProbeSpec> specs(List<String> texts) {
        return texts.stream().map(ProbeSpec::parse).toList();
    }

    private static SegmentHits hits(SegmentUnit unit, List<String> texts, Set<Long> returns) {
        return SegmentHits.of(unit, new Assembly(), specs(texts), returns);
    }

    private static HashSet<Long> union(HashSet<Long> a, HashSet<Long> b) {
        HashSet<Long> all = new HashSet<>(a);
        all.addAll(b);
        return all;
    }

    /** What happened in each journal. */
    public static SortedMap<String, SegmentCounts> count(JavaSparkContext spark, List<String> journals) {
        JavaRDD<SegmentUnit> segments = spark.parallelize(journals, journals.size())
                .flatMap(journal -> Segments.of(Path.of(journal), new Assembly()).iterator());
        // The segments of one journal go to different executors.
        int parts = Math.max(spark.defaultParallelism(), (int) segments.cache().count());
        return new TreeMap<>(segments.repartition(parts)
                .mapToPair(unit -> new Tuple2<>(unit.journal(), Segments.count(unit, new Assembly())))
                .reduceByKey(SegmentCounts::plus).collectAsMap());
    }

    /** One line, with the names that the command {@code stats --json} has. */
    static String json(String journal, SegmentCounts counts) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("journal", journal);
        object.put("events", counts.events());
        object.put("families", counts.families());
        object.put("types", counts.types());
        Map<String, Object> calls = new LinkedHashMap<>();
        counts.calls().forEach((name, use) -> {
            Map<String, Object> call = new LinkedHashMap<>();
            call.put("count", use.count());
            call.put("failures", use.failures());
            call.put("bytes", use.bytes());
            call.put("ticks", Map.of("sum", use.ticks(), "max", use.longest()));
            calls.put(name, call);
        });
        object.put("syscalls", calls);
        return JsonMapper.shared().writeValueAsString(object);
    }
}
