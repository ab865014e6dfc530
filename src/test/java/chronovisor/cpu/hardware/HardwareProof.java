package chronovisor.cpu.hardware;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** For work on semantics: tells what differs from hardware, or writes the vectors that are kept. */
public final class HardwareProof {
    private HardwareProof() {}

    /** Arguments: number of cases and seed; or {@code write}, cases per form and seed. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 3) {
            write(Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]));
            return;
        }
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1;
        HardwareTally tally = new HardwareTally();
        IntegerComparison.run(arguments.length > 0 ? Long.parseLong(arguments[0]) : 1_000_000, seed, tally);
        tally.differences().forEach(System.out::println);
        System.out.println(tally.summary(seed));
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
}
