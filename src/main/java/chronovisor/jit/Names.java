package chronovisor.jit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.Flags;
import chronovisor.cpu.MulDiv;
import chronovisor.cpu.Shifts;
import chronovisor.cpu.Step;
import chronovisor.cpu.Translation;
import chronovisor.cpu.Unit;
import chronovisor.memory.Mmu;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/** Classes that generated code names. */
final class Names {
    static final ClassDesc UNIT = of(Unit.class);
    static final ClassDesc TRANSLATION = of(Translation.class);
    static final ClassDesc CPU = of(Cpu.class);
    static final ClassDesc MMU = of(Mmu.class);
    static final ClassDesc STEP = of(Step.class);
    static final ClassDesc FLAGS = of(Flags.class);
    static final ClassDesc SHIFTS = of(Shifts.class);
    static final ClassDesc MUL_DIV = of(MulDiv.class);
    static final ClassDesc RUNTIME_EXCEPTION = of(RuntimeException.class);

    /** Not public: generated classes are in the same package. */
    static final ClassDesc CODE_BLOCK = ClassDesc.of("chronovisor.cpu.CodeBlock");

    /** Type of {@code Unit.run}. */
    static final MethodTypeDesc RUN = MethodTypeDesc.of(CD_int, CPU, CD_long, CD_int);

    private Names() {}

    private static ClassDesc of(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }
}
