package chronovisor.analysis;

import chronovisor.journal.CpuEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.memory.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A process that was killed: by which signal, sent for what, and what the instruction did that it was sent for. */
final class CrashCase {

    private static final int HANDLERS_LINES_MAX = 6;
    private static final int BACKTRACE_LINES_MAX = 16;
    private static final long NULL_PAGE_BYTES = 4096;

    private final Evidence evidence;
    private final Scene scene;
    private final History history;

    CrashCase(Evidence evidence) {
        this.evidence = evidence;
        this.scene = evidence.scene;
        this.history = evidence.history;
    }

    /** What killed, and the fault at its root; the position to look back from. */
    Position look() {
        Ending ending = evidence.ending;
        if (ending.kind() == Ending.Kind.KERNEL_STOPPED) {
            return stoppedByKernel();
        }
        KittenEvent.TaskExited exit = exit(ending);
        SignalHistory.Signal killer = exit == null ? null : history.signals.killer(exit);
        if (killer == null) {
            return ending.at();
        }
        signals(killer, ending);
        SignalHistory.Signal root = root(killer);
        CpuEvent.ExceptionRaised exception = FaultSite.exceptionOf(history, root.sent);
        if (exception == null || root.sent.code() <= 0) {
            raised(root);
            return root.sent.at();
        }
        fault(exception, taskOf(root), root.sent.signal(), root.sent.code());
        return exception.at();
    }

    private KittenEvent.@Nullable TaskExited exit(Ending ending) {
        History.Life life = history.lives.get(ending.task());
        return life == null ? null : life.exit;
    }

    /** The task that a fault belongs to; the paper's kernel sends its signal to the process. */
    private int taskOf(SignalHistory.Signal signal) {
        KittenEvent.SignalDelivered delivered = signal.delivered;
        for (KittenEvent.PageFaulted fault : history.faults.newestFirst()) {
            if (fault.at().tick() < signal.sent.at().tick()) {
                break;
            }
            if (fault.at().compareTo(signal.sent.at()) < 0) {
                return fault.task();
            }
        }
        return delivered != null ? delivered.task() : signal.sent.task();
    }

    /** An exception that the original kernel ends in. */
    private Position stoppedByKernel() {
        if (history.exceptions.isEmpty()) {
            return evidence.ending.at();
        }
        CpuEvent.ExceptionRaised exception = history.exceptions.newest();
        int signal = exception.vector() == Numbers.PAGE_FAULT ? Signals.SIGSEGV : 0;
        fault(exception, evidence.ending.task(), Math.max(1, signal), 0);
        evidence.suspect(new Suspect("kernel", "this kernel does not make a signal of exception "
                + exception.vector() + ": " + evidence.ending.words(), 60, exception.at(), List.of(), "signals"));
        return exception.at();
    }

    /** The signal that the killing one followed from: that of the handler which the killing one was raised in. */
    private SignalHistory.Signal root(SignalHistory.Signal killer) {
        if (killer.fault()) {
            return killer;
        }
        History.Called call = Ending.sender(history, killer);
        int task = call == null ? killer.sent.task() : call.entered().task();
        List<SignalHistory.Signal> handlers = history.signals.handlersAt(task, killer.sent.at());
        for (SignalHistory.Signal handler : handlers) {
            if (handler.fault()) {
                return handler;
            }
        }
        return killer;
    }

    private void signals(SignalHistory.Signal killer, Ending ending) {
        List<String> lines = new ArrayList<>();
        History.Called call = killer.fault() ? null : Ending.sender(history, killer);
        lines.add(killer.sent.at() + "  " + Words.signal(killer.sent.signal()) + " was sent to "
                + history.name(killer.sent.task()) + (call != null
                        ? " by " + Words.call(call.number()) + " of " + history.name(call.entered().task()) + " at "
                                + call.at()
                        : killer.fault()
                                ? " for an instruction of its own: "
                                        + Words.code(killer.sent.signal(), killer.sent.code())
                                : " by the kernel"));
        KittenEvent.SignalDelivered delivered = killer.delivered;
        lines.add(delivered == null
                ? "it was not delivered; the process ended at " + ending.at()
                : delivered.at() + "  its default action ended the process");
        if (killer.fault()) {
            deaf(killer, lines);
        }
        List<SignalHistory.Signal> open = history.signals.handlersAt(
                call == null ? killer.sent.task() : call.entered().task(), killer.sent.at());
        for (SignalHistory.Signal handler : open.subList(0, Math.min(open.size(), HANDLERS_LINES_MAX))) {
            KittenEvent.SignalDelivered to = handler.delivered;
            if (to != null) {
                scene.timeline().seek(to.at());
                lines.add(to.at() + "  the handler of " + Words.signal(to.signal()) + ", "
                        + scene.place(to.task(), to.handler())
                        + ", had begun and not returned, for the signal sent at " + handler.sent.at());
            }
        }
        handled(killer, lines);
        evidence.find("signals", lines);
    }

