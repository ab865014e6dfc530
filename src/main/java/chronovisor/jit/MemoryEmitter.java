package chronovisor.jit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import chronovisor.cpu.Op;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.MethodTypeDesc;

/**
 * Packed operations on memory and the stack. What may throw comes first and changes no register ({@link #access}); then registers are
 * committed ({@link #commit}).
 */
final class MemoryEmitter {
    private static final int RSP = 4;
    private static final int RBP = 5;
    private static final MethodTypeDesc CHECK = MethodTypeDesc.of(CD_void, CD_long, CD_int);

    private final CodeBuilder b;
    private final Places places;

    MemoryEmitter(CodeBuilder b, Places places) {
        this.b = b;
        this.places = places;
    }

    /** Whether the operation computes an address only. */
    static boolean isAddress(int code) {
        return code == Op.LEA64 || code == Op.LEA32;
    }

    static boolean isAccess(int code) {
        return code >= Op.LOAD64 && code <= Op.LEAVE || code == Op.RMW64 || code == Op.RMW32;
    }

    static boolean stores(int code) {
        return code >= Op.STORE64 && code <= Op.PUSH_I;
    }

    /** LEA. */
    void address(long w, long x) {
        places.address(w, x);
        if (((int) w & Op.CODE) == Op.LEA32) {
            places.unsigned32();
        }
        places.set(Op.destination(w));
    }

    /** The access itself; a loaded value stays in its local. */
    void access(long w, long x) {
        int code = (int) w & Op.CODE;
        switch (code) {
            case Op.STORE64 -> store(w, x, "store64");
            case Op.STORE32 -> store(w, x, "store32");
            case Op.STORE16 -> store(w, x, "store16");
            case Op.STORE8 -> store(w, x, "store8");
            case Op.PUSH -> push(() -> places.get(Op.source(w)));
            case Op.PUSH_I -> push(() -> b.loadConstant(x));
            case Op.POP -> {
                tlb().lload(Locals.register(RSP));
                load("load64");
            }
            case Op.LEAVE -> {
                tlb().lload(Locals.register(RBP));
                load("load64");
            }
            case Op.RMW64, Op.RMW32 -> {
                places.address(w, x);
                b.lstore(Locals.ADDRESS).aload(Locals.CPU).getfield(Names.CPU, "mmu", Names.MMU).lload(Locals.ADDRESS)
                        .bipush(code == Op.RMW64 ? 8 : 4).invokevirtual(Names.MMU, "checkWrite", CHECK);
                tlb().lload(Locals.ADDRESS);
                load(code == Op.RMW64 ? "load64" : "load32");
            }
            default -> {
                tlb();
                places.address(w, x);
                switch (code) {
                    case Op.LOAD64 -> load("load64");
                    case Op.LOAD32, Op.LOAD_SX32 -> load("load32");
                    case Op.LOAD16, Op.LOAD_SX16_32, Op.LOAD_SX16_64 -> load("load16");
                    default -> load("load8");
                }
            }
        }
    }

    /** Pushes what all accesses are given first. */
    private CodeBuilder tlb() {
        return b.aload(Locals.CPU).lload(Locals.SET);
    }

    private void load(String name) {
        b.invokestatic(TlbAccess.CLASS, name, TlbAccess.LOAD).lstore(Locals.VALUE);
    }

    /** Leaves on the stack whether the store went the slow way. */
    private void store(long w, long x, String name) {
        tlb();
        places.address(w, x);
        places.get(Op.source(w));
        b.invokestatic(TlbAccess.CLASS, name, TlbAccess.STORE);
    }

    /** What the access leaves in registers. */
    void commit(long w) {
        int d = Op.destination(w);
        int code = (int) w & Op.CODE;
        switch (code) {
            case Op.STORE64, Op.STORE32, Op.STORE16, Op.STORE8 -> {
                // Nothing.
            }
            case Op.PUSH, Op.PUSH_I -> commitPush();
            case Op.POP -> {
                release(8);
                b.lload(Locals.VALUE);
                places.set(d);
            }
            case Op.LEAVE -> {
                b.lload(Locals.register(RBP)).loadConstant(8L).ladd().lstore(Locals.register(RSP));
                b.lload(Locals.VALUE).lstore(Locals.register(RBP));
            }
            default -> {
                b.lload(Locals.VALUE);
                extend(code, d);
                places.set(d);
            }
        }
    }

    /** The loaded value is zero-extended; some operations want it otherwise. */
    private void extend(int code, int d) {
        switch (code) {
            case Op.LOAD_SX32 -> places.low32();
            case Op.LOAD_SX16_64 -> b.l2i().i2s().i2l();
            case Op.LOAD_SX8_64 -> b.l2i().i2b().i2l();
            case Op.LOAD_SX16_32 -> {
                b.l2i().i2s().i2l();
                places.unsigned32();
            }
            case Op.LOAD_SX8_32 -> {
                b.l2i().i2b().i2l();
                places.unsigned32();
            }
            case Op.LOAD8_MERGE -> places.get(d).loadConstant(~0xFFL).land().lor();
            default -> {
                // As it is.
            }
        }
    }

    /** Stores below the stack pointer; {@link #commitPush} moves it there. Leaves on the stack whether the store went the slow way. */
    void push(Runnable value) {
        b.lload(Locals.register(RSP)).loadConstant(-8L).ladd().lstore(Locals.ADDRESS);
        tlb().lload(Locals.ADDRESS);
        value.run();
        b.invokestatic(TlbAccess.CLASS, "store64", TlbAccess.STORE);
    }

    void commitPush() {
        b.lload(Locals.ADDRESS).lstore(Locals.register(RSP));
    }

    /** Target of a near return, into its local. */
    void popTarget() {
        tlb().lload(Locals.register(RSP)).invokestatic(TlbAccess.CLASS, "load64", TlbAccess.LOAD);
        canonical();
    }

    /** Moves the stack pointer. */
    void release(long bytes) {
        b.lload(Locals.register(RSP)).loadConstant(bytes).ladd().lstore(Locals.register(RSP));
    }

    /** Target of an indirect jump, into its local. */
    void jumpTarget(int slot) {
        places.get(slot);
        canonical();
    }

    /** Target of an indirect call, into its local; the return address has been written when it faults for not being canonical. */
    void callTarget(int slot, long next) {
        places.get(slot).lstore(Locals.VALUE);
        tlb().lload(Locals.register(RSP)).loadConstant(-8L).ladd().loadConstant(next)
                .invokestatic(TlbAccess.CLASS, "store64", TlbAccess.STORE).pop();
        b.lload(Locals.VALUE);
        canonical();
    }

    private void canonical() {
        b.aload(Locals.CPU).invokestatic(Names.UNIT, "canonical", MethodTypeDesc.of(CD_long, CD_long, Names.CPU))
                .lstore(Locals.TARGET);
    }
}
