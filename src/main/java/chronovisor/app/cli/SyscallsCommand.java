package chronovisor.app.cli;

import chronovisor.kitten.KittenOptions;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code chronovisor syscalls}: the system call table, as a profile answers it. */
@Command(name = "syscalls", mixinStandardHelpOptions = true, description = "Lists the system calls, and how much of each the kernel has.")
final class SyscallsCommand implements Callable<Integer> {

    @Option(names = "--profile", paramLabel = "P", description = "What this profile answers: base, paper or full (default).")
    private @Nullable String profile;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Set an option of the kernel, such as kitten.patches. May be repeated.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--json", description = "Print one JSON object a line.")
    private boolean json;

    @Override
    public Integer call() {
        KittenOptions options = Settings.parse(settings, null, null)
                .kernel(profile == null ? Map.of() : Map.of("profile", profile));
        try (PrintWriter out = Output.standard()) {
            for (SyscallList.Line line : SyscallList.lines(options)) {
                out.println(json ? Output.json(line.object()) : line.text());
            }
        }
        return ExitCode.FINE;
    }
}