    /** Earlier signals of the same kinds whose handlers came back, so that one sees what is usual. */
    private void handled(SignalHistory.Signal killer, List<String> lines) {
        long returned = 0;
        long lost = 0;
        int process = history.processOf(killer.sent.task());
        for (SignalHistory.Signal signal : history.signals.all()) {
            if (history.processOf(signal.sent.task()) != process || signal == killer) {
                continue;
            }
            returned += signal.handled() && signal.returned != null ? 1 : 0;
            lost += signal.delivered == null ? 1 : 0;
        }
        if (returned > 0) {
            lines.add(Words.count(returned, "earlier signal") + " had been handled, and the handler had returned");
        }
        if (lost > 0) {
            lines.add(
                    Words.count(lost, "signal") + " had been sent and not delivered: ignored, blocked, or one more of "
                            + "what was pending");
        }
    }

    /** A handler was there for it and could not run. */
    private void deaf(SignalHistory.Signal killer, List<String> lines) {
        CpuEvent.ExceptionRaised exception = FaultSite.exceptionOf(history, killer.sent);
        if (exception == null) {
            return;
        }
        int task = taskOf(killer);
        int signal = killer.sent.signal();
        FaultSite site = FaultSite.of(scene, exception, task, signal);
        if (!site.blocked() || site.handler() == 0) {
            return;
        }
        String handler = scene.place(task, site.handler());
        List<SignalHistory.Signal> open = history.signals.handlersAt(task, exception.at());
        Position since = exception.at();
        String by;
        if (!open.isEmpty() && open.getFirst().delivered != null) {
            KittenEvent.SignalDelivered inner = Objects.requireNonNull(open.getFirst().delivered);
            since = inner.at();
            by = "the handler of " + Words.signal(inner.signal()) + ", " + scene.place(task, inner.handler())
                    + ", which has run since " + since
                    + (inner.signal() == signal ? " (a signal is blocked in its own handler)" : "");
        } else {
            History.Called mask = lastMask(task, exception.at());
            since = mask == null ? since : mask.at();
            by = mask == null ? "the task" : "rt_sigprocmask at " + since;
        }
        lines.add(exception.at() + "  " + Words.signal(signal) + " was blocked, by " + by + ": its own handler, "
                + handler + ", could not run");
        evidence.suspect(new Suspect("blocked-signal", Words.signal(signal) + " was blocked when " + site.code()
                + " faulted, by " + by + ", so that its handler " + handler
                + " could not run and the kernel killed the process", 140, exception.at(), List.of(since), null));
    }

    private History.@Nullable Called lastMask(int task, Position before) {
        for (History.Called call : history.masks.newestFirst()) {
            if (call.entered().task() == task && call.at().compareTo(before) < 0 && call.entered().a1() != 0) {
                return call;
            }
        }
        return null;
    }

    /** SIGPIPE: a write to a pipe or a socket that nobody reads any more. False for what was sent by somebody. */
    private boolean broken(SignalHistory.Signal signal) {
        for (History.Called call : history.failures.newestFirst()) {
            if (call.at().compareTo(signal.sent.at()) > 0) {
                continue;
            }
            int task = call.entered().task();
            if (call.at().tick() < signal.sent.at().tick() || call.result() != -Errno.EPIPE
                    || history.processOf(task) != history.processOf(signal.sent.task())) {
                return false;
            }
            scene.before(call.at());
            int descriptor = (int) call.entered().a0();
            String end = scene.view().path(task, descriptor).orElse("?");
            evidence.find("who wrote", limited(scene.backtrace(task), BACKTRACE_LINES_MAX));
            evidence.suspect(new Suspect("broken-pipe", history.name(task) + " wrote to descriptor " + descriptor + " ("
                    + end + ") at " + call.at() + ", which nobody can read from any more, and SIGPIPE was neither "
                    + "handled nor ignored", 80, call.at(), List.of(), null));
            return true;
        }
        return false;
    }

