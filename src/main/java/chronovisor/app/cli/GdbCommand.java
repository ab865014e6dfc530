package chronovisor.app.cli;

import chronovisor.debug.GdbServer;
import chronovisor.journal.Position;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Fork;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.replay.Session;
import chronovisor.timeline.Timeline;
import chronovisor.vmm.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor gdb}: a recorded run, served to GDB. */
@Command(name = "gdb", mixinStandardHelpOptions = true, description = {
    "Serves a recorded run to GDB, forwards and backwards: 'target remote 127.0.0.1:PORT'.",
    "Nothing is changed, neither the run nor the journal."})
final class GdbCommand implements Callable<Integer> {

    static final int PORT_MAX = 65535;

    @Option(names = "--port", paramLabel = "N", defaultValue = "0", description = "TCP port on the loopback interface (default: any that is free; it is printed).")
    private int port;

    @Option(names = "--script", paramLabel = "FILE", description = "Start gdb with the commands of this file, connected, and end with its exit status.")
    private @Nullable Path script;

    @Option(names = "--at", paramLabel = "P", description = "Begin at this position or mark (default: the journal's first).")
    private @Nullable String at;

    @Option(names = "--once", description = "End when the first client leaves.")
    private boolean once;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Override
    public Integer call() throws IOException {
        if (port < 0 || port > PORT_MAX) {
            throw Failure.usage("--port " + port + ": 0 to " + PORT_MAX + " expected");
        }
        Path commands = script;
        if (commands != null && !Files.isReadable(commands)) {
            throw Failure.usage(commands + ": no such file");
        }
        Path folder = JournalPlace.existing(journal);
        Position begin = at == null ? null : PlaceInRun.of(folder, at);
        Timeline timeline = Timeline.open(folder, new Assembly());
        if (begin != null) {
            timeline.seek(begin);
        }
        try (GdbServer server = GdbServer.over(timeline, port, new Futures())) {
            if (commands != null) {
                return GdbProcess.run(server, commands);
            }
            System.out.println("Listening on 127.0.0.1:" + server.port() + ": gdb -ex 'target remote 127.0.0.1:"
                    + server.port() + "'");
            System.out.flush();
            server.serve(once);
        }
        return ExitCode.FINE;
    }

    /** What may become of the run when its client wants that. */
    private static final class Futures implements GdbServer.Forks {

        @Override
        public String fork(Timeline timeline, String name) {
            Path folder = name.isEmpty()
                    ? JournalPlace.unused(timeline.map().folder().getFileName() + "-fork")
                    : JournalPlace.fresh(name);
            try (Recording fork = timeline.fork(Fork.Changes.none(timeline.setup()), folder, new Assembly(),
                    OutputListener.NONE, new TreeMap<>(), CheckpointPlan.DEFAULT)) {
                RunResult result = fork.run();
                return "fork " + folder + ": from " + timeline.position() + " to " + fork.session().position() + ", "
                        + result.reason();
            }
        }

        @Override
        public Session divert(Timeline timeline) {
            return timeline.attempt(Fork.Changes.none(timeline.setup()), new Assembly());
        }
    }
}
