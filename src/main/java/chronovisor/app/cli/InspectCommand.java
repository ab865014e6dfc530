package chronovisor.app.cli;

import chronovisor.journal.Position;
import chronovisor.timeline.Timeline;
import chronovisor.timeline.View;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor inspect}: the machine at any position of a run. */
@Command(name = "inspect", mixinStandardHelpOptions = true, description = {
    "Shows the machine at a position of a recorded run: WHAT is registers, memory ADDRESS [LENGTH],",
    "disassembly [ADDRESS [COUNT]], backtrace, tasks, maps, page-tables, files, pipes, kernel, devices or screen [FILE.png].",
    "An address is a number, or the name of a symbol of the program."})
final class InspectCommand implements Callable<Integer> {

    private static final int MEMORY_BYTES_MAX = 1 << 20;
    private static final int INSTRUCTIONS_MAX = 10_000;

    @Option(names = "--at", paramLabel = "P", description = "The position, tick or tick:sequence, or a mark: what happened before it has happened (default: the end).")
    private @Nullable String at;

    @Option(names = "--task", paramLabel = "N", defaultValue = "-1", description = "Look with the eyes of this task (default: the one that runs).")
    private int task = -1;

    @Option(names = "--core", paramLabel = "N", description = "Look with the eyes of this core, and of the task on it.")
    private @Nullable Integer core;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Parameters(index = "1", paramLabel = "WHAT", description = "What to show.")
    private String what = "";

    @Parameters(index = "2..*", paramLabel = "ARG", description = "Address, and length or count.")
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() {
        check();
        Path folder = JournalPlace.existing(journal);
        Position place = at == null ? null : PlaceInRun.of(folder, at);
        try (Timeline timeline = Timeline.open(folder, new Assembly());
                PrintWriter out = Output.standard()) {
            timeline.seek(place == null ? timeline.last() : place);
            if (task >= 0 && timeline.view().process(task).isEmpty()) {
                throw Failure.usage("--task " + task + ": there is no such task at " + timeline.position());
            }
            Inspection.Shown shown = shown(inspection(timeline.view()), timeline);
            if (json) {
                Map<String, Object> object = new LinkedHashMap<>();
                object.put("at", timeline.position().toString());
                object.put(what, shown.object());
                out.println(Output.json(object));
            } else {
                shown.lines().forEach(out::println);
            }
        }
        return ExitCode.FINE;
    }

    private Inspection inspection(View view) {
        Integer wanted = core;
        if (wanted == null) {
            return new Inspection(view, task);
        }
        if (task >= 0) {
            throw Failure.usage("--task or --core expected, not both");
        }
        if (wanted < 0 || wanted >= view.cores()) {
            throw Failure.usage("--core " + wanted + ": the machine has " + view.cores() + " cores, from 0");
        }
        task = view.taskOn(wanted);
        return Inspection.ofCore(view, wanted);
    }

    /** What is wrong with the arguments is told before anything is run. */
    private void check() {
        int most = switch (what) {
            case "memory", "disassembly" -> 2;
            case "screen" -> 1;
            case "registers", "backtrace", "tasks", "maps", "page-tables", "files", "pipes", "kernel", "devices" -> 0;
            default -> throw Failure.usage("there is no '" + what + "' to inspect; see --help");
        };
        if (arguments.size() > most || what.equals("memory") && arguments.isEmpty()) {
            throw Failure.usage(what + ": " + (most == 0
                    ? "no arguments expected"
                    : what.equals("screen")
                            ? "[FILE.png] expected"
                            : what.equals("memory") ? "ADDRESS [LENGTH] expected" : "[ADDRESS [COUNT]] expected"));
        }
    }

    private Inspection.Shown shown(Inspection inspection, Timeline timeline) {
        return switch (what) {
            case "registers" -> inspection.registers();
            case "memory" -> inspection.memory(Addresses.parse(arguments.get(0), timeline.view(), task),
                    count(1, 256, MEMORY_BYTES_MAX));
            case "disassembly" -> inspection.disassembly(
                    arguments.isEmpty() ? null : Addresses.parse(arguments.get(0), timeline.view(), task),
                    count(1, 16, INSTRUCTIONS_MAX));
            case "backtrace" -> inspection.backtrace();
            case "tasks" -> inspection.tasks();
            case "maps" -> inspection.maps();
            case "page-tables" -> inspection.pageTables();
            case "files" -> inspection.files();
            case "pipes" -> inspection.pipes();
            case "kernel" -> inspection.kernel();
            case "devices" -> inspection.devices();
            case "screen" -> inspection.screen(arguments.isEmpty() ? null : Path.of(arguments.get(0)));
            default -> throw Failure.usage("there is no '" + what + "' to inspect");
        };
    }

    private int count(int argument, int otherwise, int most) {
        if (arguments.size() <= argument) {
            return otherwise;
        }
        try {
            int count = Integer.decode(arguments.get(argument));
            if (count >= 1 && count <= most) {
                return count;
            }
        } catch (NumberFormatException e) {
            // Told below, as a number out of range is.
        }
        throw Failure.usage("'" + arguments.get(argument) + "': 1 to " + most + " expected");
    }
}
