package chronovisor.app.cli;

import chronovisor.analysis.table.JournalTables;
import chronovisor.app.scenario.Cache;
import chronovisor.app.scenario.Scenario;
import chronovisor.app.scenario.ScenarioException;
import chronovisor.app.scenario.ScenarioFiles;
import chronovisor.app.scenario.Scenarios;
import chronovisor.app.scenario.UnavailableException;
import chronovisor.isa.Decoder;
import chronovisor.isa.Disassembler;
import chronovisor.isa.Instruction;
import chronovisor.journal.CpuEvent;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Verification;
import chronovisor.replay.Fidelity;
import chronovisor.replay.Replay;
import chronovisor.replay.ReplayResult;
import chronovisor.replay.StepQuery;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code chronovisor demo}: the whole idea, on real Racket where it is provisioned, and on guests that are always there. */
@Command(name = "demo", mixinStandardHelpOptions = true, description = "Boots, records, verifies and replays guests (Racket too, where it is provisioned), and shows where to look next.")
final class DemoCommand implements Callable<Integer> {

    /** Runs well; shows the console from banner to exit. */
    private static final String WELL = "demo";
    /** Computes: its last step takes hundreds of millions of instructions. */
    private static final String LONG = "checksum";
    /** Real Racket, with the precise collector, whose write barrier is made of page faults. */
    private static final String RACKET = "racket-hello";
    private static final String RACKET_STEP = "3m";
    /** Dies by a page fault. */
    private static final String FAULTY = "faults-write";

    private static final int STEPS_BEFORE = 5;

    private static final String QUESTION = "SELECT name, count(*) AS calls, sum(duration_ticks) AS ticks FROM syscalls "
            + "GROUP BY name ORDER BY calls DESC, name LIMIT 5";

    @Option(names = "--embedded", description = "Only the guests that come with Chronovisor.")
    private boolean embedded;

    private final PrintStream out = System.out;

    @Override
    public Integer call() {
        out.println("Chronovisor: a guest boots on a virtual x86-64 machine; every instruction goes into a journal.");
        out.println();
        String first = record(WELL, null, true);
        boolean identical = check(first);
        out.println();
        identical &= check(longer());
        out.println();
        out.println("And with one that does something wrong:");
        out.println();
        String second = record(FAULTY, null, false);
        identical &= check(second);
        out.println();
        showFault(second);
        out.println();
        ask(first);
        out.println();
        out.println("Where to look next:");
        String command = "  replay-tools/chronovisor ";
        out.println(command + "events " + second + " --type SyscallEntered    what it asked of the kernel");
        out.println(command + "sql " + first
                + "                                     the same at a prompt, and SHOW TABLES");
        out.println(command + "steps " + second + " | tail                    the last instructions that retired");
        out.println(command + "replay " + first + " --output                  the same run, once more");
        out.println(command + "exec PROGRAM ARG...                         a static program of your own");
        return identical ? ExitCode.FINE : ExitCode.DIVERGENCE;
    }

    /** The run that takes a while: Racket where it is, else a guest that computes. */
    private String longer() {
        if (!embedded && Files.isDirectory(racket())) {
            out.println("The same with real Racket, which runs the paper's first program; this takes a while:");
            out.println();
            return record(RACKET, RACKET_STEP, true);
        }
        out.println("The same with one that computes for a while (real Racket, after replay-tools/provision racket):");
        out.println();
        return record(LONG, null, false);
    }

    /** What {@code replay-tools/provision racket} makes last is in here. */
    private static Path racket() {
        return Cache.of(JournalPlace.home()).folder().resolve("racket").resolve("zo");
    }

