package chronovisor.app.bench;

import chronovisor.journal.Folders;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalMap;
import chronovisor.journal.RecordType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Our own command, in a process of its own, as a person starts it. */
final class Chronovisor {

    private static final String GUEST_MEMORY_MB = "1024";

    private final List<String> command;
    private final HostMeter meter;
    private final Path scratch;

    /** A run of it: what the host saw, and what it says itself. */
    record Run(HostMeter.Measured process, RunFigures figures) {

        /** Seconds from the start of the process to the guest's first instruction. */
        double toFirst_s() {
            return (figures.first_us() - process.began_us()) / 1e6;
        }
    }

    /**
     * What a journal takes.
     *
     * @param all bytes of all its files
     * @param told bytes of what it tells of the run: all records but states and the pages that belong to them
     */
    record JournalSize(long all, long told) {}

    /**
     * Our command.
     *
     * @param command its first words
     */
    Chronovisor(List<String> command, HostMeter meter, Path scratch) {
        this.command = List.copyOf(command);
        this.meter = meter;
        this.scratch = scratch;
    }

    /** Runs a program and records nothing. */
    Run unrecorded(Program program, String engine) throws BenchException {
        return exec(program, List.of("--no-journal", "--engine", engine));
    }

    /** Runs a program and records it. */
    Run recorded(Program program, String engine, String fidelity, Path journal) throws BenchException {
        return exec(program, List.of("--journal", journal.toString(), "--fidelity", fidelity, "--engine", engine));
    }

    private Run exec(Program program, List<String> options) throws BenchException {
        List<String> words = new ArrayList<>(List.of("exec", "--seed", "1", "--memory", GUEST_MEMORY_MB));
        words.addAll(options);
        if (program.root() != null) {
            words.addAll(List.of("--root", program.root().toString()));
        }
        program.environment().forEach((name, value) -> words.addAll(List.of("--env", name + "=" + value)));
        return run(words, program);
    }

    /** Replays a journal, checking everything. */
    Run replayed(Path journal, String engine) throws BenchException {
        Run run = run(List.of("replay", "--engine", engine, journal.toString()), null);
        if (run.process.status() != 0) {
            throw new BenchException("the replay of a journal failed: " + text(run.process) + run.process.errors());
        }
        return run;
    }

    private static String text(HostMeter.Measured process) {
        return new String(process.output(), java.nio.charset.StandardCharsets.UTF_8);
    }

    private Run run(List<String> words, @org.jspecify.annotations.Nullable Program program) throws BenchException {
        Path figures = scratch.resolve("figures");
        List<String> all = new ArrayList<>(command);
        all.add(words.getFirst());
        all.addAll(List.of("--figures", figures.toString()));
        all.addAll(words.subList(1, words.size()));
        if (program != null) {
            all.add(program.binary().toString());
            all.addAll(program.arguments());
        }
        try {
            Files.deleteIfExists(figures);
        } catch (IOException e) {
            throw new BenchException(figures + " cannot be removed: " + e.getMessage(), e);
        }
        HostMeter.Measured process = meter.run(all, scratch, Map.of(), false);
        if (!Files.exists(figures)) {
            throw new BenchException(words.getFirst() + " failed: " + process.errors());
        }
        return new Run(process, RunFigures.read(figures));
    }

    /** What a journal takes. */
    static JournalSize size(Path journal) throws BenchException {
        try (var files = Files.list(journal)) {
            long all = 0;
            for (Path file : files.toList()) {
                all += Files.size(file);
            }
            long told = JournalMap.of(journal, false).entries().stream()
                    .filter(entry -> entry.type() != RecordType.CHECKPOINT && entry.type() != RecordType.STATE
                            && entry.type() != RecordType.PAGES)
                    .mapToLong(JournalMap.Entry::bytes).sum();
            return new JournalSize(all, told);
        } catch (IOException | JournalException e) {
            throw new BenchException(journal + " cannot be measured: " + e.getMessage(), e);
        }
    }

    /** Removes a folder with all that is in it. */
    static void remove(Path folder) {
        try {
            Folders.remove(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
