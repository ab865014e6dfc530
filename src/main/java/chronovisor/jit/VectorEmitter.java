package chronovisor.jit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The SSE2 instructions that compilers use most, without the closure that would execute them: vector registers stay in the processor's array,
 * operations call the methods on values that the closures call. A block with many closures is more than HotSpot inlines.
 */
final class VectorEmitter {
    private static final ClassDesc INTEGER = ClassDesc.of("chronovisor.cpu.vector.PackedInteger");
    private static final ClassDesc SHUFFLE = ClassDesc.of("chronovisor.cpu.vector.PackedShuffle");
    private static final MethodTypeDesc L_LL = MethodTypeDesc.of(CD_long, CD_long, CD_long);
    private static final MethodTypeDesc L_LLI = MethodTypeDesc.of(CD_long, CD_long, CD_long, CD_int);
    private static final MethodTypeDesc ALIGNED = MethodTypeDesc.of(CD_long, CD_long, Names.CPU);

    private final CodeBuilder b;
    private final Places places;

    VectorEmitter(CodeBuilder b, Places places) {
        this.b = b;
        this.places = places;
    }

    /** What an instruction does to its operands. */
    private enum Shape {
        /** Both halves alike, each for itself. */
        HALVES,
        /** Both halves alike, shifted by a constant. */
        SHIFT,
        /** Four doublewords of the second operand, chosen by a constant. */
        SHUFFLE,
        /** The low, or the high halves of both operands, mixed. */
        UNPACK_LOW, UNPACK_HIGH,
        /** 128 bits, aligned in memory or not. */
        MOVE_ALIGNED, MOVE,
        /** 64 bits: the upper half is cleared by a load, kept by a move of MOVSD. */
        MOVE_DOUBLE
    }

    /** An instruction that is emitted here: its shape, and the name of a method on one half of each operand. */
    private record Form(Shape shape, String method) {}

    private static @Nullable Form form(Instruction i) {
        return switch (i.operation()) {
            case PAND, ANDPS, ANDPD -> new Form(Shape.HALVES, "and");
            case PANDN, ANDNPS, ANDNPD -> new Form(Shape.HALVES, "andNot");
            case POR, ORPS, ORPD -> new Form(Shape.HALVES, "or");
            case PXOR, XORPS, XORPD -> new Form(Shape.HALVES, "xor");
            case PADDB -> new Form(Shape.HALVES, "addBytes");
            case PADDW -> new Form(Shape.HALVES, "addWords");
            case PADDD -> new Form(Shape.HALVES, "addDwords");
            case PADDQ -> new Form(Shape.HALVES, "add");
            case PSUBB -> new Form(Shape.HALVES, "subtractBytes");
            case PSUBW -> new Form(Shape.HALVES, "subtractWords");
            case PSUBD -> new Form(Shape.HALVES, "subtractDwords");
            case PSUBQ -> new Form(Shape.HALVES, "subtract");
            case PCMPEQB -> new Form(Shape.HALVES, "equalBytes");
            case PCMPEQW -> new Form(Shape.HALVES, "equalWords");
            case PCMPEQD -> new Form(Shape.HALVES, "equalDwords");
            case PCMPGTB -> new Form(Shape.HALVES, "greaterBytes");
            case PCMPGTW -> new Form(Shape.HALVES, "greaterWords");
            case PCMPGTD -> new Form(Shape.HALVES, "greaterDwords");
            case PMINUB -> new Form(Shape.HALVES, "minUnsignedBytes");
            case PMAXUB -> new Form(Shape.HALVES, "maxUnsignedBytes");
            case PMULUDQ -> new Form(Shape.HALVES, "multiplyUnsignedDwords");
            case PSLLW -> new Form(Shape.SHIFT, "shiftLeftWords");
            case PSLLD -> new Form(Shape.SHIFT, "shiftLeftDwords");
            case PSLLQ -> new Form(Shape.SHIFT, "shiftLeftQwords");
            case PSRLW -> new Form(Shape.SHIFT, "shiftRightWords");
            case PSRLD -> new Form(Shape.SHIFT, "shiftRightDwords");
            case PSRLQ -> new Form(Shape.SHIFT, "shiftRightQwords");
            case PSRAW -> new Form(Shape.SHIFT, "shiftArithmeticWords");
            case PSRAD -> new Form(Shape.SHIFT, "shiftArithmeticDwords");
            case PSHUFD -> new Form(Shape.SHUFFLE, "");
            case PUNPCKLBW -> new Form(Shape.UNPACK_LOW, "Bytes");
            case PUNPCKLWD -> new Form(Shape.UNPACK_LOW, "Words");
            case PUNPCKLDQ, UNPCKLPS -> new Form(Shape.UNPACK_LOW, "Dwords");
            case PUNPCKLQDQ, UNPCKLPD -> new Form(Shape.UNPACK_LOW, "");
            case PUNPCKHBW -> new Form(Shape.UNPACK_HIGH, "Bytes");
            case PUNPCKHWD -> new Form(Shape.UNPACK_HIGH, "Words");
            case PUNPCKHDQ, UNPCKHPS -> new Form(Shape.UNPACK_HIGH, "Dwords");
            case PUNPCKHQDQ, UNPCKHPD -> new Form(Shape.UNPACK_HIGH, "");
            case MOVAPS, MOVAPD, MOVDQA -> new Form(Shape.MOVE_ALIGNED, "");
            case MOVUPS, MOVUPD, MOVDQU -> new Form(Shape.MOVE, "");
            case MOVSD -> new Form(Shape.MOVE_DOUBLE, "");
            default -> null;
        };
    }

