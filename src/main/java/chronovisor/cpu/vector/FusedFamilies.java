package chronovisor.cpu.vector;

import static chronovisor.cpu.vector.FusedMultiplyAdd.NEGATE_ADDEND;
import static chronovisor.cpu.vector.FusedMultiplyAdd.NEGATE_PRODUCT;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * FMA3: VFMADD132PS to VFNMSUB231SD (SDM vol. 1, 14.5). Their mnemonics say all: what is negated, which operands are multiplied and
 * which one is added, packed or scalar, single or double.
 */
final class FusedFamilies {

    private static final Pattern MNEMONIC = Pattern.compile("VF(N?)M(ADD|SUB|ADDSUB|SUBADD)(132|213|231)([PS])([SD])");
    private static final Map<Operation, Form> FORMS = forms();

    private FusedFamilies() {}

    /**
     * One operation. The operand that can be in memory is the third.
     *
     * @param order
     *            132: first * third + second; 213: second * first + third; 231: second * third + first
     * @param even
     *            what is negated in lanes 0, 2, ...: bits of {@link FusedMultiplyAdd}
     * @param odd
     *            and in the others
     */
    private record Form(int order, int even, int odd, boolean scalar, boolean isDouble) {

        long real(SoftFloat f, int m, long first, long second, long third, int signs) {
            return switch (order) {
                case 132 -> FusedMultiplyAdd.of64(f, m, first, third, second, signs);
                case 213 -> FusedMultiplyAdd.of64(f, m, second, first, third, signs);
                default -> FusedMultiplyAdd.of64(f, m, second, third, first, signs);
            };
        }

        int single(SoftFloat f, int m, int first, int second, int third, int signs) {
            return switch (order) {
                case 132 -> FusedMultiplyAdd.of32(f, m, first, third, second, signs);
                case 213 -> FusedMultiplyAdd.of32(f, m, second, first, third, signs);
                default -> FusedMultiplyAdd.of32(f, m, second, third, first, signs);
            };
        }

        private long two(SoftFloat f, int m, long first, long second, long third) {
            int low = single(f, m, (int) first, (int) second, (int) third, even);
            return FloatPairs.join(low,
                    single(f, m, (int) (first >>> 32), (int) (second >>> 32), (int) (third >>> 32), odd));
        }

        /** Quarter k of the destination, that starts at d, from that of the source at a and b. */
        long quarter(Cpu cpu, SoftFloat f, int d, int a, long b, int k) {
            long first = cpu.xmm[d + k];
            long second = cpu.xmm[a + k];
            return isDouble
                    ? real(f, cpu.mxcsr, first, second, b, (k & 1) == 0 ? even : odd)
                    : two(f, cpu.mxcsr, first, second, b);
        }
    }

    private static Map<Operation, Form> forms() {
        Map<Operation, Form> forms = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            Matcher m = MNEMONIC.matcher(operation.name());
            if (m.matches()) {
                int product = m.group(1).isEmpty() ? 0 : NEGATE_PRODUCT;
                int even = product | switch (m.group(2)) {
                    case "ADD", "SUBADD" -> 0;
                    default -> NEGATE_ADDEND;
                };
                int odd = product | switch (m.group(2)) {
                    case "ADD", "ADDSUB" -> 0;
                    default -> NEGATE_ADDEND;
                };
                forms.put(operation, new Form(Integer.parseInt(m.group(3)), even, odd, m.group(4).equals("S"),
                        m.group(5).equals("D")));
            }
        }
        return forms;
    }

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Form form = FORMS.get(i.operation());
        if (form == null) {
            return null;
        }
        int d = 4 * i.operand(0).register();
        int a = 4 * i.operand(1).register();
        if (form.scalar) {
            int s = 4 * i.operand(2).register();
            return form.isDouble
                    ? cpu -> scalarDouble(cpu, form, d, a,
                            address == null ? cpu.xmm[s] : cpu.mmu.load64(address.of(cpu)))
                    : cpu -> scalarSingle(cpu, form, d, a,
                            address == null ? (int) cpu.xmm[s] : cpu.mmu.load32(address.of(cpu)));
        }
        boolean wide = i.vectorLength() == 256;
        return FloatSource.bind(i, address, (cpu, b0, b1, b2, b3) -> {
            SoftFloat f = SseConversions.begin(cpu);
            long r0 = form.quarter(cpu, f, d, a, b0, 0);
            long r1 = form.quarter(cpu, f, d, a, b1, 1);
            long r2 = wide ? form.quarter(cpu, f, d, a, b2, 2) : 0;
            long r3 = wide ? form.quarter(cpu, f, d, a, b3, 3) : 0;
            VexArithmetic.finish(cpu, f, d, r0, r1, r2, r3);
        });
    }

    private static void scalarDouble(Cpu cpu, Form form, int d, int a, long b) {
        SoftFloat f = SseConversions.begin(cpu);
        long r = form.real(f, cpu.mxcsr, cpu.xmm[d], cpu.xmm[a], b, form.even);
        SseConversions.end(cpu, f);
        SseArithmetic.scalar(cpu, d, d, true, r);
    }

    private static void scalarSingle(Cpu cpu, Form form, int d, int a, int b) {
        SoftFloat f = SseConversions.begin(cpu);
        int r = form.single(f, cpu.mxcsr, (int) cpu.xmm[d], (int) cpu.xmm[a], b, form.even);
        SseConversions.end(cpu, f);
        SseArithmetic.scalar(cpu, d, d, true, SseFloat.merge(cpu.xmm[d], r));
    }
}
