package chronovisor.timeline;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one place: where the frame begins and where the caller's registers are (DWARF 4 sections 6.4.2 and 2.5).
 * Registers have DWARF's numbers (System V psABI figure 3.36), 16 is the return address.
 */
final class FrameRules {

    static final int REGISTERS = 17;

    private static final int RSP = 7;
    private static final int STACK_MAX = 64;

    /** How a register of the caller is found. */
    private enum How {
        SAME, UNDEFINED, AT_OFFSET, IS_OFFSET, REGISTER, AT_EXPRESSION, IS_EXPRESSION
    }

    private record Rule(How how, long offset, int from, int to) {
        static final Rule SAME = new Rule(How.SAME, 0, 0, 0);
    }

    private record Saved(Rule[] rules, int register, long offset, int from, int to) {}

    private final long codeUnit;
    private final long dataUnit;
    private final int returnRegister;
    private final boolean signal;
    private Rule[] rules = new Rule[REGISTERS];
    private Rule[] initial = new Rule[REGISTERS];
    private int register = RSP;
    private long offset = 8;
    private int from;
    private int to;
    private final ArrayDeque<Saved> saved = new ArrayDeque<>();
    private DwarfReader in = new DwarfReader(new byte[0], 0);

    FrameRules(long codeUnit, long dataUnit, int returnRegister, boolean signal) {
        this.codeUnit = codeUnit;
        this.dataUnit = dataUnit;
        this.returnRegister = returnRegister;
        this.signal = signal;
        Arrays.fill(rules, Rule.SAME);
        Arrays.fill(initial, Rule.SAME);
    }

    /** Whether the frame was made by the kernel: its return address is the instruction that was interrupted. */
    boolean signal() {
        return signal;
    }

    /** What holds now is what DW_CFA_restore goes back to. */
    void remember() {
        initial = rules.clone();
    }

    /** Carries out instructions until they tell about places behind the address. */
    void run(byte[] bytes, int begin, int end, long start, long address) {
        in = new DwarfReader(bytes, begin);
        long place = start;
        while (in.at < end) {
            int code = in.byte8();
            int low = code & 0x3F;
            switch (code >> 6) {
                case 1 -> place += low * codeUnit;
                case 2 -> set(low, new Rule(How.AT_OFFSET, in.unsigned() * dataUnit, 0, 0));
                case 3 -> set(low, initial[Math.min(low, REGISTERS - 1)]);
                default -> place += other(code);
            }
            if (Long.compareUnsigned(place, address) > 0) {
                return;
            }
        }
    }

    /** An instruction without an operand in its code; returns how far it advances. */
    private long other(int code) {
        switch (code) {
            case 0x00 -> {
                // DW_CFA_nop.
            }
            case 0x02 -> {
                return in.byte8() * codeUnit;
            }
            case 0x03 -> {
                return in.word16() * codeUnit;
            }
            case 0x04 -> {
                return (in.word32() & 0xFFFF_FFFFL) * codeUnit;
            }
            case 0x05 -> set(number(), new Rule(How.AT_OFFSET, in.unsigned() * dataUnit, 0, 0));
            case 0x06 -> {
                int number = number();
                set(number, initial[Math.min(number, REGISTERS - 1)]);
            }
            case 0x07 -> set(number(), new Rule(How.UNDEFINED, 0, 0, 0));
            case 0x08 -> set(number(), Rule.SAME);
            case 0x09 -> set(number(), new Rule(How.REGISTER, number(), 0, 0));
            case 0x0A -> saved.push(new Saved(rules.clone(), register, offset, from, to));
            case 0x0B -> restore();
            case 0x0C -> frame(number(), in.unsigned());
            case 0x0D -> frame(number(), offset);
            case 0x0E -> frame(register, in.unsigned());
            case 0x0F -> {
                long length = in.unsigned();
                register = -1;
                from = in.at;
                in.skip(length);
                to = in.at;
            }
            case 0x10 -> expression(How.AT_EXPRESSION);
            case 0x11 -> set(number(), new Rule(How.AT_OFFSET, in.signed() * dataUnit, 0, 0));
            case 0x12 -> frame(number(), in.signed() * dataUnit);
            case 0x13 -> frame(register, in.signed() * dataUnit);
            case 0x14 -> set(number(), new Rule(How.IS_OFFSET, in.unsigned() * dataUnit, 0, 0));
            case 0x15 -> set(number(), new Rule(How.IS_OFFSET, in.signed() * dataUnit, 0, 0));
            case 0x16 -> expression(How.IS_EXPRESSION);
            case 0x2E -> in.unsigned();
            default -> throw new IndexOutOfBoundsException("an unknown instruction");
        }
        return 0;
    }

    private void expression(How how) {
        int number = number();
        long length = in.unsigned();
        int begin = in.at;
        in.skip(length);
        set(number, new Rule(how, 0, begin, in.at));
    }

    private void frame(int base, long distance) {
        register = base;
        offset = distance;
    }