    /** Whether {@link #access} and {@link #commit} emit the instruction; all of it is between its operands. */
    static boolean isVector(Instruction i) {
        Form form = form(i);
        if (form == null || i.vectorLength() != 0 || i.operandCount() < 2) {
            return false;
        }
        Operand to = i.operand(0);
        Operand from = i.operand(1);
        boolean store = to.isMemory() && from.kind() == Operand.Kind.XMM;
        boolean load = to.kind() == Operand.Kind.XMM && from.isMemory();
        if (store || load) {
            Operand memory = store ? to : from;
            boolean plain = i.addressSize() == 64 && memory.segment() < Operand.FS;
            return plain && form.shape != Shape.SHIFT && (load || form.shape.compareTo(Shape.MOVE_ALIGNED) >= 0);
        }
        boolean shift = form.shape == Shape.SHIFT;
        return to.kind() == Operand.Kind.XMM
                && from.kind() == (shift ? Operand.Kind.IMMEDIATE : Operand.Kind.XMM);
    }

    static boolean isStore(Instruction i) {
        return i.operand(0).isMemory();
    }

    /** Whether it accesses memory. */
    static boolean accesses(Instruction i) {
        return i.operand(0).isMemory() || i.operand(1).isMemory();
    }

    /**
     * The access to memory: a loaded operand stays in locals, its low half in {@link Locals#VALUE}, its high half in {@link Locals#OTHER}. A
     * store leaves on the stack whether it went the slow way.
     *
     * @param next offset from the block's start to the next instruction
     */
    void access(Instruction i, int next) {
        Shape shape = Objects.requireNonNull(form(i)).shape;
        Operand memory = isStore(i) ? i.operand(0) : i.operand(1);
        places.address(memory, next);
        if (shape != Shape.MOVE && shape != Shape.MOVE_DOUBLE) {
            b.aload(Locals.CPU).invokestatic(Names.UNIT, "aligned", ALIGNED);
        }
        b.lstore(Locals.ADDRESS);
        boolean wide = shape != Shape.MOVE_DOUBLE;
        if (isStore(i)) {
            int s = 4 * i.operand(1).register();
            registers();
            tlb(0);
            half(s);
            if (wide) {
                half(s + 1);
            }
            b.invokestatic(TlbAccess.CLASS, wide ? "store128" : "store64",
                    wide ? TlbAccess.STORE_WIDE : TlbAccess.STORE);
            return;
        }
        tlb(0);
        b.invokestatic(TlbAccess.CLASS, "load64", TlbAccess.LOAD).lstore(Locals.VALUE);
        if (wide) {
            tlb(8);
            b.invokestatic(TlbAccess.CLASS, "load64", TlbAccess.LOAD).lstore(Locals.OTHER);
        } else {
            b.lconst_0().lstore(Locals.OTHER);
        }
    }

