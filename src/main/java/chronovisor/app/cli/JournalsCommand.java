package chronovisor.app.cli;

import chronovisor.journal.JournalEnd;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.RecordType;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code chronovisor journals}: what there is. Reads heads only; {@code verify} checks. */
@Command(name = "journals", mixinStandardHelpOptions = true, description = "Lists the journals.")
final class JournalsCommand implements Callable<Integer> {

    @Option(names = "--json", description = "Print one JSON object a line.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        try (PrintWriter out = Output.standard()) {
            for (Path path : JournalPlace.all()) {
                Summary summary = Summary.of(path);
                out.println(json ? Output.json(summary.object()) : summary.line());
            }
        }
        return ExitCode.FINE;
    }

    /** One journal, as far as its heads tell. */
    private record Summary(String name, long bytes, String state, long ticks, @Nullable JournalEnd end) {

        static Summary of(Path path) throws IOException {
            String name = String.valueOf(path.getFileName());
            long bytes;
            try (Stream<Path> files = Files.walk(path)) {
                bytes = files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
            }
            try (JournalReader reader = JournalReader.open(path)) {
                long[] ticks = {0};
                JournalRecord record = reader.next(glance -> {
                    ticks[0] = Math.max(ticks[0], glance.last().tick());
                    return glance.type() == RecordType.END;
                });
                JournalEnd end = record == null ? null : record.end();
                String state = end == null ? "no end" : reader.sealed() ? "sealed" : "unsealed";
                return new Summary(name, bytes, state, ticks[0], end);
            } catch (JournalException e) {
                return new Summary(name, bytes, "DAMAGED: " + e.getMessage(), 0, null);
            }
        }

        String line() {
            JournalEnd over = end;
            return String.format(Locale.ROOT, "%-32s %,16d ticks %12s  %s%s", name, ticks, ProgressLine.size(bytes),
                    state, over == null ? "" : ", " + over.reason());
        }

        Map<String, @Nullable Object> object() {
            JournalEnd over = end;
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            object.put("name", name);
            object.put("ticks", ticks);
            object.put("events", over == null ? null : over.events());
            object.put("bytes", bytes);
            object.put("digest", over == null ? null : over.digest().toHex());
            object.put("state", state);
            object.put("reason", over == null ? null : over.reason());
            object.put("status", over == null ? null : over.status());
            return object;
        }
    }
}
