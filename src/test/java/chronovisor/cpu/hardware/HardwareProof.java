package chronovisor.cpu.hardware;

import chronovisor.isa.Decoder;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** For work on semantics: tells which operations differ from hardware, or writes the vectors that are kept. */
public final class HardwareProof {
    private HardwareProof() {}

    /** Arguments: number of cases and seed; or {@code write}, cases per form and seed. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 3) {
            write(Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]));
        } else {
            compare(arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000,
                    arguments.length > 1 ? Long.parseLong(arguments[1]) : 1);
        }
    }

    private static void write(int perForm, long seed) throws Exception {
        IntegerCases generator = new IntegerCases(seed, 48);
        List<HardwareCase> cases = generator.take(0, perForm * generator.count());
        List<VectorFile.Vector> vectors = new ArrayList<>();
        try (Oracle oracle = new Oracle()) {
            List<HardwareResult> results = oracle.run(cases);
            for (int k = 0; k < cases.size(); k++) {
                vectors.add(new VectorFile.Vector(cases.get(k), results.get(k)));
            }
        }
        Path file = Path.of("src/test/resources" + HardwareVectorsTest.FILE);
        Files.createDirectories(file.getParent());
        try (OutputStream out = Files.newOutputStream(file)) {
            VectorFile.write(out, vectors);
        }
        System.out.println(vectors.size() + " vectors, " + Files.size(file) + " bytes");
    }

    private static void compare(int total, long seed) throws Exception {
        IntegerCases generator = new IntegerCases(seed);
        System.out.println(generator.count() + " forms");
        Map<String, int[]> counts = new TreeMap<>();
        Map<String, String> samples = new TreeMap<>();
        try (Oracle oracle = new Oracle(); Subject subject = new Subject()) {
            for (int from = 0; from < total; from += 4096) {
                List<HardwareCase> cases = generator.take(from, Math.min(4096, total - from));
                List<HardwareResult> theirs = oracle.run(cases);
                for (int k = 0; k < cases.size(); k++) {
                    HardwareCase c = cases.get(k);
                    String d = subject.run(c).difference(theirs.get(k), -1);
                    String name = String.valueOf(Decoder.decode(c.code(), 0, c.code().length)).split(" ", -1)[0];
                    int[] n = counts.computeIfAbsent(name, x -> new int[2]);
                    n[0]++;
                    if (!d.isEmpty()) {
                        n[1]++;
                        samples.putIfAbsent(name,
                                d + "\n      " + Decoder.decode(c.code(), 0, c.code().length) + " " + c);
                    }
                }
            }
        }
        counts.forEach((name, n) -> System.out.printf("%-12s %8d %8d%s%n", name, n[0], n[1],
                n[1] == 0 ? "" : " e.g." + samples.get(name)));
        System.out.println(counts.values().stream().mapToInt(n -> n[1]).sum() + " differences");
    }
}
