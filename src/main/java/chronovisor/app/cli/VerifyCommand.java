package chronovisor.app.cli;

import chronovisor.journal.JournalVerifier;
import chronovisor.journal.Verification;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor verify}: is a journal as it was written? */
@Command(name = "verify", mixinStandardHelpOptions = true, description = "Checks every byte of a journal without running anything.")
final class VerifyCommand implements Callable<Integer> {

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Override
    public Integer call() {
        Verification found = JournalVerifier.verify(JournalPlace.existing(journal));
        try (PrintWriter out = Output.standard()) {
            if (json) {
                out.println(Output.json(object(found)));
            } else {
                tell(out, found);
            }
        }
        return found.sound() ? ExitCode.FINE : ExitCode.DAMAGED;
    }

    /** The machine-readable form; its first four names are promised, the others may grow. */
    static Map<String, Object> object(Verification found) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("ticks", found.ticks());
        object.put("events", found.events());
        object.put("bytes", found.bytes());
        object.put("digest", found.digest());
        object.put("sound", found.sound());
        object.put("sealed", found.sealed());
        object.put("ended", found.ended());
        object.put("excerpts", found.excerpts());
        object.put("last", found.last().toString());
        object.put("bits_per_instruction", found.bitsPerInstruction());
        object.put("problems", found.problems().stream().map(problem -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("file", problem.file());
            one.put("offset", problem.offset());
            one.put("excerpt", problem.excerpt());
            one.put("position", problem.position() == null ? null : problem.position().toString());
            one.put("what", problem.what());
            return one;
        }).toList());
        object.put("notes", found.notes());
        return object;
    }

    private void tell(PrintWriter out, Verification found) {
        found.problems().forEach(problem -> out.println("DAMAGED  " + problem));
        found.notes().forEach(note -> out.println("note     " + note));
        out.printf(Locale.ROOT, "%s: %s, %,d ticks, %,d events, %,d excerpts, %,d bytes, %.3f bits per instruction%n",
                journal, found.sound() ? "sound" : "the sound prefix", found.ticks(), found.events(),
                found.excerpts(), found.bytes(), found.bitsPerInstruction());
        if (!found.digest().isEmpty()) {
            out.println("final state " + found.digest());
        }
    }
}
