package chronovisor.app.bench;

import chronovisor.app.bench.SpeedReport.Median;
import chronovisor.app.bench.SpeedReport.OfProgram;
import chronovisor.app.bench.SpeedReport.Ratio;
import chronovisor.app.bench.SpeedReport.Row;
import chronovisor.app.bench.SpeedReport.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The figures as text: one table, whose rows can be printed as they come, and what it comes to. */
public final class SpeedTable {

    private static final String NONE = "-";

    private final List<String> peers;
    private final List<Integer> widths = new ArrayList<>();
    private final List<String> head = new ArrayList<>();

    /** A table with columns for some peers. */
    public SpeedTable(List<String> peers) {
        this.peers = List.copyOf(peers);
        column("program", -17);
        column("runner", -26);
        column("M instr", 8);
        column("time s", 8);
        column("MIPS", 7);
        column("steady", 7);
        peers.forEach(peer -> column("of " + peer, Math.max(11, peer.length() + 4)));
        column("x off", 10);
        column("x recording", 12);
        column("journal KB", 11);
        column("bits/instr", 11);
        column("peak MB", 8);
    }

    private void column(String title, int width) {
        head.add(title);
        widths.add(width);
    }

    /** What the columns mean, and their titles. */
    public List<String> head() {
        return List.of(
                "time: the whole command, cold; MIPS: the guest's instructions over that time; steady: in the second half of the run",
                "of PEER: speed in relation to the peer's, and the same of the steady speed; x: time in relation to another, both ways",
                "bits/instr: of the journal, checkpoints aside; medians over rounds in which everybody has a turn",
                "", line(head));
    }

    /** A program's rows. */
    public List<String> rows(OfProgram program) {
        List<String> lines = new ArrayList<>();
        String name = program.name();
        for (Row row : program.rows()) {
            List<String> cells = new ArrayList<>();
            cells.add(name);
            cells.add(row.engine() == null ? row.runner() : row.runner() + " (" + row.engine() + ")");
            cells.add(String.format(Locale.ROOT, "%,.0f", program.ticks() / 1e6));
            cells.add(String.format(Locale.ROOT, "%.2f", row.time_s()));
            cells.add(String.format(Locale.ROOT, "%,.0f", row.mips()));
            cells.add(row.steadyMips() == null ? NONE : String.format(Locale.ROOT, "%,.0f", row.steadyMips()));
            peers.forEach(peer -> cells.add(ratio(row.engine() == null ? null : row.ofPeers().get(peer))));
            cells.add(ratio(row.timesOff()));
            cells.add(ratio(row.timesRecording()));
            cells.add(row.journalBytes() == null
                    ? NONE
                    : String.format(Locale.ROOT, "%,.0f", row.journalBytes() / 1024.0));
            cells.add(row.bitsPerInstruction() == null
                    ? NONE
                    : String.format(Locale.ROOT, "%.5f", row.bitsPerInstruction()));
            cells.add(row.peakBytes() == 0 ? NONE : String.format(Locale.ROOT, "%,.0f", row.peakBytes() / 1048576.0));
            lines.add(line(cells));
            name = "";
        }
        program.problems().forEach(problem -> lines.add("WRONG  " + program.name() + ", " + problem));
        return lines;
    }

    /** Starts, medians over programs, what is missing, and the machine. */
    public List<String> foot(SpeedReport report) {
        List<String> lines = new ArrayList<>();
        for (Start start : report.starts()) {
            lines.add(String.format(Locale.ROOT,
                    "start, %s: %.2f s from the command to the guest's first instruction, %.2f s to the end of hello, %.0f MB",
                    start.what(), start.first_s(), start.end_s(), start.peakBytes() / 1048576.0));
        }
        report.programs().stream().map(OfProgram::kind).distinct().forEach(kind -> medians(report, kind, lines));
        report.missing().forEach(what -> lines.add("missing: " + what));
        lines.add(report.machine().get("processor") + ", " + report.machine().get("cores") + " cores, "
                + report.machine().get("java"));
        lines.add("load before " + report.machine().get("load_before") + ", after " + report.machine().get("load_after")
                + " (1, 5 and 15 minutes)");
        return lines;
    }

    private void medians(SpeedReport report, String kind, List<String> lines) {
        List<Row> all = report.programs().stream().filter(program -> program.kind().equals(kind))
                .flatMap(program -> program.rows().stream()).filter(row -> row.engine() != null).toList();
        all.stream().map(row -> new SpeedBench.Runner(row.runner(), row.engine())).distinct().forEach(runner -> {
            List<String> parts = new ArrayList<>();
            for (String peer : peers) {
                part(parts, "of " + peer, report, kind, runner, row -> row.ofPeers().get(peer), false);
            }
            part(parts, "x off", report, kind, runner, Row::timesOff, true);
            part(parts, "x recording", report, kind, runner, Row::timesRecording, true);
            if (!parts.isEmpty()) {
                lines.add("median of " + kind + ", " + runner.name() + " (" + runner.engine() + "): "
                        + String.join("; ", parts));
            }
        });
    }

    private static void part(List<String> parts, String title, SpeedReport report, String kind,
            SpeedBench.Runner runner, Function<Row, @Nullable Ratio> ratio, boolean mostIsWorst) {
        Median whole = report.median(kind, runner.name(), runner.engine(), row -> {
            Ratio found = ratio.apply(row);
            return found == null ? null : found.whole();
        }, mostIsWorst);
        Median steady = report.median(kind, runner.name(), runner.engine(), row -> {
            Ratio found = ratio.apply(row);
            return found == null ? null : found.steady();
        }, mostIsWorst);
        if (whole != null) {
            parts.add(title + " " + number(whole.middle()) + (steady == null
                    ? ""
                    : " " + number(steady.middle()) + (mostIsWorst ? " (most " : " (least ") + number(steady.worst())
                            + " " + steady.worstProgram() + ")"));
        }
    }

    private static String ratio(@Nullable Ratio ratio) {
        return ratio == null
                ? NONE
                : number(ratio.whole()) + (ratio.steady() == null ? "" : " " + number(ratio.steady()));
    }

    /** What is small has one more place: the difference counts there, too. */
    private static String number(double ratio) {
        return String.format(Locale.ROOT, ratio < 0.1 ? "%.3f" : "%.2f", ratio);
    }

    private String line(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            int width = widths.get(i);
            line.append(i == 0 ? "" : " ").append(String.format(Locale.ROOT, "%" + width + "s", cells.get(i)));
        }
        return line.toString().stripTrailing();
    }
}