    private void restore() {
        Saved before = saved.poll();
        if (before != null) {
            rules = before.rules;
            register = before.register;
            offset = before.offset;
            from = before.from;
            to = before.to;
        }
    }

    private void set(int number, Rule rule) {
        if (number < REGISTERS) {
            rules[number] = rule;
        }
    }

    private int number() {
        long number = in.unsigned();
        return number < 0 || number > 1 << 16 ? 1 << 16 : (int) number;
    }

    /**
     * The caller's registers; null when there is no caller, or its registers cannot be found.
     *
     * @param now
     *            the callee's, by number
     * @param word
     *            reads eight bytes of memory
     */
    long @Nullable [] caller(long[] now, LongFunction<Optional<Long>> word) {
        try {
            long frame = register >= 0 && register < REGISTERS
                    ? now[register] + offset
                    : evaluate(from, to, now, word, null);
            long[] caller = now.clone();
            for (int i = 0; i < REGISTERS; i++) {
                Rule rule = rules[i];
                caller[i] = switch (rule.how) {
                    case SAME -> now[i];
                    case UNDEFINED -> 0;
                    case AT_OFFSET -> word.apply(frame + rule.offset).orElseThrow(FrameRules::unreadable);
                    case IS_OFFSET -> frame + rule.offset;
                    case REGISTER -> now[(int) Math.min(rule.offset, REGISTERS - 1)];
                    case AT_EXPRESSION -> word.apply(evaluate(rule.from, rule.to, now, word, frame))
                            .orElseThrow(FrameRules::unreadable);
                    case IS_EXPRESSION -> evaluate(rule.from, rule.to, now, word, frame);
                };
            }
            // The stack pointer of the caller is where the frame begins, unless a rule says otherwise.
            if (rules[RSP].how == How.SAME) {
                caller[RSP] = frame;
            }
            boolean last = returnRegister >= REGISTERS || rules[returnRegister].how == How.UNDEFINED;
            caller[REGISTERS - 1] = last ? 0 : caller[returnRegister];
            return last ? null : caller;
        } catch (IndexOutOfBoundsException e) {
            return null;
        }
    }

    private static IndexOutOfBoundsException unreadable() {
        return new IndexOutOfBoundsException("memory that is not mapped");
    }

    /** The expressions that compilers and C libraries write for frames: registers, constants, loads, arithmetic. */
    private long evaluate(int begin, int end, long[] now, LongFunction<Optional<Long>> word, @Nullable Long frame) {
        long[] stack = new long[STACK_MAX];
        int top = 0;
        if (frame != null) {
            stack[top++] = frame;
        }
        in.at = begin;
        while (in.at < end) {
            int code = in.byte8();
            if (code >= 0x30 && code <= 0x4F) {
                stack[top++] = code - 0x30L;
            } else if (code >= 0x70 && code <= 0x80) {
                stack[top++] = now[code - 0x70] + in.signed();
            } else {
                top = operate(code, stack, top, word);
            }
        }
        return stack[top - 1];
    }

    private int operate(int code, long[] stack, int top, LongFunction<Optional<Long>> word) {
        long last = top > 0 ? stack[top - 1] : 0;
        switch (code) {
            case 0x06 -> stack[top - 1] = word.apply(last).orElseThrow(FrameRules::unreadable);
            case 0x08 -> stack[top++] = in.byte8();
            case 0x09 -> stack[top++] = (byte) in.byte8();
            case 0x0A -> stack[top++] = in.word16();
            case 0x0C -> stack[top++] = in.word32() & 0xFFFF_FFFFL;
            case 0x0D -> stack[top++] = in.word32();
            case 0x0E -> stack[top++] = in.word64();
            case 0x10 -> stack[top++] = in.unsigned();
            case 0x11 -> stack[top++] = in.signed();
            case 0x12 -> stack[top++] = last;
            case 0x13 -> top--;
            case 0x23 -> stack[top - 1] = last + in.unsigned();
            default -> {
                stack[top - 2] = binary(code, stack[top - 2], last);
                return top - 1;
            }
        }
        return top;
    }

    private static long binary(int code, long a, long b) {
        return switch (code) {
            case 0x1A -> a & b;
            case 0x1C -> a - b;
            case 0x1E -> a * b;
            case 0x21 -> a | b;
            case 0x22 -> a + b;
            case 0x24 -> a << b;
            case 0x25 -> a >>> b;
            case 0x26 -> a >> b;
            case 0x27 -> a ^ b;
            case 0x29 -> a == b ? 1 : 0;
            case 0x2A -> a >= b ? 1 : 0;
            case 0x2B -> a > b ? 1 : 0;
            case 0x2C -> a <= b ? 1 : 0;
            case 0x2D -> a < b ? 1 : 0;
            case 0x2E -> a != b ? 1 : 0;
            default -> throw new IndexOutOfBoundsException("an unknown operation");
        };
    }
}
