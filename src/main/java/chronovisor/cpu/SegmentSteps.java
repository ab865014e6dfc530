package chronovisor.cpu;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Descriptor-table registers, questions about selectors, far pointers into segment registers (SDM vol. 2). */
final class SegmentSteps {
    private static final long WORD = 0xFFFF;
    private static final long LMSW_BITS = Control.CR0_PE | Control.CR0_MP | Control.CR0_EM | Control.CR0_TS;

    private SegmentSteps() {}

    /** What is asked about a descriptor that exists. */
    @FunctionalInterface
    private interface Question {
        boolean holds(long descriptor);
    }

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case SGDT -> store(address, true);
            case SIDT -> store(address, false);
            case LGDT -> load(address, true);
            case LIDT -> load(address, false);
            case SLDT -> give(Place.of(i, 0, address), cpu -> cpu.system.ldtr);
            case STR -> give(Place.of(i, 0, address), cpu -> cpu.system.tr);
            case SMSW -> give(Place.of(i, 0, address), cpu -> cpu.cr0);
            case LMSW -> lmsw(Place.of(i, 0, address));
            case LLDT -> privileged(Place.of(i, 0, address), SegmentSteps::loadLdt);
            case LTR -> privileged(Place.of(i, 0, address), SegmentSteps::loadTask);
            case VERR -> verify(Place.of(i, 0, address), Descriptor::isReadable);
            case VERW -> verify(Place.of(i, 0, address), Descriptor::isWritable);
            case LAR -> lar(Place.of(i, 0, address), Place.of(i, 1, address));
            case LSL -> lsl(Place.of(i, 0, address), Place.of(i, 1, address));
            case LSS -> pointer(i, address, Operand.SS);
            case LFS -> pointer(i, address, Operand.FS);
            case LGS -> pointer(i, address, Operand.GS);
            default -> null;
        };
    }

    /** A value of the processor. */
    @FunctionalInterface
    private interface Source {
        long of(Cpu cpu);
    }

    private static Step give(Place d, Source source) {
        return cpu -> d.set(cpu, source.of(cpu));
    }

    private static Step store(@Nullable AddressForm address, boolean global) {
        AddressForm form = Objects.requireNonNull(address);
        return cpu -> {
            long va = form.of(cpu);
            SystemState s = cpu.system;
            cpu.mmu.checkWrite(va, 10);
            cpu.mmu.store16(va, (short) (global ? s.gdtLimit : s.idtLimit));
            cpu.mmu.store64(va + 2, global ? s.gdtBase : s.idtBase);
        };
    }

    private static Step load(@Nullable AddressForm address, boolean global) {
        AddressForm form = Objects.requireNonNull(address);
        return cpu -> {
            cpu.requirePrivilege();
            long va = form.of(cpu);
            int limit = cpu.mmu.load16(va) & 0xFFFF;
            long base = cpu.mmu.load64(va + 2);
            if (base << 16 >> 16 != base) {
                throw cpu.raise(Vector.GP, 0);
            }
            if (global) {
                cpu.system.gdtBase = base;
                cpu.system.gdtLimit = limit;
            } else {
                cpu.system.idtBase = base;
                cpu.system.idtLimit = limit;
            }
        };
    }

    /** LMSW changes PE, MP, EM and TS, and cannot clear PE. */
    private static Step lmsw(Place source) {
        return cpu -> {
            cpu.requirePrivilege();
            long v = source.get(cpu);
            cpu.cr0 = cpu.cr0 & ~(LMSW_BITS & ~Control.CR0_PE) | v & LMSW_BITS;
            cpu.context();
        };
    }

    /** What to do with a selector. */
    @FunctionalInterface
    private interface SelectorLoad {
        void load(Cpu cpu, int selector);
    }

    private static Step privileged(Place source, SelectorLoad load) {
        return cpu -> {
            cpu.requirePrivilege();
            load.load(cpu, (int) (source.get(cpu) & WORD));
        };
    }

    private static void loadLdt(Cpu cpu, int selector) {
        SystemState s = cpu.system;
        if (Descriptor.isNull(selector)) {
            s.ldtr = selector;
            return;
        }
        long d = system(cpu, selector, Descriptor.LDT);
        s.ldtBase = Descriptor.base(d) | Descriptor.baseHigh(cpu, selector);
        s.ldtLimit = Descriptor.limit(d);
        s.ldtr = selector;
    }

    private static void loadTask(Cpu cpu, int selector) {
        if (Descriptor.isNull(selector)) {
            throw cpu.raise(Vector.GP, 0);
        }
        SystemState s = cpu.system;
        long d = system(cpu, selector, Descriptor.TSS_AVAILABLE);
        long base = Descriptor.base(d) | Descriptor.baseHigh(cpu, selector);
        Descriptor.retype(cpu, selector, d, Descriptor.TSS_BUSY);
        s.trBase = base;
        s.trLimit = Descriptor.limit(d);
        s.tr = selector;
    }

    /** A system descriptor of the GDT with this type: 16 bytes. */
    private static long system(Cpu cpu, int selector, int type) {
        boolean whole = (selector & 4) == 0 && (selector & ~7) + 15 <= cpu.system.gdtLimit;
        long d = whole ? Descriptor.read(cpu, selector) : 0;
        if (!whole || Descriptor.isSegment(d) || Descriptor.type(d) != type) {
            throw cpu.raise(Vector.GP, selector & ~3);
        }
        if (!Descriptor.isPresent(d)) {
            throw cpu.raise(Vector.NP, selector & ~3);
        }
        return d;
    }

    /** Whether the program may ask about a selector at all. */
    private static boolean visible(Cpu cpu, int selector) {
        if (Descriptor.isNull(selector) || !Descriptor.exists(cpu, selector)) {
            return false;
        }
        long d = Descriptor.read(cpu, selector);
        return Descriptor.isConforming(d) || Math.max(cpu.cpl, selector & 3) <= Descriptor.dpl(d);
    }

    private static void zero(Cpu cpu, boolean set) {
        cpu.arithmeticFlags(cpu.rflags() & ~Flags.ZF | (set ? Flags.ZF : 0));
    }

    private static Step verify(Place source, Question question) {
        return cpu -> {
            int selector = (int) (source.get(cpu) & WORD);
            zero(cpu, visible(cpu, selector) && question.holds(Descriptor.read(cpu, selector)));
        };
    }

    /** A destination that is written only when the answer is yes. */
    private static Step ask(Place d, Place source, Question question, Answer answer) {
        return cpu -> {
            int selector = (int) (source.get(cpu) & WORD);
            boolean valid = visible(cpu, selector) && question.holds(Descriptor.read(cpu, selector));
            if (valid) {
                d.set(cpu, answer.of(Descriptor.read(cpu, selector)));
            }
            zero(cpu, valid);
        };
    }

    /** What LAR or LSL tell of a descriptor. */
    @FunctionalInterface
    private interface Answer {
        long of(long descriptor);
    }

    private static Step lar(Place d, Place source) {
        return ask(d, source, descriptor -> hasLimit(descriptor) || Descriptor.type(descriptor) == Descriptor.CALL_GATE,
                descriptor -> descriptor >>> 32 & 0xFF_FF00L);
    }

    private static Step lsl(Place d, Place source) {
        return ask(d, source, SegmentSteps::hasLimit, Descriptor::limit);
    }

    private static boolean hasLimit(long d) {
        return Descriptor.isSegment(d) || switch (Descriptor.type(d)) {
            case Descriptor.LDT, Descriptor.TSS_AVAILABLE, Descriptor.TSS_BUSY -> true;
            default -> false; // gates and reserved types
        };
    }

    private static Step pointer(Instruction i, @Nullable AddressForm address, int segment) {
        AddressForm form = Objects.requireNonNull(address);
        int bits = i.operandSize();
        Place d = Place.of(i, 0, null);
        Place offset = Place.memory(form, bits);
        return cpu -> {
            long v = offset.get(cpu);
            int selector = cpu.mmu.load16(form.of(cpu) + bits / 8) & 0xFFFF;
            Segments.load(cpu, segment, selector);
            d.set(cpu, v);
        };
    }
}