    private void tlb(long distance) {
        b.aload(Locals.CPU).lload(Locals.SET).lload(Locals.ADDRESS);
        if (distance != 0) {
            b.loadConstant(distance).ladd();
        }
    }

    private void registers() {
        b.aload(Locals.CPU).getfield(Names.CPU, "xmm", CD_long.arrayType()).astore(Locals.ARRAY);
    }

    /** Pushes half a register. */
    private void half(int index) {
        b.aload(Locals.ARRAY).bipush(index).laload();
    }

    /** What becomes of registers. */
    void commit(Instruction i) {
        if (isStore(i)) {
            return;
        }
        Form form = Objects.requireNonNull(form(i));
        int d = 4 * i.operand(0).register();
        Operand from = i.operand(1);
        registers();
        if (from.kind() == Operand.Kind.XMM) {
            half(4 * from.register());
            b.lstore(Locals.VALUE);
            half(4 * from.register() + 1);
            b.lstore(Locals.OTHER);
        }
        switch (form.shape) {
            case HALVES -> {
                set(d, () -> binary(form.method, d, Locals.VALUE));
                set(d + 1, () -> binary(form.method, d + 1, Locals.OTHER));
            }
            case SHIFT -> {
                long count = from.value() & 0xFF;
                set(d, () -> shift(form.method, d, count));
                set(d + 1, () -> shift(form.method, d + 1, count));
            }
            case SHUFFLE -> {
                int control = (int) i.operand(2).value() & 0xFF;
                set(d, () -> shuffle("shuffleDwordsLow", control));
                set(d + 1, () -> shuffle("shuffleDwordsHigh", control));
            }
            case UNPACK_LOW -> unpack(form.method, d, d, Locals.VALUE);
            case UNPACK_HIGH -> unpack(form.method, d, d + 1, Locals.OTHER);
            case MOVE_ALIGNED, MOVE -> {
                set(d, () -> b.lload(Locals.VALUE));
                set(d + 1, () -> b.lload(Locals.OTHER));
            }
            case MOVE_DOUBLE -> {
                set(d, () -> b.lload(Locals.VALUE));
                if (from.isMemory()) {
                    set(d + 1, b::lconst_0);
                }
            }
        }
    }

    private void set(int index, Runnable value) {
        b.aload(Locals.ARRAY).bipush(index);
        value.run();
        b.lastore();
    }

    private void binary(String method, int a, int local) {
        half(a);
        switch (method) {
            case "and" -> b.lload(local).land();
            case "andNot" -> b.loadConstant(-1L).lxor().lload(local).land();
            case "or" -> b.lload(local).lor();
            case "xor" -> b.lload(local).lxor();
            case "add" -> b.lload(local).ladd();
            case "subtract" -> b.lload(local).lsub();
            default -> b.lload(local).invokestatic(INTEGER, method, L_LL);
        }
    }

    private void shift(String method, int a, long count) {
        half(a);
        b.loadConstant(count).invokestatic(INTEGER, method, L_LL);
    }

    private void shuffle(String method, int control) {
        b.lload(Locals.VALUE).lload(Locals.OTHER).loadConstant(control).invokestatic(SHUFFLE, method, L_LLI);
    }

    /** From the half at {@code a} and the one in {@code local}: quadwords are moved, smaller ones take turns. */
    private void unpack(String lanes, int d, int a, int local) {
        half(a);
        b.lstore(Locals.ADDRESS);
        if (lanes.isEmpty()) {
            set(d, () -> b.lload(Locals.ADDRESS));
            set(d + 1, () -> b.lload(local));
            return;
        }
        set(d, () -> b.lload(Locals.ADDRESS).lload(local).invokestatic(SHUFFLE, "unpackLow" + lanes, L_LL));
        set(d + 1, () -> b.lload(Locals.ADDRESS).lload(local).invokestatic(SHUFFLE, "unpackHigh" + lanes, L_LL));
    }
}
