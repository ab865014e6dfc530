package chronovisor.jit;

import static java.lang.constant.ConstantDescs.CD_byte;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_short;
import static java.lang.constant.ConstantDescs.CD_void;

import chronovisor.cpu.Op;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
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
            case Op.STORE64 -> store(w, x, "store64", CD_long);
            case Op.STORE32 -> store(w, x, "store32", CD_int);
            case Op.STORE16 -> store(w, x, "store16", CD_short);
            case Op.STORE8 -> store(w, x, "store8", CD_byte);
            case Op.PUSH -> push(() -> places.get(Op.source(w)));
            case Op.PUSH_I -> push(() -> b.loadConstant(x));
            case Op.POP -> {
                b.aload(Locals.MMU).lload(Locals.register(RSP));
                load("load64", CD_long);
            }
            case Op.LEAVE -> {
                b.aload(Locals.MMU).lload(Locals.register(RBP));
                load("load64", CD_long);
            }
            case Op.RMW64, Op.RMW32 -> {
                places.address(w, x);
                b.lstore(Locals.ADDRESS).aload(Locals.MMU).lload(Locals.ADDRESS)
                        .bipush(code == Op.RMW64 ? 8 : 4).invokevirtual(Names.MMU, "checkWrite", CHECK);
                b.aload(Locals.MMU).lload(Locals.ADDRESS);
                if (code == Op.RMW64) {
                    load("load64", CD_long);
                } else {
                    load("load32", CD_int);
                }
            }
            default -> {
                b.aload(Locals.MMU);
                places.address(w, x);
                switch (code) {
                    case Op.LOAD64 -> load("load64", CD_long);
                    case Op.LOAD32, Op.LOAD_SX32 -> load("load32", CD_int);
                    case Op.LOAD16, Op.LOAD_SX16_32, Op.LOAD_SX16_64 -> load("load16", CD_short);
                    default -> load("load8", CD_byte);
                }
            }
        }
    }

    private void load(String name, ClassDesc type) {
        b.invokevirtual(Names.MMU, name, MethodTypeDesc.of(type, CD_long));
        if (!type.equals(CD_long)) {
            b.i2l();
        }
        b.lstore(Locals.VALUE);
    }

    private void store(long w, long x, String name, ClassDesc type) {
        b.aload(Locals.MMU);
        places.address(w, x);
        places.get(Op.source(w));
        if (!type.equals(CD_long)) {
            b.l2i();
        }
        if (type.equals(CD_short)) {
            b.i2s();
        } else if (type.equals(CD_byte)) {
            b.i2b();
        }
        b.invokevirtual(Names.MMU, name, MethodTypeDesc.of(CD_void, CD_long, type));
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

    /** The loaded value is sign-extended; some operations want it otherwise. */
    private void extend(int code, int d) {
        switch (code) {
            case Op.LOAD32, Op.RMW32, Op.LOAD_SX16_32, Op.LOAD_SX8_32 -> places.unsigned32();
            case Op.LOAD16 -> b.loadConstant(0xFFFFL).land();
            case Op.LOAD8 -> b.loadConstant(0xFFL).land();
            case Op.LOAD8_MERGE -> {
                b.loadConstant(0xFFL).land();
                places.get(d).loadConstant(~0xFFL).land().lor();
            }
            default -> {
                // As it is.
            }
        }
    }

    /** Stores below the stack pointer; {@link #commitPush} moves it there. */
    void push(Runnable value) {
        b.lload(Locals.register(RSP)).loadConstant(-8L).ladd().lstore(Locals.ADDRESS);
        b.aload(Locals.MMU).lload(Locals.ADDRESS);
        value.run();
        b.invokevirtual(Names.MMU, "store64", MethodTypeDesc.of(CD_void, CD_long, CD_long));
    }

    void commitPush() {
        b.lload(Locals.ADDRESS).lstore(Locals.register(RSP));
    }

    /** Target of a near return, into its local. */
    void popTarget() {
        b.aload(Locals.MMU).lload(Locals.register(RSP))
                .invokevirtual(Names.MMU, "load64", MethodTypeDesc.of(CD_long, CD_long));
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
        b.aload(Locals.MMU).lload(Locals.register(RSP)).loadConstant(-8L).ladd().loadConstant(next)
                .invokevirtual(Names.MMU, "store64", MethodTypeDesc.of(CD_void, CD_long, CD_long));
        b.lload(Locals.VALUE);
        canonical();
    }

    private void canonical() {
        b.aload(Locals.CPU).invokestatic(Names.UNIT, "canonical", MethodTypeDesc.of(CD_long, CD_long, Names.CPU))
                .lstore(Locals.TARGET);
    }
}
