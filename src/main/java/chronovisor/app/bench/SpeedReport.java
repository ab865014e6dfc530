package chronovisor.app.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What came of measuring programs.
 *
 * @param machine the host, and its load, by name
 * @param missing what could not be measured, and why
 * @param programs what could
 * @param starts how long a small program takes from the command to its first instruction and to its end
 */
public record SpeedReport(Map<String, String> machine, List<String> missing, List<OfProgram> programs,
        List<Start> starts) {

    /**
     * How one number compares with another: made of the times of whole processes, and of the steady speeds, which leave the start and the
     * warming up aside.
     *
     * @param steady null where a run was too short for a steady speed
     */
    public record Ratio(double whole, @Nullable Double steady) {}

    /**
     * A runner's row: medians over the rounds.
     *
     * @param runner a peer, or a mode: {@code off} (no journal), {@code inputs}, {@code steps}, each of the latter two also with
     *        {@code replay}
     * @param engine of ours; null for a peer
     * @param times_s of the whole process, in every round
     * @param mips millions of the guest's instructions a second, over the whole process
     * @param steadyMips in the second half of the run; null where that cannot be told
     * @param ofPeers its speed in relation to each peer's
     * @param timesOff its time in relation to that of a run without a journal
     * @param timesRecording of a replay: its time in relation to the recording's
     * @param journalBytes of the files; null without a journal
     * @param bitsPerInstruction of what the journal tells, checkpoints aside
     * @param peakBytes the most host memory
     */
    public record Row(String runner, @Nullable String engine, List<Double> times_s, double time_s, double mips,
            @Nullable Double steadyMips, Map<String, Ratio> ofPeers, @Nullable Ratio timesOff,
            @Nullable Ratio timesRecording, @Nullable Long journalBytes, @Nullable Double bitsPerInstruction,
            long peakBytes) {}

    /**
     * A program's rows.
     *
     * @param ticks instructions that it retires
     * @param problems what went wrong; the rows of a run that went wrong are not there
     */
    public record OfProgram(String name, String kind, long ticks, List<Row> rows, List<String> problems) {}

    /**
     * How a small program starts.
     *
     * @param what how it is run
     * @param first_s from the command to the guest's first instruction
     * @param end_s to the end of the command
     */
    public record Start(String what, double first_s, double end_s, long peakBytes) {}

    /** A median over programs. */
    record Median(double middle, double worst, String worstProgram) {}

    /** Whether every run went well. */
    public boolean passed() {
        return programs.stream().allMatch(program -> program.problems.isEmpty());
    }

    /** The median over programs of one kind of what a row says, and the least or most of them. */
    @Nullable
    Median median(String kind, String runner, @Nullable String engine, Function<Row, @Nullable Double> what,
            boolean mostIsWorst) {
        List<Double> values = new ArrayList<>();
        double worst = Double.NaN;
        String worstProgram = "";
        for (OfProgram program : programs) {
            for (Row row : program.rows) {
                Double value = row.runner.equals(runner) && java.util.Objects.equals(row.engine, engine)
                        && program.kind.equals(kind) ? what.apply(row) : null;
                if (value != null) {
                    values.add(value);
                    if (worstProgram.isEmpty() || (mostIsWorst ? value > worst : value < worst)) {
                        worst = value;
                        worstProgram = program.name;
                    }
                }
            }
        }
        return values.isEmpty() ? null : new Median(Medians.of(values), worst, worstProgram);
    }

    /** All of it with names as programs like them; the names of what is here stay, others may come. */
    public Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("machine", machine);
        object.put("missing", missing);
        object.put("start", starts.stream().map(start -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("what", start.what);
            one.put("first_instruction_s", start.first_s);
            one.put("end_s", start.end_s);
            one.put("peak_bytes", start.peakBytes);
            return one;
        }).toList());
        object.put("programs", programs.stream().map(SpeedReport::object).toList());
        object.put("passed", passed());
        return object;
    }

    private static Map<String, Object> object(OfProgram program) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", program.name);
        object.put("kind", program.kind);
        object.put("instructions", program.ticks);
        object.put("problems", program.problems);
        object.put("rows", program.rows.stream().map(SpeedReport::object).toList());
        return object;
    }

    private static Map<String, @Nullable Object> object(Row row) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("runner", row.runner);
        object.put("engine", row.engine);
        object.put("time_s", row.time_s);
        object.put("times_s", row.times_s);
        object.put("mips", row.mips);
        object.put("steady_mips", row.steadyMips);
        object.put("of", row.ofPeers);
        object.put("times_off", row.timesOff);
        object.put("times_recording", row.timesRecording);
        object.put("journal_bytes", row.journalBytes);
        object.put("bits_per_instruction", row.bitsPerInstruction);
        object.put("peak_bytes", row.peakBytes);
        return object;
    }

    static @Nullable Double orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }
}
