package chronovisor.app.cli;

import chronovisor.journal.EventJson;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import chronovisor.timeline.Access;
import chronovisor.timeline.Symbols;
import chronovisor.timeline.Timeline;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor who-wrote}: the instruction, or the kernel's work, that wrote memory last. */
@Command(name = "who-wrote", mixinStandardHelpOptions = true, description = "Finds who wrote an address last before a position.")
final class WhoWroteCommand implements Callable<Integer> {

    private static final int BYTES_MAX = 4096;

    @Option(names = "--before", paramLabel = "P", description = "Before this position (default: the end).")
    private @Nullable String before;

    @Option(names = "--length", paramLabel = "N", defaultValue = "1", description = "How many bytes (default: ${DEFAULT-VALUE}).")
    private int length = 1;

    @Option(names = "--task", paramLabel = "N", defaultValue = "-1", description = "The task whose memory is meant (default: the one that runs at the position, or ran last).")
    private int task = -1;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Parameters(index = "1", paramLabel = "ADDRESS", description = "A number, or a symbol of the program.")
    private String address = "";

    @Override
    public Integer call() {
        if (length < 1 || length > BYTES_MAX) {
            throw Failure.usage("--length " + length + ": 1 to " + BYTES_MAX + " expected");
        }
        Path folder = JournalPlace.existing(journal);
        Position place = before == null ? null : PlaceInRun.of(folder, before);
        try (Timeline timeline = Timeline.open(folder, new Assembly());
                PrintWriter out = Output.standard()) {
            Position end = timeline.seek(place == null ? timeline.last() : place);
            long wanted = Addresses.parse(address, timeline.view(), task);
            long root = timeline.view().rootOf(task).orElseGet(() -> timeline.view()
                    .root(timeline.view().currentCore()));
            if (timeline.view().isDevice(root, wanted)) {
                throw Failure
                        .usage(address + " is device memory: what is written there are events, DeviceMemoryWritten");
            }
            Optional<Access> found = timeline.lastWriter(root, wanted, length, end);
            if (found.isEmpty()) {
                out.println(json ? "{\"found\":false}" : "nothing wrote there since the machine had booted");
                return ExitCode.FAILURE;
            }
            tell(out, timeline, found.get(), root, wanted);
        }
        return ExitCode.FINE;
    }

    private void tell(PrintWriter out, Timeline timeline, Access access, long root, long wanted) {
        timeline.seek(access.before());
        int writer = timeline.view().taskOn(access.core());
        byte[] old = timeline.view().memory(root, wanted, length);
        Inspection inspection = new Inspection(timeline.view(), writer);
        Symbols symbols = Symbols.of(timeline.view(), writer);
        List<String> code = inspection.disassembly(access.rip(), 1).lines();
        timeline.step(1);
        byte[] now = timeline.view().memory(root, wanted, length);
        GuestEvent kernel = access.kernel();
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("found", true);
            object.put("before", access.before().toString());
            object.put("core", access.core());
            object.put("task", writer);
            object.put("rip", "0x" + Long.toHexString(access.rip()));
            object.put("symbol", symbols.at(access.rip()).map(Object::toString).orElse(""));
            object.put("instruction", code.isEmpty() ? "" : code.getFirst().strip());
            object.put("kernel", kernel == null ? "" : EventJson.text(kernel));
            object.put("old", java.util.HexFormat.of().formatHex(old));
            object.put("new", java.util.HexFormat.of().formatHex(now));
            out.println(Output.json(object));
            return;
        }
        // Of a guest that has brought its own kernel no tasks are known.
        String whose = writer < 0
                ? "an instruction"
                : (kernel == null ? "an instruction of" : "the kernel, for") + " task " + writer;
        out.println(whose + " on core " + access.core() + ", right after " + access.before());
        code.forEach(line -> out.println("  " + line.strip()));
        if (kernel != null) {
            out.println("  " + EventJson.text(kernel));
        }
        out.println("  " + java.util.HexFormat.of().formatHex(old) + " -> " + java.util.HexFormat.of().formatHex(now));
    }
}
