package chronovisor.analysis;

import chronovisor.isa.Decoded;
import chronovisor.isa.Decoder;
import chronovisor.isa.Disassembler;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.journal.Position;
import chronovisor.kitten.task.UserProcess;
import chronovisor.timeline.Backtrace;
import chronovisor.timeline.Symbols;
import chronovisor.timeline.Timeline;
import chronovisor.timeline.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Programs at the positions where the timeline stands: their instructions and names. */
final class Scene {

    static final int INSTRUCTION_BYTES_MAX = 15;

    private final Timeline timeline;
    private final Map<String, Symbols> symbols = new HashMap<>();

    Scene(Timeline timeline) {
        this.timeline = timeline;
    }

    Timeline timeline() {
        return timeline;
    }

    View view() {
        return timeline.view();
    }

    /** The symbols of a task's program; what it has mapped since it was asked first is looked at once more. */
    Symbols symbols(int task) {
        View view = timeline.view();
        String key = view.process(task).map(process -> key(view, task, process)).orElse("");
        return symbols.computeIfAbsent(key, _ -> Symbols.of(view, task));
    }

    private static String key(View view, int task, UserProcess process) {
        long files = view.space(task)
                .map(space -> space.regions().values().stream().filter(region -> region.inode() != 0)
                        .mapToLong(region -> region.inode()).distinct().count())
                .orElse(0L);
        return process.program() + " " + process.programInode() + " " + process.addressSpace() + " " + files;
    }

    /** CR3 of a task; that of the running core where there is no such task. */
    long root(int task) {
        View view = timeline.view();
        return view.rootOf(task).orElseGet(() -> view.root(view.currentCore()));
    }

    /** The instruction at an address of a task; null when there is none. */
    @Nullable
    Instruction instruction(int task, long address) {
        byte[] code = timeline.view().memory(root(task), address, INSTRUCTION_BYTES_MAX);
        Decoded decoded = Decoder.decode(code, 0, code.length);
        return decoded instanceof Instruction instruction ? instruction : null;
    }

    /** {@code 0x4011e8 <main+8>  mov rax, [rbx]}. */
    String code(int task, long address) {
        Instruction instruction = instruction(task, address);
        return symbols(task).text(address) + "  "
                + (instruction == null ? "(no instruction)" : Disassembler.intel(instruction, address));
    }

    /** The function that an address of a task is in, or the address. */
    String function(int task, long address) {
        return symbols(task).at(address).map(Symbols.Place::name).orElse(Words.hex(address));
    }

    /** {@code 0x4011e8 <main+8>}. */
    String place(int task, long address) {
        return symbols(task).text(address);
    }

    /** The functions that are active in a task, innermost first. */
    List<String> functions(int task) {
        List<String> names = new ArrayList<>();
        Symbols known = symbols(task);
        for (Backtrace.Frame frame : Backtrace.of(timeline.view(), task, known)) {
            names.add(known.at(frame.symbolAddress()).map(Symbols.Place::name)
                    .orElse(Words.hex(frame.address())));
        }
        return names;
    }

    /** The active functions with their addresses, innermost first. */
    List<String> backtrace(int task) {
        List<String> lines = new ArrayList<>();
        Symbols known = symbols(task);
        for (Backtrace.Frame frame : Backtrace.of(timeline.view(), task, known)) {
            String name = known.at(frame.symbolAddress())
                    .map(found -> new Symbols.Place(found.name(),
                            found.offset() + frame.address() - frame.symbolAddress(), found.file()).toString())
                    .orElse("?");
            lines.add("#" + lines.size() + " " + Words.hex(frame.address()) + " " + name
                    + (frame.signal() ? " [interrupted by a signal]" : ""));
        }
        return lines;
    }

    /** The linear address of a memory operand. */
    long address(Instruction instruction, Operand operand, long rip, long[] general, int task) {
        long address = operand.displacement();
        if (operand.base() == Operand.RIP) {
            address += rip + instruction.length();
        } else if (operand.base() != Operand.NONE) {
            address += general[operand.base()];
        }
        if (operand.index() >= 0 && operand.index() < general.length) {
            address += general[operand.index()] * operand.scale();
        }
        if (instruction.addressSize() == 32) {
            address &= 0xFFFF_FFFFL;
        }
        if (operand.segment() == Operand.FS || operand.segment() == Operand.GS) {
            boolean fs = operand.segment() == Operand.FS;
            address += timeline.view().registersOf(task).map(saved -> fs ? saved.fsBase() : saved.gsBase()).orElse(0L);
        }
        return address;
    }

    /** Goes to the last stop before an event. */
    void before(Position event) {
        timeline.seekBefore(event);
    }

    Optional<Long> word(int task, long address) {
        return timeline.view().word(root(task), address);
    }
}
