package chronovisor.spark;

import chronovisor.analysis.segment.SegmentCounts;
import chronovisor.analysis.segment.SegmentUnit;
import chronovisor.analysis.segment.Segments;
import chronovisor.app.cli.Assembly;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;
import tools.jackson.databind.json.JsonMapper;

/**
 * Counts what happened in many journals, by executing their segments over a cluster.
 *
 * <pre>
 *   journals ──flatMap──▶ (journal, checkpoint, segment) ──map: replay, project──▶ counts ──reduceByKey──▶ a journal's counts
 * </pre>
 *
 * Every executor must find the journals at the same paths. Each segment that is executed takes the guest's memory.
 */
public final class SegmentJob {

    private SegmentJob() {}

    /** Prints a JSON object for each journal that is named. */
    public static void main(String[] journals) {
        if (journals.length == 0) {
            System.err.println("chronovisor-spark: name the folders of journals");
            System.exit(2);
        }
        // A master and the rest come from spark-submit.
        try (JavaSparkContext spark = new JavaSparkContext(new SparkConf().setAppName("chronovisor"))) {
            count(spark, List.of(journals)).forEach((journal, counts) -> System.out.println(json(journal, counts)));
        }
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
