package chronovisor.analysis;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.journal.CpuEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.SignalAction;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The instruction that faulted, as it was about to run.
 *
 * @param exception
 *            what the processor raised
 * @param task
 *            whose instruction it was
 * @param stop
 *            the stop before it
 * @param code
 *            the instruction with its place
 * @param access
 *            {@code read}, {@code write} or {@code execute} for a page fault, else empty
 * @param address
 *            that it went to
 * @param pointer
 *            the register that the address was formed from and that is to blame for it; -1 when there is none
 * @param pointerValue
 *            what was in it
 * @param registers
 *            lines with all of them
 * @param backtrace
 *            who had called whom
 * @param functions
 *            the functions of the backtrace
 * @param region
 *            what is mapped at the address, null for nothing
 * @param blocked
 *            whether the signal for it was blocked
 * @param handler
 *            the process's handler for it; 0 for none
 * @param stackOverflow
 *            whether the address lies below the stack that the task ran on
 */
record FaultSite(CpuEvent.ExceptionRaised exception, int task, Position stop, String code, String access, long address,
        int pointer, long pointerValue, List<String> registers, List<String> backtrace, List<String> functions,
        @Nullable Region region, boolean blocked, long handler, boolean stackOverflow) {

    private static final int WRITE = 2;
    private static final int FETCH = 16;
    private static final long STACK_REACH_BYTES = 1 << 20;
    private static final String[] NAMES = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10",
        "r11", "r12", "r13", "r14", "r15"};

    static String name(int register) {
        return NAMES[register];
    }

    /** Looks at the machine before an exception of a task. */
    static FaultSite of(Scene scene, CpuEvent.ExceptionRaised exception, int task, int signal) {
        scene.before(exception.at());
        Position stop = scene.timeline().position();
        long rip = exception.rip();
        long[] general = scene.view().general(exception.core());
        boolean pageFault = exception.vector() == Numbers.PAGE_FAULT;
        boolean fetch = pageFault && (exception.errorCode() & FETCH) != 0;
        Instruction instruction = fetch ? null : scene.instruction(task, rip);
        long address = pageFault ? exception.address() : 0;
        int pointer = -1;
        if (instruction != null) {
            Operand memory = instruction.memory();
            if (memory != null) {
                if (!pageFault) {
                    address = scene.address(instruction, memory, rip, general, task);
                }
                pointer = pointer(scene, task, memory, general);
            }
        }
        String access = !pageFault ? "" : fetch ? "execute" : (exception.errorCode() & WRITE) != 0 ? "write" : "read";
        long at = address;
        Region region = scene.view().space(task).map(space -> space.find(at)).orElse(null);
        Optional<Task> state = scene.view().kernel().map(kernel -> kernel.tasks().get(task));
        boolean blocked = state.map(found -> (found.signals().mask() & 1L << signal - 1) != 0).orElse(false);
        long handler = scene.view().process(task).map(process -> handler(process, signal)).orElse(0L);
        boolean overflow = pageFault && !fetch && region == null
                && overflow(scene, task, general[Numbers.RSP], address);
        return new FaultSite(exception, task, stop,
                fetch ? scene.place(task, rip) + "  (nothing to execute)" : scene.code(task, rip), access, address,
                pointer, pointer < 0 ? 0 : general[pointer], registers(general, rip), scene.backtrace(task),
                scene.functions(task), region, blocked, handler, overflow);
    }

    private static long handler(UserProcess process, int signal) {
        SignalAction action = process.action(signal);
        return action.handler() == SignalAction.IGNORE ? 0 : action.handler();
    }

    /** The base; the index where the base leads to memory that is there. */
    private static int pointer(Scene scene, int task, Operand memory, long[] general) {
        boolean base = memory.base() >= 0 && memory.base() != Operand.RIP;
        boolean index = memory.index() >= 0 && memory.index() < general.length;
        if (base && index && scene.word(task, general[memory.base()]).isPresent()) {
            return memory.index();
        }
        return base ? memory.base() : index ? memory.index() : -1;
    }

    /** Whether an access near the stack pointer missed the stack it belongs to by going below it. */
    private static boolean overflow(Scene scene, int task, long stackPointer, long address) {
        if (Math.abs(stackPointer - address) > STACK_REACH_BYTES) {
            return false;
        }
        AddressSpace space = scene.view().space(task).orElse(null);
        Region above = space == null ? null : space.above(address);
        return above != null && above.allows(WRITE) && above.start() - address <= STACK_REACH_BYTES
                && above.growsDown();
    }

    private static List<String> registers(long[] general, long rip) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < general.length; i += 4) {
            StringBuilder line = new StringBuilder();
            for (int r = i; r < i + 4; r++) {
                line.append(String.format(Locale.ROOT, "%-4s%-20s", NAMES[r], Words.hex(general[r])));
            }
            lines.add(line.toString().stripTrailing());
        }
        lines.add("rip " + Words.hex(rip));
        return lines;
    }

    /** The exception that a fault's signal was sent for: the last one on its core, at its tick. */
    static CpuEvent.@Nullable ExceptionRaised exceptionOf(History history, KittenEvent.SignalSent sent) {
        for (CpuEvent.ExceptionRaised raised : history.exceptions.newestFirst()) {
            if (raised.at().compareTo(sent.at()) < 0) {
                return raised.core() == sent.core() && raised.at().tick() == sent.at().tick() ? raised : null;
            }
        }
        return null;
    }
}