    private String record(String name, @Nullable String wanted, boolean show) {
        try {
            Path home = JournalPlace.home();
            Scenarios scenarios = new Scenarios(home.resolve("scenarios"));
            Scenario scenario = scenarios.find(name);
            ScenarioFiles files = ScenarioFiles.of(scenario, Cache.of(home));
            ScenarioRun run = new ScenarioRun(scenario, files, true, Assembly.ENGINE, Fidelity.STEPS,
                    Settings.parse(List.of(), null, null), false);
            Path journal = JournalPlace.unused(name);
            Scenario.Step step = wanted == null
                    ? scenario.steps().getLast()
                    : scenario.steps().stream().filter(s -> s.name().equals(wanted)).findFirst()
                            .orElseThrow(() -> Failure.usage("scenario " + name + " has no step \"" + wanted + "\""));
            ScenarioRun.StepReport report = run.step(step, journal);
            for (String complaint : report.unmet()) {
                throw new Failure(ExitCode.FAILURE, "scenario " + name + ": " + complaint);
            }
            if (show) {
                run.console().lines().forEach(line -> out.println("  | " + line));
                out.println();
            }
            out.printf(Locale.ROOT, "recorded   %,d instructions%s, exit status %d, journal %s%n", report.ticks(),
                    ReplayCommand.speed(report.ticks(), report.mips()), report.status(), journal.getFileName());
            return String.valueOf(journal.getFileName());
        } catch (UnavailableException e) {
            throw new Failure(ExitCode.FAILURE, "scenario " + name + " cannot run here: " + e.getMessage());
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
        out.printf(Locale.ROOT, "verified   %,d events in %,d bytes%s, every excerpt and every page sound%n",
                found.events(), found.bytes(), found.ticks() < ReplayCommand.TICKS_FOR_SPEED
                        ? ""
                        : String.format(Locale.ROOT, " (%.3f bits an instruction)", found.bitsPerInstruction()));
        long start_ns = System.nanoTime();
        ReplayResult result = Replay.of(folder, new Assembly()).run();
        out.println("replayed   " + ReplayCommand.line(result,
                result.ticks() * 1e3 / Math.max(1, System.nanoTime() - start_ns)));
        return result.identical();
    }

    /** The exception that a run ended by: the instruction, what led to it, and the signal it became. */
    private void showFault(String journal) {
        CpuEvent.ExceptionRaised fault = null;
        KittenEvent.SignalSent signal = null;
        Path folder = JournalPlace.existing(journal);
        try (JournalReader reader = JournalReader.open(folder)) {
            for (JournalRecord record = reader.nextEvents(); record != null; record = reader.nextEvents()) {
                for (GuestEvent event : record.events()) {
                    if (event instanceof CpuEvent.ExceptionRaised raised) {
                        fault = raised;
                    } else if (event instanceof KittenEvent.SignalSent sent) {
                        signal = sent;
                    }
                }
            }
        }
        if (fault == null || signal == null) {
            throw new Failure(ExitCode.FAILURE, journal + ": no fault was recorded");
        }
        long tick = fault.at().tick();
        out.println("The instruction that broke it, and the ones before, from the journal alone:");
        out.println();
        StepQuery.of(folder).between(Math.max(0, tick - STEPS_BEFORE), tick)
                .forEach((at, core, space, rip, bytes, instruction) -> out.printf("    %8d  0x%x  %s%n", at, rip,
                        Disassembler.intel(instruction, rip)));
        byte[] code = fault.code().toByteArray();
        String text = Decoder.decode(code, 0, code.length) instanceof Instruction instruction
                ? Disassembler.intel(instruction, fault.rip())
                : fault.code().toHex();
        out.printf("--> %8d  0x%x  %s%n", tick, fault.rip(), text);
        out.println();
        out.printf("  %s: exception %d, error code %d, address 0x%x, became signal %d%n", fault.at(), fault.vector(),
                fault.errorCode(), fault.address(), signal.signal());
    }

    private void ask(String journal) {
        out.println("What the first one asked of the kernel most often, in SQL:");
        out.println();
        out.println("  " + QUESTION);
        out.println();
        PrintWriter rows = new PrintWriter(out, false, StandardCharsets.UTF_8);
        try (JournalTables tables = JournalTables.open(List.of(JournalPlace.existing(journal)), progress -> {})) {
            RowPrinter printer = RowPrinter.of(RowFormat.TABLE, rows);
            tables.query(QUESTION, printer);
            printer.end();
        }
        rows.flush();
    }
}
