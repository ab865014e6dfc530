package chronovisor.timeline;

import chronovisor.cpu.CpuImage;
import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.task.Registers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who called whom: the frames of a task's stack, innermost first. By call frame information where the program has it for the
 * place, else by the chain of frame pointers when that leads to a return address, else by looking for one on the stack; each
 * frame tells which.
 */
public final class Backtrace {

    private static final int FRAMES_MAX = 512;
    private static final int SCAN_BYTES = 16 << 10;
    private static final int CALL_BYTES_MAX = 7;
    private static final long NO_CALL = -1;
    private static final int NO_TASK = -1;
    /** General registers in DWARF's order: RAX RDX RCX RBX RSI RDI RBP RSP R8 to R15. */
    private static final int[] ORDER = {0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15};
    private static final int RBP = 6;
    private static final int RSP = 7;
    private static final int RIP = 16;

    /** How a frame was found. */
    public enum By {
        /** It is where the task is. */
        REGISTERS,
        /** Call frame information of the callee. */
        FRAME_INFORMATION,
        /** The callee's frame pointer. */
        FRAME_POINTER,
        /** Control went where there is no program: by a call, whose return address is on top of the stack. */
        STACK_TOP,
        /** A guess: the nearest word on the stack that is the return address of a call, if there is one of the callee itself. */
        STACK_SCAN
    }

    /**
     * A frame.
     *
     * @param address
     *            the instruction that goes on when the callee returns; of the innermost the one that is next
     * @param stackPointer
     *            RSP in the frame
     * @param by
     *            how it was found
     * @param signal
     *            whether the frame inside it is a signal's, so that the address was interrupted and not called from
     */
    public record Frame(long address, long stackPointer, By by, boolean signal) {

        /** Where to look for the symbol: in a caller inside its call, which may be the last of its function. */
        public long symbolAddress() {
            return by == By.REGISTERS || signal ? address : address - 1;
        }
    }

    private Backtrace() {}

    /** The frames of a task. */
    public static List<Frame> of(View view, int task, Symbols symbols) {
        Optional<Registers> registers = view.registersOf(task);
        Optional<Long> root = view.rootOf(task);
        if (registers.isEmpty() || root.isEmpty()) {
            return List.of();
        }
        long[] now = new long[FrameRules.REGISTERS];
        for (int i = 0; i < ORDER.length; i++) {
            now[i] = registers.get().general(ORDER[i]);
        }
        now[RIP] = registers.get().rip();
        return new Walk(view, root.get(), symbols).walk(now);
    }

    /** The frames of what a core runs in a guest that has brought its own kernel, of which nothing else is known. */
    public static List<Frame> ofCore(View view, int core) {
        CpuImage registers = view.registers(core);
        long[] now = new long[FrameRules.REGISTERS];
        for (int i = 0; i < ORDER.length; i++) {
            now[i] = registers.gpr(ORDER[i]);
        }
        now[RIP] = registers.rip();
        return new Walk(view, view.root(core), Symbols.of(view, NO_TASK)).walk(now);
    }

    private static final class Walk {
        private final View view;
        private final long root;
        private final Symbols symbols;
        private final Map<Symbols.Image, Optional<FrameTable>> tables = new HashMap<>();

        Walk(View view, long root, Symbols symbols) {
            this.view = view;
            this.root = root;
            this.symbols = symbols;
        }

        List<Frame> walk(long[] innermost) {
            List<Frame> frames = new ArrayList<>();
            long[] now = innermost;
            frames.add(new Frame(now[RIP], now[RSP], By.REGISTERS, false));
            while (frames.size() < FRAMES_MAX) {
                FrameRules rules = rules(frames.getLast().symbolAddress());
                long[] next = frames.size() == 1 && outside(now[RIP]) ? byStackTop(now) : null;
                By by = By.STACK_TOP;
                if (next == null) {
                    next = rules == null ? byFramePointer(now) : rules.caller(now, this::word);
                    by = rules == null ? By.FRAME_POINTER : By.FRAME_INFORMATION;
                }
                if (next == null && rules == null) {
                    next = byScan(now, frames.getLast().symbolAddress());
                    by = By.STACK_SCAN;
                }
                // A stack grows down: what does not come nearer to its beginning is no caller.
                boolean outwards = next != null && (Long.compareUnsigned(next[RSP], now[RSP]) > 0
                        || rules != null && rules.signal());
                if (next == null || next[RIP] == 0 || !outwards) {
                    break;
                }
                frames.add(new Frame(next[RIP], next[RSP], by, rules != null && rules.signal()));
                now = next;
            }
            return frames;
        }

