package chronovisor.cpu.hardware;

import chronovisor.isa.OpcodeRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What came of comparing with hardware: cases by row of the opcode table, and what differed. Of one thread. */
public final class HardwareTally {
    private static final int DIFFERENCES_KEPT = 20;

    private final Map<OpcodeRow, Long> cases = new HashMap<>();
    private final List<String> differences = new ArrayList<>();
    private long forms;
    private long different;
    private long accepted;

    /** {@code more} encodings, told apart by row, operand size, prefixes and kinds of operands. */
    public void addForms(long more) {
        forms += more;
    }

    /** A case of a row. */
    public void addCase(OpcodeRow row) {
        cases.merge(row, 1L, Long::sum);
    }

    /** A case that came out differently; what differed is kept of the first few. */
    public void addDifference(String what) {
        different++;
        if (differences.size() < DIFFERENCES_KEPT) {
            differences.add(what);
        }
    }

    /** A case that differs in a way of {@link AcceptedDifference}. */
    public void addAccepted() {
        accepted++;
    }

    /** Takes over another's counts. */
    public void add(HardwareTally other) {
        other.cases.forEach((row, n) -> cases.merge(row, n, Long::sum));
        other.differences.stream().limit(DIFFERENCES_KEPT - differences.size()).forEach(differences::add);
        forms += other.forms;
        different += other.different;
        accepted += other.accepted;
    }

    /** How many cases of a row there were. */
    public long cases(OpcodeRow row) {
        return cases.getOrDefault(row, 0L);
    }

    /** How many cases there were. */
    public long cases() {
        return cases.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What differed, the first few. */
    public List<String> differences() {
        return differences;
    }

    /** In one line. */
    public String summary(long seed) {
        return String.format(Locale.ROOT,
                "hardware: %,d cases of %,d forms, seed %d: %d unexplained differences (%,d accepted, listed in %s.java)",
                cases(), forms, seed, different, accepted, AcceptedDifference.class.getSimpleName());
    }
}
