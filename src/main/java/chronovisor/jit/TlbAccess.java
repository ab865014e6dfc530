package chronovisor.jit;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import chronovisor.cpu.Unit;
import chronovisor.memory.HostMemory;
import chronovisor.memory.Mmu;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/**
 * The class whose methods generated code accesses guest memory by: the same TLB check as in {@link Mmu}, with the entries' address handed in
 * and raw host memory through {@code sun.misc.Unsafe}, which HotSpot's quick compiler turns into single instructions; memory segments it
 * does not, and its better compiler needs ten times as long for them. Where the JVM refuses {@code Unsafe}, memory segments do.
 *
 * <pre>
 *   static long loadN(Cpu, long set, long va)             zero-extended
 *   static boolean store128(Cpu, long set, long va, long low, long high)
 *   static boolean storeN(Cpu, long set, long va, long)   whether it went the slow way, where code may have been written to
 * </pre>
 */
final class TlbAccess {
    /** The class's name. */
    static final ClassDesc CLASS = ClassDesc.of("chronovisor.cpu.TlbAccess");

    /** Type of the loads. */
    static final MethodTypeDesc LOAD = MethodTypeDesc.of(CD_long, Names.CPU, CD_long, CD_long);

    /** Type of the stores. */
    static final MethodTypeDesc STORE = MethodTypeDesc.of(CD_boolean, Names.CPU, CD_long, CD_long, CD_long);

    /** Type of the store of 128 bits. */
    static final MethodTypeDesc STORE_WIDE = MethodTypeDesc.of(CD_boolean, Names.CPU, CD_long, CD_long, CD_long,
            CD_long);

    private static final ClassDesc UNSAFE = ClassDesc.of("sun.misc.Unsafe");
    private static final ClassDesc HOST = HostMemory.class.describeConstable().orElseThrow();
    private static final String FIELD = "U";
    private static final MethodTypeDesc SLOW_LOAD = MethodTypeDesc.of(CD_long, CD_long, CD_int);
    private static final MethodTypeDesc SLOW_STORE = MethodTypeDesc.of(CD_void, CD_long, CD_long, CD_int);

    private static final int CPU = 0;
    private static final int SET = 1;
    private static final int VA = 3;
    private static final int VALUE = 5;
    private static final int STORE_ENTRY = 7;
    private static final int HIGH = 7;
    private static final int WIDE_ENTRY = 9;
    private static final MethodTypeDesc WIDE = MethodTypeDesc.of(CD_void, Names.CPU, CD_long, CD_long, CD_long);
    private static final int LOAD_ENTRY = 5;

    private static boolean defined;

    private TlbAccess() {}

