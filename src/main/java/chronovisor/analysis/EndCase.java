package chronovisor.analysis;

import chronovisor.journal.CpuEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A run that ended by its own decision, or that the machine or the recording ended: what led to that. */
final class EndCase {

    private static final int BACKTRACE_LINES_MAX = 12;

    private final Evidence evidence;
    private final Scene scene;
    private final History history;

    EndCase(Evidence evidence) {
        this.evidence = evidence;
        this.scene = evidence.scene;
        this.history = evidence.history;
    }

    /** Looks at it; gives the position to look back from. */
    Position look() {
        return switch (evidence.ending.kind()) {
            case FAILED -> exited();
            case MACHINE -> machine();
            case KILLED, KERNEL_STOPPED, HUNG, CUT, FINE -> going();
        };
    }

    private Position exited() {
        History.Called call = exit();
        Position at = call == null ? evidence.ending.at() : call.at();
        if (call != null) {
            scene.before(at);
            int task = call.entered().task();
            List<String> functions = scene.functions(task);
            List<String> lines = new ArrayList<>(scene.backtrace(task).stream().limit(BACKTRACE_LINES_MAX).toList());
            lines.add(0, at + "  " + history.name(task) + " called " + Words.call(call.number()) + " with status "
                    + (call.entered().a0() & 0xFF));
            evidence.find("who ended it", lines);
            SignalHistory.Signal handler = history.signals.handlersAt(task, at).stream()
                    .filter(SignalHistory.Signal::fault).findFirst().orElse(null);
            if (handler != null) {
                fault(handler);
            }
            evidence.suspect(new Suspect("exit", history.name(task) + " ended itself with status "
                    + (call.entered().a0() & 0xFF) + " at " + at
                    + (functions.size() > 1 ? ", in " + String.join(" < ", functions.stream().limit(4).toList()) : ""),
                    20, at, List.of(), null));
        }
        lastFailure(at);
        return at;
    }

    private History.@Nullable Called exit() {
        for (History.Called call : history.lastCalls.newestFirst()) {
            if ((call.number() == Numbers.EXIT || call.number() == Numbers.EXIT_GROUP) && call.returned() == null
                    && history.processOf(call.entered().task()) == history.processOf(evidence.ending.task())) {
                return call;
            }
        }
        return null;
    }

    /** It ended inside the handler of a fault. */
    private void fault(SignalHistory.Signal handler) {
        CpuEvent.ExceptionRaised exception = FaultSite.exceptionOf(history, handler.sent);
        KittenEvent.SignalDelivered delivered = handler.delivered;
        if (exception != null && delivered != null) {
            FaultSite site = FaultSite.of(scene, exception, delivered.task(), handler.sent.signal());
            evidence.find("the faulting instruction, in whose handler it ended",
                    List.of(site.stop() + "  " + site.code()));
            new PointerCase(evidence, site).look();
        }
    }

    private void lastFailure(Position at) {
        for (History.Called call : history.failures.newestFirst()) {
            if (call.at().compareTo(at) < 0 && history.processOf(call.entered().task()) == history
                    .processOf(evidence.ending.task())) {
                evidence.suspect(new Suspect("failed-call", Words.call(call.number()) + " of "
                        + history.name(call.entered().task()) + " failed with " + Words.error(-call.result()) + " at "
                        + call.at() + ", the last that failed before the end", 22, call.at(), List.of(), null));
                return;
            }
        }
    }

    private Position machine() {
        scene.timeline().seek(scene.timeline().last());
        int core = scene.view().currentCore();
        int task = scene.view().taskOn(core);
        List<String> lines = new ArrayList<>();
        if (task >= 0) {
            lines.add(scene.timeline().position() + "  " + scene.code(task, scene.view().rip(core)));
            lines.addAll(scene.backtrace(task).stream().limit(BACKTRACE_LINES_MAX).toList());
        }
        evidence.find("where the machine stopped", lines);
        evidence.suspect(new Suspect("machine", "the machine itself could not go on: " + evidence.ending.words(), 90,
                evidence.ending.at(), List.of(), null));
        return evidence.ending.at();
    }

    /** It had not ended: what each task was doing. */
    private Position going() {
        scene.timeline().seek(scene.timeline().last());
        WaitGraph graph = WaitGraph.of(scene, history, Map.of());
        evidence.find("what the tasks were doing", graph.lines());
        for (int task : graph.running()) {
            List<String> functions = scene.functions(task);
            evidence.suspect(new Suspect("running", history.name(task) + " was running"
                    + (functions.isEmpty() ? "" : " in " + String.join(" < ", functions.stream().limit(4).toList()))
                    + ": " + evidence.ending.words(), 30, evidence.ending.at(), List.of(), null));
        }
        return evidence.ending.at();
    }
}
