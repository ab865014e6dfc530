package chronovisor.app.cli;

import chronovisor.analysis.probe.LiveProbes;
import chronovisor.analysis.probe.ProbeSpec;
import chronovisor.analysis.probe.SideJournal;
import chronovisor.replay.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The probes that are asked for, and a run that is watched by them. */
final class ProbeOption {

    @Option(names = "--probe", paramLabel = "P", description = {
        "Tell what a probe sees, in a journal of its own, JOURNAL-probes. May be repeated.",
        "'function NAME' (entries with arguments, and returns), 'entry NAME', 'exit NAME'; NAME may have * and ?, or be an address. "
                + "'write RANGE', 'read RANGE': ADDRESS, ADDRESS+BYTES, ADDRESS..END, or a symbol for an address."})
    private List<String> texts = new ArrayList<>();

    /** A watched run. */
    interface Watch extends AutoCloseable {
        /** Tells what is left, and seals the side journal. */
        @Override
        void close();
    }

    /** Whether any were asked for. */
    boolean any() {
        return !texts.isEmpty();
    }

    /** What was asked for. */
    List<ProbeSpec> specs() {
        try {
            return texts.stream().map(ProbeSpec::parse).toList();
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    /** The journal for what probes see of another. */
    static Path beside(Path journal) {
        Path folder = journal.toAbsolutePath().normalize();
        Path side = folder.resolveSibling(folder.getFileName() + "-probes");
        if (Files.exists(side)) {
            throw Failure.usage(side + ": is there already; remove it, or name another journal");
        }
        return side;
    }

    /** Puts the probes on a session that is recorded into a journal. */
    Watch on(Session session, Path journal) {
        if (!any()) {
            return () -> {};
        }
        List<ProbeSpec> specs = specs();
        SideJournal side = new SideJournal(beside(journal), ReportInput.title(journal), specs);
        LiveProbes probes = new LiveProbes(session, specs, side);
        return () -> {
            try (side) {
                probes.close();
                side.end();
            }
        };
    }
}
