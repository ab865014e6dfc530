package chronovisor.cpu.x87;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.softfloat.Unpacked;

/** Comparisons and examination: FCOM, FUCOM, FCOMI, FTST, FXAM (SDM vol. 1, 8.3.6). */
final class X87Compare {

    private static final int BELOW = -1;
    private static final int EQUAL = 0;
    private static final int UNORDERED = 2;
    /** Added to the order when an exception is unmasked: the codes are told, but nothing is popped. */
    private static final int STOPPED = 8;

    private X87Compare() {}

    private static int order(X87 f, boolean quiet) {
        SoftFloat s = f.soft;
        int order;
        if (s.a.isNan() || s.b.isNan()) {
            boolean signaling = s.a.kind >= Unpacked.SIGNALING_NAN || s.b.kind >= Unpacked.SIGNALING_NAN;
            s.flags |= signaling || !quiet ? SoftFloat.IE : 0;
            order = UNORDERED;
        } else {
            s.flags |= s.a.denormal || s.b.denormal ? SoftFloat.DE : 0;
            order = Integer.signum(s.compare());
        }
        return f.raise(s.flags) ? order : order + STOPPED;
    }

    /** ST(0) against ST(index). */
    private static int registers(X87 f, int index, boolean quiet) {
        if (f.empty(0) || f.empty(index)) {
            return f.underflow() ? UNORDERED : UNORDERED + STOPPED;
        }
        SoftFloat s = X87Arithmetic.begin(f);
        X87Arithmetic.unpack(f, 0, s.a);
        X87Arithmetic.unpack(f, index, s.b);
        return order(f, quiet);
    }

    private static void tell(X87 f, int order, int pops) {
        boolean stopped = order > UNORDERED;
        f.codes(switch (stopped ? order - STOPPED : order) {
            case BELOW -> X87.C0;
            case EQUAL -> X87.C3;
            case UNORDERED -> X87.C0 | X87.C2 | X87.C3;
            default -> 0;
        });
        if (stopped) {
            return;
        }
        for (int i = 0; i < pops; i++) {
            f.pop();
        }
    }

    /** FCOM, FCOMP, FCOMPP and their quiet forms. */
    static void compare(X87 f, int index, boolean quiet, int pops) {
        tell(f, registers(f, index, quiet), pops);
    }

    /** FCOM with memory and FICOM: against {@code soft.b}, which the caller has unpacked. */
    static void compareMemory(X87 f, int pops) {
        if (f.empty(0)) {
            tell(f, f.underflow() ? UNORDERED : UNORDERED + STOPPED, pops);
            return;
        }
        SoftFloat s = X87Arithmetic.begin(f);
        X87Arithmetic.unpack(f, 0, s.a);
        tell(f, order(f, false), pops);
    }

    /** FCOMI, FUCOMI and their popping forms. */
    static void compareFlags(Cpu cpu, int index, boolean quiet, boolean pop) {
        X87 f = cpu.x87;
        int order = registers(f, index, quiet);
        boolean stopped = order > UNORDERED;
        int told = stopped ? order - STOPPED : order;
        cpu.compareFlags(told == EQUAL || told == UNORDERED, told == UNORDERED, told == BELOW || told == UNORDERED);
        if (pop && !stopped) {
            f.pop();
        }
    }

    /** FTST: against zero. */
    static void test(X87 f) {
        f.soft.b.unpack80(0, 0);
        compareMemory(f, 0);
    }

    /** FXAM: the class of ST(0) in C3, C2, C0, its sign in C1. */
    static void examine(X87 f) {
        Unpacked a = f.soft.a;
        X87Arithmetic.unpack(f, 0, a);
        int codes = switch (a.kind) {
            case Unpacked.ZERO -> X87.C3;
            case Unpacked.FINITE -> f.signExponent[f.top] << 17 == 0 ? X87.C3 | X87.C2 : X87.C2;
            case Unpacked.INFINITE -> X87.C2 | X87.C0;
            case Unpacked.UNSUPPORTED -> 0;
            default -> X87.C0;
        };
        if (f.empty(0)) {
            codes = X87.C3 | X87.C0;
        }
        f.codes(codes | (a.sign != 0 ? X87.C1 : 0));
    }
}
