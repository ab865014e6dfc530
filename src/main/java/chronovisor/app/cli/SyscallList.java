package chronovisor.app.cli;

import chronovisor.kitten.KittenOptions;
import chronovisor.kitten.syscall.Answers;
import chronovisor.kitten.syscall.OriginalTable;
import chronovisor.kitten.syscall.Syscall;
import chronovisor.kitten.syscall.SyscallTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The system calls as a list: for people, for programs, and as the page {@code docs/syscalls.md}. */
final class SyscallList {

    private SyscallList() {}

    /**
     * What a kernel with these options makes of one number.
     *
     * @param row
     *            the row that answers, or names the call when nothing answers
     * @param answers
     *            whether it is there
     * @param until
     *            the switch that replaces this answer by Linux's; empty when it is Linux's
     */
    record Line(Syscall row, boolean answers, String until) {

        String support() {
            return answers ? row.support().name().toLowerCase(Locale.ROOT) : "absent";
        }

        String note() {
            return answers ? row.note() : "";
        }

        Map<String, @Nullable Object> object() {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            object.put("number", row.number());
            object.put("name", row.name());
            object.put("arguments", row.arguments());
            object.put("support", support());
            object.put("note", note());
            object.put("patch", row.patch());
            object.put("until", until);
            return object;
        }

        String text() {
            String brought = row.patch().isEmpty() ? "" : " [" + row.patch() + "]";
            String replaced = until.isEmpty() ? "" : " (until " + until + ")";
            String what = row.arguments().isEmpty() || note().isEmpty()
                    ? row.arguments() + note()
                    : row.arguments() + ": " + note();
            return String
                    .format(Locale.ROOT, "%3d %-22s %-8s %s%s", row.number(), row.name() + brought, support(), what,
                            replaced)
                    .stripTrailing();
        }
    }

    /** All calls under the options, by number. */
    static List<Line> lines(KittenOptions options) {
        List<Line> lines = new ArrayList<>();
        for (int number : Answers.numbers()) {
            lines.add(line(options, number));
        }
        return lines;
    }

    private static Line line(KittenOptions options, int number) {
        OriginalTable.Original original = OriginalTable.row(options, number);
        boolean answers = Answers.to(options, number) != null;
        if (original != null) {
            return new Line(original.row(), answers, original.until());
        }
        Syscall named = SyscallTable.row(number);
        return new Line(named != null ? named : OriginalTable.named(number), answers, "");
    }

    /** The page: every call with what the full kernel does, and what the paper's and the original one do. */
    static String markdown() {
        List<Line> full = lines(profile("full"));
        List<Line> paper = lines(profile("paper"));
        List<Line> base = lines(profile("base"));
        long here = full.stream().filter(Line::answers).count();
        StringBuilder page = new StringBuilder();
        page.append(
                "# System calls\n\nMade from the kernel's tables; a test compares. `chronovisor syscalls --profile P` ")
                .append("prints what one profile answers.\n\nOf ").append(full.size()).append(" calls named here ")
                .append(here).append(" are there in profile `full`, ")
                .append(paper.stream().filter(Line::answers).count()).append(" in `paper` and ")
                .append(base.stream().filter(Line::answers).count())
                .append(" in `base`. *full*: as Linux does it. *partial*: but for what is noted. *stub*: answers ")
                .append("without doing it.\n*absent*: `System call not implemented! (syscall_number=N)` on the console ")
                .append("at the first use, and ENOSYS. *same*: as in the column before.\n\n")
                .append("| number | name | arguments | `full` | switch | `paper` | `base` |\n|--:|---|---|---|---|---|---|\n");
        for (int i = 0; i < full.size(); i++) {
            Line line = full.get(i);
            page.append("| ").append(line.row().number()).append(" | ").append(line.row().name()).append(" | ")
                    .append(line.row().arguments()).append(" | ").append(cell(line)).append(" | ")
                    .append(line.row().patch()).append(" | ").append(cell(paper.get(i), line)).append(" | ")
                    .append(cell(base.get(i), paper.get(i))).append(" |\n");
        }
        return page.toString();
    }

    private static KittenOptions profile(String name) {
        return KittenOptions.parse(Map.of("profile", name));
    }

    private static String cell(Line line) {
        return line.support() + (line.note().isEmpty() ? "" : ": " + line.note());
    }

    private static String cell(Line line, Line before) {
        if (cell(line).equals(cell(before)) && line.row().name().equals(before.row().name())) {
            return "same";
        }
        return (line.row().name().equals(before.row().name()) ? "" : "`" + line.row().name() + "` ") + cell(line);
    }
}
