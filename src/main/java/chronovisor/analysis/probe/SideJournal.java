package chronovisor.analysis.probe;

import chronovisor.journal.Blob;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalEnd;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalWriter;
import chronovisor.journal.Position;
import chronovisor.journal.ProbeEvent;
import chronovisor.replay.Fidelity;
import chronovisor.replay.Replay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** A journal that holds what probes saw of another one: header, events, end. All commands that read events read it. */
public final class SideJournal implements Consumer<ProbeEvent>, AutoCloseable {

    private static final int BATCH_EVENTS = 4096;

    private final JournalWriter writer;
    private final String of;
    private List<GuestEvent> batch = new ArrayList<>();
    private Position last = Position.START;
    private long events;

    /**
     * Begins one.
     *
     * @param folder
     *            that is not there yet
     * @param of
     *            the name of the journal that the probes were on
     * @throws chronovisor.journal.JournalException
     *             when it cannot be written
     */
    public SideJournal(Path folder, String of, List<ProbeSpec> specs) {
        this.of = of;
        TreeMap<String, String> properties = new TreeMap<>();
        properties.put("probes", specs.stream().map(ProbeSpec::text).collect(Collectors.joining("\n")));
        properties.put("probes.of", of);
        // It has no steps.
        properties.put(Replay.FIDELITY, Fidelity.INPUTS.text());
        writer = JournalWriter.create(folder, new JournalHeader(properties, "", List.of(), null));
    }

    @Override
    public void accept(ProbeEvent event) {
        events++;
        last = event.at();
        batch.add(event);
        if (batch.size() == BATCH_EVENTS) {
            writer.events(batch);
            batch = new ArrayList<>();
        }
    }

    /** How many events it has. */
    public long events() {
        return events;
    }

    /** Seals it; without, it is a sound prefix. */
    public void end() {
        writer.events(batch);
        batch = new ArrayList<>();
        writer.end(new JournalEnd(last, Blob.of(new byte[32]), events, 0, "probes of " + of, 0));
    }

    @Override
    public void close() {
        writer.close();
    }
}
