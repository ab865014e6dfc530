package chronovisor.analysis.probe;

import chronovisor.journal.ProbeEvent;
import chronovisor.replay.Session;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;

/** Probes on a machine that runs, recorded or not. */
public final class LiveProbes implements AutoCloseable {

    private final ProbeWatcher watcher;

    /** Puts probes on a session, which must not have a listener of its own. Events are told on the machine's thread. */
    public LiveProbes(Session session, List<ProbeSpec> specs, Consumer<ProbeEvent> sink) {
        watcher = new ProbeWatcher(session.vm(), specs, new HashSet<>(), new CallMatcher(sink));
        session.listen(watcher::event);
    }

    /** Tells what is left when the run has ended. */
    @Override
    public void close() {
        watcher.settleAll();
        watcher.close();
    }
}
