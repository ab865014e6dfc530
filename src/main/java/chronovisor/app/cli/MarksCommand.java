package chronovisor.app.cli;

import chronovisor.timeline.Marks;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor marks}: names for positions. */
@Command(name = "marks", mixinStandardHelpOptions = true, description = {
    "Lists the marks of a journal, or names a position: NAME P.",
    "Every command that takes a position takes the name of a mark instead."})
final class MarksCommand implements Callable<Integer> {

    @Option(names = "--remove", paramLabel = "NAME", description = "Remove this mark.")
    private @Nullable String remove;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "A new mark.")
    private @Nullable String name;

    @Parameters(index = "2", arity = "0..1", paramLabel = "P", description = "Its position, or another mark.")
    private @Nullable String at;

    @Override
    public Integer call() {
        Path folder = JournalPlace.existing(journal);
        String gone = remove;
        String set = name;
        String where = at;
        if (set != null && where == null || gone != null && set != null) {
            throw Failure.usage("NAME and P, or --remove NAME, or neither expected");
        }
        try {
            if (gone != null && !Marks.remove(folder, gone)) {
                throw Failure.usage("--remove " + gone + ": there is no such mark");
            }
            if (set != null && where != null) {
                Marks.set(folder, set, Marks.position(folder, where));
            }
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
        try (PrintWriter out = Output.standard()) {
            if (json) {
                Map<String, Object> object = new LinkedHashMap<>();
                Marks.all(folder).forEach((mark, position) -> object.put(mark, position.toString()));
                out.println(Output.json(object));
            } else {
                Marks.all(folder).forEach((mark, position) -> out.println(position + "  " + mark));
            }
        }
        return ExitCode.FINE;
    }
}