    /** Defines the class, if that has not been done yet. */
    static synchronized void define() {
        if (defined) {
            return;
        }
        boolean unsafe = unsafe() != null;
        byte[] bytes = ClassFile.of().build(CLASS, c -> {
            c.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER);
            if (unsafe) {
                c.withField(FIELD, UNSAFE, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL | ClassFile.ACC_PRIVATE);
                c.withMethodBody(ConstantDescs.CLASS_INIT_NAME, MethodTypeDesc.of(CD_void), ClassFile.ACC_STATIC,
                        b -> b.invokestatic(Names.UNIT, "unsafe", MethodTypeDesc.of(ConstantDescs.CD_Object))
                                .checkcast(UNSAFE).putstatic(CLASS, FIELD, UNSAFE).return_());
            }
            for (int size : new int[]{1, 2, 4, 8}) {
                c.withMethodBody("load" + 8 * size, LOAD, ClassFile.ACC_STATIC, b -> new Body(b, unsafe, size).load());
                c.withMethodBody("store" + 8 * size, STORE, ClassFile.ACC_STATIC,
                        b -> new Body(b, unsafe, size).store());
            }
            c.withMethodBody("store128", STORE_WIDE, ClassFile.ACC_STATIC, b -> new Body(b, unsafe, 16).storeWide());
        });
        try {
            Unit.lookup().defineClass(bytes);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("the class of memory accesses was refused", e);
        }
        defined = true;
    }

    /** The JVM's Unsafe when it may be used for memory, else null. */
    private static @Nullable Object unsafe() {
        try {
            Class<?> type = Class.forName("sun.misc.Unsafe");
            Field field = type.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            Object unsafe = field.get(null);
            long address = (long) type.getMethod("allocateMemory", long.class).invoke(unsafe, 8L);
            type.getMethod("putLong", long.class, long.class).invoke(unsafe, address, 1L);
            type.getMethod("freeMemory", long.class).invoke(unsafe, address);
            Unit.unsafe(unsafe);
            return unsafe;
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null; // it is gone, or not allowed: the other way is always there
        }
    }

    /** One method. */
    private record Body(CodeBuilder b, boolean unsafe, int size) {
        private void entry(int local) {
            b.lload(SET).lload(VA).bipush(Mmu.PAGE_SHIFT - Mmu.ENTRY_SHIFT).lushr().loadConstant(Mmu.INDEX_MASK).land()
                    .ladd().lstore(local);
        }

        private void instance() {
            if (unsafe) {
                b.getstatic(CLASS, FIELD, UNSAFE);
            }
        }

        private void get(int bytes) {
            ClassDesc type = type(bytes);
            if (unsafe) {
                b.invokevirtual(UNSAFE, "get" + name(bytes), MethodTypeDesc.of(type, CD_long));
            } else {
                b.invokestatic(HOST, "get" + 8 * bytes, MethodTypeDesc.of(type, CD_long));
            }
        }

        private void put() {
            ClassDesc type = type(size);
            if (unsafe) {
                b.invokevirtual(UNSAFE, "put" + name(size), MethodTypeDesc.of(CD_void, CD_long, type));
            } else {
                b.invokestatic(HOST, "put" + 8 * size, MethodTypeDesc.of(CD_void, CD_long, type));
            }
        }

        private static ClassDesc type(int bytes) {
            return switch (bytes) {
                case 1 -> ConstantDescs.CD_byte;
                case 2 -> ConstantDescs.CD_short;
                case 4 -> CD_int;
                default -> CD_long;
            };
        }

        private static String name(int bytes) {
            return switch (bytes) {
                case 1 -> "Byte";
                case 2 -> "Short";
                case 4 -> "Int";
                default -> "Long";
            };
        }

        /** Jumps when the access is not within the page of the tag at {@code entry + offset}. */
        private void check(int entry, int offset, Label slow) {
            instance();
            b.lload(entry);
            if (offset != 0) {
                b.loadConstant((long) offset).ladd();
            }
            get(8);
            b.lload(VA);
            if (size > 1) {
                b.loadConstant(size - 1L).ladd();
            }
            b.loadConstant(-4096L).land().lcmp().ifne(slow);
        }

        private void host(int entry) {
            instance();
            b.lload(entry).loadConstant((long) Mmu.ADDEND).ladd();
            get(8);
            b.lload(VA).ladd();
        }

        private static CodeBuilder mmu(CodeBuilder b) {
            return b.aload(CPU).getfield(Names.CPU, "mmu", Names.MMU);
        }

        void load() {
            Label slow = b.newLabel();
            entry(LOAD_ENTRY);
            check(LOAD_ENTRY, 0, slow);
            instance();
            host(LOAD_ENTRY);
            get(size);
            switch (size) {
                case 1 -> b.sipush(0xFF).iand().i2l();
                case 2 -> b.loadConstant(0xFFFF).iand().i2l();
                case 4 -> b.i2l().loadConstant(Places.M32).land();
                default -> {
                    // As it is.
                }
            }
            b.lreturn();
            mmu(b.labelBinding(slow)).lload(VA).bipush(size)
                    .invokevirtual(Names.MMU, "loadSlow", SLOW_LOAD).lreturn();
        }

        void storeWide() {
            Label slow = b.newLabel();
            entry(WIDE_ENTRY);
            check(WIDE_ENTRY, Mmu.WRITE_TAG, slow);
            host(WIDE_ENTRY);
            b.lstore(WIDE_ENTRY);
            Body half = new Body(b, unsafe, 8);
            instance();
            b.lload(WIDE_ENTRY).lload(VALUE);
            half.put();
            instance();
            b.lload(WIDE_ENTRY).loadConstant(8L).ladd().lload(HIGH);
            half.put();
            b.iconst_0().ireturn();
            b.labelBinding(slow).aload(CPU).lload(VA).lload(VALUE).lload(HIGH)
                    .invokestatic(Names.UNIT, "store128", WIDE).iconst_1().ireturn();
        }

        void store() {
            Label slow = b.newLabel();
            entry(STORE_ENTRY);
            check(STORE_ENTRY, Mmu.WRITE_TAG, slow);
            instance();
            host(STORE_ENTRY);
            b.lload(VALUE);
            switch (size) {
                case 1 -> b.l2i().i2b();
                case 2 -> b.l2i().i2s();
                case 4 -> b.l2i();
                default -> {
                    // As it is.
                }
            }
            put();
            b.iconst_0().ireturn();
            mmu(b.labelBinding(slow)).lload(VA).lload(VALUE).bipush(size)
                    .invokevirtual(Names.MMU, "storeSlow", SLOW_STORE).iconst_1().ireturn();
        }
    }
}
