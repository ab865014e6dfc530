package chronovisor.app.cli;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalFlux;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reactor.core.publisher.Flux;

/** {@code chronovisor watch}: what a running recording does, as a table that follows it. */
@Command(name = "watch", mixinStandardHelpOptions = true, description = {
    "Follows a journal that is being recorded, by exec, run or a machine of the host, until the run ends: rates, tasks, system calls, "
            + "exits, what was printed.",
    "On a terminal as a table that renews itself; else a line for each interval, and the table at the end."})
final class WatchCommand implements Callable<Integer> {

    private static final int INTERVAL_MS_MIN = 20;

    @Option(names = "--interval", paramLabel = "MS", defaultValue = "500", description = "Milliseconds between two looks (default: ${DEFAULT-VALUE}).")
    private int interval;

    @Option(names = "--once", description = "Show what is there now, and end.")
    private boolean once;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    /** What comes: a batch of events, time for a look, or the end of the run. */
    private sealed interface Signal {
        /** Events. */
        record Batch(List<GuestEvent> events) implements Signal {}

        /** Time for a look. */
        record Look() implements Signal {}

        /** The run has ended. */
        record End() implements Signal {}
    }

    @Override
    public Integer call() throws IOException {
        if (interval < INTERVAL_MS_MIN) {
            throw Failure.usage("--interval " + interval + ": at least " + INTERVAL_MS_MIN + " expected");
        }
        Path folder = once ? JournalPlace.existing(journal) : JournalPlace.begun(journal);
        WatchTable table = new WatchTable(ReportInput.title(folder));
        if (once) {
            JournalFlux.events(folder).doOnNext(table::accept).blockLast();
        } else if (Output.isTerminal(1)) {
            onTerminal(folder, table);
        }
        try (PrintWriter out = Output.standard()) {
            if (!once && !Output.isTerminal(1)) {
                follow(folder, table, () -> {
                    out.println(table.summary());
                    out.flush();
                });
            }
            table.lines(Integer.MAX_VALUE).forEach(out::println);
        }
        return ExitCode.FINE;
    }

    private void onTerminal(Path folder, WatchTable table) throws IOException {
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            Display display = new Display(terminal, false);
            follow(folder, table, () -> show(display, terminal, table));
            display.update(List.of(), 0);
        }
    }

    private void follow(Path folder, WatchTable table, Runnable look) {
        Flux<Signal> batches = JournalFlux.tail(folder).<Signal>map(Signal.Batch::new)
                .concatWithValues(new Signal.End());
        Flux<Signal> looks = Flux.interval(Duration.ofMillis(interval)).onBackpressureDrop()
                .map(_ -> new Signal.Look());
        Flux.merge(batches, looks).takeUntil(Signal.End.class::isInstance).doOnNext(signal -> {
            switch (signal) {
                case Signal.Batch(List<GuestEvent> events) -> table.accept(events);
                case Signal.Look _,Signal.End _ -> {
                    table.look(System.nanoTime());
                    look.run();
                }
            }
        }).blockLast();
    }

    private static void show(Display display, Terminal terminal, WatchTable table) {
        Size size = terminal.getSize();
        int columns = Math.max(40, size.getColumns());
        int rows = Math.max(10, size.getRows());
        display.resize(Size.of(columns, rows));
        display.update(table.lines(rows - 1).stream()
                .map(line -> new AttributedString(line.substring(0, Math.min(line.length(), columns - 1)))).toList(),
                0);
    }
}