        private Optional<Long> word(long address) {
            return view.word(root, address);
        }

        private @Nullable FrameRules rules(long address) {
            for (Symbols.Image image : symbols.images()) {
                if (address >= image.start() && address < image.end()) {
                    Optional<FrameTable> table = tables.computeIfAbsent(image, FrameTable::of);
                    return table.isEmpty() ? null : table.get().find(address);
                }
            }
            return null;
        }

        private boolean outside(long address) {
            List<Symbols.Image> images = symbols.images();
            return !images.isEmpty()
                    && images.stream().noneMatch(image -> address >= image.start() && address < image.end());
        }

        /** What had just called, when control went to an address where no program is. */
        private long @Nullable [] byStackTop(long[] now) {
            long back = word(now[RSP]).orElse(0L);
            return called(back) == NO_CALL ? null : found(now, now[RSP], back);
        }

        private long @Nullable [] byFramePointer(long[] now) {
            Optional<Long> frame = word(now[RBP]);
            Optional<Long> back = word(now[RBP] + 8);
            // A program without frame pointers uses the register for something else.
            if (frame.isEmpty() || back.isEmpty() || Long.compareUnsigned(now[RBP], now[RSP]) < 0
                    || called(back.get()) == NO_CALL) {
                return null;
            }
            long[] caller = now.clone();
            caller[RSP] = now[RBP] + 16;
            caller[RBP] = frame.get();
            caller[RIP] = back.get();
            return caller;
        }

        /** A return address that a call of the callee left, else the nearest that any call left. */
        private long @Nullable [] byScan(long[] now, long inCallee) {
            long callee = symbols.at(inCallee).map(place -> inCallee - place.offset()).orElse(0L);
            long nearest = -1;
            for (long slot = now[RSP]; slot < now[RSP] + SCAN_BYTES; slot += 8) {
                Optional<Long> value = word(slot);
                if (value.isEmpty()) {
                    break;
                }
                long target = called(value.get());
                if (target != NO_CALL && target == callee) {
                    return found(now, slot, value.get());
                }
                nearest = nearest < 0 && target != NO_CALL ? slot : nearest;
            }
            return nearest < 0 ? null : found(now, nearest, word(nearest).orElse(0L));
        }

        private static long[] found(long[] now, long slot, long address) {
            long[] caller = now.clone();
            caller[RSP] = slot + 8;
            caller[RIP] = address;
            return caller;
        }

        /** What the call before a return address calls: 0 when that is decided at run time, {@link #NO_CALL} without a call. */
        private long called(long address) {
            if (outside(address - 1)) {
                return NO_CALL;
            }
            byte[] before = view.memory(root, address - CALL_BYTES_MAX, CALL_BYTES_MAX);
            for (int bytes = 2; bytes <= CALL_BYTES_MAX && before.length == CALL_BYTES_MAX; bytes++) {
                int at = CALL_BYTES_MAX - bytes;
                if (bytes == 5 && before[at] == (byte) 0xE8) {
                    return address + Bytes.get32(before, at + 1);
                }
                // CALL of a register or of memory: FF /2, perhaps with a REX prefix.
                boolean indirect = before[at] == (byte) 0xFF && (before[at + 1] >> 3 & 7) == 2;
                if (indirect && Decoder.decode(before, at, CALL_BYTES_MAX) instanceof Instruction one
                        && one.length() == bytes) {
                    return 0;
                }
            }
            return NO_CALL;
        }
    }
}
