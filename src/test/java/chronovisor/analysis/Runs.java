package chronovisor.analysis;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.Position;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.EmbeddedGuests;
import chronovisor.replay.Fidelity;
import chronovisor.replay.Fork;
import chronovisor.replay.KittenParts;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.timeline.Timeline;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;

/** Journals of the embedded guests, and their events as the journal has them. */
public final class Runs {

    private Runs() {}

    /** Records an embedded guest below a folder. */
    public static Path record(Path folder, EmbeddedGuests.Guest guest, Fidelity fidelity) {
        Path journal = folder.resolve(guest.name());
        try (Recording recording = Recording.start(journal, guest.setup(), new KittenParts(), fidelity,
                guest.environment(), OutputListener.NONE)) {
            recording.run();
        }
        return journal;
    }

    /** Records the embedded guest of that name. */
    public static Path record(Path folder, String guest) {
        return record(folder, EmbeddedGuests.all().stream().filter(one -> one.name().equals(guest)).findFirst()
                .orElseThrow(), Fidelity.STEPS);
    }

    /** Forks a journal beside it, with nothing changed, and runs the fork to its end. */
    public static Path fork(Path journal, Position at) {
        Path fork = journal.resolveSibling(journal.getFileName() + "-fork");
        try (Timeline timeline = Timeline.open(journal, new KittenParts())) {
            timeline.seek(at);
            try (Recording recording = timeline.fork(Fork.Changes.none(timeline.setup()), fork, new KittenParts(),
                    OutputListener.NONE, new TreeMap<>(), CheckpointPlan.every(20_000))) {
                recording.run();
            }
        }
        return fork;
    }

    /** All events of a journal. */
    public static List<GuestEvent> events(Path journal) {
        return JournalFlux.events(journal).flatMapIterable(batch -> batch).toStream().toList();
    }
}
