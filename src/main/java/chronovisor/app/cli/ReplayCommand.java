package chronovisor.app.cli;

import chronovisor.app.bench.RunFigures;
import chronovisor.kitten.KernelView;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.replay.Divergence;
import chronovisor.replay.Replay;
import chronovisor.replay.ReplayResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor replay}: runs a journal's machine again and compares everything. */
@Command(name = "replay", mixinStandardHelpOptions = true, description = "Replays a journal and checks every event and every step against it.")
final class ReplayCommand implements Callable<Integer> {

    /** Instructions that take a good part of a second. */
    static final long TICKS_FOR_SPEED = 20_000_000;

    @Option(names = "--engine", description = "Replay with this engine: interpreter, jit or lockstep (default: the recording's).")
    private @Nullable String engine;

    @Option(names = "--output", description = "Show what the guest writes: its output on standard output, its errors and its kernel's console on standard error.")
    private boolean output;

    @Option(names = "--kernel-state", description = "Also print the kernel's state where the replay ends, as JSON.")
    private boolean kernelState;

    @Option(names = "--figures", paramLabel = "FILE", description = "Write into this file how far the replay was when.")
    private @Nullable Path figuresFile;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Override
    public Integer call() throws IOException {
        if (output && (json || kernelState)) {
            throw Failure.usage("--output excludes --json and --kernel-state");
        }
        if (engine != null) {
            Assembly.engineNamed(engine);
        }
        GuestOutput sink = new GuestOutput();
        if (output) {
            sink.pass(ExecCommand.STDIO, GuestOutput.standardOutput())
                    .pass(ExecCommand.STDERR, GuestOutput.standardError())
                    .pass(ExecCommand.CONSOLE, GuestOutput.standardError());
        }
        long start_ns = System.nanoTime();
        List<KernelState> kernel = new ArrayList<>();
        ReplayResult result = replay(sink, kernel);
        sink.flush();
        double mips = result.ticks() * 1e3 / Math.max(1, System.nanoTime() - start_ns);
        if (output) {
            System.err.println(line(result, mips));
        } else {
            try (PrintWriter out = Output.standard()) {
                if (json) {
                    Map<String, @Nullable Object> object = object(result);
                    kernel.forEach(state -> object.put("kernel", KernelView.of(state)));
                    out.println(Output.json(object));
                } else {
                    out.println(line(result, mips));
                    kernel.forEach(state -> out.println(KernelView.of(state).toPrettyString()));
                }
            }
        }
        if (!result.identical()) {
            return ExitCode.DIVERGENCE;
        }
        return result.damage() == null ? ExitCode.FINE : ExitCode.DAMAGED;
    }

    private ReplayResult replay(GuestOutput sink, List<KernelState> kernel) throws IOException {
        Replay replay = Replay.of(JournalPlace.existing(journal), new Assembly()).withOutput(sink);
        if (engine != null) {
            replay.withEngine(engine);
        }
        if (kernelState) {
            replay.withKernelState(kernel::add);
        }
        try (ProgressLine line = new ProgressLine("replaying " + journal, !output)) {
            RunFigures figures = new RunFigures();
            figures.reached(0);
            ReplayResult result = replay.run(progress -> {
                line.update(progress);
                figures.reached(progress.ticks());
            });
            if (figuresFile != null) {
                figures.reached(result.ticks());
                figures.write(figuresFile);
            }
            return result;
        }
    }

    private static Map<String, @Nullable Object> object(ReplayResult result) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("identical", result.identical());
        object.put("complete", result.complete());
        object.put("ticks", result.ticks());
        object.put("events", result.events());
        object.put("step_batches", result.stepBatches());
        object.put("up_to", result.upTo().toString());
        object.put("digest", result.digest());
        object.put("damage", result.damage() == null ? null : result.damage().toString());
        Divergence divergence = result.divergence();
        if (divergence != null) {
            Map<String, Object> first = new LinkedHashMap<>();
            first.put("at", divergence.at().toString());
            first.put("expected", divergence.expected());
            first.put("actual", divergence.actual());
            first.put("context", divergence.context());
            object.put("divergence", first);
        }
        return object;
    }

    /** The speed of a run, where it was long enough to have one: a short run is all start-up. */
    static String speed(long ticks, double mips) {
        return ticks < TICKS_FOR_SPEED ? "" : String.format(Locale.ROOT, " at %.0f MIPS", mips);
    }

    /** What a replay found, for people. */
    static String line(ReplayResult result, double mips) {
        Divergence divergence = result.divergence();
        if (divergence != null) {
            return divergence.toString();
        }
        String what = String.format(Locale.ROOT,
                "identical: %,d ticks%s, %,d events, %,d step batches, digest %s", result.ticks(),
                speed(result.ticks(), mips), result.events(), result.stepBatches(), result.digest());
        if (result.damage() != null) {
            return what + "\nDAMAGED  " + result.damage() + "\nWhat comes before was replayed, up to "
                    + result.upTo() + ".";
        }
        return result.complete()
                ? what
                : what + "\nThe recording has no end (the recorder was stopped); it was replayed up to "
                        + result.upTo() + ".";
    }
}
