package chronovisor.app.cli;

import chronovisor.journal.EventJson;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.Position;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor events}: what happened, in order. */
@Command(name = "events", mixinStandardHelpOptions = true, description = "Lists the events of a journal.")
final class EventsCommand implements Callable<Integer> {

    @Option(names = "--type", paramLabel = "T", description = "Only events of this type or family (SyscallEntered, vmm, ...). May be repeated.")
    private List<String> types = new ArrayList<>();

    @Option(names = "--from", paramLabel = "P", defaultValue = "0", description = "From this position or mark on (tick or tick:sequence).")
    private String fromText = "0";

    @Option(names = "--to", paramLabel = "P", defaultValue = "9223372036854775807", description = "Up to this position or mark, included; a tick alone means all its events.")
    private String toText = "9223372036854775807";

    @Option(names = "--json", description = "Print one JSON object a line.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Override
    public Integer call() {
        Set<String> wanted = wanted();
        Path folder = JournalPlace.existing(journal);
        Position from = PlaceInRun.of(folder, fromText);
        Position to = PlaceInRun.last(folder, toText);
        try (JournalReader reader = JournalReader.openAt(folder, from);
                PrintWriter out = Output.standard()) {
            for (JournalRecord record = reader.nextEvents(from); record != null
                    && record.first().compareTo(to) <= 0; record = reader.nextEvents(from)) {
                for (GuestEvent event : record.events()) {
                    if (event.at().compareTo(from) >= 0 && event.at().compareTo(to) <= 0
                            && (wanted.isEmpty() || wanted.contains(EventTypes.of(event).name()))) {
                        out.println(json ? EventJson.line(event) : EventJson.text(event));
                    }
                }
                if (out.checkError()) {
                    break;
                }
            }
        }
        return ExitCode.FINE;
    }

    /** Type names that are asked for, by themselves or by their family. */
    private Set<String> wanted() {
        TreeSet<String> names = new TreeSet<>();
        for (String asked : types) {
            List<String> found = EventTypes.all().stream()
                    .filter(type -> type.name().equalsIgnoreCase(asked)
                            || type.family().toString().equalsIgnoreCase(asked))
                    .map(type -> type.name()).toList();
            if (found.isEmpty()) {
                throw Failure.usage("--type " + asked + ": no such event; there are "
                        + String.join(", ", EventTypes.all().stream().map(type -> type.name()).sorted().toList()));
            }
            names.addAll(found);
        }
        return names;
    }
}
