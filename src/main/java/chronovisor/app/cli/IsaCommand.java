package chronovisor.app.cli;

import chronovisor.cpu.CpuModel;
import chronovisor.cpu.CpuModels;
import chronovisor.isa.Family;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code chronovisor isa}: the instruction set, and how much of it was compared with hardware. */
@Command(name = "isa", mixinStandardHelpOptions = true, description = "Shows the instruction set: what is executed, and in how many cases it was compared with a real processor.")
final class IsaCommand implements Callable<Integer> {

    @Option(names = "--family", paramLabel = "F", description = "List the encodings of one family: ${COMPLETION-CANDIDATES}.")
    private @Nullable Family family;

    @Option(names = "--cpu", paramLabel = "MODEL", converter = CpuModelConverter.class, description = "Tell what a processor offers instead; help lists them.")
    private @Nullable CpuModel cpu;

    @Option(names = "--json", description = "Print one JSON object a line.")
    private boolean json;

    @Override
    public Integer call() {
        if (family != null && cpu != null) {
            throw Failure.usage("--family and --cpu exclude each other");
        }
        try (PrintWriter out = Output.standard()) {
            if (cpu != null) {
                processor(out, cpu);
            } else if (family != null) {
                InstructionList.lines().stream().filter(line -> line.row().family() == family)
                        .forEach(line -> out.println(json ? Output.json(line.object()) : line.text()));
            } else {
                families(out);
            }
        }
        return ExitCode.FINE;
    }

    private void families(PrintWriter out) {
        List<InstructionList.Line> lines = InstructionList.lines();
        if (!json) {
            out.println(InstructionList.Sum.HEAD);
        }
        InstructionList.sums(lines).forEach(sum -> out.println(json ? Output.json(sum.object()) : sum.text()));
        if (!json) {
            out.println(InstructionList.total(lines));
        }
    }

    private void processor(PrintWriter out, CpuModel model) {
        var untold = CpuModels.untold(model.name());
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("model", model.name());
            object.put("brand", model.brand());
            object.put("signature", "0x" + Integer.toHexString(model.signature()));
            object.put("features", model.features());
            object.put("untold", untold);
            out.println(Output.json(object));
            return;
        }
        out.println(model.name() + ": " + model.brand() + ", signature 0x" + Integer.toHexString(model.signature()));
        out.println(InstructionList.features(model.features()));
        if (!untold.isEmpty()) {
            out.println("not told, because not all of their instructions are executed yet: "
                    + InstructionList.features(untold));
        }
    }
}
