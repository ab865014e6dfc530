package chronovisor.isa;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * In how many cases each row of the opcode table was compared with real hardware: read from {@code proof.tsv}, which the hardware run
 * writes, a line for each row ({@link OpcodeRow#toString}, tab, cases).
 */
public final class Proof {
    private static final String RESOURCE = "proof.tsv";

    private final Map<String, Long> cases;

    private Proof(Map<String, Long> cases) {
        this.cases = cases;
    }

    /**
     * The figures of the last run that was kept.
     *
     * @throws IllegalStateException when the file is not what the run writes
     */
    public static Proof load() {
        InputStream resource = Proof.class.getResourceAsStream(RESOURCE);
        if (resource == null) {
            throw new IllegalStateException(RESOURCE + " is missing");
        }
        Map<String, Long> cases = new HashMap<>();
        try (var in = new BufferedReader(new InputStreamReader(resource, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (!line.startsWith("#")) {
                    int tab = line.indexOf('\t');
                    cases.put(line.substring(0, tab), Long.parseLong(line.substring(tab + 1)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IllegalStateException(RESOURCE + " is not what a hardware run writes", e);
        }
        return new Proof(cases);
    }

    /** How many cases of a row came out as on hardware, 0 when it was not compared. */
    public long cases(OpcodeRow row) {
        return cases.getOrDefault(row.toString(), 0L);
    }
}
