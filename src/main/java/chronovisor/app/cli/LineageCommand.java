package chronovisor.app.cli;

import chronovisor.journal.JournalHeader;
import chronovisor.timeline.Lineage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code chronovisor lineage}: the tree of journals. */
@Command(name = "lineage", mixinStandardHelpOptions = true, description = "Draws which journal is a fork of which, and where it begins.")
final class LineageCommand implements Callable<Integer> {

    @Option(names = "--json", description = "Print one JSON object a tree.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        List<Lineage.Branch> roots = Lineage.of(JournalPlace.all());
        try (PrintWriter out = Output.standard()) {
            for (Lineage.Branch root : roots) {
                if (json) {
                    out.println(Output.json(object(root)));
                } else {
                    out.println(text(root));
                    draw(out, root, "");
                }
            }
        }
        return ExitCode.FINE;
    }

    private static void draw(PrintWriter out, Lineage.Branch branch, String indent) {
        for (int i = 0; i < branch.forks().size(); i++) {
            boolean last = i == branch.forks().size() - 1;
            out.println(indent + (last ? "└── " : "├── ") + text(branch.forks().get(i)));
            draw(out, branch.forks().get(i), indent + (last ? "    " : "│   "));
        }
    }

    private static String text(Lineage.Branch branch) {
        JournalHeader.Parent parent = branch.parent();
        String changes = branch.header().property("fork");
        return branch.name() + (parent == null ? "" : " at " + parent.at())
                + (changes.isEmpty() ? "" : " (" + changes + ")");
    }

    private static Map<String, Object> object(Lineage.Branch branch) {
        Map<String, Object> object = new LinkedHashMap<>();
        JournalHeader.Parent parent = branch.parent();
        object.put("journal", branch.name());
        object.put("parent", parent == null ? "" : parent.journal());
        object.put("at", parent == null ? "" : parent.at().toString());
        object.put("changes", branch.header().property("fork"));
        object.put("forks", branch.forks().stream().map(LineageCommand::object).toList());
        return object;
    }
}
