package chronovisor.app.cli;

import chronovisor.cpu.trace.CpuStep;
import chronovisor.isa.Disassembler;
import chronovisor.isa.Instruction;
import chronovisor.replay.StepEffects;
import chronovisor.replay.StepQuery;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor steps}: every retired instruction, from the journal alone. */
@Command(name = "steps", mixinStandardHelpOptions = true, description = "Lists the retired instructions of a journal: tick, address, bytes, instruction.")
final class StepsCommand implements Callable<Integer> {

    @Option(names = "--from", paramLabel = "P", defaultValue = "0", description = "From this position or mark on.")
    private String fromText = "0";

    @Option(names = "--to", paramLabel = "P", defaultValue = "9223372036854775807", description = "Up to this position or mark, included.")
    private String toText = "9223372036854775807";

    @Option(names = "--effects", description = "Run the machine again and tell what each instruction changed.")
    private boolean effects;

    @Option(names = "--count", description = "Print only how many there are.")
    private boolean count;

    @Option(names = "--att", description = "AT&T syntax instead of Intel's.")
    private boolean att;

    @Option(names = "--json", description = "Print one JSON object a line.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    private final Map<Long, Text> texts = new HashMap<>();

    /** The text of an instruction where it stands; the reader hands out the same object for the same bytes. */
    private record Text(Instruction instruction, String bytes, String line) {}

    /** Standard output has no reader any more. */
    private static final class ReaderGone extends RuntimeException {
        private static final long serialVersionUID = 1;

        ReaderGone() {
            super(null, null, false, false);
        }
    }

    @Override
    public Integer call() {
        Path folder = JournalPlace.existing(journal);
        StepQuery query = StepQuery.of(folder).between(PlaceInRun.of(folder, fromText).tick(),
                PlaceInRun.of(folder, toText).tick());
        try (PrintWriter out = Output.standard()) {
            if (count) {
                long steps = query.forEach((tick, core, space, rip, bytes, instruction) -> {});
                out.println(json ? Output.json(Map.of("steps", steps)) : Long.toString(steps));
            } else if (effects) {
                query.forEachEffect(new Assembly(), (step, change) -> tell(out, step, change));
            } else {
                query.forEach((tick, core, space, rip, bytes, instruction) -> tell(out, tick, core, rip, bytes,
                        instruction, null));
            }
        } catch (ReaderGone e) {
            return ExitCode.FINE;
        }
        return ExitCode.FINE;
    }

    private void tell(PrintWriter out, CpuStep step, StepEffects change) {
        tell(out, step.tick(), step.core(), step.rip(), step.bytes(), step.instruction(), change);
    }

    private void tell(PrintWriter out, long tick, int core, long rip, byte[] bytes, Instruction instruction,
            @Nullable StepEffects change) {
        Text text = texts.get(rip);
        if (text == null || text.instruction() != instruction) {
            text = new Text(instruction, HexFormat.of().formatHex(bytes, 0, instruction.length()),
                    att ? Disassembler.att(instruction, rip) : Disassembler.intel(instruction, rip));
            texts.put(rip, text);
        }
        if (json) {
            out.println(Output.json(object(tick, core, rip, text, change)));
        } else {
            out.append(Long.toString(tick)).append(core == 0 ? "" : " core " + core).append("  0x")
                    .append(Long.toHexString(rip)).append("  ").append(text.bytes());
            for (int i = text.bytes().length(); i < 22; i++) {
                out.append(' ');
            }
            out.append(text.line());
            if (change != null && !change.text().isEmpty()) {
                out.append("   # ").append(change.text());
            }
            out.append('\n');
        }
        if ((tick & 0xFFF) == 0 && out.checkError()) {
            throw new ReaderGone();
        }
    }

    private static Map<String, Object> object(long tick, int core, long rip, Text text, @Nullable StepEffects change) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("at", tick + ":0");
        object.put("tick", tick);
        object.put("core", core);
        object.put("rip", "0x" + Long.toHexString(rip));
        object.put("bytes", text.bytes());
        object.put("mnemonic", text.instruction().operation().mnemonic());
        object.put("text", text.line());
        if (change != null) {
            Map<String, String> registers = new LinkedHashMap<>();
            change.registers().forEach(one -> registers.put(one.register(), "0x" + Long.toHexString(one.value())));
            Map<String, String> memory = new LinkedHashMap<>();
            change.memory().forEach(one -> memory.put("0x" + Long.toHexString(one.address()), one.bytes().toHex()));
            object.put("registers", registers);
            object.put("memory", memory);
        }
        return object;
    }
}