    /** A signal that a program sent itself. */
    private void raised(SignalHistory.Signal signal) {
        History.Called call = Ending.sender(history, signal);
        if (call == null && signal.sent.signal() == Signals.SIGPIPE && broken(signal)) {
            return;
        }
        Position at = call == null ? signal.sent.at() : call.at();
        scene.before(at);
        int task = call == null ? signal.sent.task() : call.entered().task();
        List<String> functions = scene.functions(task);
        evidence.find("who sent it", limited(scene.backtrace(task), BACKTRACE_LINES_MAX));
        String in = functions.stream().filter(name -> !raises(name)).findFirst()
                .orElse(functions.isEmpty() ? "?" : functions.getLast());
        boolean itself = call != null && history.processOf(task) == history.processOf(signal.sent.task());
        String said = said();
        evidence.suspect(new Suspect("raised", itself
                ? "the program ended itself with " + Words.signal(signal.sent.signal()) + ", in " + in
                        + (said.isEmpty() ? "" : ", and said \"" + said + "\"")
                : Words.signal(signal.sent.signal()) + " came from outside the program",
                itself ? 30 : 20, at, List.of(), null));
        if (HeapCase.in(functions)) {
            new HeapCase(evidence).look(task, at, in);
        }
    }

    /** Functions of a C library on the way from whoever gives up to the kernel. */
    private static boolean raises(String function) {
        return function.startsWith("_") || function.startsWith("0x") || function.endsWith(".cold")
                || List.of("raise", "gsignal", "abort", "kill", "tgkill", "pthread_kill", "killpg").contains(function)
                || function.startsWith("pthread_kill") || Allocations.FUNCTIONS.contains(function);
    }

    /** The last line on standard error. */
    private String said() {
        String shown = history.shown.getOrDefault(evidence.kernel.stderr(), "").strip();
        return shown.substring(shown.lastIndexOf('\n') + 1);
    }

    private void fault(CpuEvent.ExceptionRaised exception, int task, int signal, int code) {
        FaultSite site = FaultSite.of(scene, exception, task, signal);
        List<String> lines = new ArrayList<>();
        lines.add(site.stop() + "  " + site.code());
        String what = site.access().isEmpty()
                ? "exception " + exception.vector() + (code > 0 ? ", " + Words.code(signal, code) : "")
                        + (site.address() != 0 ? ", address " + Words.hex(site.address()) : "")
                : site.access() + " of " + Words.hex(site.address()) + ": "
                        + (site.region() == null ? "nothing is mapped there" : "mapped " + describe(site.region()));
        lines.add(what);
        lines.addAll(site.registers());
        evidence.find("the faulting instruction, " + history.name(task) + " on core " + exception.core(), lines);
        evidence.find("who had called whom", limited(site.backtrace(), BACKTRACE_LINES_MAX));
        collection(exception.at());
        if (!site.access().isEmpty() && Long.compareUnsigned(site.address(), NULL_PAGE_BYTES) >= 0) {
            evidence.find("the page of " + Words.hex(site.address()),
                    PageHistory.of(history, task, site.address(), exception.at()).lines(HANDLERS_LINES_MAX * 2));
        }
        if (site.stackOverflow()) {
            overflow(site);
            return;
        }
        new PointerCase(evidence, site).look();
        if (HeapCase.in(site.functions())) {
            new HeapCase(evidence).look(task, site.stop(),
                    site.functions().stream().filter(name -> !raises(name)).findFirst().orElse("?"));
        }
    }

    private static String describe(Region region) {
        return Words.rights(region.protection()) + " (" + Words.hex(region.start()) + "-" + Words.hex(region.end())
                + (region.name().isEmpty() ? "" : " " + region.name()) + ")";
    }

    private void overflow(FaultSite site) {
        long most = 0;
        String deepest = "";
        for (String function : site.functions()) {
            long times = site.functions().stream().filter(function::equals).count();
            if (times > most) {
                most = times;
                deepest = function;
            }
        }
        evidence.suspect(new Suspect("stack-overflow", "the stack is used up: " + Words.hex(site.address())
                + " is below what it may grow to" + (most > 2
                        ? "; " + deepest + " is active " + Words.count(most, "time") + " or more"
                        : ""),
                120, site.stop(), List.of(), null));
    }

    private void collection(Position at) {
        if (history.collections.count() == 0) {
            return;
        }
        List<String> lines = new ArrayList<>();
        History.Collection in = history.collectionAt(at);
        History.Collection before = null;
        for (History.Collection collection : history.collections.newestFirst()) {
            Position end = collection.end();
            if (end != null && end.compareTo(at) < 0) {
                before = collection;
                break;
            }
        }
        if (in != null) {
            lines.add("it happened during the collection that began at " + in.start());
        } else if (before != null) {
            lines.add("it happened between collections; the last, a " + before.generation() + " one, went from "
                    + before.start() + " to " + before.end());
        }
        lines.add(Words.count(history.collections.count(), "collection") + ", "
                + Words.count(history.barriers.count(), "hit") + " of the write barrier in the whole run");
        evidence.find("garbage collection", lines);
    }

    private static List<String> limited(List<String> lines, int max) {
        return lines.size() <= max
                ? lines
                : Stream.concat(lines.subList(0, max).stream(),
                        Stream.of("... " + (lines.size() - max) + " more")).toList();
    }
}
