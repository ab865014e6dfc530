package chronovisor.app.cli;

import chronovisor.cpu.CpuModels;
import chronovisor.isa.CpuFeature;
import chronovisor.isa.Family;
import chronovisor.isa.OpcodeRow;
import chronovisor.isa.OpcodeTable;
import chronovisor.isa.Proof;
import chronovisor.isa.Support;
import chronovisor.isa.Unproven;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The opcode table with its support status and what was proven on hardware, as text, objects and a page. */
final class InstructionList {

    /** One encoding. */
    record Line(OpcodeRow row, long cases, @Nullable String reason) {

        String text() {
            return String.format(Locale.ROOT, "%-28s %-16s %-20s %-10s %-9s %s", row.encoding(),
                    row.operation().mnemonic(), String.join(", ", row.operands()), feature(), support(), proof())
                    .stripTrailing();
        }

        Map<String, @Nullable Object> object() {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            object.put("encoding", row.encoding());
            object.put("mnemonic", row.operation().mnemonic());
            object.put("operands", row.operands());
            object.put("family", row.family().name());
            object.put("feature", row.feature().name());
            object.put("support", support());
            object.put("cases", cases);
            object.put("unproven", reason);
            return object;
        }

        /** Executed, and compared with hardware. (A refused row may have been compared too: it is #UD there as here.) */
        boolean proven() {
            return row.support() == Support.SUPPORTED && cases > 0;
        }

        private String feature() {
            return row.feature() == CpuFeature.BASE ? "" : row.feature().name();
        }

        private String support() {
            return row.support().name().toLowerCase(Locale.ROOT);
        }

        private String proof() {
            if (cases > 0) {
                return String.format(Locale.ROOT, "%,d cases", cases);
            }
            return reason == null ? "" : reason;
        }
    }

    /** One family's sums. */
    record Sum(Family family, int rows, int supported, int proven, long cases) {

        static final String HEAD = String.format(Locale.ROOT, "%-15s %6s %10s %8s %12s", "family", "rows", "supported",
                "proven", "cases");

        String text() {
            return String.format(Locale.ROOT, "%-15s %6d %10d %8d %,12d", family, rows, supported, proven, cases);
        }

        Map<String, Object> object() {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("family", family.name());
            object.put("rows", rows);
            object.put("supported", supported);
            object.put("proven", proven);
            object.put("cases", cases);
            return object;
        }
    }

    private InstructionList() {}

    /** Every row, in the manual's order. */
    static List<Line> lines() {
        Proof proof = Proof.load();
        List<Line> lines = new ArrayList<>();
        for (OpcodeRow row : OpcodeTable.rows()) {
            Unproven group = row.support() == Support.SUPPORTED ? Unproven.of(row) : null;
            lines.add(new Line(row, proof.cases(row), group == null ? null : group.reason()));
        }
        return lines;
    }

    /** The sums of each family that has rows. */
    static List<Sum> sums(List<Line> lines) {
        List<Sum> sums = new ArrayList<>();
        for (Family family : Family.values()) {
            List<Line> own = lines.stream().filter(line -> line.row().family() == family).toList();
            int supported = (int) own.stream().filter(line -> line.row().support() == Support.SUPPORTED).count();
            int proven = (int) own.stream().filter(Line::proven).count();
            if (!own.isEmpty()) {
                sums.add(new Sum(family, own.size(), supported, proven,
                        own.stream().mapToLong(Line::cases).sum()));
            }
        }
        return sums;
    }

    /** In one line. */
    static String total(List<Line> lines) {
        long supported = lines.stream().filter(line -> line.row().support() == Support.SUPPORTED).count();
        long proven = lines.stream().filter(Line::proven).count();
        return String.format(Locale.ROOT,
                "%,d encodings: %,d executed, %,d of them compared with hardware in %,d cases",
                lines.size(), supported, proven, lines.stream().mapToLong(Line::cases).sum());
    }

    static String features(Set<CpuFeature> features) {
        return features.stream().map(CpuFeature::name).collect(Collectors.joining(" "));
    }

    /** {@code docs/instruction-set.md}. */
    static String markdown() {
        List<Line> lines = lines();
        StringBuilder page = new StringBuilder("""
                # Instruction set

                Made from the opcode table and the last hardware run that was kept; a test compares. `chronovisor isa --family F` lists
                a family's rows.

                """);
        page.append(total(lines)).append("""
                . A row that is not executed is either refused
                (never part of this processor: #UD) or missing (the machine stops with its position and bytes). Privileged instructions are
                compared at ring 3, where they fault; what they do in ring 0 is held by unit tests.

                | family | rows | executed | compared with hardware | cases |
                |---|--:|--:|--:|--:|
                """);
        for (Sum sum : sums(lines)) {
            page.append(String.format(Locale.ROOT, "| %s | %d | %d | %d | %,d |%n", sum.family(), sum.rows(),
                    sum.supported(), sum.proven(), sum.cases()));
        }
        page.append("""

                ## Executed, but not comparable from a program

                | why, and what tests it instead | instructions |
                |---|---|
                """);
        for (Unproven group : Unproven.values()) {
            String names = lines.stream()
                    .filter(line -> line.cases() == 0 && group.reason().equals(line.reason()))
                    .map(line -> line.row().operation().mnemonic()).distinct().collect(Collectors.joining(" "));
            page.append("| ").append(group.reason()).append(" | ").append(names).append(" |\n");
        }
        page.append("\n## Missing\n\n");
        String missing = lines.stream().filter(line -> line.row().support() == Support.MISSING)
                .map(line -> line.row().operation().mnemonic()).distinct().collect(Collectors.joining(" "));
        page.append(missing.isEmpty() ? "Nothing." : missing)
                .append("\n\n## Processors\n\n| model | CPUID tells |\n|---|---|\n");
        for (String model : CpuModels.names()) {
            page.append("| ").append(model).append(" | ").append(features(CpuModels.named(model).features()))
                    .append(" |\n");
        }
        return page.toString();
    }
}
