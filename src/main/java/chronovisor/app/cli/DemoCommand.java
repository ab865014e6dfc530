package chronovisor.app.cli;

import chronovisor.app.scenario.DebianPackages;
import chronovisor.app.scenario.Scenario;
import chronovisor.app.scenario.ScenarioException;
import chronovisor.app.scenario.ScenarioFiles;
import chronovisor.app.scenario.Scenarios;
import chronovisor.journal.EventJson;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.RecordType;
import chronovisor.journal.Verification;
import chronovisor.replay.Fidelity;
import chronovisor.replay.Replay;
import chronovisor.replay.ReplayResult;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code chronovisor demo}: the whole idea on two embedded guests: one that runs well, and one that faults. */
@Command(name = "demo", mixinStandardHelpOptions = true, description = "Boots, records, verifies and replays embedded guests, and shows where to look next.")
final class DemoCommand implements Callable<Integer> {

    /** Runs well; shows the console from banner to exit. */
    private static final String WELL = "demo";
    /** Dies by a page fault. */
    private static final String FAULTY = "faults-write";

    private final PrintStream out = System.out;

    @Override
    public Integer call() {
        out.println("Chronovisor: a guest boots on a virtual x86-64 machine; every instruction goes into a journal.");
        out.println();
        String first = record(WELL, true);
        boolean identical = check(first);
        out.println();
        out.println("The same with a program that does something wrong:");
        out.println();
        String second = record(FAULTY, false);
        identical &= check(second);
        out.println();
        showFault(second);
        out.println();
        out.println("Where to look next:");
        String command = "  replay-tools/chronovisor ";
        out.println(command + "events " + second + " --type SyscallEntered    what it asked of the kernel");
        out.println(command + "steps " + second + " | tail                    the last instructions that retired");
        out.println(command + "replay " + first + " --output                  the same run, once more");
        out.println(command + "exec PROGRAM ARG...                         a static program of your own");
        return identical ? ExitCode.FINE : ExitCode.DIVERGENCE;
    }

    private String record(String name, boolean show) {
        try {
            Path home = JournalPlace.home();
            Scenarios scenarios = new Scenarios(home.resolve("scenarios"));
            Scenario scenario = scenarios.find(name);
            ScenarioFiles files = ScenarioFiles.of(scenario, new DebianPackages(home.resolve(".cache/packages")));
            ScenarioRun run = new ScenarioRun(scenario, files, true, Assembly.INTERPRETER, Fidelity.STEPS,
                    Settings.parse(List.of()), false);
            Path journal = JournalPlace.unused(name);
            ScenarioRun.StepReport report = run.step(scenario.steps().getFirst(), journal);
            for (String complaint : report.unmet()) {
                throw new Failure(ExitCode.FAILURE, "scenario " + name + ": " + complaint);
            }
            if (show) {
                run.console().lines().forEach(line -> out.println("  | " + line));
                out.println();
            }
            out.printf(Locale.ROOT, "recorded   %,d instructions at %.0f MIPS, exit status %d, journal %s%n",
                    report.ticks(), report.mips(), report.status(), journal.getFileName());
            return String.valueOf(journal.getFileName());
        } catch (ScenarioException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    private boolean check(String journal) {
        Path folder = JournalPlace.existing(journal);
        Verification found = JournalVerifier.verify(folder);
        if (!found.sound()) {
            throw new Failure(ExitCode.DAMAGED, journal + ": " + found.problems().getFirst());
        }
        out.printf(Locale.ROOT, "verified   %,d events in %,d bytes, every excerpt and every page sound%n",
                found.events(),
                found.bytes());
        long start_ns = System.nanoTime();
        ReplayResult result = Replay.of(folder, new Assembly()).run();
        out.println("replayed   " + ReplayCommand.line(result,
                result.ticks() * 1e3 / Math.max(1, System.nanoTime() - start_ns)));
        return result.identical();
    }

    /** The last exception of a run that ended badly, and the instruction that raised it. */
    private void showFault(String journal) {
        GuestEvent fault = null;
        GuestEvent signal = null;
        try (JournalReader reader = JournalReader.open(JournalPlace.existing(journal))) {
            for (JournalRecord record = events(reader); record != null; record = events(reader)) {
                for (GuestEvent event : record.events()) {
                    switch (EventTypes.of(event).name()) {
                        case "ExceptionRaised" -> fault = event;
                        case "SignalSent" -> signal = event;
                        default -> {
                            // Only the two that tell of the end are of interest here.
                        }
                    }
                }
            }
        }
        out.println("What broke it, from the journal:");
        if (fault != null) {
            out.println("  " + EventJson.text(fault));
        }
        if (signal != null) {
            out.println("  " + EventJson.text(signal));
        }
    }

    private static @Nullable JournalRecord events(JournalReader reader) {
        return reader.next(glance -> glance.type() == RecordType.EVENTS);
    }
}
